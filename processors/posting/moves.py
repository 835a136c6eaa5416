"""A person says whose a payment is, or that it is not: its CLP moves between unapplied payments and a claim.

In: PaymentApplied, PaymentUnapplied. Each move is an entry of its own beside those before it; nothing is taken out of
the ledger. What does not fit the books any more (moved already, its claim has come) moves nothing.
"""

from processors.posting.adjudication import Adjudication
from processors.posting.standing import (
    PostingState,
    Standing,
    add_unapplied,
    announce,
    difference,
    key_of_number,
    moved,
    release,
    stand,
)
from schemas.event import Body
from schemas.events import PaymentApplied, PaymentUnapplied, UnappliedReleased
from schemas.events.remittances import PaymentMove
from schemas.identifiers import billed_id_of, make_id
from schemas.ledger import AccountPart
from schemas.processing import Outcome, States, find_state


def keys_of_move(body: PaymentMove) -> tuple[str, ...]:
    """Where the payment is by the payer's word, and the claim that a person names."""
    return (key_of_number(body.patient_control_number), f"claim:{billed_id_of(body.claim_id)}")


def move_payment(states: States, body: PaymentApplied | PaymentUnapplied) -> Outcome:
    """To the claim, or off it again."""
    return _apply(states, body) if isinstance(body, PaymentApplied) else _unapply(states, body)


def _apply(states: States, body: PaymentApplied) -> Outcome:
    """The CLP of an unmatched payment, from unapplied payments to the claim."""
    source_key, target_key = keys_of_move(body)
    source, target = find_state(states, source_key, PostingState), find_state(states, target_key, PostingState)
    if source is None or target is None:
        return Outcome()
    left, item = _take_out(source, body)
    if source.encounter_id is not None or target.encounter_id is None or item is None:
        return Outcome()  # applied already, or its claim has arrived meanwhile
    own = item.replace(patient_control_number=target.patient_control_number, by_hand=True)
    after, outputs = _put_in(target, own, make_id("applied", body.action_id))
    told = announce(left, stand(source), stand(left), None)
    return Outcome({source_key: left, target_key: after}, (*outputs, *told))


def _unapply(states: States, body: PaymentUnapplied) -> Outcome:
    """The CLP of a payment that was applied to the wrong claim, back to where the payer's own number puts it: to
    unapplied payments, or to the claim of that number if it has come meanwhile."""
    source_key, target_key = keys_of_move(body)
    source, target = find_state(states, source_key, PostingState), find_state(states, target_key, PostingState)
    if source_key == target_key or source is None or target is None:
        return Outcome()
    left, item = _take_out(target, body)
    if target.encounter_id is None or item is None:
        return Outcome()  # it is not there any more
    before, standing = stand(target), stand(left)
    entry_id = make_id("unapplied", body.action_id)
    lines = difference(before.balances, _with_unapplied(standing, item))
    released = release(left, item, entry_id, lines, moved(before, standing))
    back = item.replace(patient_control_number=body.patient_control_number, by_hand=False)
    if source.encounter_id is None:
        after = source.replace(adjudications=(*source.adjudications, back))
        outputs = tuple(announce(after, stand(source), stand(after), back))
    else:
        after, outputs = _put_in(source, back, make_id("applied", body.action_id))
    told = announce(left, before, standing, None)
    return Outcome({source_key: after, target_key: left}, (released, *told, *outputs))


def _take_out(state: PostingState, body: PaymentMove) -> tuple[PostingState, Adjudication | None]:
    """The state without the CLP that moves, and the CLP, if it is there."""
    identity = (body.remittance_id, body.claim_index)
    item = next((item for item in state.adjudications if item.identity == identity), None)
    others = tuple(other for other in state.adjudications if other is not item)
    return state.replace(adjudications=others), item


def _put_in(claim: PostingState, item: Adjudication, entry_id: str) -> tuple[PostingState, tuple[Body, ...]]:
    """The claim with one CLP more, from unapplied payments, and what follows."""
    after = claim.replace(adjudications=(*claim.adjudications, item))
    before, standing = stand(claim), stand(after)
    lines = difference(_with_unapplied(before, item), standing.balances)
    released: UnappliedReleased = release(after, item, entry_id, lines, moved(before, standing))
    return after, (released, *announce(after, before, standing, item))


def _with_unapplied(standing: Standing, item: Adjudication) -> dict[AccountPart, int]:
    """A claim's balances beside the cash of a CLP that is not its own."""
    balances = dict(standing.balances)
    add_unapplied(balances, item)
    return balances
