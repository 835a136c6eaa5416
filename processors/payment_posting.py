"""Remittances become journal entries.

In: ClaimSubmitted (its charges are booked once), ClaimRemitted (one CLP). Out: ChargesPosted, PaymentPosted,
UnappliedReleased, and work items for what a person must look at. Accounts and sides: domain rules, section 6.

A remittance that comes before its claim posts its cash to unapplied payments and waits; the claim's arrival moves it.
"""

from decimal import Decimal

from processors.adjustment_posting import Amounts, read_amounts
from schemas.base import Frozen
from schemas.event import Body, Event
from schemas.events import (
    ChargesPosted,
    ClaimRemitted,
    ClaimSubmitted,
    PaymentPosted,
    UnappliedReleased,
    WorkItemClosed,
    WorkItemOpened,
)
from schemas.identifiers import account_key_of, billed_id_of, make_id
from schemas.ledger import AccountPart, DocumentPlace, JournalEntry, LedgerLine, Mover
from schemas.money import ZERO, Money
from schemas.processing import Outcome, States
from schemas.reference import Reference


class PostingState(Frozen):
    """One claim in the ledger, whatever its version; `open_amount` is what insurance still owes of it."""

    encounter_id: str | None = None
    payer_name: str = ""
    charge_amount: Money = ZERO
    open_amount: Money = ZERO
    parked: tuple[ClaimRemitted, ...] = ()


def keys_of_posting(event: Event) -> tuple[str, ...]:
    """The claim; a control number that is not ours stands for itself."""
    match event.body:
        case ClaimSubmitted() as body:
            return (f"claim:{billed_id_of(body.summary.claim_id)}",)
        case ClaimRemitted() as body:
            number = body.claim.patient_control_number
            return (f"claim:{number[:16] if account_key_of(number) else number}",)
    return ()


def post_payments(states: States, event: Event, reference: Reference) -> Outcome:
    """Books charges once, and each CLP once, as balanced entries."""
    (key,) = keys_of_posting(event)
    state = states.get(key, PostingState())
    assert isinstance(state, PostingState)
    match event.body:
        case ClaimSubmitted() as body if body.summary.responsibility != "P":
            return Outcome()  # a later payer's claim: charges belong to the encounter and are booked once
        case ClaimSubmitted() as body if state.encounter_id is None:
            return _book_charges(key, state, body, reference)
        case ClaimSubmitted() as body:
            return _book_difference(key, state, body)
        case ClaimRemitted() as body if state.encounter_id is None:
            parked = state.model_copy(update={"parked": (*state.parked, body)})
            return Outcome({key: parked}, _post_unapplied(body))
        case ClaimRemitted() as body:
            return _post_claim(key, state, body, reference)
    return Outcome()


def _book_charges(key: str, state: PostingState, body: ClaimSubmitted, reference: Reference) -> Outcome:
    summary = body.summary
    lines = (
        LedgerLine(account="gross_charges", credit=summary.charge_amount),
        LedgerLine(account="insurance_receivable", qualifier=summary.payer_name, debit=summary.charge_amount),
    )
    entry = JournalEntry(
        entry_id=make_id("charges", summary.claim_id),
        claim_id=summary.claim_id,
        encounter_id=body.encounter_id,
        document=body.document,
        lines=lines,
    )
    outputs: list[Body] = [
        ChargesPosted(
            account_key=body.account_key,
            encounter_id=body.encounter_id,
            claim_id=summary.claim_id,
            charge_amount=summary.charge_amount,
            entry=entry,
        )
    ]
    booked = PostingState(
        encounter_id=body.encounter_id,
        payer_name=summary.payer_name,
        charge_amount=summary.charge_amount,
        open_amount=summary.charge_amount,
    )
    for parked in state.parked:
        booked, released = _release_parked(booked, parked, reference)
        outputs.extend(released)
    return Outcome({key: booked}, tuple(outputs))


def _book_difference(key: str, state: PostingState, body: ClaimSubmitted) -> Outcome:
    """The claim again, under a new version: charges are booked once, and only what changed is added or taken back."""
    summary = body.summary
    difference = summary.charge_amount - state.charge_amount
    mover = Mover()
    mover.move(difference, ("insurance_receivable", state.payer_name), ("gross_charges", ""))
    lines = mover.lines()
    if not lines:
        return Outcome()
    entry = JournalEntry(
        entry_id=make_id("charges", summary.patient_control_number),
        claim_id=summary.claim_id,
        encounter_id=body.encounter_id,
        document=body.document,
        lines=lines,
    )
    posted = ChargesPosted(
        account_key=body.account_key,
        encounter_id=body.encounter_id,
        claim_id=summary.claim_id,
        charge_amount=difference,
        entry=entry,
    )
    after = state.model_copy(
        update={"charge_amount": summary.charge_amount, "open_amount": state.open_amount + difference}
    )
    return Outcome({key: after}, (posted,))


def _post_claim(key: str, state: PostingState, body: ClaimRemitted, reference: Reference) -> Outcome:
    amounts = read_amounts(body.claim, reference.adjustment_classes)
    applied, excess = limit_to_open(amounts, state.open_amount)
    mover = Mover()
    receivable: AccountPart = ("insurance_receivable", state.payer_name)
    mover.move(applied.paid, ("remittance_clearing", ""), receivable)
    mover.move(excess.paid, ("remittance_clearing", ""), ("unapplied_payments", state.payer_name))
    _move_adjustments(mover, applied, state.payer_name)
    entry = _make_entry(body, state.encounter_id, mover, "posting")
    posted = _posted(body, state.encounter_id, applied, entry, paid_amount=amounts.paid)
    after = state.model_copy(update={"open_amount": state.open_amount - applied.credited})
    return Outcome({key: after}, (posted, *_report_excess(body, state, excess)))


def _post_unapplied(body: ClaimRemitted) -> tuple[Body, ...]:
    """Cash with no claim of ours: it is in the clearing account, and nobody's until somebody says whose."""
    paid = body.claim.paid_amount
    mover = Mover()
    mover.move(paid, ("remittance_clearing", ""), ("unapplied_payments", body.payer_name))
    entry = _make_entry(body, None, mover, "posting")
    posted = _posted(body, None, Amounts(paid=paid), entry, paid_amount=paid)
    if not paid:
        return (posted,)
    return (posted, _open_item(body, "unapplied", "unmatched_payment", "payments", paid, UNMATCHED_ACTION))


UNMATCHED_ACTION = (
    "This payment names a patient control number that no claim of ours carries. Find whose it is and apply it, or "
    "return it to the payer."
)


def _release_parked(
    state: PostingState, body: ClaimRemitted, reference: Reference
) -> tuple[PostingState, tuple[Body, ...]]:
    amounts = read_amounts(body.claim, reference.adjustment_classes)
    applied, excess = limit_to_open(amounts, state.open_amount)
    mover = Mover()
    receivable: AccountPart = ("insurance_receivable", state.payer_name)
    mover.move(applied.paid, ("unapplied_payments", body.payer_name), receivable)
    if body.payer_name != state.payer_name:
        mover.move(excess.paid, ("unapplied_payments", body.payer_name), ("unapplied_payments", state.payer_name))
    _move_adjustments(mover, applied, state.payer_name)
    assert state.encounter_id is not None
    released = UnappliedReleased(
        remittance_id=body.remittance_id,
        account_key=body.account_key,
        claim_index=body.claim_index,
        claim_id=body.claim.patient_control_number[:16],
        encounter_id=state.encounter_id,
        paid_amount=amounts.paid,
        adjusted_amount=applied.contractual + applied.sequestration,
        patient_amount=applied.patient,
        entry=_make_entry(body, state.encounter_id, mover, "release"),
    )
    after = state.model_copy(update={"open_amount": state.open_amount - applied.credited})
    closed: tuple[Body, ...] = ()
    if amounts.paid:
        closed = (
            WorkItemClosed(
                item_id=_item_id("unapplied", body), account_key=body.account_key, reason="its claim has arrived"
            ),
        )
    return after, (released, *closed, *_report_excess(body, state, excess))


def limit_to_open(amounts: Amounts, open_amount: Decimal) -> tuple[Amounts, Amounts]:
    """Splits positive amounts into what the open balance takes and the excess: cash first, then adjustments.

    Nothing beyond the open balance with a payer is ever posted against a claim (RFI 1696). Negative amounts (a
    reversal, an incentive) open the balance again and are posted as they are.
    """
    room = open_amount - sum((part for part in amounts.parts if part < 0), ZERO)
    applied: list[Decimal] = []
    for part in amounts.parts:
        taken = min(part, max(room, ZERO)) if part > 0 else part
        room -= max(taken, ZERO)
        applied.append(taken)
    excess = (part - taken for part, taken in zip(amounts.parts, applied, strict=True))
    return Amounts(*applied), Amounts(*excess)


def _move_adjustments(mover: Mover, amounts: Amounts, payer_name: str) -> None:
    receivable: AccountPart = ("insurance_receivable", payer_name)
    mover.move(amounts.contractual, ("contractual_adjustments", ""), receivable)
    mover.move(amounts.sequestration, ("sequestration", ""), receivable)
    mover.move(amounts.patient, ("patient_receivable", ""), receivable)


def _make_entry(body: ClaimRemitted, encounter_id: str | None, mover: Mover, kind: str) -> JournalEntry | None:
    lines = mover.lines()
    if not lines:
        return None
    number = body.claim.patient_control_number
    return JournalEntry(
        entry_id=make_id(kind, body.remittance_id, body.claim_index),
        claim_id=number[:16] if encounter_id else None,
        encounter_id=encounter_id,
        document=DocumentPlace(sha256=body.document.sha256, segment=body.claim.segment_index),
        lines=lines,
    )


def _posted(
    body: ClaimRemitted, encounter_id: str | None, applied: Amounts, entry: JournalEntry | None, *, paid_amount: Decimal
) -> PaymentPosted:
    number = body.claim.patient_control_number
    return PaymentPosted(
        remittance_id=body.remittance_id,
        account_key=body.account_key,
        claim_index=body.claim_index,
        patient_control_number=number,
        claim_id=number[:16] if encounter_id else None,
        encounter_id=encounter_id,
        paid_amount=paid_amount,
        adjusted_amount=applied.contractual + applied.sequestration if encounter_id else ZERO,
        patient_amount=applied.patient if encounter_id else ZERO,
        entry=entry,
    )


def _report_excess(body: ClaimRemitted, state: PostingState, excess: Amounts) -> tuple[Body, ...]:
    total = sum(excess.parts, ZERO)
    if not total:
        return ()
    action = (
        f"The payer's amounts exceed what was open with it ({state.open_amount}) by {total}: nothing beyond the open "
        "balance was posted to the claim, cash beyond it stands in unapplied payments. Compare with earlier "
        "remittances; refund, or correct the earlier posting."
    )
    return (_open_item(body, "excess", "excess_over_open_balance", "payments", total, action),)


def _item_id(kind: str, body: ClaimRemitted) -> str:
    return make_id(kind, body.remittance_id, body.claim_index)


def _open_item(
    body: ClaimRemitted, kind: str, reason: str, queue: str, amount: Decimal, next_action: str
) -> WorkItemOpened:
    number = body.claim.patient_control_number
    return WorkItemOpened(
        item_id=_item_id(kind, body),
        account_key=body.account_key,
        queue=queue,
        owner="biller",
        priority=3,
        reason=reason,
        claim_id=number[:16] if account_key_of(number) else None,
        remittance_id=body.remittance_id,
        next_action=next_action,
        amount=amount,
    )
