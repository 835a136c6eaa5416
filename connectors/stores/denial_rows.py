"""The table `denial`, from which key figures count: each denied line, what was done about it, and how it ended."""

from collections.abc import Iterator

from schemas.event import Event
from schemas.events import AppealFiled, ClaimDenied, DenialConcluded
from schemas.money import to_cents

# The first denial of a line is what it is counted as; another one opens it again.
DENIED_LINE = """INSERT INTO denial (claim_id, line_key, payer_name, reason, remittance_id, denied_on, denied_cents)
    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (claim_id, line_key) DO UPDATE SET
    denied_cents = CASE WHEN denial.remittance_id = excluded.remittance_id AND denial.outcome = ''
    THEN denial.denied_cents + excluded.denied_cents ELSE denial.denied_cents END, outcome = '', concluded_on = ''"""
APPEALED = "UPDATE denial SET appealed_on = ?, appeal_days = ? WHERE line_key = ? AND claim_id = ?"
CONCLUDED = """UPDATE denial SET concluded_on = ?, outcome = ?, days = ?, recovered_cents = ?
    WHERE line_key = ? AND claim_id = ?"""


def project_denial(event: Event) -> Iterator[tuple[str, tuple[object, ...]]]:
    """The upserts of one event, each as (SQL, parameters)."""
    match event.body:
        case ClaimDenied() as body:
            day = (body.payment_date or event.occurred_at.date()).isoformat()
            for denial in body.denials:
                place = (body.claim_id or body.patient_control_number, denial.line_key or "claim")
                what = (body.payer_name, f"{denial.group}-{denial.reason}", body.remittance_id, day)
                yield DENIED_LINE, (*place, *what, to_cents(denial.amount))
        case AppealFiled() as body:
            yield APPEALED, (body.filed_on.isoformat(), body.days_since_denial, body.line_key, body.claim_id)
        case DenialConcluded() as body:
            ended = (event.occurred_at.date().isoformat(), body.outcome, body.days, to_cents(body.recovered_amount))
            yield CONCLUDED, (*ended, body.line_key, body.claim_id)
