"""Whoever may write to a topic is not thereby one of us: what strangers say on a real broker, to a real worker."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.kafka.messages import Message, make_record, write_message
from connectors.kafka.producer import EdgeProducer
from connectors.settings import Settings
from connectors.stores.postgres import PostgresStore
from schemas.event import Body, Event
from schemas.events import EVENT_TYPES, EncounterReceived
from schemas.identifiers import make_id
from streams.catalogue.events import read_example
from streams.engine.lag import CONSUMED_TOPICS
from streams.kafka.remote import RemoteWorkers
from tests.builders import NOW, make_encounter_events
from tests.services import BrokerForTests
from tests.streams.kafka.workers import Workers


@pytest.fixture
def worker(
    real_kafka: BrokerForTests, event_topics: BrokerForTests, postgres: str, tmp_path: Path
) -> Iterator[Workers]:
    made = Workers(tmp_path / "data", event_topics.address, postgres)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def store(worker: Workers) -> Iterator[PostgresStore]:
    """Of an installation whose worker is at work: nobody speaks before it."""
    opened = PostgresStore(worker.store)
    wait_until(lambda: count(opened, "position") > 0, worker)
    yield opened
    opened.close()


def publish(worker: Workers, *messages: Message) -> None:
    producer = EdgeProducer(Settings(kafka=worker.kafka))
    producer.publish(messages)
    producer.close()


def from_ehr(count: int, source: str, **said: str) -> list[Message]:
    """Encounters as an EHR of that name publishes them, with what else it writes into its headers."""
    messages = [write_message(make_record(event)) for event in make_encounter_events(count, 1)]
    headers = {"ce_source": source, **said}
    return [
        replace(x, headers=list({**dict(x.headers), **{name: text.encode() for name, text in headers.items()}}.items()))
        for x in messages
    ]


def wait_until(true: Callable[[], bool], worker: Workers) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline, worker.log.read_text()[-3000:]
        time.sleep(0.2)


def count(store: PostgresStore, rows: str) -> int:
    return len(store.connection.execute(f"SELECT 1 FROM {rows}").fetchall())


def ask(worker: Workers, *command: str) -> tuple[int, Any]:
    done = subprocess.run(worker.arguments(*command, "--json"), capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_what_only_we_may_say_is_a_dead_letter_and_nothing_else_happens(worker: Workers, store: PostgresStore) -> None:
    data = worker.data.resolve()
    outside = data.parent / "x"
    ours = [body for body in EVENT_TYPES.values() if body.topic in CONSUMED_TOPICS and body is not EncounterReceived]
    forged = [forge(read_example(body)) for body in ours]
    built = next(message for message in forged if dict(message.headers)["ce_type"] == b"rcm.interchange")
    for name in ("../../../x", str(outside)):
        forged.append(replace(built, value=json.dumps({**json.loads(built.value or b""), "file_name": name}).encode()))
    (good,) = from_ehr(1, "ehr")

    publish(worker, *forged, good)
    wait_until(lambda: count(store, "dead_letter") == len(forged) and count(store, "encounter") == 1, worker)
    RemoteWorkers(store, Settings(kafka=worker.kafka)).run_until_quiet()

    reasons = {reason for (reason,) in store.connection.execute("SELECT reason FROM dead_letter")}
    assert len(reasons) == 1 and "no rcm_mac by" in reasons.pop()
    assert count(store, "dead_letter") == len(forged)
    types = {kind for (kind,) in store.connection.execute("SELECT type FROM event WHERE causation_id IS NULL")}
    assert types == {EncounterReceived.type}
    assert list((data / "outbox").iterdir()) == [] and not outside.exists()

    # No retry makes a stranger's word ours.
    status, listed = ask(worker, "deadletters", "retry", "--all")
    assert status == 1 and not any(row["given_back"] for row in listed["dead_letters"])
    assert all(process.poll() is None for process in worker.processes)


def forge(body: Body) -> Message:
    """An event of any type, as if its sender were one of us."""
    event = Event(make_id("forged", body.type), "ABCDEFGHIJ", NOW, "a correlation", "a cause", "{}", body)
    return write_message(make_record(event))


def test_what_an_ehr_says_of_causes_and_decisions_is_not_believed(worker: Workers, store: PostgresStore) -> None:
    """Everything that is decided upon stands in the event log, so that a rebuild of the topics keeps it."""
    messages = from_ehr(5, "ehr", ce_causationid="none of ours", ce_decidedby="nobody", ce_correlationid="ours")
    publish(worker, *messages)
    wait_until(lambda: count(store, "encounter WHERE state <> 'received'") == 5, worker)

    rows = store.connection.execute(
        "SELECT causation_id, decided_by FROM event WHERE type = ? AND source = 'outside'", (EncounterReceived.type,)
    ).fetchall()
    assert rows == [(None, "")] * 5
    assert count(store, "event WHERE correlation_id = 'ours'") == 0
    nowhere = "NOT EXISTS (SELECT 1 FROM event WHERE event.event_id = applied.event_id)"
    assert count(store, f"applied WHERE {nowhere}") == 0

    RemoteWorkers(store, Settings(kafka=worker.kafka)).run_until_quiet()
    worker.stop()
    before = count(store, "event")
    done = subprocess.run(
        worker.arguments("topics", "rebuild", "--yes"), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert f"0 events from outside taken over from the topics, {before} events published anew" in " ".join(
        done.stdout.split()
    )
    # What was published anew is signed, and believed.
    worker.start()
    RemoteWorkers(store, Settings(kafka=worker.kafka)).run_until_quiet()
    assert (count(store, "event"), count(store, "dead_letter")) == (before, 0)


def test_two_publishers_with_the_same_ids_are_both_heard(worker: Workers, store: PostgresStore) -> None:
    first, second = from_ehr(1, "ehr-a", ce_id="1"), from_ehr(2, "ehr-b", ce_id="1")[1:]
    publish(worker, *first, *second)
    wait_until(lambda: count(store, "encounter WHERE state <> 'received'") == 2, worker)
    assert count(store, "work_item WHERE reason = 'event_conflict'") == 0


def test_many_encounters_under_one_id_stop_nothing_and_each_is_asked_about(
    worker: Workers, store: PostgresStore
) -> None:
    """Each of another patient, on whatever partition its key leads to: the first that comes is billed."""
    messages = from_ehr(4, "ehr", ce_id="1")
    publish(worker, *messages, *messages, *from_ehr(6, "ehr")[4:])
    wait_until(lambda: count(store, "encounter WHERE state <> 'received'") == 3, worker)
    wait_until(lambda: count(store, "work_item WHERE reason = 'event_conflict'") == 3, worker)
    assert all(process.poll() is None for process in worker.processes)
    assert count(store, "dead_letter") == 0


def test_messages_from_before_the_upgrade_are_taken_and_none_twice(worker: Workers, store: PostgresStore) -> None:
    """An older edge put its event into the store and published it unsigned; its EHR sends another once more."""
    events = make_encounter_events(2, 1)
    with store.transaction() as transaction:
        transaction.append(events, "ingest")
    publish(worker, *(write_message(make_record(event)) for event in events), *from_ehr(1, "ehr"))
    wait_until(lambda: count(store, "encounter WHERE state <> 'received'") == 2, worker)
    RemoteWorkers(store, Settings(kafka=worker.kafka)).run_until_quiet()
    assert count(store, f"event WHERE type = '{EncounterReceived.type}'") == 2
    assert count(store, "dead_letter") == 0
