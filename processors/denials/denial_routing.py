"""Denials go to the team that can mend them, with a next action and a deadline, and are followed to their end.

In: ClaimDenied and DenialResolved of payment_posting (CO-45, patient share and sequestration never come here: the class
table has taken them out, domain rules section 5), AppealFiled, DenialWrittenOff, ClaimSubmitted (a corrected claim),
what people do with the items, ClockTicked. Out: one WorkItemOpened for each denied line of a claim, whatever the
version or the remittance, brought up to date by what happens; WorkItemClosed and DenialConcluded when nothing is open.
"""

from datetime import date, timedelta
from decimal import Decimal

from processors.denials.memory import NEUTRAL, ClaimDenials, DeniedLine, OverturnHistory
from processors.denials.rights import find_rights
from schemas.base import Frozen
from schemas.event import Body, Event
from schemas.events import (
    AppealFiled,
    ClaimDenied,
    ClaimSubmitted,
    ClockTicked,
    DenialConcluded,
    DenialResolved,
    DenialWrittenOff,
    DeniedAdjustment,
    WorkItemAction,
    WorkItemClosed,
    WorkItemReopened,
    WorkItemResolved,
)
from schemas.identifiers import billed_id_of, claim_id_of, make_id
from schemas.money import ZERO
from schemas.processing import Outcome, States, list_states, read_state
from schemas.reference import Reference
from schemas.work_item import open_work
from schemas.work_kinds import DENIED

NEAR_DAYS = 14  # a deadline so near makes an item more urgent
# Who acts in a team; billers do everywhere else.
OWNER_BY_TEAM = {"coding": "coder", "eligibility": "front desk"}
# Money that can be expected to priority: the first threshold that it reaches.
PRIORITY_BY_AMOUNT = ((Decimal(1000), 1), (Decimal(250), 2), (Decimal(50), 3))


def keys_of_denial(event: Event) -> tuple[str, ...]:
    """The claim's denials, and how such denials of the payer ended before."""
    match event.body:
        case ClaimDenied() as body:
            reasons = {denial.reason for denial in body.denials}
            histories = (f"history:{body.payer_identifier}:{reason}" for reason in sorted(reasons))
            return (f"claim:{body.claim_id or body.patient_control_number}", *histories)
        case DenialResolved() | AppealFiled() | DenialWrittenOff() as body:
            return (f"claim:{body.claim_id}",)
        case ClaimSubmitted() as body:
            return (f"claim:{billed_id_of(body.summary.claim_id)}",)
        case WorkItemResolved() | WorkItemReopened() as body if body.claim_id:
            return (f"claim:{body.claim_id}",)
        case DenialConcluded() as body:
            return (f"history:{body.payer_identifier}:{body.reason}",)
    return ()


def route_denial(states: States, event: Event, reference: Reference) -> Outcome:
    """What one fact changes for the denials of one claim, or a tick for those whose deadline is near."""
    if isinstance(event.body, ClockTicked):
        return _warn(states, event.body)
    if isinstance(event.body, DenialConcluded):
        return _learn(states, event.body)
    key = next(iter(keys_of_denial(event)), "")
    state = read_state(states, key, ClaimDenials)
    outputs: tuple[Body, ...] = ()
    match event.body:
        case ClaimDenied() as body:
            after, outputs = _deny(state, body, event, states, reference)
        case DenialResolved() as body:
            after, outputs = _conclude(state, body, event)
        case AppealFiled() as body:
            after, outputs = _await_appeal(state, body)
        case DenialWrittenOff() as body:
            after = _change(state, body.item_id, written_off=True)
        case ClaimSubmitted() as body:
            after, outputs = _await_correction(state, body, event)
        case WorkItemAction() as body:
            after = _change(state, body.item_id, is_worked=isinstance(body, WorkItemReopened))
        case _:
            return Outcome()
    after = after.replace(due_on=_find_due(after))
    return Outcome({key: after} if after != state else {}, outputs)


def identify_denial(claim: str, line: str) -> str:
    """The work item of a denied line: the same for every version of the claim and every remittance that denies it."""
    return make_id("denied", claim, line)


def _deny(
    state: ClaimDenials, body: ClaimDenied, event: Event, states: States, reference: Reference
) -> tuple[ClaimDenials, tuple[Body, ...]]:
    """One work item for each denied line; several reasons of one line share an item, the largest amount leads."""
    by_line: dict[str, list[DeniedAdjustment]] = {}
    for denial in body.denials:
        by_line.setdefault(denial.line_key or denial.line_control_number or "claim", []).append(denial)
    items: list[Body] = []
    for line_key, denials in by_line.items():
        leading = max(denials, key=lambda denial: (denial.amount, denial.reason))
        history = read_state(states, f"history:{body.payer_identifier}:{leading.reason}", OverturnHistory)
        before = state.find(line_key)
        levels_filed = before.appeals if before else 0
        rights = find_rights(body, leading, levels_filed, reference)
        amount = sum((denial.amount for denial in denials), ZERO)
        codes = " ".join(f"{denial.group}-{denial.reason}" for denial in denials)
        remarks = sorted({remark for denial in denials for remark in denial.remarks})
        again = f" Denied again after {levels_filed} appeals." if levels_filed else ""
        item = open_work(
            DENIED,
            identify_denial(body.claim_id or body.patient_control_number, line_key),
            body.account_key,
            {"codes": f"{codes} {' '.join(remarks)}".strip()},
            queue=rights.route.team,
            owner=OWNER_BY_TEAM.get(rights.route.team, "biller"),
            priority=rank(amount, history.chance, rights.deadline, event.occurred_at.date()),
            category=rights.route.category,
            root_cause=rights.route.root_cause,
            edits=rights.route.edits,
            claim_id=body.claim_id,
            encounter_id=body.encounter_id,
            remittance_id=body.remittance_id,
            next_action=f"{rights.advice}{again}",
            deadline=rights.deadline,
            amount=amount,
            appeal_level=rights.level,
            appeal_name=rights.level_name,
        )
        items.append(item)
        state = state.put(
            DeniedLine(
                line_key=line_key,
                payer_identifier=body.payer_identifier,
                payer_name=body.payer_name,
                group=leading.group,
                reason=leading.reason,
                patient_control_number=body.patient_control_number,
                remittance_id=body.remittance_id,
                claim_index=body.claim_index,
                notice_date=body.payment_date,
                denied_on=event.occurred_at.date(),
                amount=amount,
                item=item,
                appeals=levels_filed,
            )
        )
    return state.replace(encounter_id=body.encounter_id), tuple(items)


def rank(amount: Decimal, chance: Decimal, deadline: date | None, on: date) -> int:
    """Priority by the money that can be expected, one step sooner when the deadline is near (domain rules, section 5).

    An amount counts as it stands where nothing is known of the chance, up to twice as much or down to nothing by it.
    """
    expected = amount * chance / NEUTRAL
    priority = next((priority for least, priority in PRIORITY_BY_AMOUNT if expected >= least), 4)
    near = deadline is not None and (deadline - on).days <= NEAR_DAYS
    return max(priority - near, 1)


def _conclude(state: ClaimDenials, body: DenialResolved, event: Event) -> tuple[ClaimDenials, tuple[Body, ...]]:
    """Nothing is open any more: the item closes, and what came of it goes back to the denial."""
    line = state.find(body.line_key)
    if line is None or not line.is_open:
        return state, ()
    recovered = min(body.paid_amount, body.denied_amount)
    outcome = "recovered" if recovered else "written_off" if line.written_off else "settled"
    answers = (("write_off", line.written_off and not recovered), ("appeal", line.appeals > 0))
    answered_by = next((name for name, is_so in (*answers, ("corrected_claim", line.corrected)) if is_so), "payer")
    concluded = DenialConcluded.model_validate(
        {
            "account_key": body.account_key,
            "item_id": line.item.item_id,
            "claim_id": body.claim_id,
            "encounter_id": body.encounter_id,
            "line_key": body.line_key,
            "payer_identifier": line.payer_identifier,
            "payer_name": line.payer_name,
            "group": line.group,
            "reason": line.reason,
            "category": line.item.category,
            "denied_remittance_id": line.remittance_id,
            "denied_claim_index": line.claim_index,
            "denied_on": line.notice_date or line.denied_on,
            "denied_amount": body.denied_amount,
            "outcome": outcome,
            "answered_by": answered_by,
            "recovered_amount": recovered,
            "remittance_id": body.remittance_id,
            "days": max((event.occurred_at.date() - line.denied_on).days, 0),
        }
    )
    words = {
        "recovered": f"paid {recovered}",
        "written_off": "written off",
        "settled": "nothing of it is open any more",
    }
    closed = WorkItemClosed(item_id=line.item.item_id, account_key=body.account_key, reason=words[outcome])
    return state.put(line.replace(is_open=False, is_worked=False)), (closed, concluded)


def _await_appeal(state: ClaimDenials, body: AppealFiled) -> tuple[ClaimDenials, tuple[Body, ...]]:
    filed = f"Appeal filed on {body.filed_on} by {body.who} ({body.level_name})"
    text = f"{filed}: ask for the decision by {body.answer_due_on}."
    changes = {"next_action": text, "deadline": body.answer_due_on, "priority": 3, "appeal_level": 0, "appeal_name": ""}
    return _follow(state, body.item_id, changes, appeals=body.level, warned=False)


def _await_correction(state: ClaimDenials, body: ClaimSubmitted, event: Event) -> tuple[ClaimDenials, tuple[Body, ...]]:
    """A later version of a denied claim went out: the corrected claim, whose remittance will answer the denial."""
    number = body.summary.patient_control_number
    outputs: list[Body] = []
    for line in state.lines:
        denied = line.patient_control_number
        if line.is_open and not line.corrected and denied < number and claim_id_of(denied) == body.summary.claim_id:
            text = f"A corrected claim ({number}) went out on {event.occurred_at:%Y-%m-%d}: wait for its remittance."
            changes = {"next_action": f"{text} Before: {line.item.next_action}"[:2000], "priority": 4}
            state, items = _follow(state, line.item.item_id, changes, corrected=True)
            outputs.extend(items)
    return state, tuple(outputs)


def _follow(
    state: ClaimDenials, item_id: str, changes: dict[str, object], **line_changes: object
) -> tuple[ClaimDenials, tuple[Body, ...]]:
    """Brings an item up to date, and what is remembered of its line with it."""
    line = _find_item(state, item_id)
    if line is None or not line.is_open:
        return state, ()
    item = line.item.replace(**changes)
    after = line.replace(item=item, is_worked=True, **line_changes)
    return state.put(after), (item,)


def _change(state: ClaimDenials, item_id: str, **changes: object) -> ClaimDenials:
    line = _find_item(state, item_id)
    return state if line is None else state.put(line.replace(**changes))


def _find_item(state: ClaimDenials, item_id: str) -> DeniedLine | None:
    return next((line for line in state.lines if line.item.item_id == item_id), None)


def _find_due(state: ClaimDenials) -> date | None:
    waiting = [x.item.deadline for x in state.lines if x.is_open and x.is_worked and not x.warned and x.item.deadline]
    return min(waiting) - timedelta(days=NEAR_DAYS) if waiting else None


def _warn(states: States, tick: ClockTicked) -> Outcome:
    """Open items whose deadline is near become more urgent, once."""
    changed: dict[str, Frozen] = {}
    outputs: list[Body] = []
    for key, state in list_states(states, ClaimDenials):
        for line in state.lines:
            near = line.item.deadline is not None and (line.item.deadline - tick.business_date).days <= NEAR_DAYS
            if line.is_open and line.is_worked and not line.warned and near:
                changes: dict[str, object] = {"priority": max(line.item.priority - 1, 1)}
                state, items = _follow(state, line.item.item_id, changes, warned=True)
                outputs.extend(items)
        changed[key] = state.replace(due_on=_find_due(state))
    return Outcome(changed, tuple(outputs))


def _learn(states: States, body: DenialConcluded) -> Outcome:
    key = f"history:{body.payer_identifier}:{body.reason}"
    history = read_state(states, key, OverturnHistory)
    overturned = history.overturned + (body.outcome == "recovered")
    return Outcome({key: OverturnHistory(concluded=history.concluded + 1, overturned=overturned)})
