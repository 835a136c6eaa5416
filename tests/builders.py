"""A small installation for tests: the whole revenue cycle over a handful of made-up encounters, and its invariants."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connectors.archive import Archive, RemittanceDocuments
from connectors.clearinghouse.inbound import read_inbound_file
from connectors.clearinghouse.outbox import OutboxWriter
from connectors.demo import generate_encounters
from connectors.practice_payer.simulator import answer_interchange
from connectors.stores.common import SqlStore
from connectors.stores.connection import Connection
from connectors.stores.postgres import PostgresStore
from connectors.stores.sqlite import SqliteStore
from schemas.event import Event, publish_at_edge
from schemas.events import EncounterReceived
from schemas.identifiers import make_account_key, make_encounter_id
from schemas.inbound import Receipt
from schemas.reference import Installation, Reference
from schemas.store import Position, Record
from schemas.wire import encode_body
from streams.audit import ledger_checks
from streams.edge.submission import cut_submissions
from streams.engine.embedded import BATCH_EVENTS, EmbeddedEngine
from streams.engine.kill_points import reach
from streams.engine.publish import StorePublish
from streams.installation import Opened

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SETTINGS = Installation()


def open_small(
    data: Path,
    reference: Reference,
    *,
    in_memory: bool = False,
    postgres: str | None = None,
    batch_events: int = BATCH_EVENTS,
) -> Opened:
    """An installation in `data` that shares the code sets and tables of `reference`: they take a second to read. Its
    store is a file in `data`, or in memory, or the Postgres of a URL."""
    archive = Archive(data / "archive")
    reference = replace(reference, remittances=RemittanceDocuments(archive))
    store: SqlStore
    store = (
        PostgresStore(postgres) if postgres else SqliteStore(Path(":memory:") if in_memory else data / "revcycle.db")
    )
    writer = OutboxWriter(data / "outbox", archive, SETTINGS.submitter, reach)
    engine = EmbeddedEngine(store, reference, writer, batch_events)
    return Opened(data, SETTINGS, store, archive, reference, engine, StorePublish(store), writer)


def make_encounter_events(count: int, seed: int) -> list[Event]:
    """The encounters of the made-up practice as its EHR publishes them, corrections and withdrawals at the end."""
    events = []
    for encounter in generate_encounters(count, seed):
        body = EncounterReceived.model_validate(encounter.model_dump())
        key = make_account_key(SETTINGS.secret, encounter.source_system, encounter.patient.id)
        encounter_id = make_encounter_id(encounter.source_system, encounter.source_id)
        events.append(publish_at_edge(body, key, NOW, encounter_id))
    return events


def publish(installation: Opened, events: Sequence[Event]) -> None:
    """Puts events into their topics, as the edge does."""
    installation.publish(events, "ingest")


def answer_outbox(installation: Opened, seed: int = 1, answered: Collection[Path] = ()) -> list[Event]:
    """What the practice payer says to every file in the outbox but those answered before, as events."""
    answers: list[Event] = []
    for path in sorted(set(installation.outbox.glob("*.837")) - set(answered)):
        for answer in answer_interchange(path.read_bytes(), seed):
            sha256 = installation.archive.keep(answer.data)
            answers.extend(read_inbound_file(answer.data, Receipt(sha256, NOW, SETTINGS.secret)).events)
    return answers


@dataclass(frozen=True)
class Cycle:
    """What came from outside in one whole cycle."""

    encounters: tuple[Event, ...]
    answers: tuple[Event, ...]


def run_cycle(installation: Opened, encounters: Sequence[Event]) -> Cycle:
    """Encounters in, claims out, answers in, everything posted; safe to repeat."""
    publish(installation, encounters)
    installation.engine.run_until_quiet()
    cut_submissions(installation.store, installation.publish, NOW)
    installation.engine.run_until_quiet()
    answers = answer_outbox(installation)
    publish(installation, answers)
    installation.engine.run_until_quiet()
    return Cycle(tuple(encounters), tuple(answers))


def bill_next_payers(installation: Opened) -> tuple[Event, ...]:
    """What the first payers left is billed on and answered; returns the answers."""
    answered = set(installation.outbox.glob("*.837"))
    cut_submissions(installation.store, installation.publish, NOW + timedelta(days=15))
    installation.engine.run_until_quiet()
    answers = answer_outbox(installation, answered=answered)
    publish(installation, answers)
    installation.engine.run_until_quiet()
    return tuple(answers)


def make_record(event: Event, offset: int, *, partition: int = 0) -> Record:
    """The record that a topic would hold of this event."""
    kind = type(event.body)
    return Record(
        topic=kind.topic,
        partition=partition,
        offset=offset,
        event_id=event.event_id,
        type=kind.type,
        schema_version=kind.schema_version,
        key=event.key,
        occurred_at=event.occurred_at.isoformat(),
        correlation_id=event.correlation_id,
        causation_id=event.causation_id,
        decided_by=event.decided_by,
        body=encode_body(event),
    )


def at(topic: str, next_offset: int) -> list[Position]:
    """The position of a step that reads one topic of one partition."""
    return [Position(topic, 0, next_offset)]


def find_violations(connection: Connection) -> list[str]:
    """Which invariants of the ledger are broken, and by what."""
    return [str(violation) for violation in ledger_checks.find_violations(connection)]
