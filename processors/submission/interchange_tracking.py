"""An interchange from its decision to its acknowledgement.

In: InterchangeBuilt (which claims it holds), InterchangeWritten (the file is in the outbox), InterchangeAcknowledged
(TA1, 999, batch level of a 277CA), ClockTicked, ClockSetBack. Out: ClaimSubmitted for each claim in the file;
ClaimAcknowledged for each when the whole interchange is rejected; a work item when nobody says in time that the file
arrived, or when a refusal names none that was sent. All may come in any order.
"""

from datetime import timedelta

from schemas.base import Frozen
from schemas.event import Body, Event
from schemas.events import (
    ClaimAcknowledged,
    ClaimSubmitted,
    ClaimSummary,
    ClockSetBack,
    ClockTicked,
    InterchangeAcknowledged,
    InterchangeBuilt,
    InterchangeWritten,
    WorkItemClosed,
    WorkItemOpened,
)
from schemas.identifiers import make_id
from schemas.ledger import DocumentPlace
from schemas.processing import Outcome, States, Timed, list_states, read_state
from schemas.reference import Reference
from schemas.work_item import open_work
from schemas.work_kinds import INTERCHANGE_SILENT, REFUSAL_UNMATCHED


class InterchangeState(Timed):
    """What is known of one interchange so far; due when it is time to ask whether it arrived."""

    trading_partner: str = ""
    control_number: int = 0
    file_name: str = ""
    acknowledged: bool = False
    silent: bool = False  # a work item says that nobody has acknowledged it
    claims: tuple[ClaimSummary, ...] = ()
    sha256: str | None = None
    rejection: InterchangeAcknowledged | None = None
    unmatched: bool = False  # a work item says that a refusal came for what was never sent


def keys_of_interchange(event: Event) -> tuple[str, ...]:
    """One key for each interchange: partner and control number."""
    match event.body:
        case InterchangeBuilt() | InterchangeWritten() | InterchangeAcknowledged() as body:
            return (f"interchange:{body.trading_partner}:{body.control_number}",)
    return ()


def track_interchange(states: States, event: Event, reference: Reference) -> Outcome:
    """Says of each claim that it is submitted, or that the interchange around it was rejected; notices silence."""
    if isinstance(event.body, ClockTicked):
        return _ask_about_overdue_receipts(states, reference)
    if isinstance(event.body, ClockSetBack):
        return _wait_from(event.body, states, reference)
    (key,) = keys_of_interchange(event)
    state = read_state(states, key, InterchangeState)
    match event.body:
        case InterchangeBuilt() as body:
            state = state.replace(claims=tuple(item.summary for item in body.claims))
            outputs = _match(state, body) + _submit(state, body.trading_partner, body.control_number) + _reject(state)
            state = state.replace(unmatched=False)
        case InterchangeWritten() as body:
            state = _await_acknowledgement(state, body, event, reference)
            outputs = _match(state, body) + _submit(state, body.trading_partner, body.control_number)
            state = state.replace(unmatched=False)
        case InterchangeAcknowledged() as body if not state.acknowledged or body.outcome == "rejected":
            outputs = _close_overdue_receipt(state)
            state = state.replace(acknowledged=True, silent=False, due_on=None)
            if body.outcome == "rejected" and state.rejection is None:
                state = state.replace(rejection=body)
                outputs += _reject(state)
                if not state.claims and state.sha256 is None:
                    state = state.replace(unmatched=True)
                    outputs += (_ask_about(body),)
        case _:
            return Outcome()
    return Outcome({key: state}, outputs)


def _name_unmatched(partner: str, control_number: int) -> str:
    return make_id("refusal_unmatched", partner, control_number)


def _ask_about(refusal: InterchangeAcknowledged) -> WorkItemOpened:
    """A refusal that nobody hears would look like silence: people would send the same file again."""
    codes = ", ".join(refusal.codes[:5])
    return open_work(
        REFUSAL_UNMATCHED,
        _name_unmatched(refusal.trading_partner, refusal.control_number),
        refusal.trading_partner,
        {
            "source": refusal.source,
            "partner": refusal.trading_partner,
            "control_number": refusal.control_number,
            "codes": codes,
        },
    )


def _match(state: InterchangeState, sent: InterchangeBuilt | InterchangeWritten) -> tuple[Body, ...]:
    """What was refused is known after all: its claims hear of it."""
    if not state.unmatched:
        return ()
    item_id = _name_unmatched(sent.trading_partner, sent.control_number)
    return (WorkItemClosed(item_id=item_id, account_key=sent.trading_partner, reason="the interchange is known"),)


def _await_acknowledgement(
    state: InterchangeState, body: InterchangeWritten, event: Event, reference: Reference
) -> InterchangeState:
    days = reference.installation.follow_up.interchange_days
    due_on = None if state.acknowledged else event.occurred_at.date() + timedelta(days=days + 1)
    return state.replace(
        trading_partner=body.trading_partner,
        control_number=body.control_number,
        file_name=body.file_name,
        sha256=body.sha256,
        due_on=due_on,
    )


def _name_overdue_receipt(state: InterchangeState) -> str:
    return make_id("silent_interchange", state.trading_partner, state.control_number)


def _ask_about_overdue_receipts(states: States, reference: Reference) -> Outcome:
    """One item for each interchange that is due: the tick brings no others."""
    changed: dict[str, Frozen] = {}
    outputs: list[Body] = []
    days = reference.installation.follow_up.interchange_days
    for key, state in list_states(states, InterchangeState):
        changed[key] = state.replace(silent=True, due_on=None)
        outputs.append(
            open_work(
                INTERCHANGE_SILENT,
                _name_overdue_receipt(state),
                state.trading_partner,
                {"days": days, "control_number": state.control_number, "file_name": state.file_name},
            )
        )
    return Outcome(changed, tuple(outputs))


def _wait_from(body: ClockSetBack, states: States, reference: Reference) -> Outcome:
    """What was written on a day that is to come again was written today."""
    latest = body.business_date + timedelta(days=reference.installation.follow_up.interchange_days + 1)
    return Outcome(
        {
            key: state.replace(due_on=latest)
            for key, state in list_states(states, InterchangeState)
            if state.due_on and state.due_on > latest
        }
    )


def _close_overdue_receipt(state: InterchangeState) -> tuple[Body, ...]:
    if not state.silent:
        return ()
    closed = WorkItemClosed(
        item_id=_name_overdue_receipt(state),
        account_key=state.trading_partner,
        reason="the interchange was acknowledged",
    )
    return (closed,)


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
