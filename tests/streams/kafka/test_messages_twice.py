"""Kafka delivers at least once: a message may stand in a log twice, side by side, and so come twice in one batch."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from connectors.clearinghouse.outbox import OutboxWriter
from connectors.kafka.offsets import LogEnds
from connectors.settings import Settings
from connectors.stores.digests import digest
from connectors.stores.sqlite import SqliteStore
from schemas.event import Event
from schemas.events import EncounterReceived
from schemas.reference import Reference
from schemas.store import PublishResult, Record, StoreTransaction
from streams.engine.interchange_writer import InterchangeWriter
from streams.engine.kill_points import reach
from streams.engine.step import Runner
from streams.engine.step_runner import StepRunner
from streams.installation import Opened
from streams.kafka.owned import OwnedStep
from streams.kafka.remote import KafkaPublish
from streams.pipeline import STEPS, TOPICS
from tests.builders import SETTINGS, bill_next_payers, make_encounter_events, make_record, open_small, run_cycle
from tests.services import BrokerForTests

OWNER = "the only worker"


def no_gap(place: tuple[str, int], start: int, end: int) -> int:
    return 0


class TwiceKept:
    """Topics of one partition that keep every message twice, and the steps of the map that read them."""

    partitions = 1

    def __init__(self, installation: Opened) -> None:
        store = installation.store
        writer = OutboxWriter(installation.outbox, installation.archive, SETTINGS.submitter, reach)
        runners: list[Runner] = [
            *(StepRunner(step, store, installation.reference, OWNER) for step in STEPS),
            InterchangeWriter(store, writer, OWNER),
        ]
        self.store = store
        self.logs: dict[str, list[Record]] = {topic: [] for topic in TOPICS}
        self.steps = [OwnedStep(runner, store, OWNER, no_gap) for runner in runners]
        for step in self.steps:
            step.claim({(topic, 0): 0 for topic in step.runner.consumes})

    def __call__(self, events: Sequence[Event], source: str) -> PublishResult:
        with self.store.transaction() as transaction:
            result = transaction.append(events, source)
        self._send(result.new)
        return result

    def hand_over(self, transaction: StoreTransaction, events: Sequence[Event], source: str) -> None:
        raise AssertionError("nothing is set aside here")

    def send(self, source: str) -> int:
        return 0

    def _send(self, events: Sequence[Event]) -> None:
        for event in (each for one in events for each in (one, one)):
            log = self.logs[event.body.topic]
            log.append(make_record(event, len(log)))
        self.store.acknowledge([event.event_id for event in events])

    def run_until_quiet(self, on_batch: Callable[[int], None] = lambda events: None) -> int:
        total = 0
        while read := sum(self._run(step) for step in self.steps):
            total += read
        return total

    def _run(self, step: OwnedStep) -> int:
        unread = [x for topic in step.runner.consumes for x in self.logs[topic][step.next_offsets[topic, 0] :]]
        self._send(step.run(unread).events)
        return len(unread)

    def read_lags(self) -> dict[str, int]:
        return {}

    def use(self, reference: Reference) -> None:
        for step in self.steps:
            step.runner.use(reference)


def test_a_cycle_whose_every_message_comes_twice_ends_as_one_undisturbed(tmp_path: Path, reference: Reference) -> None:
    encounters = make_encounter_events(24, 1)
    undisturbed = open_small(tmp_path / "once", reference)
    run_cycle(undisturbed, encounters)
    bill_next_payers(undisturbed)
    small = open_small(tmp_path / "twice", reference)
    topics = TwiceKept(small)
    doubled = replace(small, engine=topics, publish=topics)

    run_cycle(doubled, encounters)
    bill_next_payers(doubled)

    assert digest(doubled.store.connection) == digest(undisturbed.store.connection)
    assert doubled.store.count_outbox() == 0
    for topic in TOPICS:
        assert len(topics.logs[topic]) == 2 * doubled.store.count_events(topic)
    undisturbed.store.close()
    doubled.store.close()


def test_an_encounter_that_stands_twice_in_one_file_is_published_once(
    event_topics: BrokerForTests, tmp_path: Path
) -> None:
    (encounter,) = make_encounter_events(1, 1)
    store = SqliteStore(tmp_path / "revcycle.db")
    settings = Settings(kafka=event_topics.address)
    publish = KafkaPublish(store, settings)

    result = publish([encounter, encounter], "ingest")

    assert (result.new, result.repeated) == ((encounter,), (encounter.event_id,))
    assert sum(LogEnds(settings, [EncounterReceived.topic]).read().values()) == 1
    assert store.count_outbox() == 0
    publish.producer.close()
    store.close()
