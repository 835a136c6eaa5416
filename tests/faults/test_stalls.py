"""Nothing is broken off, it only says nothing any more: a proxy goes silent, a process is frozen and comes back."""

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from connectors.demo import generate_encounters
from tests.faults.dose import ENCOUNTERS, SEED, long_dose
from tests.faults.fleet import Cycle, Fleet, run_cycle
from tests.faults.oracle import check, wait_healed
from tests.streams.kafka.workers import Workers

STORE_SECONDS = 4


class Proxy:
    """TCP to one address; each piece may be held back for a while, or for ever."""

    def __init__(self, target: tuple[str, int] | str) -> None:
        self.target = target
        self.silent = threading.Event()
        self.delay_seconds = 0.0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def close(self) -> None:
        for each in (self._listener, *self._sockets):
            each.close()

    def _accept(self) -> None:
        while True:
            try:
                ours, _ = self._listener.accept()
            except OSError:
                return
            theirs = socket.socket(socket.AF_UNIX if isinstance(self.target, str) else socket.AF_INET)
            theirs.connect(self.target)
            self._sockets += [ours, theirs]
            for source, sink in ((ours, theirs), (theirs, ours)):
                threading.Thread(target=self._pass_on, args=(source, sink), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65_536):
                while self.silent.is_set():
                    time.sleep(0.05)
                time.sleep(self.delay_seconds)
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # one side has closed: so will the other


@pytest.fixture
def proxied(workers: Workers) -> Iterator[tuple[Workers, Proxy]]:
    """The same installation, whose workers reach the store through a proxy."""
    parts = urlsplit(workers.store)
    folder = parse_qs(parts.query).get("host", [""])[0]
    proxy = Proxy(f"{folder}/.s.PGSQL.{parts.port or 5432}" if folder else (str(parts.hostname), parts.port or 5432))
    user = parts.username or "postgres"
    through = Workers(
        workers.data, workers.kafka, f"postgresql://{user}@127.0.0.1:{proxy.port}{parts.path}", workers.session_seconds
    )
    yield through, proxy
    through.stop()
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
    through, proxy = proxied
    with Fleet(workers, 1):
        process = through.start({"REVCYCLE_STORE_SECONDS": str(STORE_SECONDS)})
        Cycle(workers, ENCOUNTERS, SEED).take_in()
        proxy.silent.set()
        assert process.wait(4 * STORE_SECONDS) == 75
        assert f"silent for {STORE_SECONDS} s" in through.log.read_text()
        found = run_cycle(workers, ENCOUNTERS, SEED)
        wait_healed(workers)
    check(workers, found, expected)


@long_dose
def test_a_store_that_answers_200_milliseconds_later(
    workers: Workers, proxied: tuple[Workers, Proxy], expected: dict[str, Any]
) -> None:
    through, proxy = proxied
    proxy.delay_seconds = 0.1  # each way
    with Fleet(through, 1) as fleet:
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
