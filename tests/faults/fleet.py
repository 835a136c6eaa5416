"""A fleet of worker processes under a supervisor, and one whole cycle run through it while something goes wrong."""

import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from connectors.archive import write_durably
from connectors.demo import generate_encounters
from schemas.errors import TransportError
from streams.edge.ingest import ingest_paths
from streams.edge.submission import cut_submissions
from streams.installation import Opened, open_installation
from streams.practice.demo import PAYER_TIME, RECEIVED, answer_outbox, run_demo
from streams.reports.status import report_status
from tests.faults.dose import ENCOUNTERS, SEED, TROUBLE_SECONDS
from tests.faults.oracle import wait_healed
from tests.streams.kafka.workers import Workers

RESTART_SECONDS = 0.2
PATIENCE_SECONDS = TROUBLE_SECONDS + 80
T = TypeVar("T")


@dataclass
class Fleet:
    """Keeps `size` workers running, as compose or systemd would: whatever ends is started again."""

    workers: Workers
    size: int
    # For the n-th start of all: what is added to its environment (a point at which to die, say).
    environments: list[Mapping[str, str]] = field(default_factory=list)
    exits: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.running: list[subprocess.Popen[bytes]] = []
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._supervise, daemon=True)

    def __enter__(self) -> "Fleet":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()
        self.workers.stop()

    def _supervise(self) -> None:
        started = 0
        while not self._stopping.wait(RESTART_SECONDS):
            with self._lock:
                for process in [x for x in self.running if x.poll() is not None]:
                    self.exits.append(process.returncode)
                    self.running.remove(process)
                while len(self.running) < self.size:
                    extra = self.environments[started] if started < len(self.environments) else {}
                    self.running.append(self.workers.start(extra))
                    started += 1

    def pick(self, dice: random.Random) -> subprocess.Popen[bytes] | None:
        """One of the workers that run now."""
        with self._lock:
            alive = [process for process in self.running if process.poll() is None]
        return dice.choice(alive) if alive else None

    def resize(self, size: int, dice: random.Random) -> None:
        """Workers join, or leave by SIGTERM."""
        with self._lock:
            self.size = size
            for process in dice.sample(self.running, max(0, len(self.running) - size)):
                process.send_signal(signal.SIGTERM)
                self.running.remove(process)


@dataclass
class Trouble:
    """Does something every few seconds, in the background, for so long or until told to stop; remembers how often."""

    act: Callable[[], None]
    seconds: tuple[float, float]
    dice: random.Random
    lasts_seconds: float
    times: int = 0

    def __enter__(self) -> "Trouble":
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        end = time.monotonic() + self.lasts_seconds
        while not self._stopping.wait(self.dice.uniform(*self.seconds)) and time.monotonic() < end:
            self.act()
            self.times += 1


@dataclass
class Cycle:
    """The demonstration's whole cycle, through whatever workers there are. Each stage is tried again when the broker or
    the database was away, as a person would: every one of them is safe to repeat."""

    workers: Workers
    encounters: int
    seed: int

    def take_in(self) -> datetime:
        """Every encounter is coded, or held, when this ends; returns the time of the cycle."""
        encounters = list(generate_encounters(self.encounters, self.seed))
        last_day = max(x.end_date or x.start_date for x in encounters)
        now = datetime(last_day.year, last_day.month, last_day.day, 18, tzinfo=UTC) + timedelta(days=1)
        source = self.workers.data / RECEIVED / "encounters.ndjson"
        write_durably(source, b"".join(x.model_dump_json().encode() + b"\n" for x in encounters))
        self.persist(lambda opened: ingest_paths(opened, [source], now))
        return now

    def report(self) -> dict[str, Any]:
        """The status as it is."""
        return self.persist(lambda opened: report_status(opened).model_dump(mode="json"))

    def run(self) -> dict[str, Any]:
        """Ends when everything is quiet; returns the status."""
        now = self.take_in()
        answered: set[Path] = set()
        for _ in range(3):
            self.persist(partial(self.cut, now=now))
            self.persist(partial(self.answer, answered=answered, now=now))
            answered |= set((self.workers.data / "outbox").glob("*.837"))
            now += PAYER_TIME
        return self.report()

    def cut(self, opened: Opened, now: datetime) -> None:
        """Every claim that waits stands in a file when this ends."""
        cut_submissions(opened.store, opened.publish, now)
        opened.engine.run_until_quiet()

    def answer(self, opened: Opened, answered: set[Path], now: datetime) -> None:
        """The payers' answers to every other file of the outbox are posted when this ends."""
        ingest_paths(opened, answer_outbox(opened, self.seed, answered), now)
        opened.engine.run_until_quiet()

    def persist(self, act: Callable[[Opened], T]) -> T:
        """What `act` answers, once broker and store are there for it."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                opened = open_installation(self.workers.data, kafka=self.workers.kafka, store=self.workers.store)
                try:
                    return act(opened)
                finally:
                    opened.store.close()
            except TransportError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)


def run_cycle(workers: Workers, encounters: int, seed: int) -> dict[str, Any]:
    """A whole cycle; see Cycle."""
    return Cycle(workers, encounters, seed).run()


def run_in_trouble(
    fleet: Fleet,
    act: Callable[[], None],
    seconds: tuple[float, float],
    dice: random.Random,
    encounters: int = ENCOUNTERS,
) -> dict[str, Any]:
    """A whole cycle while something goes wrong every few `seconds`; when that is over, lag and outbox come to nothing
    within HEALED_SECONDS. Returns the status as the cycle ended."""
    with fleet:
        with Trouble(act, seconds, dice, TROUBLE_SECONDS) as trouble:
            found = run_cycle(fleet.workers, encounters, SEED)
        wait_healed(fleet.workers)
    print(f"{trouble.times} times")
    assert trouble.times > 0
    return found


def run_undisturbed(folder: Path, encounters: int, seed: int) -> dict[str, Any]:
    """The same inputs through the embedded engine, alone."""
    installation = open_installation(folder)
    try:
        return run_demo(installation, encounters, seed).model_dump(mode="json")
    finally:
        installation.store.close()


def kill(fleet: Fleet, dice: random.Random) -> None:
    """kill -9 of one worker."""
    process = fleet.pick(dice)
    if process is not None:
        os.kill(process.pid, signal.SIGKILL)


def freeze(fleet: Fleet, dice: random.Random, seconds: float) -> None:
    """SIGSTOP past the session, then SIGCONT: a zombie that does not know yet."""
    process = fleet.pick(dice)
    if process is not None:
        os.kill(process.pid, signal.SIGSTOP)
        time.sleep(seconds)
        os.kill(process.pid, signal.SIGCONT)
