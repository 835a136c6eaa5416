"""What people do about an encounter, from the edge: find it, make the act an event, see what became of it."""

from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError

from connectors.stores.common import RECORD_COLUMNS
from processors.encounter_state import EncounterState
from schemas.errors import NotTakenError, RefusedError
from schemas.event import Body, Event
from schemas.store import PublishResult, Record
from schemas.wire import decode_record, describe_validation
from streams.installation import Opened
from streams.publishing import mint_action_id

ActBody = TypeVar("ActBody", bound=Body)


@dataclass(frozen=True, slots=True)
class FoundEncounter:
    """An encounter as the last decision left it."""

    encounter_id: str
    state: EncounterState


def find_encounter(installation: Opened, wanted: str) -> FoundEncounter | None:
    """By our id, the EHR's id, a claim id or a patient control number; None when no such encounter was received."""
    connection = installation.store.connection
    claim_id = wanted[:16] if len(wanted) == 18 else wanted
    row = connection.execute(
        "SELECT encounter_id FROM encounter WHERE encounter_id = ? OR source_id = ? "
        "UNION SELECT encounter_id FROM claim WHERE claim_id = ? LIMIT 1",
        (wanted, wanted, claim_id),
    ).fetchone()
    if row is None:
        return None
    value = installation.store.find_state("coding_validation", f"encounter:{row[0]}")
    return FoundEncounter(row[0], EncounterState.model_validate_json(value)) if value else None


def name_version(found: FoundEncounter) -> dict[str, str]:
    """The fields by which an act names the encounter, the patient and the version that the person saw."""
    encounter = found.state.encounter
    assert encounter is not None
    return {
        "action_id": mint_action_id(),
        "source_system": encounter.source_system,
        "source_id": encounter.source_id,
        "patient_id": encounter.patient.id,
        "version": found.state.version,
        "version_order": found.state.version_order,
    }


def make_act(model: type[ActBody], /, **fields: Any) -> ActBody:
    """What a person does, of what they wrote. Raises RefusedError that names the field, never its value."""
    try:
        return model(**fields)
    except ValidationError as error:
        raise RefusedError(f"nothing was recorded: {describe_validation(error)}") from None


def take_act(installation: Opened, event: Event, source: str) -> PublishResult:
    """Publishes what a person did and runs the pipeline. Raises NotTakenError where a step cannot take it now: the act
    stands in the log, and it is not to be done again."""
    result = installation.publish([event], source)
    installation.engine.run_until_quiet()
    waiting = {x.event_id: x for x in installation.store.list_set_aside()}
    for event_id in (event.event_id, *(x.event_id for x in _read_caused(installation, event.event_id) if waiting)):
        if event_id in waiting:
            raise NotTakenError(
                f"what you did is recorded, but {waiting[event_id].step} cannot take it now: it is set aside with what "
                "waits under its key, and taken once that is mended (`revcycle aside list`). Do not do it again"
            )
    return result


def list_caused(installation: Opened, event_id: str) -> list[Body]:
    """What the steps that took an event made of it."""
    return [decode_record(record).body for record in _read_caused(installation, event_id)]


def _read_caused(installation: Opened, event_id: str) -> list[Record]:
    query = f"SELECT {RECORD_COLUMNS} FROM event WHERE causation_id = ? ORDER BY sequence"
    return [Record(*row) for row in installation.store.connection.execute(query, (event_id,)).fetchall()]


def list_consequences(installation: Opened, event: Event) -> list[Body]:
    """What the pipeline made of an event, once it ran."""
    rows = installation.store.connection.execute(
        f"SELECT {RECORD_COLUMNS} FROM event WHERE causation_id = ? AND event_id IN "
        "(SELECT event_id FROM timeline WHERE subject = ?) ORDER BY sequence",
        (event.event_id, event.correlation_id),
    )
    return [decode_record(Record(*row)).body for row in rows]
