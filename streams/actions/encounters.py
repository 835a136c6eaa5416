"""`revcycle correct|query|override`: what people do about an encounter, on the version that they saw."""

from dataclasses import dataclass
from typing import Any, TypeVar

from connectors.ehr.sent import publish_sent
from processors.coding.state import EncounterState
from schemas.encounter import Encounter
from schemas.errors import RefusedError
from schemas.events import EncounterAct
from schemas.roles import By
from streams.actions.door import Begun, Done, begin, publish_act
from streams.installation import Opened
from streams.reports.lookup import find_encounter_id

CodingBody = TypeVar("CodingBody", bound=EncounterAct)


@dataclass(frozen=True, slots=True)
class FoundEncounter:
    """An encounter as the last decision left it."""

    encounter_id: str
    state: EncounterState
    encounter: Encounter


def find_encounter(installation: Opened, wanted: str) -> FoundEncounter:
    """By any of its ids, or a claim's. Raises RefusedError where there is none that stands."""
    encounter_id = find_encounter_id(installation, wanted)
    value = installation.store.find_state("coding_validation", f"encounter:{encounter_id}")
    state = EncounterState.model_validate_json(value) if value else None
    if state is None or state.encounter is None:
        raise RefusedError(
            "the encounter is withdrawn, or was received before corrections were kept: have the EHR send it again"
        )
    return FoundEncounter(encounter_id, state, state.encounter)


def begin_act(
    installation: Opened, model: type[CodingBody], found: FoundEncounter, by: By, *said: object
) -> Begun[CodingBody]:
    """An act on the version of an encounter that the person saw. Raises RefusedError where they may not."""
    begun = begin(installation, model, by, found.encounter_id, found.state.version, *said)
    if not begun.by.role:
        raise RefusedError("nothing was done: give --role, or name the person under [people] in revcycle.toml")
    return begun


def finish_act(begun: Begun[CodingBody], found: FoundEncounter, **fields: Any) -> Done:
    """Publishes the act and runs the steps; what they say of it is the answer, a refusal too. Raises RefusedError,
    NotTakenError."""
    body = begun.make(
        source_system=found.encounter.source_system,
        source_id=found.encounter.source_id,
        patient_id=found.encounter.patient.id,
        version=found.state.version,
        version_order=found.state.version_order,
        **fields,
    )
    event = publish_sent(body, begun.installation.settings.secret, begun.by.at)
    return publish_act(begun.installation, event)
