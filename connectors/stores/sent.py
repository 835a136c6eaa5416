"""Which files of the outbox have gone out: a record that outlives the folder, since an uploader takes the files away.

`InterchangeWritten` in the log says that a file was written. Between its being ready and its being said, `staged` names
the hidden file that is about to get its name. `sent_before` holds the claims of files that the topics knew and a store
that was set back does not.
"""

from collections.abc import Sequence

from connectors.stores.connection import Connection

NUMBERS_AT_ONCE = 500


class SentFiles:
    """What both stores know of files sent, in SQL that both take. What writes belongs into the caller's transaction."""

    connection: Connection

    def has_event(self, event_id: str) -> bool:
        """Whether the log holds this event."""
        return self.connection.execute("SELECT 1 FROM event WHERE event_id = ?", (event_id,)).fetchone() is not None

    def find_staged(self, file_name: str) -> str | None:
        """See `schemas.store.Store`."""
        row = self.connection.execute("SELECT staged_name FROM staged WHERE file_name = ?", (file_name,)).fetchone()
        return str(row[0]) if row else None

    def keep_staged(self, file_name: str, staged_name: str) -> None:
        """See `schemas.store.Store`."""
        self.connection.execute(
            "INSERT INTO staged (file_name, staged_name) VALUES (?, ?) ON CONFLICT DO NOTHING", (file_name, staged_name)
        )

    def find_sent_before(self, file_name: str, numbers: Sequence[str]) -> list[tuple[str, str]]:
        """See `schemas.store.Store`."""
        found = {
            *self.connection.execute("SELECT file_name, sha256 FROM sent_before WHERE file_name = ?", (file_name,))
        }
        for start in range(0, len(numbers), NUMBERS_AT_ONCE):
            part = numbers[start : start + NUMBERS_AT_ONCE]
            marks = ", ".join("?" * len(part))
            query = f"SELECT file_name, sha256 FROM sent_before WHERE patient_control_number IN ({marks})"
            found |= {*self.connection.execute(query, tuple(part))}
        return sorted(found)

    def keep_sent_before(self, file_name: str, sha256: str, numbers: Sequence[str]) -> None:
        """These claims went out in a file of which the log knows nothing."""
        self.connection.executemany(
            "INSERT INTO sent_before (patient_control_number, file_name, sha256) VALUES (?, ?, ?) "
            "ON CONFLICT DO NOTHING",
            [(number, file_name, sha256) for number in numbers],
        )
