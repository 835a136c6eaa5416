"""The unpaid, by the clock: no 277CA in two days, no 835 in the payer's usual time, timely filing near its end.

A tick brings the claims that are due. Each silence opens one work item; a claim without a remittance is also asked for
by a 276, again every `repeat_days`, and what the payer's 277 says becomes the item's next step.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Unpack

from processors.follow_up.overdue_responses import close_overdue_responses, name_overdue_response
from processors.follow_up.rejections import open_rejection
from processors.follow_up.state import TrackedClaim
from schemas.base import Frozen
from schemas.event import Body
from schemas.events import (
    AskedClaim,
    ClaimStatusReported,
    ClaimStatusRequested,
    ClockSetBack,
    ClockTicked,
    WorkItemOpened,
)
from schemas.identifiers import claim_id_of
from schemas.processing import Outcome, States, list_states
from schemas.reference import FollowUp, Reference
from schemas.work_item import NO_WORDS, About, WorkKind, open_work
from schemas.work_kinds import NO_277CA, NO_835, TIMELY_FILING_NEAR

CLAIMS_PER_REQUEST_MAX = 250


def plan_next(state: TrackedClaim, reference: Reference) -> TrackedClaim:
    """The state with the date on which it must be looked at again."""
    days = [on for on in _list_dates(state, reference.installation.follow_up).values() if on is not None]
    return state.replace(due_on=min(days, default=None))


def _list_dates(state: TrackedClaim, rules: FollowUp) -> dict[str, date | None]:
    """When each silence is long enough; None when nothing is waited for. Waiting days are full days."""
    sent = state.submitted_on
    if sent is None or state.decided >= state.submitted:
        return {}
    rejected = state.rejected == state.submitted
    answered = rejected or any(x.number == state.submitted for x in state.answers)
    dates: dict[str, date | None] = {}
    if not answered and "277CA" not in state.told:
        dates["277CA"] = sent + timedelta(days=rules.acknowledgement_days + 1)
    if not rejected:
        asked = state.asked_on
        usual = sent + timedelta(days=state.usual_days + 1)
        dates["835"] = max(usual, asked + timedelta(days=rules.repeat_days)) if asked else usual
    if state.filing_limit and "filing" not in state.told:
        dates["filing"] = max(state.filing_limit - timedelta(days=rules.filing_warning_days), sent + timedelta(days=1))
    return dates


def look_at_due(states: States, tick: ClockTicked, reference: Reference) -> Outcome:
    """Every claim that is due on this date: its work items, and one status request for each trading partner."""
    changed: dict[str, Frozen] = {}
    outputs: list[Body] = []
    asked: dict[str, list[AskedClaim]] = {}
    for key, state in list_states(states, TrackedClaim):
        dates = _list_dates(state, reference.installation.follow_up)
        due = [kind for kind, on in dates.items() if on is not None and on <= tick.business_date]
        after = state.replace(told=tuple(dict.fromkeys((*state.told, *due))))
        for kind in due:
            outputs.append(_open_overdue_response(state, kind, tick.business_date, reference))
        if "835" in due:
            after = after.replace(asked_on=tick.business_date)
            asked.setdefault(state.trading_partner, []).append(_ask(state))
        changed[key] = plan_next(after, reference)
    for partner, claims in sorted(asked.items()):
        for start in range(0, len(claims), CLAIMS_PER_REQUEST_MAX):
            chunk = tuple(claims[start : start + CLAIMS_PER_REQUEST_MAX])
            outputs.append(
                ClaimStatusRequested(trading_partner=partner, business_date=tick.business_date, claims=chunk)
            )
    return Outcome(changed, tuple(outputs))


def forget_later(states: States, body: ClockSetBack, reference: Reference) -> Outcome:
    """What was asked for on a day that is to come again was asked for today: the next request is counted from here."""
    changed: dict[str, Frozen] = {}
    for key, state in list_states(states, TrackedClaim):
        if state.asked_on and state.asked_on > body.business_date:
            changed[key] = plan_next(state.replace(asked_on=body.business_date), reference)
    return Outcome(changed)


def _ask(state: TrackedClaim) -> AskedClaim:
    return AskedClaim(
        account_key=state.account_key,
        claim_id=claim_id_of(state.submitted),
        patient_control_number=state.submitted,
        payer_claim_control_number=state.payer_claim_control_number,
        document=state.document,
    )


def _open_overdue_response(state: TrackedClaim, kind: str, on: date, reference: Reference) -> WorkItemOpened:
    sent = state.submitted_on
    assert sent is not None
    waited = (on - sent).days
    match kind:
        case "277CA":
            words = {"sent": sent, "waited": waited, "payer": state.payer_name}
            return _open_item(NO_277CA, state, kind, words)
        case "835":
            text = (
                f"Submitted on {sent}, and no remittance of {state.payer_name} in {waited} days; nine of ten come "
                f"within {state.usual_days}. A status request (276) goes out with this; read its answer, or call."
            )
            return _open_item(NO_835, state, kind, priority=3, next_action=text)
    if state.rejected == state.submitted:
        item = open_rejection(state, reference)
        left = (state.filing_limit - on).days if state.filing_limit else 0
        clock = f"{left} days are left." if left >= 0 else f"The time to file ended {-left} days ago."
        return item.replace(priority=1, next_action=f"{clock} {item.next_action}"[:2000])
    words = {"payer": state.payer_name, "limit": state.filing_limit}
    return _open_item(TIMELY_FILING_NEAR, state, kind, words)


def _open_item(
    kind: WorkKind,
    state: TrackedClaim,
    silence: str,
    words: Mapping[str, object] = NO_WORDS,
    **about: Unpack[About],
) -> WorkItemOpened:
    claim_id = claim_id_of(state.submitted)
    claim = About(
        claim_id=claim_id,
        encounter_id=state.encounter_id,
        deadline=state.filing_limit,
        amount=state.charge_amount,
    )
    return open_work(kind, name_overdue_response(claim_id, silence), state.account_key, words, **(claim | about))


def report_status(state: TrackedClaim, body: ClaimStatusReported) -> tuple[TrackedClaim, tuple[Body, ...]]:
    """What a 277 says of the claim, by the category of its first code, as the next step of the silence's item."""
    number = body.patient_control_number
    after = state.replace(
        payer_claim_control_number=body.payer_claim_control_number or state.payer_claim_control_number,
    )
    if number != state.submitted or state.decided >= number or not body.codes:
        return after, ()
    codes = ", ".join(body.codes)[:200]
    category = body.codes[0][:1]
    paid = str(body.paid_amount) if body.paid_amount else "nothing"
    check = f" by {body.check_number}" if body.check_number else ""
    day = f" on {body.payment_date}" if body.payment_date else ""
    match category:
        case "P":
            after = after.replace(told=tuple(x for x in after.told if x != "835"))
            reason = f"the payer says that it is pending ({codes}); it is asked again in time"
            return after, close_overdue_responses(claim_id_of(number), state.account_key, ("835",), reason)
        case "F":
            text, priority = (
                f"The payer has finalized it ({codes}): paid {paid}{check}{day}. Find the 835.",
                2,
            )
        case "R":
            text, priority = f"The payer wants more information ({codes}): send what it asks for.", 1
        case "D" | "A":
            until = f" before {state.filing_limit}" if state.filing_limit else ""
            text, priority = f"The payer does not find the claim ({codes}): file it again{until}, with proof.", 1
        case _:
            text, priority = f"The payer's answer ({codes}) says neither paid nor pending: call.", 2
    told = tuple(dict.fromkeys((*after.told, "835")))
    item = _open_item(NO_835, state, "835", priority=priority, next_action=text, category=codes)
    return after.replace(told=told), (item,)
