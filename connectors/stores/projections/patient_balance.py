"""What patients owe of each claim."""

from collections.abc import Iterator

from connectors.stores.projections.projection import Projection, Statement
from schemas.event import Event
from schemas.events import PatientBalanceChanged
from schemas.money import to_cents

CHANGED = """INSERT INTO patient_balance (claim_id, account_key, encounter_id, status, share_cents, paid_cents,
    written_off_cents, refund_cents, refunded_cents, balance_cents) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (claim_id) DO UPDATE SET encounter_id = excluded.encounter_id, status = excluded.status,
    share_cents = excluded.share_cents,
    paid_cents = excluded.paid_cents, written_off_cents = excluded.written_off_cents,
    refund_cents = excluded.refund_cents, refunded_cents = excluded.refunded_cents,
    balance_cents = excluded.balance_cents"""


def _change(_event: Event, body: PatientBalanceChanged) -> Iterator[Statement]:
    shares = (body.share_amount, body.paid_amount, body.written_off_amount)
    cents = map(to_cents, (*shares, body.refund_amount, body.refunded_amount, body.balance_amount))
    yield CHANGED, (body.claim_id, body.account_key, body.encounter_id, body.status, *cents)


PATIENT_BALANCE = Projection(
    table="patient_balance",
    keys=("claim_id",),
    ddl=(
        """CREATE TABLE IF NOT EXISTS patient_balance (
        claim_id TEXT PRIMARY KEY, account_key TEXT NOT NULL, encounter_id TEXT NOT NULL, status TEXT NOT NULL,
        share_cents BIGINT NOT NULL, paid_cents BIGINT NOT NULL, written_off_cents BIGINT NOT NULL,
        refund_cents BIGINT NOT NULL, refunded_cents BIGINT NOT NULL, balance_cents BIGINT NOT NULL)""",
        "CREATE INDEX IF NOT EXISTS patient_balance_owed ON patient_balance (account_key) WHERE status = 'owed'",
    ),
    rows={PatientBalanceChanged: _change},
    ordered=frozenset({CHANGED}),
)
