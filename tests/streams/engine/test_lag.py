"""What workers measure: batches by the runner around the runner, lag and outbox by a look at store and broker."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from kafka import KafkaProducer
from prometheus_client import REGISTRY

from connectors.demo import generate_encounters
from connectors.kafka.offsets import LogEnds
from connectors.settings import load_settings
from connectors.stores.sqlite import SqliteStore
from schemas.errors import TransportError
from schemas.store import Position
from streams.edge.ingest import ingest_file
from streams.engine.lag import CONSUMED_TOPICS, read_store_lags
from streams.engine.sampler import Sampler
from streams.installation import open_installation
from streams.kafka.lag import read_kafka_lags
from streams.pipeline import CONSUMERS
from tests.services import BrokerForTests

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def read(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_the_embedded_engine_counts_its_batches_and_its_lag(tmp_path: Path) -> None:
    installation = open_installation(tmp_path)
    path = installation.inbox / "in.ndjson"
    path.write_bytes(b"".join(each.model_dump_json().encode() + b"\n" for each in generate_encounters(5, seed=3)))
    ingest_file(installation, path, NOW)
    lags = read_store_lags(installation.store)
    assert lags["coding_validation", "rcm.encounter.v1", 0] == (5, NOW.timestamp())
    assert lags["claim_building", "rcm.coded.v1", 0] == (0, None)

    labels = {"step": "coding_validation", "topic": "rcm.encounter.v1"}
    before = read("revcycle_events_consumed_total", **labels)
    installation.engine.run_until_quiet()
    assert read("revcycle_events_consumed_total", **labels) == before + 5
    assert read("revcycle_store_transaction_seconds_count", step="coding_validation") >= 1
    assert all(unread == 0 for unread, _ in read_store_lags(installation.store).values())


def test_lag_on_kafka_is_from_the_position_to_the_end_and_as_old_as_the_first_message(
    event_topics: BrokerForTests, tmp_path: Path
) -> None:
    if not event_topics.is_real:
        pytest.skip(f"needs Apache Kafka: {event_topics.label}")
    started = time.time()
    producer = KafkaProducer(bootstrap_servers=event_topics.address)
    for number in range(3):
        producer.send("rcm.encounter.v1", b"%d" % number, partition=2).get(30)
    producer.close()
    settings = load_settings(tmp_path, kafka=event_topics.address)
    store = SqliteStore(tmp_path / "revcycle.db")
    with store.transaction() as transaction:
        transaction.save_positions("coding_validation", [Position("rcm.encounter.v1", 2, 1)])
    lags = read_kafka_lags(store, settings, LogEnds(settings, CONSUMED_TOPICS))
    unread, since = lags["coding_validation", "rcm.encounter.v1", 2]
    assert unread == 2
    assert since is not None and started - 2 <= since <= time.time() + 2
    assert lags["coding_validation", "rcm.encounter.v1", 0] == (0, None)
    assert {step for step, _, _ in lags} == set(CONSUMERS)
    store.close()


def test_an_outbox_ages_from_our_first_sight_of_a_message(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "revcycle.db")
    sampler = Sampler(lambda: store, lambda _: {})
    with store.transaction() as transaction:
        transaction.add_outbox("coding_validation", [("a", "rcm.encounter.v1", 0), ("b", "rcm.encounter.v1", 1)])
        transaction.add_outbox("ingest", [("c", "", 0)])
    sampler.sample(now=1000.0)
    store.acknowledge(["a"])
    sampler.sample(now=1030.0)
    assert read("revcycle_outbox_messages", step="coding_validation") == 1
    assert read("revcycle_outbox_seconds", step="coding_validation") == 30
    assert read("revcycle_outbox_seconds", step="ingest") == 30
    store.acknowledge(["b", "c"])
    sampler.sample(now=1060.0)
    assert read("revcycle_outbox_seconds", step="ingest") == 0  # though it is no step of the map
    assert read("revcycle_outbox_seconds", step="coding_validation") == 0
    store.close()


def test_a_look_that_fails_is_counted_and_the_next_one_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.engine.sampler.SAMPLE_SECONDS", 0.01)
    looks: list[int] = []

    def open_broken() -> SqliteStore:
        looks.append(1)
        raise TransportError("away")

    before = read("revcycle_samples_failed_total")
    sampler = Sampler(open_broken, lambda _: {})
    sampler.start()
    while len(looks) < 3:
        time.sleep(0.01)
    sampler.stop()
    assert read("revcycle_samples_failed_total") >= before + 3
