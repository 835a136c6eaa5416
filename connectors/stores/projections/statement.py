"""Patients' statements that were written."""

from collections.abc import Iterator

from connectors.stores.projections.projection import Projection, Statement
from schemas.event import Event
from schemas.events import StatementIssued
from schemas.money import to_cents

ISSUED = """INSERT INTO statement (statement_id, account_key, issued_on, due_cents, claim_ids, file_name)
    VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"""


def _issue(_event: Event, body: StatementIssued) -> Iterator[Statement]:
    due = (to_cents(body.due_amount), " ".join(body.claim_ids), body.file_name)
    yield ISSUED, (body.statement_id, body.account_key, body.issued_on.isoformat(), *due)


STATEMENT = Projection(
    table="statement",
    keys=("statement_id",),
    ddl=(
        """CREATE TABLE IF NOT EXISTS statement (
        statement_id TEXT PRIMARY KEY, account_key TEXT NOT NULL, issued_on TEXT NOT NULL, due_cents BIGINT NOT NULL,
        claim_ids TEXT NOT NULL, file_name TEXT NOT NULL)""",
        "CREATE INDEX IF NOT EXISTS statement_of_account ON statement (account_key, issued_on)",
    ),
    rows={StatementIssued: _issue},
)
