"""An 835 ST is judged before a cent of it moves: duplicate, conflict, hold, or accept.

In: RemittanceReceived. Out: RemittanceAccepted, then its claims in parts, and of each RemittancePart a ClaimRemitted
for each CLP; or RemittanceHeld with a work item, and nothing else. Identity and balances: domain rules, section 1. What
was held as a conflict is accepted under an identity of its own when a person says that it is another remittance
(RemittanceAdmitted): payers use a trace number again where they pay nothing.

The set is read twice, claim by claim: once to judge it, once to tell its claims. So a remittance of any size takes
little memory, and a part is what one transaction carries.
"""

from collections.abc import Iterator
from decimal import Decimal

from processors.adjustment_posting import PREDETERMINATION
from schemas.base import Frozen
from schemas.event import Body, Event
from schemas.events import (
    ClaimRemitted,
    RemittanceAccepted,
    RemittanceAdmitted,
    RemittanceHeld,
    RemittancePart,
    RemittanceReceived,
    RemittanceRepeated,
    WorkItemClosed,
    WorkItemOpened,
)
from schemas.findings import Finding
from schemas.identifiers import account_key_of, make_id, make_unknown_key
from schemas.money import ZERO
from schemas.processing import Outcome, States
from schemas.reference import Reference
from schemas.x12.findings import ERROR
from schemas.x12.x835_005010x221a1 import Imbalance, Remittance, RemittanceClaim, balance_payment

FINDINGS_SHOWN_MAX = 50
AMOUNT_MAX = Decimal("9999999999.99")  # millions of such amounts stay within signed 64-bit cents
CONTROL_NUMBER_MAX = 50
PART_CLAIMS = 200
PAYER_QUALIFIERS = ("2U", "NF")  # REF01 of the payer: its identification number, its NAIC code


class RemittanceState(Frozen):
    """The content that was accepted under this identity; `held` contents were not."""

    accepted_hash: str | None = None
    held_hashes: tuple[str, ...] = ()


def keys_of_remittance(event: Event) -> tuple[str, ...]:
    """One key for each remittance identity; a part is judged already and remembers nothing."""
    match event.body:
        case RemittanceReceived() as body:
            return (f"remittance:{body.remittance_id}",)
        case RemittanceAdmitted() as body:
            return (f"remittance:{body.remittance_id}", f"remittance:{name_admitted(body)}")
    return ()


def name_admitted(body: RemittanceAdmitted) -> str:
    """The identity of a remittance that shares its payer's trace, date, amount and payee with another."""
    return make_id("admitted", body.remittance_id, body.content_hash)


def read_remittance(states: States, event: Event, reference: Reference) -> Outcome:
    """Decides what one ST is; says of each part what its claims were paid and denied."""
    body = event.body
    if isinstance(body, RemittancePart):
        return Outcome(outputs=tuple(_tell_claims(body, reference)))
    assert isinstance(body, RemittanceReceived | RemittanceAdmitted)
    key = keys_of_remittance(event)[0]
    state = states.get(key, RemittanceState())
    assert isinstance(state, RemittanceState)
    remittance, balance = _judge(body, reference)
    if isinstance(body, RemittanceAdmitted):
        return _admit(states, state, body, remittance, balance)
    if remittance.content_hash == state.accepted_hash or remittance.content_hash in state.held_hashes:
        return Outcome(outputs=(RemittanceRepeated(remittance_id=body.remittance_id, document=body.document),))
    held = _find_reason_to_hold(state, remittance, balance)
    if held:
        after = state.model_copy(update={"held_hashes": (*state.held_hashes, remittance.content_hash)})
        return Outcome({key: after}, _hold(body, remittance, *held))
    after = state.model_copy(update={"accepted_hash": remittance.content_hash})
    return Outcome({key: after}, tuple(_accept(body, remittance, balance.claim_count)))


def _judge(body: RemittanceReceived | RemittanceAdmitted, reference: Reference) -> tuple[Remittance, "_Balance"]:
    """Everything of a set but its claims, and what those come to."""
    stream = reference.remittances.open(body.document.sha256, body.transaction_index)
    balance = _Balance()
    for claim in stream:
        balance.take(claim)
    return stream.finish(()), balance


def _admit(
    states: States, held: RemittanceState, body: RemittanceAdmitted, remittance: Remittance, balance: "_Balance"
) -> Outcome:
    """Accepts what was held as a conflict and for nothing else, once."""
    identity = name_admitted(body)
    key = f"remittance:{identity}"
    content = remittance.content_hash
    if key in states or content != body.content_hash or content not in held.held_hashes or not held.accepted_hash:
        return Outcome()
    if _find_reason_to_hold(RemittanceState(), remittance, balance):
        return Outcome()
    accepted = _accept(body.model_copy(update={"remittance_id": identity}), remittance, balance.claim_count)
    closed = WorkItemClosed(
        item_id=make_id("remittance", body.remittance_id, content),
        account_key=body.remittance_id,
        reason=f"posted as a remittance of its own, by {body.who}"[:200],
    )
    return Outcome({key: RemittanceState(accepted_hash=content)}, (*accepted, closed))


class _Balance:
    """What the claims of one ST come to, and what of them cannot be: the first of each, for people to read."""

    def __init__(self) -> None:
        self.claim_count = 0
        self.paid_amount = ZERO
        self.imbalances: list[Imbalance] = []
        self.impossible: list[Finding] = []

    def take(self, claim: RemittanceClaim) -> None:
        self.claim_count += 1
        self.paid_amount += claim.paid_amount
        where = f"CLP {self.claim_count}"
        if len(self.imbalances) < FINDINGS_SHOWN_MAX:
            self.imbalances.extend(claim.imbalances(where))
        if len(self.impossible) < FINDINGS_SHOWN_MAX:
            self.impossible.extend(_find_impossible(claim, where))


def _find_reason_to_hold(
    state: RemittanceState, remittance: Remittance, balance: _Balance
) -> tuple[str, tuple[Finding, ...]] | None:
    if not remittance.complete:
        finding = _finding(
            "remittance_incomplete", "SE", "the file ends before this transaction set does", "ask for the whole file"
        )
        return "incomplete", (finding,)
    impossible = [*balance.impossible, *_find_impossible_totals(remittance)]
    if impossible:
        return "unreadable", tuple(impossible[:FINDINGS_SHOWN_MAX])
    adjustments = remittance.provider_adjustments
    imbalances = [
        *balance.imbalances,
        *balance_payment(remittance, (balance.paid_amount,), adjustments, remittance.segment_index),
    ]
    if not imbalances and any(found.severity == ERROR for found in remittance.findings):
        return "unreadable", tuple(
            _finding(found.code, found.where, found.what, found.remedy)
            for found in remittance.findings[:FINDINGS_SHOWN_MAX]
        )
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
            "compare both documents; if the payer only used its trace number again, post it (`revcycle ledger admit`); "
            "if this is a correction, have the payer send it as reversal and correction",
        )
        return "conflict", (finding,)
    return None


def clamp(amount: Decimal) -> Decimal:
    """The amount of a held remittance as the work list can show it; the document has the true text."""
    return max(-AMOUNT_MAX, min(AMOUNT_MAX, amount))


REMEDY = "ask the payer for a corrected 835"


def _find_impossible(claim: RemittanceClaim, where: str) -> Iterator[Finding]:
    """What cannot be posted: amounts beyond the ledger's cents, no usable control number, an estimate that pays."""
    amounts = [claim.charge_amount, claim.paid_amount, *(item.amount for item in claim.all_adjustments)]
    amounts += [amount for service in claim.services for amount in (service.charge_amount, service.paid_amount)]
    if any(abs(amount) > AMOUNT_MAX for amount in amounts):
        yield _finding("amount_impossible", where, f"an amount beyond {AMOUNT_MAX}", REMEDY)
    if not 1 <= len(claim.patient_control_number) <= CONTROL_NUMBER_MAX:
        what = f"CLP01 is empty or longer than {CONTROL_NUMBER_MAX} characters"
        yield _finding("control_number_impossible", where, what, REMEDY)
    if claim.status_code == PREDETERMINATION and claim.paid_amount:
        what = f"a predetermination (CLP02 = 25) pays {claim.paid_amount}, and an estimate pays nothing"
        yield _finding("predetermination_paid", where, what, REMEDY)


def _find_impossible_totals(remittance: Remittance) -> Iterator[Finding]:
    totals = [remittance.payment_amount, *(item.amount for item in remittance.provider_adjustments)]
    if any(abs(amount) > AMOUNT_MAX for amount in totals):
        yield _finding("amount_impossible", "BPR, PLB", f"an amount beyond {AMOUNT_MAX}", REMEDY)


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
    remedy = findings[0].remedy
    item = WorkItemOpened(
        item_id=make_id("remittance", body.remittance_id, remittance.content_hash),
        account_key=body.remittance_id,
        queue="payments",
        owner="biller",
        priority=1,
        reason=f"remittance_{reason}",
        remittance_id=body.remittance_id,
        next_action=f"Nothing of this remittance is posted: {findings[0].what}. {remedy[:1].upper()}{remedy[1:]}.",
        amount=clamp(remittance.payment_amount),
        findings=findings,
    )
    return (held, item)


def _accept(body: RemittanceReceived | RemittanceAdmitted, remittance: Remittance, claim_count: int) -> Iterator[Body]:
    yield RemittanceAccepted(
        remittance_id=body.remittance_id,
        document=body.document,
        payer_name=remittance.payer_name[:200],
        payer_identifier=remittance.payer_identifier[:200],
        trace_number=remittance.trace_number[:200],
        payment_date=remittance.payment_date,
        payment_amount=remittance.payment_amount,
        claim_count=claim_count,
        provider_adjustments=remittance.provider_adjustments,
    )
    for first in range(0, claim_count, PART_CLAIMS):
        yield RemittancePart(
            remittance_id=body.remittance_id,
            document=body.document,
            transaction_index=body.transaction_index,
            first_claim_index=first,
            claim_count=min(PART_CLAIMS, claim_count - first),
            payer_name=remittance.payer_name[:200],
            payer_identifier=remittance.payer_identifier[:200],
            payer_ids=name_payer_otherwise(remittance),
            payment_date=remittance.payment_date,
        )


def _tell_claims(part: RemittancePart, reference: Reference) -> Iterator[Body]:
    claims = reference.remittances.read_claims(
        part.document.sha256, part.transaction_index, part.first_claim_index, part.claim_count
    )
    for index, claim in enumerate(claims, part.first_claim_index):
        number = claim.patient_control_number
        yield ClaimRemitted(
            account_key=account_key_of(number) or make_unknown_key(reference.installation.secret, number),
            remittance_id=part.remittance_id,
            claim_index=index,
            payer_name=part.payer_name,
            payer_identifier=part.payer_identifier,
            payment_date=part.payment_date,
            document=part.document,
            claim=claim,
            payer_ids=part.payer_ids,
        )


def name_payer_otherwise(remittance: Remittance) -> tuple[str, ...]:
    """What the 835 calls its payer by beside TRN03: N104 of N1*PR, and REF*2U or NF (payer and NAIC numbers)."""
    references = (ref.value for ref in remittance.payer_references if ref.qualifier in PAYER_QUALIFIERS)
    names = dict.fromkeys((remittance.payer_health_plan_id, *references))
    return tuple(name[:200] for name in names if name and name != remittance.payer_identifier)


def _finding(code: str, where: str, what: str, remedy: str) -> Finding:
    return Finding(
        code=code, severity="hold", owner="biller", where=where[:200], what=what[:2000], remedy=remedy[:2000]
    )
