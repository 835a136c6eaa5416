"""The embedded store: one SQLite file in WAL mode with synchronous=FULL; a commit is on the disk."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from connectors.stores.due import LIST_DUE, SAVE_DUE, make_due_row, read_due_row
from connectors.stores.projections import ORDERED, project
from connectors.stores.tables import PROJECTIONS, SCHEMA_VERSION, TABLES
from schemas.errors import ConfigurationError, TransportError
from schemas.event import Event
from schemas.events import RemittanceHeld
from schemas.store import Applied, DeadLetter, Due, Position, PublishResult, Record
from schemas.wire import decode_record, encode_body, hash_body

RECORD_COLUMNS = (
    "topic, 0, sequence, event_id, type, schema_version, key, occurred_at, correlation_id, causation_id, decided_by, "
    "body"
)
REBUILD_EVENTS = 500
VARIABLES_MAX = 900  # SQLite takes 999 in old builds


class SqliteStore:
    """All tables in one file. Readers never wait; one writer at a time, the next waits up to `busy_seconds`."""

    def __init__(self, path: Path, busy_seconds: int = 60) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self.connection = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None)
            self.connection.execute("PRAGMA journal_mode = WAL")
            self.connection.execute("PRAGMA synchronous = FULL")
            self.connection.execute("PRAGMA cache_size = -65536")  # 64 MB: the indexes of a million events
            self._prepare_tables()
        except sqlite3.DatabaseError as error:
            raise ConfigurationError(f"{path} is not a revcycle database: {error}") from error

    def _prepare_tables(self) -> None:
        (version,) = self.connection.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA_VERSION:
            raise ConfigurationError(
                f"{self.path} was written by a newer revcycle (schema {version}, this one knows {SCHEMA_VERSION}): "
                "install the newer program"
            )
        if version < SCHEMA_VERSION:
            with self.transaction() as transaction:
                if version:
                    for name in PROJECTIONS:
                        self.connection.execute(f"DROP TABLE IF EXISTS {name}")
                for statement in TABLES:
                    self.connection.execute(statement)
                if version:
                    self._rebuild_projections(transaction)
                self.connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _rebuild_projections(self, transaction: "SqliteTransaction") -> None:
        """Tells the whole log to empty projections, as the program that knows them now would have written them."""
        rows = self.connection.execute(f"SELECT {RECORD_COLUMNS} FROM event ORDER BY sequence")
        while batch := rows.fetchmany(REBUILD_EVENTS):
            transaction.project([decode_record(Record(*row)) for row in batch])

    @contextmanager
    def transaction(self) -> Iterator["SqliteTransaction"]:
        """BEGIN IMMEDIATE: the write lock is taken before anything is read, so that nothing read can change."""
        try:
            self.connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise TransportError(f"the database is locked by another program: {error}") from error
        try:
            yield SqliteTransaction(self.connection)
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def read(self, topics: Sequence[str], next_offset: int, limit: int) -> list[Record]:
        """The next `limit` records of these topics in the order in which they were appended.

        One statement, so one snapshot: topic by topic, a record committed in between would be jumped over for good.
        """
        of_topic = f"SELECT {RECORD_COLUMNS} FROM event WHERE topic = ? AND sequence >= ? ORDER BY sequence LIMIT ?"
        of_topics = " UNION ALL ".join(f"SELECT * FROM ({of_topic})" for _ in topics)
        parameters = [value for topic in topics for value in (topic, next_offset, limit)]
        rows = self.connection.execute(f"{of_topics} ORDER BY 3 LIMIT ?", (*parameters, limit))
        return [Record(*row) for row in rows]

    def positions(self, step: str) -> Mapping[tuple[str, int], int]:
        """The next offset of each partition that this step has read."""
        rows = self.connection.execute("SELECT topic, partition, next_offset FROM position WHERE step = ?", (step,))
        return {(topic, partition): next_offset for topic, partition, next_offset in rows}

    def list_pending_claims(self) -> dict[str, list[str]]:
        """Claims that wait for an interchange, by trading partner, in the order of their ids."""
        waiting: dict[str, list[str]] = defaultdict(list)
        rows = self.connection.execute(
            "SELECT trading_partner, claim_id FROM claim WHERE patient_control_number <> settled AND withdrawn = 0 "
            "AND encounter_id <> '' ORDER BY trading_partner, claim_id"
        )
        for trading_partner, claim_id in rows:
            waiting[trading_partner].append(claim_id)
        return dict(waiting)

    def find_document(self, sha256: str) -> str | None:
        """The outcome that a document had, or None when its reading never ended."""
        row = self.connection.execute("SELECT outcome FROM document WHERE sha256 = ?", (sha256,)).fetchone()
        return None if row is None else str(row[0])

    def keep_document(
        self, sha256: str, kind: str, name: str, outcome: str, events: int, findings: str, letters: Sequence[DeadLetter]
    ) -> None:
        """Records that a document was read to its end, with what outcome, and buries what nothing could read of it."""
        with self.transaction() as transaction:
            if self.find_document(sha256) is None:
                transaction.add_dead_letters(letters)
            self.connection.execute(
                "INSERT INTO document (sha256, kind, name, outcome, events, findings) VALUES (?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (sha256) DO UPDATE SET outcome = excluded.outcome, findings = excluded.findings, "
                "events = document.events + excluded.events",
                (sha256, kind, name, outcome, events, findings),
            )

    def keep_document_outcome(self, sha256: str, outcome: str) -> None:
        """Corrects the outcome once the pipeline has judged the document's content."""
        with self.transaction():
            self.connection.execute("UPDATE document SET outcome = ? WHERE sha256 = ?", (outcome, sha256))

    def list_held_remittances(self, sha256: str, remittance_ids: Sequence[str]) -> list[RemittanceHeld]:
        """Those of these remittances that were held as this document brought them."""
        held: list[RemittanceHeld] = []
        for remittance_id in remittance_ids:
            rows = self.connection.execute(
                "SELECT body FROM timeline JOIN event USING (event_id) WHERE subject = ? AND type = ?",
                (remittance_id, RemittanceHeld.type),
            )
            held.extend(RemittanceHeld.model_validate_json(body) for (body,) in rows)
        return [body for body in held if body.document.sha256 == sha256]

    def find_state(self, step: str, key: str) -> bytes | None:
        """What a step remembers under a key, for those who only look; None when it remembers nothing."""
        row = self.connection.execute("SELECT value FROM state WHERE step = ? AND key = ?", (step, key)).fetchone()
        return row[0] if row else None

    def close(self) -> None:
        """Closes the file; what was committed stays."""
        self.connection.close()


class SqliteTransaction:
    """One open transaction; see `schemas.store.StoreTransaction` for what each call promises."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def lock_positions(self, step: str, positions: Sequence[Position]) -> bool:
        for position in positions:
            row = self.connection.execute(
                "SELECT next_offset FROM position WHERE step = ? AND topic = ? AND partition = ?",
                (step, position.topic, position.partition),
            ).fetchone()
            if (row[0] if row else 0) != position.next_offset:
                return False
        return True

    def seen(self, step: str, event_ids: Sequence[str]) -> Mapping[str, bytes]:
        found = self._select_in("SELECT event_id, body_hash FROM applied WHERE step = ? AND event_id", event_ids, step)
        return dict(found)

    def load_states(self, step: str, keys: Sequence[str]) -> Mapping[str, bytes]:
        # BEGIN IMMEDIATE holds the only write lock, so rows that are missing need no placeholder here.
        return dict(self._select_in("SELECT key, value FROM state WHERE step = ? AND key", keys, step))

    def save_states(self, step: str, states: Mapping[str, bytes]) -> None:
        self.connection.executemany(
            "INSERT INTO state (step, key, value) VALUES (?, ?, ?) "
            "ON CONFLICT (step, key) DO UPDATE SET value = excluded.value",
            [(step, key, value) for key, value in states.items()],
        )

    def save_due(self, step: str, due: Sequence[Due]) -> None:
        self.connection.executemany(SAVE_DUE, [make_due_row(step, x) for x in due])

    def list_due(self, step: str, on: date) -> list[Due]:
        return [read_due_row(row) for row in self.connection.execute(LIST_DUE, (step, on.isoformat()))]

    def append(self, events: Sequence[Event], source: str) -> PublishResult:
        bodies = [encode_body(event) for event in events]
        hashes = [hash_body(body) for body in bodies]
        select = "SELECT event_id, body_hash FROM event WHERE event_id"
        known = dict(self._select_in(select, [event.event_id for event in events]))
        rows: list[tuple[object, ...]] = []
        fresh: list[Event] = []
        repeated: list[str] = []
        conflicting: list[str] = []
        for event, body, body_hash in zip(events, bodies, hashes, strict=True):
            earlier = known.get(event.event_id)
            if earlier is not None:
                (repeated if earlier == body_hash else conflicting).append(event.event_id)
                continue
            known[event.event_id] = body_hash
            fresh.append(event)
            kind = type(event.body)
            head = (kind.topic, event.event_id, kind.type, kind.schema_version, event.key)
            when = event.occurred_at.isoformat()
            cause = (when, event.correlation_id, event.causation_id, event.decided_by)
            rows.append((*head, *cause, body, body_hash, source))
        self.connection.executemany(
            "INSERT INTO event (topic, event_id, type, schema_version, key, occurred_at, correlation_id, causation_id, "
            "decided_by, body, body_hash, source) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
        self.project(fresh)
        return PublishResult(len(fresh), tuple(repeated), tuple(conflicting))

    def project(self, events: Iterable[Event]) -> None:
        """Applies the projections of events, grouped by statement where they commute."""
        groups: dict[str, list[tuple[object, ...]]] = defaultdict(list)
        for event in events:
            for statement, parameters in project(event):
                if statement in ORDERED:
                    self.connection.execute(statement, parameters)
                else:
                    groups[statement].append(parameters)
        for statement, rows in groups.items():
            self.connection.executemany(statement, rows)

    def add_dead_letters(self, letters: Sequence[DeadLetter]) -> None:
        self.connection.executemany(
            'INSERT INTO dead_letter (topic, partition, "offset", headers, body, reason) VALUES (?, ?, ?, ?, ?, ?)',
            [(x.topic, x.partition, x.offset, x.headers, x.body, x.reason) for x in letters],
        )

    def mark_applied(self, step: str, applied: Iterable[Applied]) -> None:
        self.connection.executemany(
            "INSERT INTO applied (step, event_id, key, body_hash) VALUES (?, ?, ?, ?)",
            [(step, x.event_id, x.key, x.body_hash) for x in applied],
        )

    def save_positions(self, step: str, positions: Sequence[Position]) -> None:
        self.connection.executemany(
            "INSERT INTO position (step, topic, partition, next_offset) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (step, topic, partition) DO UPDATE SET next_offset = excluded.next_offset",
            [(step, x.topic, x.partition, x.next_offset) for x in positions],
        )

    def _select_in(self, select: str, values: Sequence[str], *first: object) -> Iterator[tuple[str, bytes]]:
        for start in range(0, len(values), VARIABLES_MAX):
            chunk = values[start : start + VARIABLES_MAX]
            marks = ",".join("?" * len(chunk))
            yield from self.connection.execute(f"{select} IN ({marks})", (*first, *chunk))
