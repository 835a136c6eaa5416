"""An EHR publishes by itself: the example of docs/publishing.md, a real broker, a real worker; and what is wrong comes
back as a dead letter that says why."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from connectors.demo import generate_encounters
from connectors.stores.postgres import PostgresStore
from tests.services import BrokerForTests
from tests.streams.kafka.workers import Workers

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "publish_encounter.py"
DEAD_LETTERS = "rcm.encounter.v1.deadletter"


@pytest.fixture
def worker(
    real_kafka: BrokerForTests, event_topics: BrokerForTests, postgres: str, tmp_path: Path
) -> Iterator[Workers]:
    made = Workers(tmp_path / "data", event_topics.address, postgres)
    made.start()
    yield made
    made.stop()


def publish_example(address: str, lines: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    file = folder / "encounters.ndjson"
    file.write_text("".join(f"{line}\n" for line in lines))
    environment = {**os.environ, "REVCYCLE_KAFKA": address, "EHR_KEY_SECRET": "a secret of the EHR"}
    command = [sys.executable, str(EXAMPLE), str(file)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def ask(worker: Workers, *command: str) -> tuple[int, Any]:
    done = subprocess.run(worker.arguments(*command, "--json"), capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def wait_until(true: Callable[[], bool], worker: Workers) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline, worker.log.read_text()[-3000:]
        time.sleep(0.3)


def read_dead_letters(address: str) -> list[Any]:
    consumer = KafkaConsumer(bootstrap_servers=address)
    partition = TopicPartition(DEAD_LETTERS, 0)
    try:
        consumer.assign([partition])
        consumer.seek_to_beginning(partition)
        found = consumer.poll(10_000).get(partition, [])
        assert isinstance(found, list)
        return found
    finally:
        consumer.close()


def test_the_example_is_short() -> None:
    code = EXAMPLE.read_text().partition('"""\n\n')[2]
    assert len([line for line in code.splitlines() if line.strip()]) <= 34


def test_encounters_are_taken_and_wrong_ones_come_back_with_the_reason(worker: Workers, tmp_path: Path) -> None:
    good, wrong, later = (encounter.model_dump_json() for encounter in generate_encounters(3, seed=11))
    document = json.loads(wrong)
    document["patient"]["birth_date"] = "the 3rd of May"
    published = publish_example(worker.kafka, [good, json.dumps(document), later, good], tmp_path)
    assert published.returncode == 0, published.stderr
    assert "4 encounters published" in published.stdout

    store = PostgresStore(worker.store)

    def count(rows: str) -> int:
        return len(store.connection.execute(f"SELECT 1 FROM {rows}").fetchall())

    decided = "encounter WHERE state <> 'received'"
    wait_until(lambda: count(decided) == 2 and count("dead_letter") == 1, worker)
    wait_until(lambda: store.count_outbox() == 0, worker)
    (letter,) = read_dead_letters(worker.kafka)
    headers = dict(letter.headers)
    assert "patient.birth_date" in headers["deadletter_reason"].decode()
    assert letter.value == json.dumps(document).encode()
    assert headers["ce_type"] == b"rcm.encounter" and headers["deadletter_topic"] == b"rcm.encounter.v1"
    assert "3rd of May" not in worker.log.read_text() + headers["deadletter_reason"].decode()

    status, listed = ask(worker, "deadletters", "list")
    (row,) = listed["dead_letters"]
    assert status == 0 and "patient.birth_date" in row["reason"] and not row["retried"]
    assert ask(worker, "deadletters", "retry", str(row["id"]))[0] == 1, "still unreadable: it stays a letter"
    mended = tmp_path / "mended.json"
    mended.write_text(wrong)
    status, retried = ask(worker, "deadletters", "retry", str(row["id"]), "--mended", str(mended))
    assert status == 0 and retried["dead_letters"][0]["given_back"]
    wait_until(lambda: count(decided) == 3, worker)
    assert ask(worker, "deadletters", "retry", str(row["id"]))[1]["dead_letters"][0]["reason"] == "given back before"
    assert all(row["retried"] for row in ask(worker, "deadletters", "list")[1]["dead_letters"])
    store.close()


def test_a_message_without_its_headers_or_key_says_what_is_missing(worker: Workers) -> None:
    (encounter,) = (each.model_dump_json().encode() for each in generate_encounters(1, seed=12))
    most = [("ce_specversion", b"1.0"), ("ce_id", b"a"), ("ce_type", b"rcm.encounter")]
    full = [*most, ("ce_time", b"2026-03-31T10:00:00Z")]
    without_zone = [*most, ("ce_time", b"2026-03-31T10:00:00")]
    producer = KafkaProducer(bootstrap_servers=worker.kafka)
    for key, headers in ((b"k", []), (None, full), (b"k", most), (b"k", without_zone)):
        producer.send("rcm.encounter.v1", key=key, value=encounter, headers=headers).get(30)
    producer.close()
    store = PostgresStore(worker.store)
    reasons = "SELECT reason FROM dead_letter"
    wait_until(lambda: len(store.connection.execute(reasons).fetchall()) == 4, worker)
    said = " ".join(row[0] for row in store.connection.execute(reasons).fetchall())
    for part in ("ce_specversion is missing", "no key", "ce_time is missing", "no time zone"):
        assert part in said
    store.close()
