"""Workers are killed, frozen, multiplied and made to exit at every point, while a whole cycle goes through them.

Short doses; `make faults` gives the long ones (REVCYCLE_FAULTS=long), and docs/faults.md holds what was seen.
"""

import json
import os
import random
import subprocess
import time
from typing import Any

import pytest

from connectors.archive import write_durably
from connectors.demo import generate_encounters
from connectors.settings import Settings
from connectors.stores.postgres import PostgresStore
from streams.engine.kill_points import EXIT_AT, KAFKA_POINTS
from streams.kafka.remote import RemoteWorkers
from tests.faults.dose import ENCOUNTERS, LONG, MANY_ENCOUNTERS, SEED, SESSION_SECONDS, long_dose
from tests.faults.fleet import Fleet, freeze, kill, run_cycle, run_in_trouble
from tests.faults.oracle import check, find_wrongs
from tests.streams.kafka.workers import Workers

POINTS = (
    "step.after_read",
    "step.before_commit",
    "step.after_commit",
    "kafka.before_publish",
    "kafka.after_publish",
    "outbox.after_temporary",
    "outbox.after_rename",
    "outbox.before_publish",
    "outbox.after_publish",
)


def test_kill_9_every_few_seconds(workers: Workers, expected_of_many: dict[str, Any]) -> None:
    dice = random.Random(SEED)
    fleet = Fleet(workers, 3 if LONG else 2)
    found = run_in_trouble(fleet, lambda: kill(fleet, dice), (2, 5), dice, MANY_ENCOUNTERS)
    check(workers, found, expected_of_many)


@long_dose
def test_a_zombie_wakes_up(workers: Workers, expected: dict[str, Any]) -> None:
    dice = random.Random(SEED)
    fleet = Fleet(workers, 2)
    found = run_in_trouble(fleet, lambda: freeze(fleet, dice, 2 * SESSION_SECONDS), (1, 2), dice)
    check(workers, found, expected)


@long_dose
def test_a_rebalance_storm(workers: Workers, expected: dict[str, Any]) -> None:
    dice = random.Random(SEED)
    fleet = Fleet(workers, 2)
    found = run_in_trouble(fleet, lambda: fleet.resize(dice.choice((1, 2, 3)), dice), (3, 3), dice)
    check(workers, found, expected)


@pytest.mark.parametrize("turn", [1, 2, 3] if LONG else [2])
def test_exit_at_each_point_of_a_step(workers: Workers, expected: dict[str, Any], turn: int) -> None:
    """One worker after the other dies at the next point of the list."""
    with Fleet(workers, 1, [{EXIT_AT: f"{point}:{turn}"} for point in POINTS]) as fleet:
        found = run_cycle(workers, ENCOUNTERS, SEED)
    check(workers, found, expected)
    assert fleet.exits.count(137) >= 5


def test_what_a_dead_publisher_left_is_sent_by_who_waits_next(workers: Workers) -> None:
    """No worker has the duties, and the file comes again only after one that is known already."""
    first, second = workers.data / "first.ndjson", workers.data / "second.ndjson"
    lines = [x.model_dump_json().encode() + b"\n" for x in generate_encounters(20, SEED)]
    write_durably(first, b"".join(lines[:10]))
    write_durably(second, b"".join(lines[10:]))
    workers.start()
    known = subprocess.run(workers.arguments("ingest", str(first)), capture_output=True, text=True, check=False)
    assert known.returncode in (0, 1), known.stderr
    environment = {**os.environ, EXIT_AT: "edge.before_publish:1"}
    died = subprocess.run(workers.arguments("ingest", str(second)), env=environment, capture_output=True, check=False)
    assert died.returncode == 137

    done = subprocess.run(
        workers.arguments("ingest", str(first), str(second), "--json"), capture_output=True, text=True, check=False
    )

    assert done.returncode in (0, 1), done.stderr
    status = json.loads(done.stdout)["status"]
    assert (status["encounters"]["total"], sum(topic["lag"] for topic in status["topics"])) == (20, 0)


@pytest.mark.parametrize("point", [point for point in KAFKA_POINTS if point.startswith("edge.")])
def test_what_a_dead_publisher_left_is_sent_by_the_worker_with_the_duties(workers: Workers, point: str) -> None:
    """`revcycle ingest` dies between its commit and the broker, and nobody gives the file again."""
    source = workers.data / "encounters.ndjson"
    write_durably(source, b"".join(x.model_dump_json().encode() + b"\n" for x in generate_encounters(20, SEED)))
    environment = {**os.environ, EXIT_AT: f"{point}:1"}
    died = subprocess.run(workers.arguments("ingest", str(source)), env=environment, capture_output=True, check=False)
    assert died.returncode == 137
    store = PostgresStore(workers.store)
    assert store.count_outbox() >= 20

    workers.start(duties=True)

    deadline = time.monotonic() + 60
    while store.count_outbox() and time.monotonic() < deadline:
        time.sleep(0.2)
    RemoteWorkers(store, Settings(kafka=workers.kafka)).run_until_quiet()
    states = store.connection.execute("SELECT DISTINCT state FROM encounter").fetchall()
    assert {state for (state,) in states} <= {"coded", "held", "withdrawn"}
    assert find_wrongs(workers.store, source, workers.log.read_text()) == []
    store.close()
