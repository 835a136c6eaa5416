"""What an operator may do to topics by mistake: named before anything is skipped, and mended by what is named."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

from connectors.kafka.producer import EdgeProducer
from connectors.kafka.topics import connect_admin, create_topics
from connectors.settings import Settings
from connectors.stores.postgres import PostgresStore
from streams.kafka.topic_plan import plan_topics
from tests.faults.dose import SEED, SESSION_SECONDS, long_dose
from tests.faults.fleet import Fleet, run_cycle
from tests.faults.oracle import find_wrongs, wait_healed
from tests.faults.test_bad_messages import encounter_messages
from tests.faults.test_logs_and_stores import rebuild_topics
from tests.services import PARTITIONS
from tests.streams.kafka.workers import Workers

TOPIC = "rcm.encounter.v1"
ENCOUNTERS = 20


def count(workers: Workers, table: str) -> int:
    store = PostgresStore(workers.store)
    (rows,) = store.connection.execute(f"SELECT count(*) FROM {table}").fetchone() or (0,)
    store.close()
    return int(rows)


def require_refusal(workers: Workers, says: str) -> None:
    """A worker leaves with 1 and says what is wrong, before it has taken anything."""
    before = count(workers, "applied")
    process = workers.start()
    assert process.wait(60) == 1
    assert says in workers.log.read_text()
    assert count(workers, "applied") == before
    time.sleep(2 * SESSION_SECONDS)  # the group still counts it


def set_config(client: KafkaAdminClient, **configs: str) -> None:
    named = {name.replace("_", "."): value for name, value in configs.items()}
    client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, TOPIC, named)], incremental=True)


@pytest.mark.parametrize(("setting", "wrong", "right"), [("retention_ms", "600000", "-1")])
def test_a_setting_by_which_events_vanish_is_named_until_it_is_set_back(
    workers: Workers, setting: str, wrong: str, right: str
) -> None:
    with Fleet(workers, 1):
        run_cycle(workers, ENCOUNTERS, SEED)
    with connect_admin(workers.kafka) as client:
        set_config(client, **{setting: wrong})
        require_refusal(workers, f"{TOPIC} has {setting.replace('_', '.')}={wrong}, by which events vanish")
        set_config(client, **{setting: right})
    with Fleet(workers, 1) as fleet:
        run_cycle(workers, 2 * ENCOUNTERS, SEED)
        assert fleet.exits == []


def add_partitions(client: KafkaAdminClient) -> None:
    client.create_partitions({TOPIC: PARTITIONS + 2})


def create_again(client: KafkaAdminClient) -> None:
    """It grows past every position at once."""
    client.delete_topics([TOPIC])
    create_topics(client, [plan for plan in plan_topics(PARTITIONS, 1) if plan.name == TOPIC])


@pytest.mark.parametrize(
    ("mistake", "says"),
    [
        pytest.param(add_partitions, f"{TOPIC} had 4 partitions and has 6", marks=long_dose),
        (create_again, f"{TOPIC} was deleted and created again"),
    ],
)
def test_a_topic_that_the_positions_do_not_speak_of_is_refused_and_can_be_filled_again(
    workers: Workers, mistake: Callable[[KafkaAdminClient], Any], says: str
) -> None:
    with Fleet(workers, 1):
        run_cycle(workers, ENCOUNTERS, SEED)
    known = count(workers, "encounter")
    with connect_admin(workers.kafka) as client:
        mistake(client)
    producer = EdgeProducer(Settings(kafka=workers.kafka))
    producer.publish(encounter_messages(4 * ENCOUNTERS))
    producer.close()
    require_refusal(workers, says)
    done = rebuild_topics(workers)
    assert done.returncode == 0, done.stderr
    with Fleet(workers, 1) as fleet:
        wait_healed(workers)
        assert fleet.exits == []
    assert known < count(workers, "encounter") and count(workers, "encounter") >= 4 * ENCOUNTERS
    assert find_wrongs(workers.store, None, "") == []


@long_dose
def test_a_deleted_consumer_group_changes_nothing(workers: Workers) -> None:
    with Fleet(workers, 1):
        run_cycle(workers, ENCOUNTERS, SEED)
    applied = count(workers, "applied")
    time.sleep(2 * SESSION_SECONDS)
    with connect_admin(workers.kafka) as client:
        client.delete_groups([workers.group])
    with Fleet(workers, 1) as fleet:
        run_cycle(workers, ENCOUNTERS, SEED)
        assert fleet.exits == []
    assert count(workers, "applied") == applied


@long_dose
def test_a_worker_that_runs_stops_when_another_comes_upon_the_mistake(workers: Workers) -> None:
    """Whoever joins gives partitions to everybody anew, and everybody looks at the topics again."""
    first = workers.start()
    with connect_admin(workers.kafka) as client:
        run_cycle(workers, ENCOUNTERS, SEED)
        set_config(client, cleanup_policy="compact")
    workers.start()
    assert first.wait(60) == 1
    assert f"{TOPIC} has cleanup.policy=compact" in workers.log.read_text()
