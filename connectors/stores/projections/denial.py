"""Denied lines, from which key figures count: each one, what was done about it, and how it ended."""

from collections.abc import Iterator

from connectors.stores.projections.projection import Projection, Statement
from schemas.event import Event
from schemas.events import AppealFiled, ClaimDenied, DenialConcluded
from schemas.identifiers import PATIENT_CONTROL_NUMBER
from schemas.money import to_cents

# The first denial of a line is what it is counted as; another one opens it again.
DENIED_LINE = """INSERT INTO denial (claim_id, line_key, payer_name, reason, remittance_id, denied_on, denied_cents)
    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (claim_id, line_key) DO UPDATE SET
    denied_cents = CASE WHEN denial.remittance_id = excluded.remittance_id AND denial.outcome = ''
    THEN denial.denied_cents + excluded.denied_cents ELSE denial.denied_cents END, outcome = '', concluded_on = ''"""
APPEALED = "UPDATE denial SET appealed_on = ?, appeal_days = ? WHERE line_key = ? AND claim_id = ?"
CONCLUDED = """UPDATE denial SET concluded_on = ?, outcome = ?, days = ?, recovered_cents = ?
    WHERE line_key = ? AND claim_id = ?"""


def _deny(event: Event, body: ClaimDenied) -> Iterator[Statement]:
    if not PATIENT_CONTROL_NUMBER.fullmatch(body.patient_control_number):
        return
    day = (body.payment_date or event.occurred_at.date()).isoformat()
    for denial in body.denials:
        place = (body.claim_id or body.patient_control_number, denial.line_key or "claim")
        what = (body.payer_name, f"{denial.group}-{denial.reason}", body.remittance_id, day)
        yield DENIED_LINE, (*place, *what, to_cents(denial.amount))


def _appeal(_event: Event, body: AppealFiled) -> Iterator[Statement]:
    yield APPEALED, (body.filed_on.isoformat(), body.days_since_denial, body.line_key, body.claim_id)


def _conclude(event: Event, body: DenialConcluded) -> Iterator[Statement]:
    ended = (event.occurred_at.date().isoformat(), body.outcome, body.days, to_cents(body.recovered_amount))
    yield CONCLUDED, (*ended, body.line_key, body.claim_id)


DENIAL = Projection(
    table="denial",
    keys=("claim_id", "line_key"),
    ddl=(
        """CREATE TABLE IF NOT EXISTS denial (
        claim_id TEXT NOT NULL, line_key TEXT NOT NULL, payer_name TEXT NOT NULL, reason TEXT NOT NULL,
        remittance_id TEXT NOT NULL, denied_on TEXT NOT NULL, denied_cents BIGINT NOT NULL,
        appealed_on TEXT NOT NULL DEFAULT '', appeal_days INTEGER NOT NULL DEFAULT 0,
        concluded_on TEXT NOT NULL DEFAULT '', outcome TEXT NOT NULL DEFAULT '', days INTEGER NOT NULL DEFAULT 0,
        recovered_cents BIGINT NOT NULL DEFAULT 0, PRIMARY KEY (claim_id, line_key))""",
    ),
    rows={ClaimDenied: _deny, AppealFiled: _appeal, DenialConcluded: _conclude},
    ordered=frozenset({DENIED_LINE, APPEALED, CONCLUDED}),
)
