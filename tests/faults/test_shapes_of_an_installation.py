"""Installations of other shapes than the usual: names that are not unique, many partitions, a long backlog."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.kafka.producer import EdgeProducer
from connectors.kafka.topics import connect_admin, create_topics
from connectors.settings import Settings
from connectors.stores.postgres import PostgresStore
from streams.kafka.remote import RemoteWorkers
from streams.kafka.topic_plan import plan_topics
from tests.faults.dose import ENCOUNTERS, SEED, SESSION_SECONDS, long_dose
from tests.faults.fleet import Fleet, run_cycle
from tests.faults.oracle import check, find_wrongs
from tests.faults.test_bad_messages import encounter_messages
from tests.services import BrokerForTests
from tests.streams.kafka.workers import Workers

MANY_PARTITIONS = 64
BACKLOG_MESSAGES = 100_000
TOPIC = "rcm.encounter.v1"


@long_dose
def test_two_workers_that_go_by_one_name_work_as_two(workers: Workers, expected: dict[str, Any]) -> None:
    namesake = {"REVCYCLE_INSTANCE_ID": "worker"}
    with Fleet(workers, 2, [namesake, namesake]) as fleet:
        found = run_cycle(workers, ENCOUNTERS, SEED)
        assert fleet.exits == []
    check(workers, found, expected)


@pytest.fixture
def many_partitions(real_kafka: BrokerForTests, postgres: str, tmp_path: Path) -> Iterator[Workers]:
    with connect_admin(real_kafka.address) as client:
        create_topics(client, plan_topics(MANY_PARTITIONS, 1))
    made = Workers(tmp_path / "data", real_kafka.address, postgres, SESSION_SECONDS)
    yield made
    made.stop()
    real_kafka.delete_event_topics()


@long_dose
def test_topics_of_64_partitions_give_the_same(many_partitions: Workers, expected: dict[str, Any]) -> None:
    with Fleet(many_partitions, 2) as fleet:
        found = run_cycle(many_partitions, ENCOUNTERS, SEED)
        assert fleet.exits == []
    check(many_partitions, found, expected)


@long_dose
def test_a_backlog_of_100_000_messages_fits_into_memory_and_a_worker_may_leave_in_the_middle(workers: Workers) -> None:
    messages = encounter_messages(ENCOUNTERS)
    producer = EdgeProducer(Settings(kafka=workers.kafka))
    for _ in range(BACKLOG_MESSAGES // len(messages)):
        producer.publish(messages)
    producer.close()
    remote = RemoteWorkers(PostgresStore(workers.store), Settings(kafka=workers.kafka))

    leaver = workers.start()
    deadline = time.monotonic() + 120
    while remote.read_lags()[TOPIC] > BACKLOG_MESSAGES * 0.9:
        assert time.monotonic() < deadline, "nothing moves"
        time.sleep(0.2)
    leaver.send_signal(signal.SIGTERM)
    assert leaver.wait(60) == 0
    assert remote.read_lags()[TOPIC] > 0

    with Fleet(workers, 1) as fleet:
        remote.run_until_quiet()
        (worker,) = fleet.running
        status = Path(f"/proc/{worker.pid}/status").read_text()
        assert fleet.exits == []
    (peak_kb,) = (int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    print(f"peak of memory {peak_kb // 1024} MB")
    assert peak_kb < 1_000_000
    assert find_wrongs(workers.store, None, workers.log.read_text()) == []
