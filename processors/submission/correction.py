"""A claim that is already with the payer is corrected by a person's decision: replacement (7) or void (8).

Both carry the payer's claim control number (REF*F8), learnt from its 277CA or 835; a decision that comes before it
waits for it. Medicare Part B takes only new claims: there a correction is a reopening, asked for outside of the 837P.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from schemas.base import Frozen
from schemas.event import Body
from schemas.events import (
    ClaimBuilt,
    ClaimCorrectionDecided,
    ClaimReleased,
    InterchangeClaim,
    WorkItemClosed,
)
from schemas.identifiers import claim_id_of, make_id
from schemas.processing import Outcome
from schemas.work_item import NO_WORDS, WorkKind, open_work
from schemas.work_kinds import CORRECTION_REFUSED

REPLACEMENT, VOID = "7", "8"  # CLM05-3
MEDICARE_PART_B = "MB"  # SBR09: takes frequency 1 only


class PendingClaim(Frozen):
    """Where one claim stands on its way into a file; `content` is what waits for one, or what the payer has."""

    encounter_id: str
    status: Literal["pending", "in_interchange", "rejected", "withdrawn"]
    patient_control_number: str
    revision: int
    content: InterchangeClaim | None = None
    waiting: ClaimBuilt | None = None
    open_item: Literal["", "replacement", "void"] = ""
    decision: Literal["", "replace", "void"] = ""  # taken, and waiting for the payer's number
    payer_claim_control_number: str = ""  # CLP07, or of the 277CA
    trading_partner: str = ""


def decide_correction(state: PendingClaim | None, decided: ClaimCorrectionDecided) -> Outcome:
    """Follows a person's decision about a claim that is with the payer, or says why it cannot be."""
    if state is None or state.status != "in_interchange" or state.content is None:
        return _refuse(decided, state, "it is not with the payer, so there is nothing to correct there")
    if decided.decision == "replace" and state.waiting is None:
        return _refuse(decided, state, "nothing changed since it was sent: have the EHR send the change first")
    if state.content.claim.subscriber.filing_indicator == MEDICARE_PART_B:
        return _refuse(decided, state, "Medicare Part B takes no replacement and no void: ask it for a reopening")
    chosen = state.replace(decision=decided.decision, trading_partner=decided.trading_partner)
    return _send(chosen)


def learn_number(state: PendingClaim | None, number: str, payer_claim_control_number: str) -> Outcome:
    """Keeps the number under which the payer knows what it has, and sends what waited for it."""
    if state is None or not payer_claim_control_number or state.patient_control_number != number:
        return Outcome()
    if state.status != "in_interchange" or state.payer_claim_control_number == payer_claim_control_number:
        return Outcome()
    known = state.replace(payer_claim_control_number=payer_claim_control_number)
    return _send(known) if known.decision else Outcome({f"claim:{claim_id_of(number)}": known})


def _send(state: PendingClaim) -> Outcome:
    """The correction takes the place of what is with the payer, and waits for the next file."""
    key = f"claim:{claim_id_of(state.patient_control_number)}"
    if not state.payer_claim_control_number:
        return Outcome({key: state})
    assert state.content is not None
    if state.decision == "void":
        frequency, number, source = VOID, f"{state.patient_control_number}V", state.content
        revision = state.revision
    else:
        assert state.waiting is not None
        source = InterchangeClaim(summary=state.waiting.summary, claim=state.waiting.claim)
        frequency, number, revision = REPLACEMENT, source.summary.patient_control_number, state.waiting.revision
    content = InterchangeClaim(
        summary=source.summary.replace(patient_control_number=number, frequency=frequency),
        claim=replace(
            source.claim,
            patient_control_number=number,
            frequency=frequency,
            payer_claim_control_number=state.payer_claim_control_number,
        ),
    )
    pending = PendingClaim(
        encounter_id=state.encounter_id,
        status="pending",
        patient_control_number=number,
        revision=revision,
        content=content,
    )
    released = ClaimReleased(
        trading_partner=state.trading_partner,
        encounter_id=state.encounter_id,
        claim_id=source.summary.claim_id,
        patient_control_number=number,
    )
    return Outcome({key: pending}, (released, *close_item(state, source.summary.account_key, "decided")))


def _refuse(decided: ClaimCorrectionDecided, state: PendingClaim | None, why: str) -> Outcome:
    item = open_work(
        CORRECTION_REFUSED,
        make_id("correction", decided.claim_id),
        decided.account_key,
        {"decision": decided.decision, "why": why},
        claim_id=decided.claim_id,
        encounter_id=state.encounter_id if state else None,
    )
    return Outcome(outputs=(item,))


def close_item(state: PendingClaim, account_key: str, reason: str = "overtaken by a later event") -> tuple[Body, ...]:
    """Closes the decision that is open about this claim, when it is taken, or what it asked has changed or is moot."""
    if not state.open_item:
        return ()
    item_id = make_id(state.open_item, claim_id_of(state.patient_control_number))
    return (WorkItemClosed(item_id=item_id, account_key=account_key, reason=reason),)


def ask_for_decision(
    kind: WorkKind, encounter_id: str, claim_id: str, account_key: str, words: Mapping[str, object] = NO_WORDS
) -> Body:
    """Asks a person to decide about a claim; `name_decision` names the item."""
    item_id = make_id(name_decision(kind), claim_id)
    return open_work(kind, item_id, account_key, words, claim_id=claim_id, encounter_id=encounter_id)


def name_decision(kind: WorkKind) -> str:
    """What a claim remembers of the decision that is open about it."""
    return kind.reason.removesuffix("_decision")
