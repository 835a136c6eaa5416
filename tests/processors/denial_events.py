"""Denials as facts: what a payer refuses, what people decide, what resolves it. A test names only what it is about."""

from datetime import date
from decimal import Decimal

from schemas.events import (
    AppealFiled,
    ClaimDenied,
    DenialResolved,
    DenialWrittenOff,
    DeniedAdjustment,
    WorkItemOpened,
)
from tests.processors.builders import ACCOUNT, DAY, FILE, PAYER, number_claim
from tests.processors.desk import Desk, pick

CLAIM_ID = number_claim()[:16]
BY_KIM: dict[str, object] = {"action_id": "action", "who": "Kim Lee", "why": "", "account_key": ACCOUNT}


def deny(
    reason: str, *remarks: str, amount: str = "100.00", line: int | None = 1, control: str = "L0001"
) -> DeniedAdjustment:
    return DeniedAdjustment(
        line=line,
        line_key=control if line else "claim",
        line_control_number=control if line else "",
        procedure="99213",
        group="CO",
        reason=reason,
        remarks=remarks,
        amount=Decimal(amount),
        segment=9,
    )


def denied(
    *denials: DeniedAdjustment, payment_date: date | None = DAY, number: str = "", **changes: object
) -> ClaimDenied:
    values: dict[str, object] = {
        "account_key": ACCOUNT,
        "remittance_id": "remittance-1",
        "claim_index": 0,
        "patient_control_number": number or number_claim(),
        "claim_id": None if number else CLAIM_ID,
        "encounter_id": "visit",
        "status_code": "1",
        "payer_name": PAYER,
        "payer_identifier": "PAY1",
        "payment_date": payment_date,
        "document": FILE,
        "denials": denials,
    }
    return ClaimDenied.model_validate({**values, **changes})


def resolved(paid_amount: str = "80.00", remittance_id: str | None = "remittance-2") -> DenialResolved:
    """Nothing of line L0001 is open any more."""
    return DenialResolved(
        account_key=ACCOUNT,
        claim_id=CLAIM_ID,
        encounter_id="visit",
        patient_control_number=number_claim(),
        line_key="L0001",
        denied_amount=Decimal("100.00"),
        paid_amount=Decimal(paid_amount),
        remittance_id=remittance_id,
        open_denials=0,
    )


def route(desk: Desk, *denials: DeniedAdjustment) -> WorkItemOpened:
    (item,) = pick(desk.take(denied(*denials)), WorkItemOpened)
    return item


def appealed(item: WorkItemOpened, level: int = 1) -> AppealFiled:
    values = {
        "item_id": item.item_id,
        "claim_id": CLAIM_ID,
        "line_key": "L0001",
        "days_since_denial": 8,
        "level": level,
        "level_name": "redetermination",
        "filed_on": date(2026, 3, 10),
        "answer_due_on": date(2026, 5, 9),
        "packet": "a" * 64,
    }
    return AppealFiled.model_validate({**BY_KIM, **values})


def written_off(item: WorkItemOpened, approved_by: str = "Pat Moore") -> DenialWrittenOff:
    values: dict[str, object] = {"item_id": item.item_id, "claim_id": CLAIM_ID, "encounter_id": "visit"}
    values |= {"line_key": "L0001", "amount": "100.00", "approved_by": approved_by}
    return DenialWrittenOff.model_validate({**BY_KIM, **values})
