"""Nothing is broken off, it only says nothing any more: a proxy goes silent, a process is frozen and comes back."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from connectors.demo import generate_encounters
from connectors.kafka.local_broker import (
    LocalNode,
    broker_properties,
    find_free_ports,
    find_jars,
    read_cluster_id,
    read_nodes,
)
from connectors.kafka.topics import connect_admin, create_topics
from streams.kafka.topic_plan import plan_topics
from tests.faults.dose import ENCOUNTERS, SEED, SESSION_SECONDS, long_dose
from tests.faults.fleet import Cycle, Fleet, run_cycle
from tests.faults.oracle import check, wait_healed
from tests.faults.proxy import Proxy, find_server, through
from tests.services import PARTITIONS, BrokerForTests
from tests.streams.kafka.workers import Workers

STORE_SECONDS = 4


@pytest.fixture
def proxied(workers: Workers) -> Iterator[tuple[Workers, Proxy]]:
    """The same installation, whose workers reach the store through a proxy."""
    proxy = Proxy(find_server(workers.store))
    behind = through(workers, proxy)
    yield behind, proxy
    behind.stop()
    proxy.close()


def wait_for(what: Callable[[], Any], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def test_a_worker_whose_store_is_silent_gives_its_partitions_up(
    workers: Workers, proxied: tuple[Workers, Proxy], expected: dict[str, Any]
) -> None:
    """Also while it has nothing to do; another that reaches the store goes on with everything."""
    behind, proxy = proxied
    with Fleet(workers, 1):
        process = behind.start({"REVCYCLE_STORE_SECONDS": str(STORE_SECONDS)})
        Cycle(workers, ENCOUNTERS, SEED).take_in()
        proxy.silent.set()
        assert process.wait(4 * STORE_SECONDS) == 75
        told = behind.log.read_text()  # by the ping, or by a step that was just connecting: both are true
        assert f"silent for {STORE_SECONDS} s" in told or "Postgres does not answer" in told
        found = run_cycle(workers, ENCOUNTERS, SEED)
        wait_healed(workers)
    check(workers, found, expected)


@long_dose
@pytest.mark.timeout(900)  # a batch asks some twenty times, and what follows from it waits for that
def test_a_store_that_answers_200_milliseconds_later(
    workers: Workers, proxied: tuple[Workers, Proxy], expected: dict[str, Any]
) -> None:
    behind, proxy = proxied
    proxy.delay_seconds = 0.1  # each way
    with Fleet(behind, 1) as fleet:
        found = run_cycle(workers, ENCOUNTERS, SEED)
        wait_healed(workers)
        assert fleet.exits == []
    check(workers, found, expected)


@pytest.fixture
def far_broker(real_kafka: BrokerForTests, tmp_path: Path) -> Iterator[Proxy]:
    """The proxy before a broker that names it as its own address: nobody reaches it by another way."""
    port, controller_port = find_free_ports(2)
    proxy = Proxy(("127.0.0.1", port))
    properties = broker_properties(1, [port], [controller_port], "127.0.0.1")
    properties["advertised.listeners"] = f"PLAINTEXT://127.0.0.1:{proxy.port}"
    folder = tmp_path / "kafka"
    folder.mkdir()
    node = LocalNode(find_jars(), folder, 1, properties, read_cluster_id(folder))
    node.start()
    while not read_nodes(f"127.0.0.1:{proxy.port}"):
        assert node.is_running, node.log.read_text()[-2_000:]
    with connect_admin(f"127.0.0.1:{proxy.port}") as client:
        create_topics(client, plan_topics(PARTITIONS, 1))
    yield proxy
    node.stop()
    proxy.close()


@long_dose
def test_a_broker_that_answers_200_milliseconds_later(
    far_broker: Proxy, postgres: str, tmp_path: Path, expected: dict[str, Any]
) -> None:
    """Workers and commands alike are far from it."""
    workers = Workers(tmp_path / "data", f"127.0.0.1:{far_broker.port}", postgres, SESSION_SECONDS)
    far_broker.delay_seconds = 0.1  # each way
    with Fleet(workers, 2) as fleet:
        found = run_cycle(workers, ENCOUNTERS, SEED)
        wait_healed(workers)
        assert fleet.exits == []
    check(workers, found, expected)


def holds_lease(workers: Workers) -> set[int]:
    """The server's processes that hold the lease."""
    with psycopg.connect(workers.store) as connection:
        rows = connection.execute(
            "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted "
            "AND objid = hashtext('duties')::bigint & 4294967295"
        ).fetchall()
    return {pid for (pid,) in rows}


def test_who_had_the_duties_and_was_frozen_knows_that_it_has_them_no_more(
    workers: Workers, expected: dict[str, Any]
) -> None:
    """Another takes the inbox in meanwhile; the one that comes back leaves before it does anything."""
    settings = {"REVCYCLE_STORE_SECONDS": str(STORE_SECONDS)}
    frozen: subprocess.Popen[bytes] = workers.start(settings, duties=True)
    wait_for(lambda: holds_lease(workers))
    first = holds_lease(workers)
    os.kill(frozen.pid, signal.SIGSTOP)
    workers.start(settings, duties=True)
    wait_for(lambda: holds_lease(workers) - first)
    (workers.data / "inbox").mkdir(exist_ok=True)
    lines = "".join(x.model_dump_json() + "\n" for x in generate_encounters(20, SEED))
    (workers.data / "inbox" / "encounters.ndjson").write_text(lines)
    wait_for((workers.data / "inbox" / "done" / "encounters.ndjson").exists)
    os.kill(frozen.pid, signal.SIGCONT)
    assert frozen.wait(30) == 75
    assert "encounters.ndjson: ndjson, accepted" in workers.log.read_text()
    assert workers.log.read_text().count("encounters.ndjson: ndjson") == 1
    with Fleet(workers, 1):
        wait_healed(workers)
    with psycopg.connect(workers.store) as connection:
        assert connection.execute("SELECT count(*) FROM encounter").fetchone() == (20,)
