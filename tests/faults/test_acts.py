"""What commands give to the pipeline: each event goes out once, and what a command says of its act is true."""

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import psycopg
import pytest
from kafka import KafkaConsumer, TopicPartition

from connectors.settings import Settings
from connectors.stores.postgres import PostgresStore
from schemas.events import EncounterReceived
from streams.kafka.remote import KafkaPublish
from tests.builders import make_encounter_events
from tests.faults.dose import SEED
from tests.faults.proxy import Proxy, find_server, through
from tests.streams.kafka.workers import Workers


def count_messages(workers: Workers, topic: str) -> int:
    consumer = KafkaConsumer(bootstrap_servers=workers.kafka.split(","), group_id=None)
    ends = consumer.end_offsets([TopicPartition(topic, x) for x in consumer.partitions_for_topic(topic)])
    consumer.close()
    return sum(ends.values())


def test_a_command_beside_whoever_has_the_duties_publishes_each_event_once(workers: Workers) -> None:
    """Who has the duties sends what dead publishers left, and leaves alone what one that lives is sending."""
    settings = Settings(kafka=workers.kafka, store=workers.store)
    events = make_encounter_events(200, SEED)
    stopping = threading.Event()

    def send_what_was_left() -> None:
        with closing(PostgresStore(workers.store)) as store:
            publish = KafkaPublish(store, settings)
            while not stopping.is_set():
                publish.send_waiting()

    duties = threading.Thread(target=send_what_was_left)
    duties.start()
    with closing(PostgresStore(workers.store)) as store:
        publish = KafkaPublish(store, settings)
        for place in range(0, len(events), 2):
            publish(events[place : place + 2], "ingest")
        stopping.set()
        duties.join()
        assert store.count_outbox() == 0
    assert count_messages(workers, EncounterReceived.topic) == len(events)


@pytest.fixture
def losing(workers: Workers) -> Iterator[Proxy]:
    """Passes on the COMMIT of a transaction that adds events, and loses the answer with the connection."""
    proxy = Proxy(find_server(workers.store), loses_answer_to=(b"INSERT INTO event", b"COMMIT"))
    yield proxy
    proxy.close()


def tick(workers: Workers, date: str) -> subprocess.CompletedProcess[str]:
    command = workers.arguments("tick", "--date", date)
    return subprocess.run(
        command[:-4], capture_output=True, text=True, timeout=90, check=False, env=environment(workers)
    )


def environment(workers: Workers) -> dict[str, str]:
    return {**os.environ, "REVCYCLE_KAFKA": workers.kafka, "REVCYCLE_STORE": workers.store}


def count_ticks(workers: Workers) -> int:
    with psycopg.connect(workers.store) as connection:
        (count,) = connection.execute("SELECT count(*) FROM event WHERE topic = 'rcm.clock.v1'").fetchone() or (0,)
    return int(count)


def test_an_act_whose_commit_was_not_answered_is_said_to_be_taken(workers: Workers, losing: Proxy) -> None:
    told = tick(through(workers, losing), "2026-11-25")
    assert told.returncode == 75
    assert count_ticks(workers) > 0
    assert "what was asked for is committed" in told.stderr and "do not give an act again" in told.stderr


def test_an_act_that_did_not_reach_the_store_is_said_not_to_be_taken(workers: Workers) -> None:
    port = urlsplit(workers.kafka).port or 1
    nobody = Workers(workers.data, workers.kafka, f"postgresql://nobody@127.0.0.1:{port}/nothing")
    told = tick(nobody, "2026-11-25")
    assert told.returncode == 75
    assert "nothing was taken: give the command again" in told.stderr
