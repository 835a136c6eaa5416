"""The broker or the database goes away, or comes back different: nothing acknowledged is lost, and a log that is not
the one of the positions is refused."""

import os
import random
import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from kafka.structs import OffsetAndMetadata, TopicPartition
from psycopg.sql import SQL, Identifier

from connectors.kafka.local_broker import LocalKafka, LocalNode
from connectors.kafka.topics import connect_admin, create_topics
from connectors.settings import Settings
from connectors.stores.postgres import PostgresStore
from schemas.x12.x837p_005010x222a1 import read_837p
from streams.engine.kill_points import EXIT_AT
from streams.kafka.remote import RemoteWorkers
from streams.kafka.topic_plan import plan_topics
from tests.faults.dose import ENCOUNTERS, LONG, SEED, SESSION_SECONDS, long_dose
from tests.faults.fleet import Cycle, Fleet, run_cycle, run_in_trouble
from tests.faults.oracle import check, find_wrongs, wait_healed
from tests.services import PARTITIONS, BrokerForTests, with_database
from tests.streams.kafka.workers import Workers

TOPIC = "rcm.encounter.v1"


def pick_brokers(kafka: LocalKafka, which: str, dice: random.Random) -> list[LocalNode]:
    """Whom to kill: the leader of a partition of encounters, the controller, any two, any one."""
    if which in ("any one", "any two"):
        return dice.sample(kafka.nodes, 1 if which == "any one" else 2)
    with connect_admin(kafka.address) as client:
        if which == "leader":
            wanted = dice.choice(client.describe_topics([TOPIC])[0]["partitions"])["leader_id"]
        else:
            wanted = client.describe_metadata_quorum()["topics"][0]["partitions"][0]["leader_id"]
    return [node for node in kafka.nodes if node.node == wanted]


@long_dose
@pytest.mark.parametrize("which", ["leader", "controller", "any two"] if LONG else ["any one"])
def test_brokers_are_killed_and_come_back(
    own_kafka: LocalKafka, postgres: str, tmp_path: Path, expected: dict[str, Any], which: str
) -> None:
    dice = random.Random(SEED)
    workers = Workers(tmp_path / "data", own_kafka.address, postgres, SESSION_SECONDS)

    def kill_brokers() -> None:
        victims = pick_brokers(own_kafka, which, dice)
        for node in victims:
            node.kill()
        time.sleep(dice.uniform(1, 4))
        for node in victims:
            node.start()
        own_kafka.wait_ready()

    found = run_in_trouble(Fleet(workers, 2), kill_brokers, (10, 20) if LONG else (3, 6), dice)
    check(workers, found, expected)


@long_dose
def test_postgres_is_killed_and_comes_back(
    own_postgres: Any, event_topics: BrokerForTests, tmp_path: Path, expected: dict[str, Any]
) -> None:
    """SIGQUIT to the postmaster: no checkpoint, every connection gone, recovery from the log."""
    dice = random.Random(SEED)
    url = own_postgres.get_uri()
    workers = Workers(tmp_path / "data", event_topics.address, url, SESSION_SECONDS)

    def kill_postgres() -> None:
        pid = own_postgres.get_pid()
        psutil_process_ends(pid, signal.SIGQUIT)
        own_postgres.ensure_postgres_running()

    fleet = Fleet(workers, 2)
    found = run_in_trouble(fleet, kill_postgres, (3, 6), dice)
    check(workers, found, expected)
    assert 75 in fleet.exits


def psutil_process_ends(pid: int, number: signal.Signals) -> None:
    """Signals a process and waits until it is gone."""
    import psutil  # type: ignore[import-untyped]

    process = psutil.Process(pid)
    process.send_signal(number)
    process.wait(30)


@long_dose
def test_a_postgres_out_of_connections_is_waited_for(
    own_postgres: Any, event_topics: BrokerForTests, tmp_path: Path, expected: dict[str, Any]
) -> None:
    """Somebody else holds every connection; the workers leave with 75, and work when there is room again."""
    url = own_postgres.get_uri()
    workers = Workers(tmp_path / "data", event_topics.address, url, SESSION_SECONDS)
    PostgresStore(url).close()
    hogs: list[psycopg.Connection[Any]] = []
    while len(hogs) < 200:
        try:
            hogs.append(psycopg.connect(url))
        except psycopg.OperationalError:
            break
    with Fleet(workers, 1) as fleet:
        deadline = time.monotonic() + 60
        while 75 not in fleet.exits and time.monotonic() < deadline:
            time.sleep(0.2)
        for hog in hogs:
            hog.close()
        found = run_cycle(workers, ENCOUNTERS, SEED)
    check(workers, found, expected)
    assert 75 in fleet.exits


def rebuild_topics(workers: Workers, dies_at: str = "") -> subprocess.CompletedProcess[str]:
    command = workers.arguments("topics", "rebuild", "--yes")
    environment = {**os.environ, EXIT_AT: dies_at}
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, env=environment)


def count_from_outside(workers: Workers) -> Any:
    with psycopg.connect(workers.store) as connection:
        return connection.execute("SELECT count(*) FROM event WHERE causation_id IS NULL").fetchone()


def take_away(workers: Workers) -> list[str]:
    """What an uploader finds in the outbox, sends and removes: the patient control number of each claim."""
    files = sorted((workers.data / "outbox").glob("*.837"))
    numbers = [x.claim.patient_control_number for file in files for x in read_837p(file.read_bytes())]
    for file in files:
        file.unlink()
    return numbers


@long_dose
def test_an_older_backup_of_the_database_catches_up(workers: Workers, expected: dict[str, Any]) -> None:
    """A copy from before the first claim was cut is put back when all is paid: the topics know what came since."""
    backup = urlsplit(workers.store).path[1:] + "_backup"
    with Fleet(workers, 2):
        Cycle(workers, ENCOUNTERS, SEED).take_in()
    with psycopg.connect(with_database(workers.store, "postgres"), autocommit=True) as connection:
        template = Identifier(urlsplit(workers.store).path[1:])
        connection.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(backup), template))
    with Fleet(workers, 2):
        check(workers, run_cycle(workers, ENCOUNTERS, SEED), expected)
        refused = rebuild_topics(workers)
    assert (refused.returncode, "workers are running" in refused.stderr) == (2, True), refused.stderr
    uploaded = take_away(workers)

    restored = replace(workers, store=with_database(workers.store, backup))
    forgetful = restored.start()
    assert forgetful.wait(60) == 1
    assert "the store was set back" in restored.log.read_text()
    time.sleep(2 * SESSION_SECONDS)  # the group still counts it
    assert rebuild_topics(restored, dies_at="edge.after_publish:1").returncode == 137
    done = rebuild_topics(restored)
    assert done.returncode == 0, done.stderr
    assert count_from_outside(restored) == count_from_outside(workers)
    with Fleet(restored, 2):
        wait_healed(restored)
        found = Cycle(restored, ENCOUNTERS, SEED).report()
    assert len(uploaded) > 0 and set(uploaded).isdisjoint(take_away(restored)), "a claim went out twice"
    assert find_wrongs(restored.store, restored.data / "received" / "encounters.ndjson", restored.log.read_text()) == []
    # A cut may have come before the claims of the next payers this time: they wait for the next one.
    assert found["encounters"] == expected["encounters"]
    assert found["ledger"]["balanced"]
    assert sum(found["claims"].values()) == sum(expected["claims"].values())
    assert found["claims"]["paid"] + found["claims"]["open"] == expected["claims"]["paid"]


@long_dose
@pytest.mark.parametrize("place", ["earliest", "latest"])
def test_offsets_of_the_group_are_reset_and_positions_win(
    workers: Workers, expected: dict[str, Any], place: str
) -> None:
    with Fleet(workers, 1):
        run_cycle(workers, ENCOUNTERS, SEED)
    store = PostgresStore(workers.store)
    remote = RemoteWorkers(store, Settings(kafka=workers.kafka))
    ends = remote.log_ends.read()
    offsets = {
        TopicPartition(*partition): OffsetAndMetadata(0 if place == "earliest" else end, "", -1)
        for partition, end in ends.items()
    }
    # Half of the encounter positions go back, as if the work since then had never been done here.
    with connect_admin(workers.kafka) as client:
        client.alter_group_offsets(workers.group, offsets)
    applied = store.connection.execute("SELECT count(*) FROM applied").fetchone()
    with Fleet(workers, 1):
        found = run_cycle(workers, ENCOUNTERS, SEED)
    assert store.connection.execute("SELECT count(*) FROM applied").fetchone() == applied
    check(workers, found, expected)
    store.close()


@pytest.mark.parametrize("change", ["re-created", "truncated"])
def test_a_log_that_is_not_the_one_of_the_positions_is_refused_and_can_be_filled_again(
    workers: Workers, change: str
) -> None:
    """The worker says which topic, and does nothing; the topics are filled from the store, and it goes on."""
    with Fleet(workers, 1):
        run_cycle(workers, 40, SEED)
    store = PostgresStore(workers.store)
    before = store.connection.execute("SELECT count(*) FROM applied").fetchone()
    with connect_admin(workers.kafka) as client:
        if change == "re-created":
            client.delete_topics([TOPIC])
            create_topics(client, [plan for plan in plan_topics(PARTITIONS, 1) if plan.name == TOPIC])
        else:
            # Somebody set the positions back (a restored backup), and the log below its end is gone.
            store.connection.execute("UPDATE position SET next_offset = 0 WHERE topic = ?", (TOPIC,))
            ends = RemoteWorkers(store, Settings(kafka=workers.kafka)).log_ends.read()
            client.delete_records({TopicPartition(*x): end for x, end in ends.items() if x[0] == TOPIC and end})
    process = workers.start()
    assert process.wait(60) == 1
    says = "was deleted and created again" if change == "re-created" else "re-created, truncated or expired"
    assert says in workers.log.read_text() and TOPIC in workers.log.read_text()
    assert store.connection.execute("SELECT count(*) FROM applied").fetchone() == before

    uploaded = take_away(workers)
    time.sleep(2 * SESSION_SECONDS)  # the group still counts the worker that has just left
    assert rebuild_topics(workers, dies_at="rebuild.after_commit:1").returncode == 137
    done = rebuild_topics(workers)
    assert done.returncode == 0, done.stderr
    with Fleet(workers, 1):
        wait_healed(workers)
    assert store.connection.execute("SELECT count(*) FROM applied").fetchone() == before
    assert find_wrongs(workers.store, None, "") == []
    assert len(uploaded) > 0 and take_away(workers) == [], "a claim file was written again"
    (events,) = store.connection.execute("SELECT count(*) FROM event").fetchone() or (0,)
    assert f"{events} events published anew" in " ".join(done.stdout.split())
    store.close()
