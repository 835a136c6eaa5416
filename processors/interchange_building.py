"""Claims waiting for a file become 837P interchanges when a submission is cut.

In: ClaimBuilt, ClaimWithdrawn, SubmissionCut; ClaimAcknowledged, because a rejected claim was never a claim.
Out: InterchangeBuilt, from which the writer makes the same bytes every time; work items where a claim that is already
with the payer changes or is withdrawn (837P CLM05-3 frequency 7 and 8 are a person's decision).
"""

from typing import Literal

from schemas.base import Frozen
from schemas.event import Body, Event
from schemas.events import (
    ClaimAcknowledged,
    ClaimBuilt,
    ClaimReleased,
    ClaimWaiting,
    ClaimWithdrawn,
    InterchangeBuilt,
    InterchangeClaim,
    SubmissionCut,
    WorkItemClosed,
    WorkItemOpened,
)
from schemas.identifiers import claim_id_of, make_id, sha256_hex
from schemas.processing import Outcome, States
from schemas.reference import Reference
from schemas.submission import write_interchange


class PartnerState(Frozen):
    """The highest ISA13 given out to a trading partner; never reused."""

    last_control_number: int = 0


class PendingClaim(Frozen):
    """Where one claim stands on its way into a file; `content` is kept only until it is in one."""

    encounter_id: str
    status: Literal["pending", "in_interchange", "rejected", "withdrawn"]
    patient_control_number: str
    revision: int
    content: InterchangeClaim | None = None
    waiting: ClaimBuilt | None = None
    open_item: Literal["", "replacement", "void"] = ""


def keys_of_submission(event: Event) -> tuple[str, ...]:
    """The partner's counter and the claims that the event speaks of."""
    match event.body:
        case ClaimBuilt() as body:
            return (f"claim:{body.summary.claim_id}",)
        case ClaimWithdrawn() as body:
            return (f"claim:{body.claim_id}",)
        case ClaimAcknowledged() as body:
            return (f"claim:{claim_id_of(body.patient_control_number)}",)
        case SubmissionCut() as body:
            return (f"partner:{body.trading_partner}", *(f"claim:{claim_id}" for claim_id in body.claim_ids))
    return ()


def build_interchanges(states: States, event: Event, reference: Reference) -> Outcome:
    """Collects claims and, at a cut, decides the content of one 837P file."""
    match event.body:
        case ClaimBuilt() as body:
            return _add_claim(states.get(f"claim:{body.summary.claim_id}"), body)
        case ClaimWithdrawn() as body:
            return _withdraw_claim(states.get(f"claim:{body.claim_id}"), body)
        case ClaimAcknowledged() as body if body.outcome == "rejected":
            return _free_rejected(states.get(f"claim:{claim_id_of(body.patient_control_number)}"), body)
        case SubmissionCut() as body:
            return _cut_interchange(states, body, reference)
    return Outcome()


def _add_claim(state: Frozen | None, built: ClaimBuilt) -> Outcome:
    summary = built.summary
    key = f"claim:{summary.claim_id}"
    number = summary.patient_control_number
    if isinstance(state, PendingClaim) and state.encounter_id != built.encounter_id:
        item = _open_item(
            "claim_id_collision",
            built.encounter_id,
            summary.claim_id,
            summary.account_key,
            "Two encounters of this patient drew the same claim id, so this claim was not built. Have the EHR send the "
            "encounter under another id.",
        )
        return Outcome(outputs=(item,))
    if isinstance(state, PendingClaim) and built.revision <= state.revision:
        return Outcome()
    if isinstance(state, PendingClaim) and state.status == "in_interchange":
        waiting = ClaimWaiting(
            trading_partner=built.trading_partner,
            encounter_id=built.encounter_id,
            claim_id=summary.claim_id,
            patient_control_number=number,
        )
        item = _open_item(
            "replacement",
            built.encounter_id,
            summary.claim_id,
            summary.account_key,
            "The encounter changed after its claim was sent. Decide: send a replacement (frequency 7), or let the "
            "sent claim stand.",
        )
        after = state.model_copy(update={"waiting": built, "open_item": "replacement"})
        return Outcome({key: after}, (waiting, *_close_item(state, summary.account_key), item))
    content = InterchangeClaim(summary=summary, claim=built.claim)
    pending = PendingClaim(
        encounter_id=built.encounter_id,
        status="pending",
        patient_control_number=number,
        revision=built.revision,
        content=content,
    )
    return Outcome({key: pending})


def _withdraw_claim(state: Frozen | None, withdrawn: ClaimWithdrawn) -> Outcome:
    key = f"claim:{withdrawn.claim_id}"
    if not isinstance(state, PendingClaim) or withdrawn.revision <= state.revision:
        return Outcome()
    if state.status == "in_interchange":
        item = _open_item(
            "void",
            withdrawn.encounter_id,
            withdrawn.claim_id,
            withdrawn.account_key,
            "The encounter was withdrawn or held after its claim was sent. Decide: void the claim (frequency 8), or "
            "let it stand.",
        )
        update = {"revision": withdrawn.revision, "waiting": None, "open_item": "void"}
        closed = _close_item(state, withdrawn.account_key)
        return Outcome({key: state.model_copy(update=update)}, (*closed, item))
    gone = state.model_copy(update={"status": "withdrawn", "revision": withdrawn.revision, "content": None})
    return Outcome({key: gone})


def _free_rejected(state: Frozen | None, acknowledged: ClaimAcknowledged) -> Outcome:
    """A claim that a 277CA, 999 or TA1 rejected was never received: what waits behind it may go as a new claim."""
    number = acknowledged.patient_control_number
    if not isinstance(state, PendingClaim) or state.patient_control_number != number:
        return Outcome()
    if state.status != "in_interchange":
        return Outcome()
    key = f"claim:{claim_id_of(number)}"
    if state.waiting is None:
        after = state.model_copy(update={"status": "rejected", "open_item": ""})
        return Outcome({key: after}, _close_item(state, acknowledged.account_key))
    freed = _add_claim(None, state.waiting)
    released = ClaimReleased(
        trading_partner=state.waiting.trading_partner,
        encounter_id=state.waiting.encounter_id,
        claim_id=state.waiting.summary.claim_id,
        patient_control_number=state.waiting.summary.patient_control_number,
    )
    return Outcome(freed.states, (released, *_close_item(state, acknowledged.account_key)))


def _close_item(state: PendingClaim, account_key: str) -> tuple[Body, ...]:
    """Closes the decision that is open about this claim, when what it asked has changed or is moot."""
    if not state.open_item:
        return ()
    item_id = make_id(state.open_item, claim_id_of(state.patient_control_number))
    return (WorkItemClosed(item_id=item_id, account_key=account_key, reason="overtaken by a later event"),)


def _cut_interchange(states: States, cut: SubmissionCut, reference: Reference) -> Outcome:
    pending: list[tuple[str, PendingClaim, InterchangeClaim]] = []
    for claim_id in cut.claim_ids:
        key = f"claim:{claim_id}"
        state = states.get(key)
        if isinstance(state, PendingClaim) and state.status == "pending" and state.content is not None:
            pending.append((key, state, state.content))
    if not pending:
        return Outcome()
    partner_key = f"partner:{cut.trading_partner}"
    partner = states.get(partner_key, PartnerState())
    assert isinstance(partner, PartnerState)
    control_number = partner.last_control_number + 1
    pending.sort(key=lambda item: item[1].patient_control_number)
    claims = tuple(content for _, _, content in pending)
    data = write_interchange(claims, control_number, cut.cut_at, reference.installation.submitter)
    built = InterchangeBuilt(
        trading_partner=cut.trading_partner,
        control_number=control_number,
        built_at=cut.cut_at,
        sha256=sha256_hex(data),
        file_name=f"{cut.trading_partner}-{control_number:09d}.837",
        claims=claims,
    )
    changed: dict[str, Frozen] = {partner_key: PartnerState(last_control_number=control_number)}
    for key, state, _ in pending:
        changed[key] = state.model_copy(update={"status": "in_interchange", "content": None})
    return Outcome(changed, (built,))


def _open_item(kind: str, encounter_id: str, claim_id: str, account_key: str, next_action: str) -> Body:
    return WorkItemOpened(
        item_id=make_id(kind, claim_id),
        account_key=account_key,
        queue="billing",
        owner="biller",
        priority=2,
        reason=f"{kind}_decision",
        claim_id=claim_id,
        encounter_id=encounter_id,
        next_action=next_action,
    )
