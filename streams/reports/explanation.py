"""`revcycle explain`: why an encounter stands as it does, edit by edit, as one document."""

from datetime import date
from decimal import Decimal

from processors.coding.edits.case import Scope
from processors.coding.edits.explanation import EditResult, Explained
from processors.coding.judgement import explain_version, judge_version
from processors.coding.state import EncounterDecision, key_of_history, list_standing_findings
from schemas.encounter import CodedLine
from schemas.events import UncodedItem
from schemas.events.coding import Overridden
from schemas.findings import Finding
from schemas.history import PatientHistory, withdraw_encounter
from schemas.money import Sum
from streams.installation import Opened
from streams.reports.base import Report
from streams.reports.encounters import FoundEncounter


class ExplainedSubject(Report):
    """A line, a diagnosis, or the encounter as a whole: its own rows of the tables, and the edits that look at it."""

    where: str
    scope: Scope
    rows: tuple[str, ...]
    results: tuple[EditResult, ...]


class ExplainedLine(ExplainedSubject):
    """A line that is billed, as corrections and payer rules left it."""

    modifiers: tuple[str, ...]
    units: Decimal
    charge_amount: Sum
    diagnosis_pointers: tuple[int, ...]


class Explanation(Report):
    """Why an encounter stands as it does: `beside_edits` is what no edit of the catalogue found (payer rules, codes
    that no table maps, open questions)."""

    encounter_id: str
    version: str
    revision: int
    decision: EncounterDecision
    judged_on: date | None
    subjects: tuple[ExplainedLine | ExplainedSubject, ...]
    beside_edits: tuple[Finding, ...]
    overridden: tuple[Overridden, ...]
    uncoded: tuple[UncodedItem, ...]
    payer_rules_version: str
    code_sets: dict[str, str]
    not_loaded: tuple[str, ...]


def explain(installation: Opened, found: FoundEncounter) -> Explanation:
    """The newest version with its corrections, judged as on the day of its last decision, by the sets in use now."""
    state, encounter = found.state, found.encounter
    stored = installation.store.find_state(
        "coding_validation", key_of_history(encounter.source_system, encounter.patient.id)
    )
    history = PatientHistory.model_validate_json(stored) if stored else PatientHistory()
    others = withdraw_encounter(history, found.encounter_id)
    reference = installation.reference
    judged = judge_version(
        encounter,
        others,
        reference,
        as_of=state.judged_on,
        overrides=state.overrides,
        more_findings=list_standing_findings(state),
    )
    subjects = explain_version(encounter, others, reference, as_of=state.judged_on)
    lines = {f"line {line.number} {line.code}": line for line in judged.encounter.lines}
    by_edit = {finding for subject in subjects for result in subject.results for finding in result.findings}
    return Explanation(
        encounter_id=found.encounter_id,
        version=state.version,
        revision=state.revision,
        decision=state.decision,
        judged_on=state.judged_on,
        subjects=tuple(_describe(subject, lines.get(subject.where)) for subject in subjects),
        beside_edits=tuple(finding for finding in judged.findings if finding not in by_edit),
        overridden=judged.overridden,
        uncoded=judged.uncoded,
        payer_rules_version=reference.payer_rules.version,
        code_sets=dict(sorted(reference.codesets.digests().items())),
        not_loaded=tuple(reference.codesets.not_loaded()),
    )


def _describe(subject: Explained, line: CodedLine | None) -> ExplainedSubject:
    if line is None:
        return ExplainedSubject(**dict(subject))
    return ExplainedLine(
        **dict(subject),
        modifiers=line.modifiers,
        units=line.units,
        charge_amount=line.charge_amount,
        diagnosis_pointers=line.diagnosis_pointers,
    )
