"""An encounter becomes billable, or waits for the person who can mend it.

In: EncounterReceived, and what people do about it: EncounterCorrected, ProviderQueried, ProviderAnswered,
OverrideRequested. Out: EncounterCoded or EncounterHeld with work items, one for each team that must act;
EncounterWithdrawn; EncounterSuperseded; FindingOverridden; ActRefused; HistoryChanged, which comes back in, for
encounters that this one held. The rules are the edits of `processors/edits`.
"""

from processors.coding.actions import take_act
from processors.coding.corrections import has_same_codes
from processors.coding.decision import READ_AGAIN, OpenEncounter, apply_correction, decide, refuse, tell_waiting
from processors.coding.state import EXPECTED, EncounterState, is_older, key_of_encounter, key_of_history
from schemas.encounter import Encounter
from schemas.event import Event
from schemas.events import (
    EncounterAct,
    EncounterCorrected,
    EncounterReceived,
    EncounterSuperseded,
    EncounterWithdrawn,
    HistoryChanged,
)
from schemas.history import PatientHistory, find_billed, stop_waiting, withdraw_encounter
from schemas.identifiers import make_account_key, make_encounter_id
from schemas.processing import Outcome, States, find_state, read_state
from schemas.reference import Reference

NEWER_VERSION = "a newer version of the encounter answers it"


def keys_of_encounter(event: Event) -> tuple[str, ...]:
    """The encounter and the patient's history; both opaque."""
    body = event.body
    assert isinstance(body, EncounterReceived | EncounterAct | HistoryChanged)
    encounter_id = make_encounter_id(body.source_system, body.source_id)
    return key_of_encounter(encounter_id), key_of_history(body.source_system, _patient_id_of(body))


def _patient_id_of(body: EncounterReceived | EncounterAct | HistoryChanged) -> str:
    return body.patient.id if isinstance(body, EncounterReceived) else body.patient_id


def validate_coding(states: States, event: Event, reference: Reference) -> Outcome:
    """Decides one version of one encounter, or what somebody did about it."""
    body = event.body
    assert isinstance(body, EncounterReceived | EncounterAct | HistoryChanged)
    encounter_key, patient_key = keys_of_encounter(event)
    state = find_state(states, encounter_key, EncounterState)
    desk = OpenEncounter(
        encounter_id=encounter_key.partition(":")[2],
        account_key=make_account_key(reference.installation.secret, body.source_system, _patient_id_of(body)),
        source_system=body.source_system,
        patient_id=_patient_id_of(body),
        reference=reference,
        as_of=event.occurred_at.date(),
        state=state or EXPECTED,
        history=read_state(states, patient_key, PatientHistory),
    )
    if isinstance(body, EncounterReceived):
        _take_version(desk, body)
    elif isinstance(body, EncounterAct):
        take_act(desk, body)
    elif desk.state.decision == "held" and desk.state.encounter is not None:
        decide(desk, "another encounter of the patient changed")
    if desk.state == state:
        return Outcome(outputs=tuple(desk.outputs))
    return Outcome({encounter_key: desk.state, patient_key: desk.history}, tuple(desk.outputs))


def _take_version(desk: OpenEncounter, body: EncounterReceived) -> None:
    before = desk.state
    order = body.version_order or body.version
    if is_older(order, before.version_order):
        late = EncounterSuperseded(account_key=desk.account_key, encounter_id=desk.encounter_id, version=body.version)
        desk.outputs.append(late)
        return
    encounter = _read_encounter(body)
    if before.version_order == order and _was_decided(before, encounter):
        return
    desk.state = EncounterState(
        version=body.version,
        version_order=order,
        revision=before.revision,
        decision=before.decision,
        open_items=before.open_items,
    )
    if body.status == "entered-in-error":
        _withdraw(desk)
    else:
        corrected = before.encounter if before.is_corrected else None
        is_lost = before.lost_corrections or (corrected is not None and not has_same_codes(corrected, encounter))
        desk.change(encounter=encounter, lost_corrections=is_lost, queries=before.queries)
        decide(desk, NEWER_VERSION)
    _take_early(desk, before.early)


def _read_encounter(body: EncounterReceived) -> Encounter:
    """Validated as it came in, and EncounterReceived adds no field to an Encounter."""
    return Encounter.model_construct(**{name: getattr(body, name) for name in Encounter.model_fields})


def _was_decided(before: EncounterState, encounter: Encounter) -> bool:
    """Whether this very version is billed or withdrawn already: a file and a topic may both bring it, as two events."""
    if before.version != encounter.version:
        return False
    if encounter.status == "entered-in-error":
        return before.decision == "withdrawn"
    return before.decision == "coded" and before.encounter == encounter


def _withdraw(desk: OpenEncounter) -> None:
    """Nothing of the encounter stands, and nothing that was asked about it matters any more."""
    billed_before = find_billed(desk.history, desk.encounter_id)
    desk.history = stop_waiting(withdraw_encounter(desk.history, desk.encounter_id), desk.encounter_id)
    revision = desk.state.revision + 1
    desk.outputs.append(
        EncounterWithdrawn(account_key=desk.account_key, encounter_id=desk.encounter_id, revision=revision)
    )
    desk.close_items(desk.state.open_items, NEWER_VERSION)
    desk.change(decision="withdrawn", revision=revision, open_items=(), judged_on=desk.as_of)
    if billed_before is not None:
        tell_waiting(desk, billed_before)


def _take_early(desk: OpenEncounter, early: tuple[EncounterCorrected, ...]) -> None:
    """Corrections that came before their version: this one's now, later ones' still not, earlier ones' never."""
    for correction in early:
        order = correction.version_order or correction.version
        if correction.version == desk.state.version:
            apply_correction(desk, correction)
        elif is_older(desk.state.version_order, order):
            desk.change(early=(*desk.state.early, correction))
        else:
            refuse(desk, correction, "it was made on an older version of the encounter", READ_AGAIN)
