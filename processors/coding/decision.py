"""One encounter on the desk: while one event is dealt with, its state, its patient's history and what follows."""

from dataclasses import dataclass, field
from datetime import date

from processors.coding.corrections import CorrectionRefusedError, amend_encounter
from processors.coding.judgement import Judgement, judge_version
from processors.coding.state import EncounterState, list_standing_findings, make_query_item_id
from schemas.event import Body
from schemas.events import (
    ActRefused,
    EncounterAct,
    EncounterCoded,
    EncounterCorrected,
    EncounterHeld,
    HistoryChanged,
    UncodedItem,
    WorkItemClosed,
    WorkItemOpened,
)
from schemas.findings import Finding
from schemas.history import (
    BilledEncounter,
    PatientHistory,
    WaitingEncounter,
    add_encounter,
    find_billed,
    start_waiting,
    stop_waiting,
    withdraw_encounter,
)
from schemas.identifiers import make_id
from schemas.reference import Reference
from schemas.work_item import open_work
from schemas.work_kinds import ACT_REFUSED, ENCOUNTER_HELD

QUEUES = {"coder": "coding", "front desk": "front desk", "provider": "provider queries"}
READ_AGAIN = "Read the encounter as it stands (`revcycle claim ENCOUNTER`), and act on that version."
RESEND = "Have the EHR send the encounter again under a new version."


@dataclass
class OpenEncounter:
    """Gathers what one event changes; `state` and `history` are frozen values that are replaced."""

    encounter_id: str
    account_key: str
    source_system: str
    patient_id: str
    reference: Reference
    as_of: date
    state: EncounterState
    history: PatientHistory
    outputs: list[Body] = field(default_factory=list)

    def change(self, **changes: object) -> None:
        """Replaces fields of the state."""
        self.state = self.state.replace(**changes)

    def close_items(self, item_ids: tuple[str, ...], reason: str) -> None:
        self.outputs.extend(
            WorkItemClosed(item_id=item_id, account_key=self.account_key, reason=reason) for item_id in item_ids
        )

    def open_item(self, item: WorkItemOpened) -> None:
        """Opens an item that the next decision about the encounter closes."""
        self.outputs.append(item)
        self.change(open_items=(*self.state.open_items, item.item_id))


def judge_open(desk: OpenEncounter, others: PatientHistory | None = None) -> Judgement:
    """What the rules say of the encounter as it stands, beside the patient's other encounters; changes nothing."""
    assert desk.state.encounter is not None
    return judge_version(
        desk.state.encounter,
        withdraw_encounter(desk.history, desk.encounter_id) if others is None else others,
        desk.reference,
        as_of=desk.as_of,
        overrides=desk.state.overrides,
        more_findings=list_standing_findings(desk.state),
    )


def decide(desk: OpenEncounter, closing_reason: str) -> None:
    """Judges the encounter as it stands: coded, or held with one work item for each team that must act."""
    state = desk.state
    before = state.open_items
    revision = state.revision + 1
    judged = judge_open(desk)
    billed_before = find_billed(desk.history, desk.encounter_id)
    desk.history = withdraw_encounter(desk.history, desk.encounter_id)
    _note_waiting(desk, judged)
    items: tuple[WorkItemOpened, ...] = ()
    if judged.is_clean:
        desk.history = add_encounter(desk.history, desk.encounter_id, judged.encounter)
        desk.outputs.append(
            EncounterCoded(
                account_key=desk.account_key,
                encounter_id=desk.encounter_id,
                revision=revision,
                encounter=judged.encounter,
                findings=judged.findings,
                overridden=judged.overridden,
            )
        )
    else:
        items = make_items(desk.account_key, desk.encounter_id, judged.findings, judged.uncoded)
        desk.outputs.append(
            EncounterHeld(
                account_key=desk.account_key,
                encounter_id=desk.encounter_id,
                revision=revision,
                findings=judged.findings,
                uncoded=judged.uncoded,
                overridden=judged.overridden,
            )
        )
        desk.outputs.extend(items)
    # A question that holds nothing outlives decisions until it is answered.
    waiting = [make_query_item_id(desk.encounter_id, query) for query in state.queries if not query.is_holding]
    still_open = (*(item.item_id for item in items), *(item_id for item_id in waiting if item_id in before))
    desk.close_items(tuple(item_id for item_id in before if item_id not in still_open), closing_reason)
    desk.change(
        revision=revision,
        decision="coded" if judged.is_clean else "held",
        open_items=still_open,
        judged_on=desk.as_of,
    )
    if billed_before is not None:
        tell_waiting(desk, billed_before)


def _note_waiting(desk: OpenEncounter, judged: Judgement) -> None:
    """Whether others of the patient hold this encounter: alone, it would have fewer findings."""
    assert desk.state.encounter is not None
    desk.history = stop_waiting(desk.history, desk.encounter_id)
    if judged.is_clean or not desk.history.encounters:
        return
    alone = judge_open(desk, PatientHistory())
    if len(alone.findings) < len(judged.findings):
        waiting = WaitingEncounter(encounter_id=desk.encounter_id, source_id=desk.state.encounter.source_id)
        desk.history = start_waiting(desk.history, waiting)


def tell_waiting(desk: OpenEncounter, billed_before: BilledEncounter) -> None:
    """What this encounter billed before is gone or changed: those that it may have held are judged again."""
    if find_billed(desk.history, desk.encounter_id) == billed_before:
        return
    desk.outputs.extend(
        HistoryChanged(
            account_key=desk.account_key,
            encounter_id=waiting.encounter_id,
            source_system=desk.source_system,
            source_id=waiting.source_id,
            patient_id=desk.patient_id,
        )
        for waiting in desk.history.waiting
        if waiting.encounter_id != desk.encounter_id
    )


def apply_correction(desk: OpenEncounter, correction: EncounterCorrected) -> None:
    """Amends the encounter and judges it again; answers that the coder has read hold it no longer."""
    encounter = desk.state.encounter
    if encounter is None:
        refuse(desk, correction, "the encounter does not stand, or was received before corrections were kept", RESEND)
        return
    if encounter.patient.id != correction.patient_id:
        refuse(desk, correction, "it names another patient than the encounter", READ_AGAIN)
        return
    try:
        amended = amend_encounter(encounter, correction)
    except CorrectionRefusedError as error:
        refuse(desk, correction, str(error), READ_AGAIN)
        return
    # A hold is released for the encounter as it stood: another one is looked at again.
    kept = tuple(item for item in desk.state.overrides if amended == encounter or item.finding.severity == "warn")
    desk.change(
        encounter=amended,
        overrides=kept,
        is_corrected=desk.state.is_corrected or amended != encounter,
        lost_corrections=False,
        queries=tuple(query for query in desk.state.queries if not query.is_answered),
    )
    decide(desk, "a correction answers it")


def refuse(desk: OpenEncounter, act: EncounterAct, why: str, remedy: str) -> None:
    """Records that an act was not done. A correction or an answer carries work: somebody must look at it."""
    desk.outputs.append(
        ActRefused(
            account_key=desk.account_key,
            encounter_id=desk.encounter_id,
            act=act.act,
            who=act.who,
            because=why,
            remedy=remedy,
        )
    )
    if act.act in ("correct", "answer"):
        desk.open_item(
            open_work(
                ACT_REFUSED,
                make_id("refused", desk.encounter_id, act.action_id),
                desk.account_key,
                {"act": act.act, "who": act.who, "why": why, "remedy": remedy},
                encounter_id=desk.encounter_id,
            )
        )


def make_items(
    account_key: str, encounter_id: str, findings: tuple[Finding, ...], uncoded: tuple[UncodedItem, ...]
) -> tuple[WorkItemOpened, ...]:
    """One item for each team that must act, with everything that is theirs."""
    by_owner: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.severity != "warn":
            by_owner.setdefault(finding.owner, []).append(finding)
    documented = ", ".join(map(_name_uncoded, uncoded[:8]))
    return tuple(
        open_work(
            ENCOUNTER_HELD,
            make_id("held", encounter_id, owner),
            account_key,
            {
                "codes": " ".join(dict.fromkeys(finding.code for finding in theirs)),
                "what": theirs[0].what,
                "remedy": theirs[0].remedy,
                "documented": f" (not mapped: {documented})" if owner == "coder" and documented else "",
            },
            queue=QUEUES.get(owner, "billing"),
            owner=owner,
            encounter_id=encounter_id,
            findings=tuple(theirs),
        )
        for owner, theirs in sorted(by_owner.items())
    )


def _name_uncoded(item: UncodedItem) -> str:
    chosen = [candidate.target for candidate in item.candidates if candidate.is_chosen]
    # A code without a digit is likely words, and words of the record do not stand in what many read.
    code = item.code if any(map(str.isdigit, item.code)) and not any(map(str.isspace, item.code)) else "words"
    return f"{item.system} {code}" + (f", the NLM map offers {' and '.join(chosen)}" if chosen else "")
