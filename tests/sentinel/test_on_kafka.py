"""The same words on Kafka and Postgres: in the values of messages, and in no key, header, name, log or screen."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from connectors.stores.postgres import PostgresStore
from streams.kafka.topic_plan import plan_topics
from tests.sentinel.commands import find_ids, list_questions
from tests.sentinel.marking import find_marks, make_marked_encounters
from tests.sentinel.places import SCREENS
from tests.sentinel.practice import name_of, say, write_other_encounters
from tests.sentinel.test_every_command import name_command
from tests.services import BrokerForTests
from tests.streams.kafka.workers import Workers


@pytest.fixture
def workers(
    real_kafka: BrokerForTests,
    event_topics: BrokerForTests,
    postgres: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Workers]:
    made = Workers(tmp_path / "data", event_topics.address, postgres)
    monkeypatch.setenv("REVCYCLE_KAFKA", made.kafka)
    monkeypatch.setenv("REVCYCLE_STORE", made.store)
    yield made
    made.stop()


def read_outsides(address: str) -> list[str]:
    """Topic, key and headers of every message on the broker, dead letters too."""
    names = [plan.name for plan in plan_topics(1, 1)]
    consumer = KafkaConsumer(bootstrap_servers=address, consumer_timeout_ms=3000)
    parts = [TopicPartition(name, number) for name in names for number in consumer.partitions_for_topic(name) or ()]
    consumer.assign(parts)
    consumer.seek_to_beginning(*parts)
    found = [f"{message.topic} {message.key!r} {message.headers!r}" for message in consumer]
    consumer.close()
    return found


@pytest.mark.timeout(400)
def test_words_stand_in_the_values_of_messages_only(workers: Workers, tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    (files / "marked.ndjson").write_text("".join(x.model_dump_json() + "\n" for x in make_marked_encounters(30, 7)))
    for name, text in write_other_encounters():
        (files / name).write_text(text)
    for _ in range(2):
        workers.start()
    at = ("--data", str(workers.data))
    said = [*say("ingest", str(files), *at)]
    producer = KafkaProducer(bootstrap_servers=workers.kafka)
    producer.send("rcm.encounter.v1", f'{{"patient": "{name_of("patient.family_name")}"}}'.encode(), key=b"AAAAAAAAAA")
    producer.close()
    said += say("ingest", str(files), *at, "--json")
    with_ids = PostgresStore(workers.store)
    deadline = time.monotonic() + 30
    while not with_ids.connection.execute("SELECT 1 FROM dead_letter").fetchall():
        assert time.monotonic() < deadline
        time.sleep(0.5)
    ids = find_ids(with_ids.connection)
    with_ids.close()
    for arguments in list_questions(ids, files):
        if arguments[:2] != ("replay", "verify"):
            said += say(*arguments, *at)
    said += say("topics", "describe", *at)
    assert workers.stop() == [0, 0]

    leaks = {
        (name_command(each.command), path)
        for each in said
        for path in find_marks(each.text) - SCREENS.get(name_command(each.command), frozenset())
    }
    assert leaks == set()
    assert [(each.command, each.text[-300:]) for each in said if each.status not in (0, 1, 2)] == []
    outsides = read_outsides(workers.kafka)
    assert len(outsides) > 150 and any("deadletter" in each for each in outsides)
    assert find_marks("\n".join(outsides)) == set()
    assert find_marks(workers.log.read_text()) == set()
