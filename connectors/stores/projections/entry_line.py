"""The lines of journal entries, in integer cents."""

from collections.abc import Iterator
from typing import Any

from connectors.stores.projections.entry import BOOKED
from connectors.stores.projections.projection import Projection, Statement
from schemas.event import Event
from schemas.ledger import JournalEntry
from schemas.money import to_cents

WRITTEN = """INSERT INTO entry_line (entry_id, line, account, qualifier, debit_cents, credit_cents)
    VALUES (?, ?, ?, ?, ?, ?)"""


def _write(_event: Event, body: Any) -> Iterator[Statement]:
    entry: JournalEntry | None = body.entry
    for index, line in enumerate(entry.lines if entry else ()):
        cents = (to_cents(line.debit), to_cents(line.credit))
        yield WRITTEN, (body.entry.entry_id, index, line.account, line.qualifier, *cents)


ENTRY_LINE = Projection(
    table="entry_line",
    keys=("entry_id", "line"),
    ddl=(
        """CREATE TABLE IF NOT EXISTS entry_line (
        entry_id TEXT NOT NULL, line INTEGER NOT NULL, account TEXT NOT NULL, qualifier TEXT NOT NULL,
        debit_cents BIGINT NOT NULL, credit_cents BIGINT NOT NULL, PRIMARY KEY (entry_id, line))""",
    ),
    rows=dict.fromkeys(BOOKED, _write),
)
