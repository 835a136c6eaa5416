"""An interchange from its decision to its acknowledgement.

In: InterchangeBuilt (which claims it holds), InterchangeWritten (the file is in the outbox), InterchangeAcknowledged
(TA1, 999, batch level of a 277CA). Out: ClaimSubmitted for each claim in the file; ClaimAcknowledged for each when the
whole interchange is rejected. The three may come in any order.
"""

from schemas.base import Frozen
from schemas.event import Body, Event
from schemas.events import (
    ClaimAcknowledged,
    ClaimSubmitted,
    ClaimSummary,
    InterchangeAcknowledged,
    InterchangeBuilt,
    InterchangeWritten,
)
from schemas.ledger import DocumentPlace
from schemas.processing import Outcome, States
from schemas.reference import Reference


class InterchangeState(Frozen):
    """What is known of one interchange so far."""

    claims: tuple[ClaimSummary, ...] = ()
    sha256: str | None = None
    rejection: InterchangeAcknowledged | None = None


def keys_of_interchange(event: Event) -> tuple[str, ...]:
    """One key for each interchange: partner and control number."""
    match event.body:
        case InterchangeBuilt() | InterchangeWritten() | InterchangeAcknowledged() as body:
            return (f"interchange:{body.trading_partner}:{body.control_number}",)
    return ()


def track_interchange(states: States, event: Event, reference: Reference) -> Outcome:
    """Says of each claim that it is submitted, or that the interchange around it was rejected."""
    (key,) = keys_of_interchange(event)
    state = states.get(key, InterchangeState())
    assert isinstance(state, InterchangeState)
    match event.body:
        case InterchangeBuilt() as body:
            state = state.model_copy(update={"claims": tuple(item.summary for item in body.claims)})
            outputs = _submit(state, body.trading_partner, body.control_number) + _reject(state)
        case InterchangeWritten() as body:
            state = state.model_copy(update={"sha256": body.sha256})
            outputs = _submit(state, body.trading_partner, body.control_number)
        case InterchangeAcknowledged() as body if body.outcome == "rejected" and state.rejection is None:
            state = state.model_copy(update={"rejection": body})
            outputs = _reject(state)
        case _:
            return Outcome()
    return Outcome({key: state}, outputs)


def _submit(state: InterchangeState, trading_partner: str, control_number: int) -> tuple[Body, ...]:
    if state.sha256 is None:
        return ()
    return tuple(
        ClaimSubmitted(
            account_key=claim.account_key,
            encounter_id=claim.encounter_id,
            trading_partner=trading_partner,
            control_number=control_number,
            document=DocumentPlace(sha256=state.sha256),
            summary=claim,
        )
        for claim in state.claims
    )


def _reject(state: InterchangeState) -> tuple[Body, ...]:
    rejection = state.rejection
    if rejection is None:
        return ()
    return tuple(
        ClaimAcknowledged(
            account_key=claim.account_key,
            patient_control_number=claim.patient_control_number,
            source=rejection.source,
            sender=rejection.trading_partner,
            outcome="rejected",
            codes=rejection.codes,
            document=rejection.document,
        )
        for claim in state.claims
    )
