"""The one decision that every contender makes: `coding_validation` over one encounter and the states it names."""

import json
from pathlib import Path

from connectors.kafka.signing import Trust
from processors.coding.coding_validation import keys_of_encounter, validate_coding
from schemas.event import Event, derive_events
from schemas.events import EncounterReceived
from schemas.processing import Function
from schemas.reference import Reference
from schemas.store import Record
from schemas.wire import decode_record
from streams.installation import open_folder
from streams.pipeline import STEPS

STEP = next(step for step in STEPS if step.name == "coding_validation")
SOURCE = "rcm.encounter.v1"
TRUST = Trust(b"", frozenset({EncounterReceived.type}))  # nothing here is signed
SINKS = ("rcm.coded.v1", "rcm.held.v1")  # one message on one of them for each encounter
decide: Function = validate_coding


def open_reference(data: str) -> Reference:
    """Code sets and tables, as a worker opens them."""
    return open_folder(Path(data)).reference


def decide_one(
    record: Record, states: dict[str, str], reference: Reference
) -> tuple[dict[str, str], tuple[Event, ...]]:
    """The changed states as JSON, and the new events; `states` holds those of the keys that are known."""
    event = decode_record(record)
    known = {key: STEP.states[key.partition(":")[0]].model_validate_json(text) for key, text in states.items() if text}
    outcome = decide(known, event, reference)
    made = derive_events(event, STEP.name, outcome.outputs, json.dumps(dict(reference.versions)))
    return {key: state.model_dump_json() for key, state in outcome.states.items()}, made


def keys_of(record: Record) -> tuple[str, ...]:
    """The state keys of an encounter."""
    return keys_of_encounter(decode_record(record))
