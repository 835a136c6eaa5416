"""Claims waiting for a file become 837P interchanges when a submission is cut.

In: ClaimBuilt, ClaimWithdrawn, SubmissionCut; ClaimAcknowledged and ClaimDenied, because a claim that was rejected, or
denied as unprocessable (MA130), was never a claim; ClaimCorrectionDecided; ClaimRemitted for the payer's own number.
Out: InterchangeBuilt, from which the writer makes the same bytes every time; work items where a claim that is already
with the payer changes or is withdrawn (837P CLM05-3 frequency 7 and 8 are a person's decision: claim_correction).
"""

from processors.submission.correction import (
    REPLACEMENT,
    VOID,
    PendingClaim,
    ask_for_decision,
    close_item,
    decide_correction,
    learn_number,
    name_decision,
)
from schemas.base import Frozen
from schemas.claim import require_professional
from schemas.event import Body, Event
from schemas.events import (
    ClaimAcknowledged,
    ClaimBuilt,
    ClaimCorrectionDecided,
    ClaimDenied,
    ClaimReleased,
    ClaimRemitted,
    ClaimStatusRequested,
    ClaimWaiting,
    ClaimWithdrawn,
    InquiryBuilt,
    InterchangeBuilt,
    InterchangeClaim,
    SubmissionCut,
)
from schemas.identifiers import claim_id_of, sha256_hex
from schemas.processing import Outcome, States, find_state, read_state
from schemas.reference import Reference
from schemas.submission import name_file, write_interchange
from schemas.work_kinds import CLAIM_ID_COLLISION, REPLACEMENT_DECISION, UNWRITABLE_DECISION, VOID_DECISION
from schemas.x12.errors import X12Error
from schemas.x12.x837p_005010x222a1.trial import find_unwritable

Pending = tuple[str, PendingClaim, InterchangeClaim]  # with its state key
# An interchange is one event, and no topic takes more than 8 MB: 40 claims of 50 lines, or 250 of the usual three.
LINES_PER_INTERCHANGE_MAX = 2_000
UNPROCESSABLE_REMARK = "MA130"  # RARC: no appeal rights, a new claim is wanted


class PartnerState(Frozen):
    """The highest ISA13 given out to a trading partner; never reused."""

    last_control_number: int = 0


def keys_of_submission(event: Event) -> tuple[str, ...]:
    """The partner's counter and the claims that the event speaks of."""
    match event.body:
        case ClaimBuilt() as body:
            return (f"claim:{body.summary.claim_id}",)
        case ClaimWithdrawn() as body:
            return (f"claim:{body.claim_id}",)
        case ClaimCorrectionDecided() as body:
            return (f"claim:{body.claim_id}",)
        case ClaimAcknowledged() | ClaimDenied() as body:
            return (f"claim:{claim_id_of(body.patient_control_number)}",)
        case ClaimRemitted() as body:
            return (f"claim:{claim_id_of(body.claim.patient_control_number)}",)
        case SubmissionCut() as body:
            return (f"partner:{body.trading_partner}", *(f"claim:{claim_id}" for claim_id in body.claim_ids))
        case ClaimStatusRequested() as body:
            return (f"partner:{body.trading_partner}",)
    return ()


def build_interchanges(states: States, event: Event, reference: Reference) -> Outcome:
    """Collects claims and, at a cut, decides the content of one 837P file."""
    match event.body:
        case ClaimBuilt() as body:
            return _add_claim(_find(states, event), body)
        case ClaimWithdrawn() as body:
            return _withdraw_claim(_find(states, event), body)
        case ClaimAcknowledged() as body if body.outcome == "rejected":
            return _free_rejected(_find(states, event), body.patient_control_number, body.account_key)
        case ClaimDenied() as body if any(UNPROCESSABLE_REMARK in denial.remarks for denial in body.denials):
            return _free_rejected(_find(states, event), body.patient_control_number, body.account_key)
        case ClaimAcknowledged() as body:
            return learn_number(_find(states, event), body.patient_control_number, body.payer_claim_control_number)
        case ClaimRemitted() as body if not body.claim.is_reversal:
            number = body.claim.patient_control_number
            return learn_number(_find(states, event), number, body.claim.payer_claim_control_number)
        case ClaimCorrectionDecided() as body:
            return decide_correction(_find(states, event), body)
        case SubmissionCut() as body:
            return _cut_interchange(states, body, reference)
        case ClaimStatusRequested() as body:
            return _build_inquiry(states, body, event)
    return Outcome()


def _find(states: States, event: Event) -> PendingClaim | None:
    """The one claim that such an event speaks of, where we know it."""
    return find_state(states, keys_of_submission(event)[0], PendingClaim)


def _add_claim(state: PendingClaim | None, built: ClaimBuilt) -> Outcome:
    summary = built.summary
    key = f"claim:{summary.claim_id}"
    number = summary.patient_control_number
    if state is not None and state.encounter_id != built.encounter_id:
        item = ask_for_decision(CLAIM_ID_COLLISION, built.encounter_id, summary.claim_id, summary.account_key)
        return Outcome(outputs=(item,))
    if state is not None and built.revision <= state.revision:
        return Outcome()
    if state is not None and state.status == "in_interchange":
        waiting = ClaimWaiting(
            trading_partner=built.trading_partner,
            encounter_id=built.encounter_id,
            claim_id=summary.claim_id,
            patient_control_number=number,
        )
        item = ask_for_decision(REPLACEMENT_DECISION, built.encounter_id, summary.claim_id, summary.account_key)
        after = state.replace(waiting=built, open_item=name_decision(REPLACEMENT_DECISION), decision="")
        return Outcome({key: after}, (waiting, *close_item(state, summary.account_key), item))
    content = InterchangeClaim(summary=summary, claim=built.claim)
    pending = PendingClaim(
        encounter_id=built.encounter_id,
        status="pending",
        patient_control_number=number,
        revision=built.revision,
        content=content,
    )
    return Outcome({key: pending})


def _withdraw_claim(state: PendingClaim | None, withdrawn: ClaimWithdrawn) -> Outcome:
    key = f"claim:{withdrawn.claim_id}"
    if state is None or withdrawn.revision <= state.revision:
        return Outcome()
    if state.status == "in_interchange":
        item = ask_for_decision(VOID_DECISION, withdrawn.encounter_id, withdrawn.claim_id, withdrawn.account_key)
        asked = name_decision(VOID_DECISION)
        after = state.replace(revision=withdrawn.revision, waiting=None, open_item=asked, decision="")
        return Outcome({key: after}, (*close_item(state, withdrawn.account_key), item))
    gone = state.replace(status="withdrawn", revision=withdrawn.revision, content=None)
    return Outcome({key: gone})


def _free_rejected(state: PendingClaim | None, number: str, account_key: str) -> Outcome:
    """A claim that a 277CA, 999 or TA1 rejected, or that the payer could not process, was never received: what waits
    behind it may go as a new claim."""
    if state is None or state.patient_control_number != number or state.status != "in_interchange":
        return Outcome()
    key = f"claim:{claim_id_of(number)}"
    if state.content is not None and state.content.claim.frequency == REPLACEMENT:
        # What it was to replace still stands with the payer: the next version replaces that, by its number.
        standing = state.content.claim.payer_claim_control_number
        return Outcome({key: state.replace(payer_claim_control_number=standing)})
    if state.waiting is None:
        after = state.replace(status="rejected", open_item="", decision="", content=None)
        return Outcome({key: after}, close_item(state, account_key))
    freed = _add_claim(None, state.waiting)
    released = ClaimReleased(
        trading_partner=state.waiting.trading_partner,
        encounter_id=state.waiting.encounter_id,
        claim_id=state.waiting.summary.claim_id,
        patient_control_number=state.waiting.summary.patient_control_number,
    )
    return Outcome(freed.states, (released, *close_item(state, account_key)))


def _build_inquiry(states: States, body: ClaimStatusRequested, event: Event) -> Outcome:
    """A 276 takes its control number from the same count as the 837s: ISA13 is unique for a sender."""
    key = f"partner:{body.trading_partner}"
    partner = read_state(states, key, PartnerState)
    number = partner.last_control_number + 1
    inquiry = InquiryBuilt(
        trading_partner=body.trading_partner,
        control_number=number,
        built_at=event.occurred_at,
        file_name=name_file(body.trading_partner, number, "276"),
        claims=body.claims,
    )
    return Outcome({key: PartnerState(last_control_number=number)}, (inquiry,))


def _cut_interchange(states: States, cut: SubmissionCut, reference: Reference) -> Outcome:
    """One interchange, or as many as the lines of the claims need."""
    pending: list[Pending] = []
    for claim_id in dict.fromkeys(cut.claim_ids):
        key = f"claim:{claim_id}"
        state = find_state(states, key, PendingClaim)
        if state is not None and state.status == "pending" and state.content is not None:
            pending.append((key, state, state.content))
    partner_key = f"partner:{cut.trading_partner}"
    partner = read_state(states, partner_key, PartnerState)
    changed: dict[str, Frozen] = {}
    outputs: list[Body] = []
    number = partner.last_control_number
    for part in _divide(sorted(pending, key=lambda item: item[1].patient_control_number)):
        built, left_out = _build_interchange(part, number + 1, cut, reference)
        outputs += [built] if built else []
        outputs += left_out.outputs
        changed |= left_out.states
        if built:
            number += 1
            changed |= {key: _send(state, content) for key, state, content in part if key not in left_out.states}
    if number != partner.last_control_number:
        changed[partner_key] = PartnerState(last_control_number=number)
    return Outcome(changed, tuple(outputs))


def _divide(pending: list[Pending]) -> list[list[Pending]]:
    parts: list[list[Pending]] = []
    lines = 0
    for item in pending:
        lines += len(item[2].claim.lines)
        if not parts or lines > LINES_PER_INTERCHANGE_MAX:
            parts.append([])
            lines = len(item[2].claim.lines)
        parts[-1].append(item)
    return parts


def _build_interchange(
    pending: list[Pending], control_number: int, cut: SubmissionCut, reference: Reference
) -> tuple[InterchangeBuilt | None, Outcome]:
    """The interchange of those claims that can be written, and what becomes of the others."""
    left_out = Outcome()
    try:
        data = _write(pending, control_number, cut, reference)
    except X12Error:
        pending, left_out = _leave_out_unwritable(pending)
        if not pending:
            return None, left_out
        data = _write(pending, control_number, cut, reference)
    built = InterchangeBuilt(
        trading_partner=cut.trading_partner,
        control_number=control_number,
        built_at=cut.cut_at,
        sha256=sha256_hex(data),
        file_name=name_file(cut.trading_partner, control_number, "837"),
        claims=tuple(content for _, _, content in pending),
    )
    return built, left_out


def _send(state: PendingClaim, content: InterchangeClaim) -> PendingClaim:
    """The content stays, for a void repeats it; after a void there is nothing with the payer any more."""
    gone = content.claim.frequency == VOID
    update = {"status": "withdrawn", "content": None} if gone else {"status": "in_interchange"}
    return state.replace(**update)


def _write(pending: list[Pending], control_number: int, cut: SubmissionCut, reference: Reference) -> bytes:
    claims = [content for _, _, content in pending]
    return write_interchange(claims, control_number, cut.cut_at, reference.installation.submitter)


def _leave_out_unwritable(pending: list[Pending]) -> tuple[list[Pending], Outcome]:
    """The claims that can be written; of the others, which claim building lets none be, somebody must know."""
    changed: dict[str, Frozen] = {}
    items: list[Body] = []
    for key, state, content in pending:
        refusal = find_unwritable(require_professional(content.claim))
        if refusal is not None:
            changed[key] = state.replace(status="withdrawn", content=None)
            claim_id, account_key = content.summary.claim_id, content.summary.account_key
            words = {"refusal": refusal}
            items.append(ask_for_decision(UNWRITABLE_DECISION, state.encounter_id, claim_id, account_key, words))
    return [item for item in pending if item[0] not in changed], Outcome(changed, tuple(items))
