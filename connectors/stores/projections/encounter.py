"""Encounters: received, held, coded or withdrawn, and whether one was ever held."""

from collections.abc import Iterator

from connectors.stores.projections.projection import Projection, Statement
from schemas.event import Event
from schemas.events import EncounterCoded, EncounterCorrected, EncounterHeld, EncounterReceived, EncounterWithdrawn
from schemas.identifiers import make_encounter_id

STATE = """INSERT INTO encounter (encounter_id, account_key, source_id, state, revision) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (encounter_id) DO UPDATE SET state = excluded.state, revision = excluded.revision,
    source_id = CASE WHEN excluded.source_id = '' THEN encounter.source_id ELSE excluded.source_id END
    WHERE excluded.revision > encounter.revision"""
HELD_EVER = """INSERT INTO encounter (encounter_id, account_key, source_id, state, revision, held_ever)
    VALUES (?, ?, '', 'held', ?, 1) ON CONFLICT (encounter_id) DO UPDATE SET held_ever = 1"""
TOUCHED = "UPDATE encounter SET held_ever = 1 WHERE encounter_id = ?"  # what a person corrected is not clean either


def _receive(event: Event, body: EncounterReceived) -> Iterator[Statement]:
    yield STATE, (event.correlation_id, event.key, body.source_id, "received", 0)


def _touch(_event: Event, body: EncounterCorrected) -> Iterator[Statement]:
    yield TOUCHED, (make_encounter_id(body.source_system, body.source_id),)


def _code(_event: Event, body: EncounterCoded) -> Iterator[Statement]:
    yield STATE, (body.encounter_id, body.account_key, "", "coded", body.revision)


def _hold(_event: Event, body: EncounterHeld) -> Iterator[Statement]:
    yield STATE, (body.encounter_id, body.account_key, "", "held", body.revision)
    yield HELD_EVER, (body.encounter_id, body.account_key, body.revision)


def _withdraw(_event: Event, body: EncounterWithdrawn) -> Iterator[Statement]:
    yield STATE, (body.encounter_id, body.account_key, "", "withdrawn", body.revision)


ENCOUNTER = Projection(
    table="encounter",
    keys=("encounter_id",),
    ddl=(
        """CREATE TABLE IF NOT EXISTS encounter (
        encounter_id TEXT PRIMARY KEY, account_key TEXT NOT NULL, source_id TEXT NOT NULL, state TEXT NOT NULL,
        revision INTEGER NOT NULL, held_ever INTEGER NOT NULL DEFAULT 0)""",
    ),
    rows={
        EncounterReceived: _receive,
        EncounterCorrected: _touch,
        EncounterCoded: _code,
        EncounterHeld: _hold,
        EncounterWithdrawn: _withdraw,
    },
)
