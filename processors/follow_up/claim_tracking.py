"""A claim between the outbox and its remittance: rejected claims go back to a person, silence is followed up.

In: ClaimSubmitted, ClaimAcknowledged, ClaimRemitted, ClaimStatusReported (277), PayerDecided, ClockTicked,
ClockSetBack. Out: work items, opened and closed; ClaimStatusRequested (276); PayerDecided, from which the payer's usual
time is learned.

A rejection is not a denial: there is nothing to appeal, and the filing clock keeps running. Answers are kept for each
sender: a later payer's A3, A6, A7 or A8 overrides an earlier A1 or A2 of the clearinghouse (domain rules, section 3).
"""

from processors.follow_up.overdue_responses import close_overdue_responses
from processors.follow_up.rejections import close_rejection, open_rejection
from processors.follow_up.state import PayerHistory, SenderAnswer, TrackedClaim
from processors.follow_up.unpaid import forget_later, look_at_due, plan_next, report_status
from processors.payers.terms import find_filing_limit, find_terms
from schemas.event import Body, Event
from schemas.events import (
    ClaimAcknowledged,
    ClaimRemitted,
    ClaimStatusReported,
    ClaimSubmitted,
    ClockSetBack,
    ClockTicked,
    PayerDecided,
)
from schemas.identifiers import account_key_of, claim_id_of
from schemas.processing import Outcome, States, read_state
from schemas.reference import Reference

UNDECIDED = ("22", "25")  # CLP02: a reversal takes back, a predetermination promises


def keys_of_tracking(event: Event) -> tuple[str, ...]:
    """The claim to one payer, whatever its version; a control number that is not ours stands for itself."""
    match event.body:
        case ClaimSubmitted() as body:
            return (f"claim:{body.summary.claim_id}", f"payer:{body.summary.payer_id}")
        case ClaimAcknowledged() | ClaimStatusReported() as body:
            return (_name_claim(body.patient_control_number),)
        case ClaimRemitted() as body:
            return (_name_claim(body.claim.patient_control_number),)
        case PayerDecided() as body:
            return (f"payer:{body.payer_id}",)
    return ()


def _name_claim(number: str) -> str:
    return f"claim:{claim_id_of(number) if account_key_of(number) else number}"


def track_claim(states: States, event: Event, reference: Reference) -> Outcome:
    """What one fact changes for one claim, or a tick for all that are due; claim and answers may come in any order."""
    if isinstance(event.body, ClockTicked):
        return look_at_due(states, event.body, reference)
    if isinstance(event.body, ClockSetBack):
        return forget_later(states, event.body, reference)
    if isinstance(event.body, PayerDecided):
        return _learn(states, event.body)
    key = keys_of_tracking(event)[0]
    before = read_state(states, key, TrackedClaim)
    match event.body:
        case ClaimSubmitted() as body:
            after, outputs = _submit(before, body, event, states, reference)
        case ClaimAcknowledged() as body:
            after, outputs = _acknowledge(before, body, reference)
        case ClaimRemitted() as body:
            after, outputs = _remit(before, body, event)
        case ClaimStatusReported() as body:
            after, outputs = report_status(before, body)
        case _:
            return Outcome()
    after = plan_next(after, reference)
    return Outcome({key: after} if after != before else {}, outputs)


def _submit(
    state: TrackedClaim, body: ClaimSubmitted, event: Event, states: States, reference: Reference
) -> tuple[TrackedClaim, tuple[Body, ...]]:
    summary = body.summary
    number = summary.patient_control_number
    if number <= state.submitted:
        return state, ()
    terms = find_terms(reference.payer_terms, summary.payer_id, summary.filing_indicator)
    history = read_state(states, f"payer:{summary.payer_id}", PayerHistory)
    outputs: list[Body] = []
    if state.rejected and state.submitted <= state.rejected < number:
        outputs.append(close_rejection(body.account_key, state.rejected, "sent again"))
    outputs += close_overdue_responses(summary.claim_id, body.account_key, state.told, "sent again")
    after = state.replace(
        account_key=body.account_key,
        encounter_id=body.encounter_id,
        trading_partner=body.trading_partner,
        payer_id=summary.payer_id,
        payer_name=summary.payer_name,
        charge_amount=summary.charge_amount,
        filing_limit=find_filing_limit(terms, (line.service_date for line in summary.lines)),
        usual_days=max(terms.answer_days, history.usual_days or 0),
        document=body.document.sha256,
        submitted=number,
        submitted_on=event.occurred_at.date(),
        told=(),
        asked_on=None,
    )
    if after.rejected == number:  # its answer was seen first: now it is known what the claim is about
        outputs.append(open_rejection(after, reference))
    return after, tuple(outputs)


def _acknowledge(
    state: TrackedClaim, body: ClaimAcknowledged, reference: Reference
) -> tuple[TrackedClaim, tuple[Body, ...]]:
    number = body.patient_control_number
    answer = SenderAnswer(sender=body.sender, source=body.source, number=number, outcome=body.outcome, codes=body.codes)
    others = (x for x in state.answers if (x.sender, x.source, x.outcome) != (body.sender, body.source, body.outcome))
    after = state.replace(
        answers=(*(x for x in others if x.number >= number), answer) if number >= state.submitted else (*others,),
        account_key=body.account_key,
        payer_claim_control_number=body.payer_claim_control_number or state.payer_claim_control_number,
    )
    outputs: list[Body] = []
    if number == state.submitted and "277CA" in state.told:
        outputs += close_overdue_responses(
            claim_id_of(number), body.account_key, ("277CA",), f"answered by {body.source}"
        )
        after = after.replace(told=tuple(x for x in after.told if x != "277CA"))
    if body.outcome != "rejected" or state.rejected >= number:
        return after, tuple(outputs)
    after = after.replace(rejected=number, rejection_codes=body.codes, rejected_by=body.source)
    outputs.append(open_rejection(after, reference))
    if state.submitted > number:  # the answer to an earlier version, seen after the later one was sent
        outputs.append(close_rejection(body.account_key, number, "sent again"))
    return after, tuple(outputs)


def _remit(state: TrackedClaim, body: ClaimRemitted, event: Event) -> tuple[TrackedClaim, tuple[Body, ...]]:
    number = body.claim.patient_control_number
    if body.claim.status_code in UNDECIDED or number <= state.decided:
        return state, ()
    after = state.replace(decided=number)
    if number < state.submitted or state.submitted_on is None or state.encounter_id is None:
        return after, ()
    outputs = close_overdue_responses(claim_id_of(number), body.account_key, state.told, "the remittance came")
    if state.rejected == number:
        outputs += (close_rejection(body.account_key, number, "the payer decided it after all"),)
    decided = PayerDecided(
        account_key=body.account_key,
        claim_id=claim_id_of(number),
        encounter_id=state.encounter_id,
        patient_control_number=number,
        payer_id=state.payer_id,
        remittance_id=body.remittance_id,
        days=max((event.occurred_at.date() - state.submitted_on).days, 0),
    )
    return after.replace(told=()), (*outputs, decided)


def _learn(states: States, body: PayerDecided) -> Outcome:
    key = f"payer:{body.payer_id}"
    history = read_state(states, key, PayerHistory)
    return Outcome({key: history.add(body.days)})
