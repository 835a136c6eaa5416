"""Remittances become journal entries.

In: ClaimSubmitted (its charges are booked once), ClaimRemitted (one CLP), PaymentApplied and PaymentUnapplied
(payment_moving), DenialWrittenOff. Out:
ChargesPosted, PaymentPosted, UnappliedReleased, WriteOffPosted, ClaimDenied, DenialResolved, ResponsibilityMoved, and
work items for people.

The claim is settled anew from all its CLPs (claim_settlement), and each event's entry is the difference between what
the settlement says after it and what it said before: entries are only added, and the order of arrival leaves no trace
in the balances. A remittance that comes before its claim posts its cash to unapplied payments; the claim moves it.
"""

from collections.abc import Mapping

from processors.posting.adjustments import read_adjudication
from processors.posting.moves import keys_of_move, move_payment
from processors.posting.standing import (
    PostingState,
    Standing,
    WriteOff,
    add_unapplied,
    announce,
    difference,
    key_of_number,
    make_entry,
    moved,
    name_entry,
    release,
    stand,
)
from schemas.claim_status import FIRST_PAYER, PREDETERMINATION
from schemas.event import Body, Event
from schemas.events import (
    ChargesPosted,
    ClaimPayer,
    ClaimRemitted,
    ClaimSubmitted,
    DenialWrittenOff,
    PaymentApplied,
    PaymentPosted,
    PaymentUnapplied,
    WriteOffPosted,
)
from schemas.identifiers import billed_id_of, make_id
from schemas.ledger import AccountPart, JournalEntry
from schemas.money import from_cents, to_cents
from schemas.processing import Outcome, States, find_state
from schemas.reference import Reference

VOID = "8"  # CLM05-3


def keys_of_posting(event: Event) -> tuple[str, ...]:
    """The claim, one for all payers and versions; a control number that is not ours stands for itself."""
    match event.body:
        case ClaimSubmitted() as body:
            return (f"claim:{billed_id_of(body.summary.claim_id)}",)
        case ClaimRemitted() as body:
            return (key_of_number(body.claim.patient_control_number),)
        case PaymentApplied() | PaymentUnapplied() as body:
            return keys_of_move(body)
        case DenialWrittenOff() as body:
            return (f"claim:{body.claim_id}",)
    return ()


def post_payments(states: States, event: Event, reference: Reference) -> Outcome:
    """Books charges once, and each CLP once, as balanced entries."""
    if isinstance(event.body, PaymentApplied | PaymentUnapplied):
        return move_payment(states, event.body)
    (key,) = keys_of_posting(event)
    state = find_state(states, key, PostingState)
    match event.body:
        case ClaimSubmitted() as body:
            # Charges are booked with the first payer's claim: they belong to the encounter.
            if body.summary.responsibility != FIRST_PAYER:
                return Outcome()
            return _post_charges(key, state or PostingState(account_key=body.account_key), body)
        case ClaimRemitted() as body if body.claim.status_code == PREDETERMINATION:
            return Outcome(outputs=(_posted(body, state, None, (0, 0, 0)),))
        case ClaimRemitted() as body:
            return _post_remitted(key, state or PostingState(account_key=body.account_key), body, reference)
        case DenialWrittenOff() as body if state is not None and state.encounter_id is not None:
            return _post_write_off(key, state, body)
    return Outcome()


# --- charges


def _post_charges(key: str, state: PostingState, body: ClaimSubmitted) -> Outcome:
    """Books the charges when the claim is first seen, and later only what a newer version changes."""
    summary = body.summary
    if state.encounter_id is not None and summary.patient_control_number <= state.patient_control_number:
        return Outcome()
    after = state.replace(
        claim_id=billed_id_of(summary.claim_id),
        encounter_id=body.encounter_id,
        patient_control_number=summary.patient_control_number,
        payers=(
            ClaimPayer(payer_id=summary.payer_id, payer_name=summary.payer_name),
            *summary.further_payers,
        ),
        charge_cents=0 if summary.frequency == VOID else to_cents(summary.charge_amount),
        lines=summary.lines,
    )
    outputs: list[Body] = []
    before = stand(state)
    booked = before
    if state.encounter_id is None:
        booked = stand(after.replace(adjudications=()))
        outputs.extend(_book(body, {}, before._replace(settled=None), booked, make_id("charges", after.claim_id or "")))
        outputs.extend(_release_parked(after, booked))
    else:
        booked = stand(after)
        name = make_id("charges", summary.patient_control_number)
        outputs.extend(_book(body, before.balances, before, booked, name))
    outputs.extend(announce(after, before, stand(after), None))
    return Outcome({key: after}, tuple(outputs))


def _book(
    body: ClaimSubmitted, balances: Mapping[AccountPart, int], before: Standing, after: Standing, entry_id: str
) -> tuple[Body, ...]:
    lines = difference(balances, after.balances)
    if not lines:
        return ()
    assert after.settled is not None
    charge_cents = after.settled.charge_cents - (before.settled.charge_cents if before.settled else 0)
    paid, adjusted, patient = moved(before, after)
    entry = JournalEntry(
        entry_id=entry_id,
        claim_id=billed_id_of(body.summary.claim_id),
        encounter_id=body.encounter_id,
        document=body.document,
        lines=lines,
    )
    posted = ChargesPosted(
        account_key=body.account_key,
        encounter_id=body.encounter_id,
        claim_id=billed_id_of(body.summary.claim_id),
        charge_amount=from_cents(charge_cents),
        paid_amount=from_cents(paid),
        adjusted_amount=from_cents(adjusted),
        patient_amount=from_cents(patient),
        entry=entry,
    )
    return (posted,)


def _release_parked(state: PostingState, booked: Standing) -> list[Body]:
    """Each CLP that came before its claim, in the order of arrival: from unapplied payments to the claim."""
    outputs: list[Body] = []
    before = booked
    for count, item in enumerate(state.adjudications, 1):
        after = stand(state.replace(adjudications=state.adjudications[:count]))
        start = dict(before.balances)
        add_unapplied(start, item)
        lines = difference(start, after.balances)
        entry_id = make_id("release", *item.identity)
        outputs.append(release(state, item, entry_id, lines, moved(before, after)))
        before = after
    return outputs


# --- payments


def _post_remitted(key: str, state: PostingState, body: ClaimRemitted, reference: Reference) -> Outcome:
    item = read_adjudication(body, reference.adjustment_classes)
    after = state.replace(adjudications=(*state.adjudications, item))
    standing, before = stand(after), stand(state)
    entry = make_entry(after, name_entry(item), item.document, difference(before.balances, standing.balances))
    posted = _posted(body, after, entry, moved(before, standing))
    return Outcome({key: after}, (posted, *announce(after, before, standing, item)))


def _posted(
    body: ClaimRemitted, state: PostingState | None, entry: JournalEntry | None, moved: tuple[int, int, int]
) -> PaymentPosted:
    paid, adjusted, patient = moved
    return PaymentPosted(
        remittance_id=body.remittance_id,
        account_key=body.account_key,
        claim_index=body.claim_index,
        patient_control_number=body.claim.patient_control_number,
        claim_id=state.claim_id if state else None,
        encounter_id=state.encounter_id if state else None,
        paid_amount=body.claim.paid_amount,
        applied_amount=from_cents(paid),
        adjusted_amount=from_cents(adjusted),
        patient_amount=from_cents(patient),
        entry=entry,
    )


def _post_write_off(key: str, state: PostingState, body: DenialWrittenOff) -> Outcome:
    """A decision of people: denial write-offs take what is open, and give it back when a payment comes after all."""
    write_off = WriteOff(line_key=body.line_key, cents=to_cents(body.amount))
    after = state.replace(write_offs=(*state.write_offs, write_off))
    before, standing = stand(state), stand(after)
    assert before.settled is not None and standing.settled is not None
    lines = difference(before.balances, standing.balances)
    entry = None
    if lines:
        entry = JournalEntry(
            entry_id=make_id("write_off", body.action_id),
            claim_id=state.claim_id,
            encounter_id=state.encounter_id,
            lines=lines,
        )
    paid, adjusted, patient = moved(before, standing)
    posted = WriteOffPosted(
        account_key=body.account_key,
        claim_id=body.claim_id,
        encounter_id=body.encounter_id,
        item_id=body.item_id,
        amount=from_cents(standing.settled.written_off_cents - before.settled.written_off_cents),
        paid_amount=from_cents(paid),
        adjusted_amount=from_cents(adjusted),
        patient_amount=from_cents(patient),
        entry=entry,
    )
    return Outcome({key: after}, (posted, *announce(after, before, standing, None)))
