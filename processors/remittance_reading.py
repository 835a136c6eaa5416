"""An 835 ST is judged before a cent of it moves: duplicate, conflict, hold, or accept.

In: RemittanceReceived. Out: RemittanceAccepted, then a ClaimRemitted for each CLP and a ClaimDenied for each that is
denied; or RemittanceHeld with a work item, and nothing else. Identity and balances: domain rules, section 1.
"""

from decimal import Decimal

from processors.adjustment_posting import PREDETERMINATION, classify_adjustment
from schemas.base import Frozen
from schemas.event import Body, Event
from schemas.events import (
    ClaimDenied,
    ClaimRemitted,
    DeniedAdjustment,
    RemittanceAccepted,
    RemittanceHeld,
    RemittanceReceived,
    RemittanceRepeated,
    WorkItemOpened,
)
from schemas.findings import Finding
from schemas.identifiers import account_key_of, make_id, make_unknown_key
from schemas.processing import Outcome, States
from schemas.reference import Reference
from schemas.x12.x835_005010x221a1 import Adjustment, Remittance, RemittanceClaim

DENIAL_CLASSES = ("denial", "review")
FINDINGS_SHOWN_MAX = 50
AMOUNT_MAX = Decimal("9999999999.99")  # millions of such amounts stay within signed 64-bit cents
CONTROL_NUMBER_MAX = 50


class RemittanceState(Frozen):
    """The content that was accepted under this identity; `held` contents were not."""

    accepted_hash: str | None = None
    held_hashes: tuple[str, ...] = ()


def keys_of_remittance(event: Event) -> tuple[str, ...]:
    """One key for each remittance identity."""
    assert isinstance(event.body, RemittanceReceived)
    return (f"remittance:{event.body.remittance_id}",)


def read_remittance(states: States, event: Event, reference: Reference) -> Outcome:
    """Decides what one ST is, and says what its claims were paid and denied."""
    body = event.body
    assert isinstance(body, RemittanceReceived)
    (key,) = keys_of_remittance(event)
    state = states.get(key, RemittanceState())
    assert isinstance(state, RemittanceState)
    remittance = reference.remittances.read(body.document.sha256, body.transaction_index)
    if remittance.content_hash == state.accepted_hash or remittance.content_hash in state.held_hashes:
        return Outcome(outputs=(RemittanceRepeated(remittance_id=body.remittance_id, document=body.document),))
    held = _find_reason_to_hold(state, remittance)
    if held:
        after = state.model_copy(update={"held_hashes": (*state.held_hashes, remittance.content_hash)})
        return Outcome({key: after}, _hold(body, remittance, *held))
    after = state.model_copy(update={"accepted_hash": remittance.content_hash})
    return Outcome({key: after}, _accept(body, remittance, reference))


def _find_reason_to_hold(state: RemittanceState, remittance: Remittance) -> tuple[str, tuple[Finding, ...]] | None:
    if not remittance.complete:
        finding = _finding(
            "remittance_incomplete", "SE", "the file ends before this transaction set does", "ask for the whole file"
        )
        return "incomplete", (finding,)
    impossible = _find_impossible(remittance)
    if impossible:
        return "unreadable", impossible
    if not remittance.postable and remittance.balanced:
        return "unreadable", tuple(
            _finding(found.code, found.where, found.what, found.remedy)
            for found in remittance.findings[:FINDINGS_SHOWN_MAX]
        )
    imbalances = remittance.imbalances()
    if imbalances:
        return "unbalanced", tuple(
            _finding(
                f"unbalanced_{found.level}",
                found.where,
                f"{found.equation}: expected {found.expected}, found {found.found}, difference {found.difference}",
                "have the payer send a corrected 835, or post by hand from its explanation",
            )
            for found in imbalances[:FINDINGS_SHOWN_MAX]
        )
    if state.accepted_hash is not None:
        finding = _finding(
            "remittance_conflict",
            "TRN",
            "another remittance with the same payer, trace, date, amount and payee is posted, with other content",
            "compare both documents; if this is a correction, have the payer send it as reversal and correction",
        )
        return "conflict", (finding,)
    return None


def clamp(amount: Decimal) -> Decimal:
    """The amount of a held remittance as the work list can show it; the document has the true text."""
    return max(-AMOUNT_MAX, min(AMOUNT_MAX, amount))


def _find_impossible(remittance: Remittance) -> tuple[Finding, ...]:
    """What no event can carry: amounts beyond the ledger's cents, and claims without a usable control number."""
    found: list[Finding] = []
    remedy = "ask the payer for a corrected 835"
    for index, claim in enumerate(remittance.claims, 1):
        amounts = [claim.charge_amount, claim.paid_amount, *(item.amount for item in claim.all_adjustments)]
        amounts += [amount for service in claim.services for amount in (service.charge_amount, service.paid_amount)]
        if any(abs(amount) > AMOUNT_MAX for amount in amounts):
            found.append(_finding("amount_impossible", f"CLP {index}", f"an amount beyond {AMOUNT_MAX}", remedy))
        if not 1 <= len(claim.patient_control_number) <= CONTROL_NUMBER_MAX:
            what = f"CLP01 is empty or longer than {CONTROL_NUMBER_MAX} characters"
            found.append(_finding("control_number_impossible", f"CLP {index}", what, remedy))
    totals = [remittance.payment_amount, *(item.amount for item in remittance.provider_adjustments)]
    if any(abs(amount) > AMOUNT_MAX for amount in totals):
        found.append(_finding("amount_impossible", "BPR, PLB", f"an amount beyond {AMOUNT_MAX}", remedy))
    return tuple(found[:FINDINGS_SHOWN_MAX])


def _hold(
    body: RemittanceReceived, remittance: Remittance, reason: str, findings: tuple[Finding, ...]
) -> tuple[Body, ...]:
    held = RemittanceHeld.model_validate(
        {
            "remittance_id": body.remittance_id,
            "reason": reason,
            "document": body.document,
            "payment_amount": clamp(remittance.payment_amount),
            "findings": findings,
        }
    )
    item = WorkItemOpened(
        item_id=make_id("remittance", body.remittance_id, remittance.content_hash),
        account_key=body.remittance_id,
        queue="payments",
        owner="biller",
        priority=1,
        reason=f"remittance_{reason}",
        remittance_id=body.remittance_id,
        next_action=f"Nothing of this remittance is posted: {findings[0].what}. {findings[0].remedy}.",
        amount=clamp(remittance.payment_amount),
        findings=findings,
    )
    return (held, item)


def _accept(body: RemittanceReceived, remittance: Remittance, reference: Reference) -> tuple[Body, ...]:
    outputs: list[Body] = [
        RemittanceAccepted(
            remittance_id=body.remittance_id,
            document=body.document,
            payer_name=remittance.payer_name[:200],
            payer_identifier=remittance.payer_identifier[:200],
            trace_number=remittance.trace_number[:200],
            payment_date=remittance.payment_date,
            payment_amount=remittance.payment_amount,
            claim_count=len(remittance.claims),
            provider_adjustments=remittance.provider_adjustments,
        )
    ]
    for index, claim in enumerate(remittance.claims):
        number = claim.patient_control_number
        account_key = account_key_of(number) or make_unknown_key(reference.installation.secret, number)
        outputs.append(
            ClaimRemitted(
                account_key=account_key,
                remittance_id=body.remittance_id,
                claim_index=index,
                payer_name=remittance.payer_name[:200],
                payer_identifier=remittance.payer_identifier[:200],
                payment_date=remittance.payment_date,
                document=body.document,
                claim=claim,
            )
        )
        denials = find_denials(claim, reference)
        if denials:
            outputs.append(
                ClaimDenied(
                    account_key=account_key,
                    remittance_id=body.remittance_id,
                    claim_index=index,
                    patient_control_number=number,
                    status_code=claim.status_code,
                    payer_name=remittance.payer_name[:200],
                    payer_identifier=remittance.payer_identifier[:200],
                    payment_date=remittance.payment_date,
                    document=body.document,
                    denials=denials,
                )
            )
    return tuple(outputs)


def find_denials(claim: RemittanceClaim, reference: Reference) -> tuple[DeniedAdjustment, ...]:
    """The adjustments that refuse money. A denial is decided by them, never by CLP02 = 4 or a payment of zero alone.

    A reversal (22) takes back what was, and denies nothing; neither does a predetermination (25).
    """
    if claim.is_reversal or claim.status_code == PREDETERMINATION:
        return ()
    found = [
        _deny(adjustment, None, "", "", claim.remarks)
        for adjustment in claim.adjustments
        if _denies(adjustment, reference)
    ]
    for line, service in enumerate(claim.services, 1):
        found.extend(
            _deny(adjustment, line, service.line_control_number, service.procedure, service.remarks)
            for adjustment in service.adjustments
            if _denies(adjustment, reference)
        )
    return tuple(found)


def _denies(adjustment: Adjustment, reference: Reference) -> bool:
    positive = adjustment.amount > Decimal(0)
    return positive and classify_adjustment(reference.adjustment_classes, adjustment) in DENIAL_CLASSES


def _deny(
    adjustment: Adjustment, line: int | None, line_control_number: str, procedure: str, remarks: tuple[str, ...]
) -> DeniedAdjustment:
    return DeniedAdjustment(
        line=line,
        line_control_number=line_control_number,
        procedure=procedure,
        group=adjustment.group,
        reason=adjustment.reason,
        remarks=remarks,
        amount=adjustment.amount,
        segment=adjustment.segment_index,
    )


def _finding(code: str, where: str, what: str, remedy: str) -> Finding:
    return Finding(
        code=code, severity="hold", owner="biller", where=where[:200], what=what[:2000], remedy=remedy[:2000]
    )
