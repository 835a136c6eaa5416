"""A worker's clock is wrong, or the broker's disk is full: steps read no clock, and what was acknowledged is kept."""

import random
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.kafka.local_broker import LocalKafka
from connectors.kafka.topics import connect_admin, create_topics
from streams.kafka.topic_plan import plan_topics
from tests.faults.dose import ENCOUNTERS, LONG, SEED, SESSION_SECONDS, long_dose
from tests.faults.fleet import Fleet, run_cycle, run_in_trouble
from tests.faults.oracle import check, wait_healed
from tests.services import PARTITIONS, BrokerForTests
from tests.streams.kafka.workers import Workers

HOUR_SECONDS = 3_600
# As sitecustomize.py, which Python imports before anything else. The producer's C code reads the system's clock, so its
# messages are dated here.
WRONG_CLOCK = """import os, time, aiokafka
shift, read, read_ns, send = float(os.environ["CLOCK_SHIFT"]), time.time, time.time_ns, aiokafka.AIOKafkaProducer.send
time.time = lambda: read() + shift
time.time_ns = lambda: read_ns() + int(shift * 1e9)
aiokafka.AIOKafkaProducer.send = lambda *message, **more: send(*message, **more, timestamp_ms=int(time.time() * 1000))
"""


@pytest.mark.parametrize(
    "there",
    [
        pytest.param(-HOUR_SECONDS, id="an hour back", marks=long_dose),
        pytest.param(HOUR_SECONDS + 60, id="an hour ahead", marks=long_dose),
        pytest.param(datetime(2038, 1, 20, tzinfo=UTC), id="2038"),
    ],
)
def test_the_clock_of_one_of_two_workers_is_wrong(
    workers: Workers, expected: dict[str, Any], tmp_path: Path, there: int | datetime
) -> None:
    shift = there.timestamp() - time.time() if isinstance(there, datetime) else there
    (tmp_path / "sitecustomize.py").write_text(WRONG_CLOCK)
    wrong = {"PYTHONPATH": str(tmp_path), "CLOCK_SHIFT": str(shift)}
    with Fleet(workers, 2, [wrong]):
        found = run_cycle(workers, ENCOUNTERS, SEED)
        wait_healed(workers)
    assert "did not take a message" not in workers.log.read_text()
    check(workers, found, expected)


DISK_MEGABYTES = 1_000 if LONG else 100


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own in memory; skipped where nobody may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("nobody may mount a tmpfs here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@long_dose
def test_the_brokers_disk_is_full(
    real_kafka: BrokerForTests, small_disk: Path, postgres: str, tmp_path: Path, expected: dict[str, Any]
) -> None:
    """The broker ends, or answers nobody, until somebody makes room and starts it again."""
    broker = LocalKafka(small_disk)
    broker.start()
    with connect_admin(broker.address) as client:
        create_topics(client, plan_topics(PARTITIONS, 1))
    workers = Workers(tmp_path / "data", broker.address, postgres, SESSION_SECONDS)
    (node,) = broker.nodes
    ended = 0

    def fill_disk() -> None:
        nonlocal ended
        ballast = small_disk / "ballast"
        with pytest.raises(OSError, match="No space left"), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(1 << 20))
        deadline = time.monotonic() + 10
        while node.is_running and time.monotonic() < deadline:
            time.sleep(0.1)
        ended += not node.is_running
        node.stop()
        ballast.unlink()
        node.start()
        broker.wait_ready()

    found = run_in_trouble(Fleet(workers, 2), fill_disk, (3, 6), random.Random(SEED))
    check(workers, found, expected)
    assert ended > 0
    broker.stop()
