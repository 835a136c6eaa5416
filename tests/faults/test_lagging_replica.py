"""Postgres fails over to a replica that had not yet heard of everything, while the workers run."""

import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from connectors.kafka.producer import EdgeProducer
from connectors.settings import Settings
from tests.faults.dose import ENCOUNTERS, SEED, SESSION_SECONDS, long_dose
from tests.faults.fleet import Cycle, Fleet
from tests.faults.oracle import check, find_wrongs, wait_healed
from tests.faults.test_bad_messages import encounter_messages
from tests.faults.test_logs_and_stores import psutil_process_ends, rebuild_topics
from tests.faults.test_stalls import wait_for
from tests.faults.test_taken_over_duties import list_sent
from tests.services import BrokerForTests
from tests.streams.kafka.workers import Workers


def count(workers: Workers, kind: str) -> int:
    with psycopg.connect(workers.store) as connection:
        (found,) = connection.execute("SELECT count(*) FROM event WHERE type = %s", (kind,)).fetchone() or (0,)
    return int(found)


class Replicated:
    """A server of which a copy stops hearing at some moment, and takes its place at another."""

    def __init__(self, server: Any) -> None:
        self.server = server
        self.primary, self.replica = Path(server.pgdata), Path(f"{server.pgdata}-replica")

    def stop_hearing(self) -> None:
        self._copy(self.primary, self.replica)

    def fail_over(self) -> None:
        self._copy(self.replica, self.primary)

    def _copy(self, source: Path, target: Path) -> None:
        psutil_process_ends(self.server.get_pid(), signal.SIGQUIT)
        subprocess.run(["rm", "-rf", str(target)], check=True)
        subprocess.run(["cp", "-a", str(source), str(target)], check=True)  # owners and modes too: Postgres minds
        self.server.ensure_postgres_running()


@pytest.fixture
def replicated(own_postgres: Any) -> Iterator[Replicated]:
    made = Replicated(own_postgres)
    yield made
    subprocess.run(["rm", "-rf", str(made.replica)], check=True)


def fail_over_and_rebuild(cycle: Cycle, replicated: Replicated, lags_from_coding_on: bool) -> list[str]:
    """A supervisor starts the workers on the replica at once; then the operator does what they say. Returns the claims
    that went out before, in the order of their file."""
    workers = cycle.workers
    with Fleet(workers, 2) as fleet:
        cycle.report()  # the tables are made
        producer = EdgeProducer(Settings(kafka=workers.kafka))
        producer.publish(encounter_messages(ENCOUNTERS))
        producer.close()
        if lags_from_coding_on:
            wait_for(partial(count, workers, "rcm.coded"))
            replicated.stop_hearing()
        now = cycle.take_in()
        if not lags_from_coding_on:
            replicated.stop_hearing()
        cycle.persist(partial(cycle.cut, now=now))
        sent = list_sent(workers)
        replicated.fail_over()
        wait_for(lambda: 1 in fleet.exits)
    assert "the store was set back, by a restore or by a copy of it that lagged behind" in workers.log.read_text()
    time.sleep(2 * SESSION_SECONDS)  # the group still counts those that left
    done = rebuild_topics(workers)
    assert done.returncode == 0, done.stderr
    return sent


@long_dose
def test_the_store_that_takes_over_has_not_heard_of_the_last_cut(
    replicated: Replicated, event_topics: BrokerForTests, tmp_path: Path, expected: dict[str, Any]
) -> None:
    """The cut is taken over from the topics, and gives the file that went out."""
    workers = Workers(tmp_path / "data", event_topics.address, replicated.server.get_uri(), SESSION_SECONDS)
    cycle = Cycle(workers, ENCOUNTERS, SEED)
    sent = fail_over_and_rebuild(cycle, replicated, lags_from_coding_on=False)
    with Fleet(workers, 2) as fleet:
        wait_healed(workers)
        assert list_sent(workers) == sent
        found = cycle.run()
        assert fleet.exits == []
    everything = list_sent(workers)
    assert len(everything) == len(set(everything)) and not (workers.data / "outbox" / "again").exists()
    check(workers, found, expected)


@long_dose
def test_the_store_that_takes_over_has_not_heard_of_claims_that_went_out(
    replicated: Replicated, event_topics: BrokerForTests, tmp_path: Path, expected: dict[str, Any]
) -> None:
    """They are built again after the cut that named them, and wait for another: its file is a person's to compare."""
    workers = Workers(tmp_path / "data", event_topics.address, replicated.server.get_uri(), SESSION_SECONDS)
    cycle = Cycle(workers, ENCOUNTERS, SEED)
    sent = fail_over_and_rebuild(cycle, replicated, lags_from_coding_on=True)
    with Fleet(workers, 2) as fleet:
        wait_healed(workers)
        now = cycle.take_in() + timedelta(hours=1)
        cycle.persist(partial(cycle.cut, now=now))
        found = cycle.report()
        assert fleet.exits == []
    assert list_sent(workers) == sent
    again = list((workers.data / "outbox" / "again").iterdir())
    assert found["work_items"]["by_queue"]["operations"] == len(again) > 0
    assert found["encounters"] == expected["encounters"]
    assert find_wrongs(workers.store, workers.data / "received" / "encounters.ndjson", workers.log.read_text()) == []
