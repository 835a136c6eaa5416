"""An encounter as the last decision left it: what is explained, and what people act on."""

from dataclasses import dataclass

from processors.coding.state import EncounterState
from schemas.encounter import Encounter
from schemas.errors import RefusedError
from streams.installation import Asked
from streams.reports.lookup import find_encounter_id


@dataclass(frozen=True, slots=True)
class FoundEncounter:
    """An encounter as the last decision left it."""

    encounter_id: str
    state: EncounterState
    encounter: Encounter


def find_encounter(installation: Asked, wanted: str) -> FoundEncounter:
    """By any of its ids, or a claim's. Raises RefusedError where there is none that stands."""
    encounter_id = find_encounter_id(installation, wanted)
    value = installation.store.find_state("coding_validation", f"encounter:{encounter_id}")
    state = EncounterState.model_validate_json(value) if value else None
    if state is None or state.encounter is None:
        raise RefusedError(
            "the encounter is withdrawn, or was received before corrections were kept: have the EHR send it again"
        )
    return FoundEncounter(encounter_id, state, state.encounter)
