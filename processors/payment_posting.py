"""Remittances become journal entries.

In: ClaimSubmitted (its charges are booked once), ClaimRemitted (one CLP), PaymentApplied, DenialWrittenOff. Out:
ChargesPosted, PaymentPosted, UnappliedReleased, WriteOffPosted, ClaimDenied, DenialResolved, ResponsibilityMoved, and
work items for people.

The claim is settled anew from all its CLPs (claim_settlement), and each event's entry is the difference between what
the settlement says after it and what it said before: entries are only added, and the order of arrival leaves no trace
in the balances. A remittance that comes before its claim posts its cash to unapplied payments; the claim moves it.
"""

from collections.abc import Mapping

from processors.adjudications import Adjudication
from processors.adjustment_posting import PREDETERMINATION, read_adjudication
from processors.posting_state import (
    PostingState,
    Standing,
    WriteOff,
    difference,
    make_entry,
    moved,
    name_entry,
    park,
    stand,
    tell,
)
from schemas.event import Body, Event
from schemas.events import (
    ChargesPosted,
    ClaimPayer,
    ClaimRemitted,
    ClaimSubmitted,
    DenialWrittenOff,
    PaymentApplied,
    PaymentPosted,
    UnappliedReleased,
    WriteOffPosted,
)
from schemas.identifiers import account_key_of, billed_id_of, make_id
from schemas.ledger import AccountPart, JournalEntry, LedgerLine
from schemas.money import from_cents, to_cents
from schemas.processing import Outcome, States
from schemas.reference import Reference

FIRST_PAYER = "P"  # SBR01; charges are booked with its claim and belong to the encounter
VOID = "8"  # CLM05-3


def keys_of_posting(event: Event) -> tuple[str, ...]:
    """The claim, one for all payers and versions; a control number that is not ours stands for itself."""
    match event.body:
        case ClaimSubmitted() as body:
            return (f"claim:{billed_id_of(body.summary.claim_id)}",)
        case ClaimRemitted() as body:
            number = body.claim.patient_control_number
            return (_key_of(number),)
        case PaymentApplied() as body:
            return (_key_of(body.patient_control_number), f"claim:{billed_id_of(body.claim_id)}")
        case DenialWrittenOff() as body:
            return (f"claim:{body.claim_id}",)
    return ()


def _key_of(number: str) -> str:
    return f"claim:{billed_id_of(number) if account_key_of(number) else number}"


def post_payments(states: States, event: Event, reference: Reference) -> Outcome:
    """Books charges once, and each CLP once, as balanced entries."""
    if isinstance(event.body, PaymentApplied):
        return _apply(states, event.body)
    (key,) = keys_of_posting(event)
    state = states.get(key)
    assert state is None or isinstance(state, PostingState)
    match event.body:
        case ClaimSubmitted() as body:
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
    after = state.model_copy(
        update={
            "claim_id": billed_id_of(summary.claim_id),
            "encounter_id": body.encounter_id,
            "patient_control_number": summary.patient_control_number,
            "payers": (
                ClaimPayer(payer_id=summary.payer_id, payer_name=summary.payer_name),
                *summary.further_payers,
            ),
            "charge_cents": 0 if summary.frequency == VOID else to_cents(summary.charge_amount),
            "lines": summary.lines,
        }
    )
    outputs: list[Body] = []
    before = stand(state)
    booked = before
    if state.encounter_id is None:
        booked = stand(after.model_copy(update={"adjudications": ()}))
        outputs.extend(_book(body, {}, before._replace(settled=None), booked, make_id("charges", after.claim_id or "")))
        outputs.extend(_release_parked(after, booked))
    else:
        booked = stand(after)
        name = make_id("charges", summary.patient_control_number)
        outputs.extend(_book(body, before.balances, before, booked, name))
    outputs.extend(tell(after, before, stand(after), None))
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
        after = stand(state.model_copy(update={"adjudications": state.adjudications[:count]}))
        start = dict(before.balances)
        park(start, item)
        lines = difference(start, after.balances)
        entry_id = make_id("release", *item.identity)
        outputs.append(_release(state, item, entry_id, lines, moved(before, after)))
        before = after
    return outputs


def _release(
    state: PostingState,
    item: Adjudication,
    entry_id: str,
    lines: tuple[LedgerLine, ...],
    moved: tuple[int, int, int],
) -> UnappliedReleased:
    assert state.claim_id is not None and state.encounter_id is not None
    paid, adjusted, patient = moved
    return UnappliedReleased(
        remittance_id=item.remittance_id,
        account_key=state.account_key,
        claim_index=item.claim_index,
        claim_id=state.claim_id,
        encounter_id=state.encounter_id,
        paid_amount=from_cents(paid),
        adjusted_amount=from_cents(adjusted),
        patient_amount=from_cents(patient),
        entry=make_entry(state, entry_id, item.document, lines),
    )


# --- payments


def _post_remitted(key: str, state: PostingState, body: ClaimRemitted, reference: Reference) -> Outcome:
    item = read_adjudication(body, reference.adjustment_classes)
    after = state.model_copy(update={"adjudications": (*state.adjudications, item)})
    standing, before = stand(after), stand(state)
    entry = make_entry(after, name_entry(item), item.document, difference(before.balances, standing.balances))
    posted = _posted(body, after, entry, moved(before, standing))
    return Outcome({key: after}, (posted, *tell(after, before, standing, item)))


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


def _apply(states: States, body: PaymentApplied) -> Outcome:
    """A person says whose an unmatched payment is: its CLP moves there, from unapplied payments to the claim."""
    source_key, target_key = _key_of(body.patient_control_number), f"claim:{billed_id_of(body.claim_id)}"
    source, target = states.get(source_key), states.get(target_key)
    if not isinstance(source, PostingState) or not isinstance(target, PostingState):
        return Outcome()
    named = [item for item in source.adjudications if item.identity == (body.remittance_id, body.claim_index)]
    if source.encounter_id is not None or target.encounter_id is None or not named:
        return Outcome()  # applied already, or its claim has arrived meanwhile
    left = source.model_copy(
        update={"adjudications": tuple(item for item in source.adjudications if item not in named)}
    )
    item = named[0].model_copy(update={"patient_control_number": target.patient_control_number})
    after = target.model_copy(update={"adjudications": (*target.adjudications, item)})
    before, standing = stand(target), stand(after)
    start = dict(before.balances)
    park(start, item)
    entry_id = make_id("applied", *item.identity)
    released = _release(after, item, entry_id, difference(start, standing.balances), moved(before, standing))
    told = tell(left, stand(source), stand(left), None)
    outputs = (released, *told, *tell(after, before, standing, item))
    return Outcome({source_key: left, target_key: after}, outputs)


def _post_write_off(key: str, state: PostingState, body: DenialWrittenOff) -> Outcome:
    """A decision of people: denial write-offs take what is open, and give it back when a payment comes after all."""
    write_off = WriteOff(line_key=body.line_key, cents=to_cents(body.amount))
    after = state.model_copy(update={"write_offs": (*state.write_offs, write_off)})
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
    return Outcome({key: after}, (posted, *tell(after, before, standing, None)))
