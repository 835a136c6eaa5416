"""The bank's deposits, and the remittances that each one is."""

from collections.abc import Iterator

from connectors.stores.projections.projection import Projection, Statement
from schemas.event import Event
from schemas.events import DepositMatched, DepositReceived
from schemas.money import to_cents

RECEIVED = """INSERT INTO deposit (deposit_id, deposited_on, amount_cents, trace_number, description)
    VALUES (?, ?, ?, ?, ?) ON CONFLICT (deposit_id) DO UPDATE SET deposited_on = excluded.deposited_on,
    amount_cents = excluded.amount_cents, trace_number = excluded.trace_number, description = excluded.description"""
MATCHED = """INSERT INTO deposit (deposit_id, matched_by, remittance_ids) VALUES (?, ?, ?)
    ON CONFLICT (deposit_id) DO UPDATE SET matched_by = excluded.matched_by, remittance_ids = excluded.remittance_ids"""


def _receive(_event: Event, body: DepositReceived) -> Iterator[Statement]:
    what = (body.deposited_on.isoformat(), to_cents(body.amount), body.trace_number, body.description)
    yield RECEIVED, (body.deposit_id, *what)


def _match(_event: Event, body: DepositMatched) -> Iterator[Statement]:
    yield MATCHED, (body.deposit_id, body.matched_by, " ".join(body.remittance_ids))


DEPOSIT = Projection(
    table="deposit",
    keys=("deposit_id",),
    ddl=(
        """CREATE TABLE IF NOT EXISTS deposit (
        deposit_id TEXT PRIMARY KEY, deposited_on TEXT NOT NULL DEFAULT '', amount_cents BIGINT NOT NULL DEFAULT 0,
        trace_number TEXT NOT NULL DEFAULT '', description TEXT NOT NULL DEFAULT '',
        matched_by TEXT NOT NULL DEFAULT '', remittance_ids TEXT NOT NULL DEFAULT '')""",
    ),
    rows={DepositReceived: _receive, DepositMatched: _match},
)
