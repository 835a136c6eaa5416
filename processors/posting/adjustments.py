"""What the adjustments of one CLP are: the class table of domain rules section 5, applied.

Contractual and sequestration are written off, patient share moves to the patient, memo (OA-23) restates what is posted
already, a denial or an unknown reason stays open in insurance receivable until a person decides.
"""

import hashlib
from collections.abc import Iterable
from decimal import Decimal

from processors.payers.adjustment_classes import DENIAL_CLASSES, Classes, classify_adjustment
from processors.posting.adjudication import Adjudication, RemittedService
from schemas.claim_status import NOT_OURS, PREDETERMINATION
from schemas.events import ClaimPayer, ClaimRemitted, DeniedAdjustment
from schemas.ledger import DocumentPlace
from schemas.money import to_cents
from schemas.x12.x835_005010x221a1 import Adjustment, RemittanceClaim, RemittanceService

QMB_REMARKS = frozenset({"N781", "N782", "N783"})  # the patient may not be billed, whatever CAS says (CMS)


def read_adjudication(body: ClaimRemitted, classes: Classes) -> Adjudication:
    """One CLP by class, in cents."""
    claim = body.claim
    by_class: dict[str, int] = {}
    denied = _sum_up(claim.adjustments, classes, by_class)
    services = tuple(_read_service(service, claim, classes, by_class) for service in claim.services)
    crossover = next((party for party in claim.parties if party.entity == "TT"), None)
    remarks = {*claim.remarks, *(remark for service in claim.services for remark in service.remarks)}
    return Adjudication(
        remittance_id=body.remittance_id,
        claim_index=body.claim_index,
        patient_control_number=claim.patient_control_number,
        status_code=claim.status_code,
        payer_ids=(body.payer_identifier, *body.payer_ids),
        payer_name=body.payer_name,
        filing_indicator=claim.filing_indicator,
        payer_claim_control_number=claim.payer_claim_control_number,
        payment_date=body.payment_date,
        document=DocumentPlace(sha256=body.document.sha256, segment=claim.segment_index),
        charge_cents=to_cents(claim.charge_amount),
        paid_cents=to_cents(claim.paid_amount),
        # An incentive (negative CO-144) raises the payment: it corrects the contractual write-off.
        contractual_cents=by_class.get("contractual", 0) + by_class.get("informational", 0),
        sequestration_cents=by_class.get("sequestration", 0),
        patient_cents=by_class.get("patient_share", 0),
        denied_cents=denied,
        signature=sign_amounts(claim),
        is_qmb=not QMB_REMARKS.isdisjoint(remarks),
        crossover=ClaimPayer(payer_id=crossover.identifier or crossover.last_name, payer_name=crossover.last_name[:200])
        if crossover
        else None,
        services=services,
        denials=find_denials(claim, classes) if any(name in by_class for name in DENIAL_CLASSES) else (),
    )


def _read_service(
    service: RemittanceService, claim: RemittanceClaim, classes: Classes, by_class: dict[str, int]
) -> RemittedService:
    charge = to_cents(service.charge_amount)
    denied = _sum_up(service.adjustments, classes, by_class)
    submitted = service.submitted_procedure.split(":")[1:2]
    return RemittedService(
        line_control_number=service.line_control_number,
        procedures=(service.procedure, *submitted),
        modifiers=service.modifiers,
        service_date=service.service_date or claim.statement_from_date,
        charge_cents=charge,
        paid_cents=to_cents(service.paid_amount),
        settled_cents=charge - denied,
        denied_cents=denied,
    )


def _sum_up(adjustments: Iterable[Adjustment], classes: Classes, by_class: dict[str, int]) -> int:
    """Adds the cents of adjustments to those of their classes; returns how much of them is refused."""
    denied = 0
    for adjustment in adjustments:
        name = classify_adjustment(classes, adjustment)
        cents = to_cents(adjustment.amount)
        by_class[name] = by_class.get(name, 0) + cents
        if name in DENIAL_CLASSES:
            denied += cents
    return denied


def sign_amounts(claim: RemittanceClaim) -> str:
    """What a reversal must take back to the cent: charge, payment, and adjustments by group and reason (RFI 1147)."""
    sign = -1 if claim.is_reversal or claim.paid_amount < 0 else 1
    sums: dict[str, int] = {}
    for adjustment in claim.all_adjustments:
        name = f"{adjustment.group}-{adjustment.reason}"
        sums[name] = sums.get(name, 0) + sign * to_cents(adjustment.amount)
    amounts = [sign * to_cents(claim.charge_amount), sign * to_cents(claim.paid_amount)]
    text = " ".join(map(str, [*amounts, *(f"{name}={cents}" for name, cents in sorted(sums.items()) if cents)]))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def find_denials(claim: RemittanceClaim, classes: Classes) -> tuple[DeniedAdjustment, ...]:
    """The adjustments that refuse money. A denial is decided by them, never by CLP02 = 4 or a payment of zero alone.

    A reversal (22) takes back what was, and denies nothing; neither does a predetermination (25), nor a payer that sent
    on what is not its claim (23).
    """
    if claim.is_reversal or claim.status_code in (PREDETERMINATION, NOT_OURS):
        return ()
    found = [_deny(item, None, None, claim.remarks) for item in claim.adjustments if _denies(item, classes)]
    for line, service in enumerate(claim.services, 1):
        found.extend(
            _deny(item, line, service, service.remarks) for item in service.adjustments if _denies(item, classes)
        )
    return tuple(found)


def _denies(adjustment: Adjustment, classes: Classes) -> bool:
    return adjustment.amount > Decimal(0) and classify_adjustment(classes, adjustment) in DENIAL_CLASSES


def _deny(
    adjustment: Adjustment, line: int | None, service: RemittanceService | None, remarks: tuple[str, ...]
) -> DeniedAdjustment:
    return DeniedAdjustment(
        line=line,
        line_control_number=service.line_control_number if service else "",
        procedure=service.procedure if service else "",
        group=adjustment.group,
        reason=adjustment.reason,
        remarks=remarks,
        amount=adjustment.amount,
        segment=adjustment.segment_index,
    )
