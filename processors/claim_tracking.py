"""A claim between the outbox and its remittance: rejected claims go back to a person.

In: ClaimSubmitted, ClaimAcknowledged. Out: a work item for a rejection, closed when the claim is sent again. A
rejection is not a denial: there is nothing to appeal, and the filing clock keeps running (domain rules, section 3).
"""

from schemas.base import Frozen
from schemas.event import Event
from schemas.events import ClaimAcknowledged, ClaimSubmitted, WorkItemClosed, WorkItemOpened
from schemas.identifiers import account_key_of, claim_id_of, make_id
from schemas.processing import Outcome, States
from schemas.reference import Reference


class TrackedClaim(Frozen):
    """The version that is with the payer, and the version that was rejected last."""

    encounter_id: str | None = None
    submitted: str = ""
    rejected: str = ""


def keys_of_tracking(event: Event) -> tuple[str, ...]:
    """The claim, whatever its version; a control number that is not ours stands for itself."""
    match event.body:
        case ClaimSubmitted() as body:
            return (f"claim:{body.summary.claim_id}",)
        case ClaimAcknowledged() as body:
            number = body.patient_control_number
            return (f"claim:{claim_id_of(number) if account_key_of(number) else number}",)
    return ()


def track_claim(states: States, event: Event, reference: Reference) -> Outcome:
    """Opens and closes the rejection's work item; it does not matter whether claim or answer is seen first."""
    (key,) = keys_of_tracking(event)
    state = states.get(key, TrackedClaim())
    assert isinstance(state, TrackedClaim)
    match event.body:
        case ClaimSubmitted() as body:
            number = body.summary.patient_control_number
            latest = max(state.submitted, number)
            after = state.model_copy(update={"encounter_id": body.encounter_id, "submitted": latest})
            if state.rejected and state.submitted <= state.rejected < number:
                return Outcome({key: after}, (_close_rejection(body.account_key, state.rejected),))
            return Outcome({key: after})
        case ClaimAcknowledged() as body if body.outcome == "rejected":
            number = body.patient_control_number
            if state.rejected >= number:
                return Outcome()
            after = state.model_copy(update={"rejected": number})
            opened = _open_rejection(body, state)
            if state.submitted > number:  # the answer to an earlier version, seen after the later one was sent
                return Outcome({key: after}, (opened, _close_rejection(body.account_key, number)))
            return Outcome({key: after}, (opened,))
    return Outcome()


def _open_rejection(body: ClaimAcknowledged, state: TrackedClaim) -> WorkItemOpened:
    number = body.patient_control_number
    claim_id = claim_id_of(number) if account_key_of(number) else None
    return WorkItemOpened(
        item_id=make_id("rejected", number),
        account_key=body.account_key,
        queue="rejections",
        owner="biller",
        priority=2,
        reason=f"rejected_{body.source}",
        category=" ".join(body.codes)[:200],
        claim_id=claim_id,
        encounter_id=state.encounter_id,
        next_action=f"The {body.source} rejected this claim ({', '.join(body.codes)[:300]}). "
        "Mend it at the EHR and send the encounter again: it goes out as a new claim. The filing clock is running.",
    )


def _close_rejection(account_key: str, number: str) -> WorkItemClosed:
    return WorkItemClosed(item_id=make_id("rejected", number), account_key=account_key, reason="sent again")
