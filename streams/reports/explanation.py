"""`revcycle explain`: why an encounter stands as it does, edit by edit, as one document."""

from typing import Any

from processors.coding.judgement import explain_version, judge_version
from processors.coding.state import key_of_history, list_standing_findings
from schemas.history import PatientHistory, withdraw_encounter
from streams.actions.encounters import FoundEncounter
from streams.installation import Opened

Json = dict[str, Any]


def explain(installation: Opened, found: FoundEncounter) -> Json:
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
    explained = []
    for subject in subjects:
        row = subject.model_dump(mode="json")
        if line := lines.get(subject.where):
            row |= {
                "modifiers": list(line.modifiers),
                "units": str(line.units),
                "charge_amount": str(line.charge_amount),
                "diagnosis_pointers": list(line.diagnosis_pointers),
            }
        explained.append(row)
    by_edit = {finding for subject in subjects for result in subject.results for finding in result.findings}
    return {
        "encounter_id": found.encounter_id,
        "version": state.version,
        "revision": state.revision,
        "decision": state.decision,
        "judged_on": state.judged_on.isoformat() if state.judged_on else None,
        "subjects": explained,
        # Payer rules, codes that no table maps, open questions: what is not an edit of the catalogue.
        "beside_edits": [finding.model_dump() for finding in judged.findings if finding not in by_edit],
        "overridden": [item.model_dump() for item in judged.overridden],
        "uncoded": [item.model_dump() for item in judged.uncoded],
        "payer_rules_version": reference.payer_rules.version,
        "code_sets": dict(sorted(reference.codesets.digests().items())),
        "not_loaded": list(reference.codesets.not_loaded()),
    }
