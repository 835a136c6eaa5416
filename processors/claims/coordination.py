"""After one payer has answered, the next one is billed: secondary and tertiary claims (coordination of benefits).

In: ClaimBuilt (who pays after whom), ClaimRemitted, DenialResolved. Out: ClaimBuilt for the next payer, ClaimWithdrawn
when what was billed on is taken back, work items. Nothing is billed on while the payer's answer is not whole, while it
holds a denial (that is worked first, until it is paid or accepted as a loss), when nothing is left, when the payer
forwarded the claim itself (CLP02 19, 20, 21), or when the next one has decided unasked.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Unpack

from pydantic import TypeAdapter

from processors.claims.prior_payment import Decision, add_line_decisions, decide_sums, write_prior_payer
from processors.payers.adjustment_classes import classify_adjustment
from schemas.base import Frozen
from schemas.claim import require_professional
from schemas.claim_status import FORWARDED, NOT_OURS, PREDETERMINATION, RANK_BY_STATUS, RESPONSIBILITIES
from schemas.event import Body, Event
from schemas.events import (
    ClaimBuilt,
    ClaimRemitted,
    ClaimWithdrawn,
    DenialResolved,
    WorkItemClosed,
    WorkItemOpened,
)
from schemas.identifiers import account_key_of, billed_id_of, claim_id_of, make_id, number_version
from schemas.money import ZERO
from schemas.processing import Outcome, States, read_state
from schemas.reference import Reference
from schemas.work_item import About, WorkKind, open_work
from schemas.work_kinds import CLAIM_UNWRITABLE, COVERAGE_KNOWN_LATE, MEDICARE_SECONDARY_TYPE
from schemas.x12.x835_005010x221a1 import Adjustment, RemittanceClaim
from schemas.x12.x837p_005010x222a1 import ProfessionalClaim
from schemas.x12.x837p_005010x222a1.trial import find_unwritable

NOT_ANSWERED = (NOT_OURS, PREDETERMINATION)
UNDECIDED = ("denial", "review")
MEDICARE = ("MA", "MB")  # SBR09
SELF = "18"  # SBR02
VERSIONS_MAX = 99
CLAIM_JSON = TypeAdapter(ProfessionalClaim)  # made once: making it takes many milliseconds


class Answered(Frozen):
    """One CLP as coordination keeps it."""

    payer_name: str
    payer_identifier: str
    on: date
    claim: RemittanceClaim


class NextClaim(Frozen):
    """The claim to one later payer; `content` tells a real change from the same answer again."""

    version: int = 0
    revision: int = 0
    content: str = ""


class CoordinatedClaim(Frozen):
    """A claim and what its payers said; empty but for `alone` where only one payer is known."""

    alone: bool = False
    was_answered: bool = False  # while it was alone: what the payer said then is not kept here
    sent: tuple[ClaimBuilt, ...] = ()
    answers: tuple[Answered, ...] = ()
    worked: tuple[str, ...] = ()  # ids of claims whose denials are all settled: what is left of them is billed on
    next_claims: tuple[NextClaim, ...] = ()  # of the second payer, the third ...
    open_items: tuple[str, ...] = ()


ALONE_AND_ANSWERED = CoordinatedClaim(alone=True, was_answered=True)


def keys_of_coordination(event: Event) -> tuple[str, ...]:
    """What all payers of the same lines share; a control number that is not ours concerns nobody here."""
    match event.body:
        case ClaimBuilt() as body:
            return (f"claim:{billed_id_of(body.summary.claim_id)}",)
        case ClaimRemitted() as body if account_key_of(body.claim.patient_control_number):
            return (f"claim:{billed_id_of(body.claim.patient_control_number)}",)
        case DenialResolved() as body:
            return (f"claim:{billed_id_of(body.claim_id)}",)
    return ()


def coordinate_benefits(states: States, event: Event, reference: Reference) -> Outcome:
    """Keeps what the payers said, and bills the next one when it is its turn."""
    keys = keys_of_coordination(event)
    if not keys:
        return Outcome()
    state = read_state(states, keys[0], CoordinatedClaim)
    match event.body:
        case ClaimBuilt() as body if body.summary.responsibility != "P":
            return Outcome()  # one of our own
        case ClaimBuilt() as body if not body.summary.further_payers and not state.sent:
            return Outcome() if state.alone else Outcome({keys[0]: CoordinatedClaim(alone=True)})
        case ClaimBuilt() as body if state.was_answered:
            state = state.replace(alone=False, was_answered=False, sent=(body,))
            item = _open_item(COVERAGE_KNOWN_LATE, body, body.summary.claim_id)
            return Outcome({keys[0]: state}, (item,))
        case ClaimBuilt() as body:
            state = state.replace(alone=False, sent=(*state.sent, body))
        case ClaimRemitted() if state.alone:
            return Outcome() if state.was_answered else Outcome({keys[0]: ALONE_AND_ANSWERED})
        case ClaimRemitted() as body if body.claim.status_code not in NOT_ANSWERED:
            answered = Answered(
                payer_name=body.payer_name,
                payer_identifier=body.payer_identifier,
                on=body.payment_date or event.occurred_at.date(),
                claim=body.claim,
            )
            # A new answer may deny anew.
            worked = tuple(name for name in state.worked if name != claim_id_of(body.claim.patient_control_number))
            state = state.replace(answers=(*state.answers, answered), worked=worked)
        case DenialResolved() as body if body.open_denials == 0 and state.sent:
            state = state.replace(worked=(*state.worked, claim_id_of(body.patient_control_number)))
        case _:
            return Outcome()
    after, outputs = _bill_on(state, reference) if state.sent else (state, ())
    return Outcome({keys[0]: after}, outputs)


def _bill_on(state: CoordinatedClaim, reference: Reference) -> tuple[CoordinatedClaim, tuple[Body, ...]]:
    """Compares what each later payer should be billed with what it was billed, and says the difference."""
    by_rank = _rank_answers(state.answers)
    built = _choose_version(state.sent, by_rank.get(0, ()))
    decisions: list[Decision] = []
    next_claims: list[NextClaim] = []
    outputs: list[Body] = []
    open_items: list[str] = []
    for rank in range(len(built.summary.further_payers)):
        decision = _find_decision(built, by_rank.get(rank, ()), state.worked, reference)
        due = decision is not None and len(decisions) == rank and decision.patient_amount > ZERO
        if decision is not None:
            decisions.append(decision)
        codes = [answer.claim.status_code for answer in by_rank.get(rank, ())]
        forwarded = any(code in FORWARDED and RANK_BY_STATUS.get(code) == rank for code in codes)
        before = state.next_claims[rank] if rank < len(state.next_claims) else NextClaim()
        # A payer that has decided although nobody here billed it has the claim: another would be a duplicate.
        unasked = before.version == 0 and _find_decision(built, by_rank.get(rank + 1, ()), state.worked, reference)
        after = before
        said: tuple[Body, ...] = ()
        if due and not forwarded and not unasked:
            after, said = _build_next(built, before, rank + 1, decisions)
            open_items += [item.item_id for item in said if isinstance(item, WorkItemOpened)]
        elif before.content:
            after, said = _take_back(built, before, rank + 1)
        next_claims.append(after)
        outputs.extend(said)
    closed = [
        WorkItemClosed(item_id=item_id, account_key=built.summary.account_key, reason="what it waited for has come")
        for item_id in state.open_items
        if item_id not in open_items
    ]
    new = [item for item in outputs if not (isinstance(item, WorkItemOpened) and item.item_id in state.open_items)]
    update = {"next_claims": tuple(next_claims), "open_items": tuple(open_items)}
    return state.replace(**update), (*new, *closed)


def _choose_version(sent: Sequence[ClaimBuilt], answers: Sequence[Answered]) -> ClaimBuilt:
    """The version that the first payer answered, with those who pay after it as the latest version knows them."""
    latest = max(sent, key=lambda built: built.summary.patient_control_number)
    named = {answer.claim.patient_control_number for answer in answers if not answer.claim.is_reversal}
    answered = [built for built in sent if built.summary.patient_control_number in named]
    if not answered:
        return latest
    built = max(answered, key=lambda item: item.summary.patient_control_number)
    summary = built.summary.replace(further_payers=latest.summary.further_payers)
    claim = replace(built.claim, other_payers=latest.claim.other_payers)
    return built.replace(summary=summary, claim=claim)


def _rank_answers(answers: tuple[Answered, ...]) -> dict[int, list[Answered]]:
    """Which payer each answer is from: by our own number, else by CLP02, the same for all answers of one payer.

    A crossover comes under the first payer's number; a reversal (22) or denial (4) does not say whose it is.
    """
    rank_by_payer: dict[str, int] = {}
    for answer in answers:
        stated = RANK_BY_STATUS.get(answer.claim.status_code)
        if stated is not None:
            known = rank_by_payer.get(answer.payer_identifier, stated)
            rank_by_payer[answer.payer_identifier] = min(known, stated)
    ranked: dict[int, list[Answered]] = {}
    for answer in answers:
        suffix = answer.claim.patient_control_number[18:19]
        numbered = RESPONSIBILITIES.find(suffix) if suffix else -1
        rank = numbered if numbered > 0 else rank_by_payer.get(answer.payer_identifier, 0)
        ranked.setdefault(rank, []).append(answer)
    return ranked


def _find_decision(
    built: ClaimBuilt, answers: Sequence[Answered], worked: Sequence[str], reference: Reference
) -> Decision | None:
    """The payer's decision when it is whole and holds nothing that must be worked with that payer first."""
    if not answers:
        return None
    decision = decide_sums(built.summary.lines, [(answer.claim, answer.on) for answer in answers])
    if decision.charge_amount != built.claim.charge_amount or decision.paid_amount < ZERO:
        return None
    if all(claim_id_of(answer.claim.patient_control_number) in worked for answer in answers):
        return decision
    undecided = any(
        amount > ZERO
        and classify_adjustment(reference.adjustment_classes, Adjustment(group, reason, amount)) in UNDECIDED
        for (group, reason), amount in decision.list_sums().items()
    )
    return None if undecided else decision


def make_next_claim(claim: ProfessionalClaim, number: str, decisions: Sequence[Decision]) -> ProfessionalClaim:
    """The claim to the payer after those that have decided: the same lines, their decisions in 2320 and 2430."""
    payers = [(claim.subscriber, claim.payer), *((other.subscriber, other.payer) for other in claim.other_payers)]
    rank = len(decisions)
    subscriber, payer = payers[rank]
    patient = claim.patient or claim.subscriber.person
    is_self = subscriber.relationship == SELF
    decided = [(*payers[place], decision) for place, decision in enumerate(decisions)]
    return replace(
        claim,
        patient_control_number=number,
        # The patient's own entry has the address and birth date that loop 2010BA then needs.
        subscriber=replace(subscriber, person=patient) if is_self else subscriber,
        patient=None if is_self else patient,
        payer=payer,
        other_payers=(
            *(write_prior_payer(prior, whose, decision) for prior, whose, decision in decided),
            *claim.other_payers[rank:],
        ),
        lines=tuple(add_line_decisions(line, [(whose, d) for _, whose, d in decided]) for line in claim.lines),
    )


def _build_next(
    built: ClaimBuilt, before: NextClaim, rank: int, decisions: Sequence[Decision]
) -> tuple[NextClaim, tuple[Body, ...]]:
    summary = built.summary
    claim_id = summary.claim_id + RESPONSIBILITIES[rank]
    content = make_next_claim(require_professional(built.claim), claim_id, decisions)
    identity = make_id(CLAIM_JSON.dump_json(content, exclude={"kind"}).decode())
    if identity == before.content:
        return before, ()
    if content.subscriber.filing_indicator in MEDICARE and not content.subscriber.insurance_type:
        return before, (_open_item(MEDICARE_SECONDARY_TYPE, built, claim_id),)
    version = before.version + 1
    if version > VERSIONS_MAX:
        action = "The 99 versions of this claim are used up."
        return before, (_open_item(CLAIM_UNWRITABLE, built, claim_id, next_action=action),)
    number = number_version(claim_id, version)
    content = replace(content, patient_control_number=number)
    refusal = find_unwritable(content)
    if refusal is not None:
        action = f"The claim to the next payer cannot be written as X12 ({refusal}). Mend the value in the EHR."
        return before, (_open_item(CLAIM_UNWRITABLE, built, claim_id, next_action=action),)
    payers = summary.further_payers
    body = ClaimBuilt(
        trading_partner=built.trading_partner,
        encounter_id=built.encounter_id,
        revision=before.revision + 1,
        summary=summary.replace(
            claim_id=claim_id,
            patient_control_number=number,
            payer_id=payers[rank - 1].payer_id,
            payer_name=payers[rank - 1].payer_name,
            responsibility=RESPONSIBILITIES[rank],
            further_payers=payers[rank:],
        ),
        claim=content,
    )
    return NextClaim(version=version, revision=body.revision, content=identity), (body,)


def _take_back(built: ClaimBuilt, before: NextClaim, rank: int) -> tuple[NextClaim, tuple[Body, ...]]:
    """What the next payer was billed for does not stand any more (a reversal): withdrawn, or voided by a person."""
    withdrawn = ClaimWithdrawn(
        trading_partner=built.trading_partner,
        account_key=built.summary.account_key,
        encounter_id=built.encounter_id,
        claim_id=built.summary.claim_id + RESPONSIBILITIES[rank],
        revision=before.revision + 1,
    )
    return before.replace(revision=withdrawn.revision, content=""), (withdrawn,)


def _open_item(kind: WorkKind, built: ClaimBuilt, about_claim: str, **about: Unpack[About]) -> WorkItemOpened:
    claim = About(claim_id=about_claim, encounter_id=built.encounter_id)
    return open_work(kind, make_id(kind.reason, about_claim), built.summary.account_key, **(claim | about))
