"""The process dies at every named point, the 1st, 2nd and 3rd time it gets there, and nothing is lost or doubled.

Each run is a process of its own that ends by `os._exit`, as by kill -9, and is started again on what it left behind.
"""

import multiprocessing
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from connectors.demo import generate_encounters
from connectors.stores.digests import digest, journal_digest
from schemas.reference import Reference
from streams.audit.replay import verify_replay
from streams.edge.ingest import ingest_paths
from streams.edge.submission import cut_submissions
from streams.engine.kill_points import EXIT_AT, POINTS
from streams.practice.demo import answer_outbox
from tests.builders import NOW, find_violations, open_small

FORK = multiprocessing.get_context("fork")  # the child has the code sets that this process has read
KILLED = 137


@dataclass(frozen=True)
class Left:
    """What a run leaves behind for others: the two digests, and the files to send by name."""

    digest: str
    journal_digest: str
    outbox: dict[str, bytes]


@pytest.fixture(scope="session")
def waves(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three files of the EHR; the last corrects and withdraws encounters whose claims are with the payer by then."""
    folder = tmp_path_factory.mktemp("waves")
    lines = [encounter.model_dump_json() + "\n" for encounter in generate_encounters(20, 1)]
    files = []
    for number, start in enumerate((0, 7, 14)):
        end = len(lines) if start == 14 else start + 7
        files.append(folder / f"{number}.ndjson")
        files[-1].write_text("".join(lines[start:end]))
    return files


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, reference: Reference, waves: list[Path]) -> Left:
    data = tmp_path_factory.mktemp("undisturbed")
    assert run_process(data, reference, waves) == 0
    return look_at(data, reference)


def run_cycle_in_waves(data: Path, reference: Reference, waves: Sequence[Path]) -> None:
    """Encounters in, claims cut, the payer's answers in, three times over; whatever is done already is a repeat."""
    installation = open_small(data, reference)
    installation.inbox.mkdir(exist_ok=True)
    for wave in waves:
        ingest_paths(installation, [wave], NOW)
        cut_submissions(installation.store, installation.publish, NOW)
        installation.engine.run_until_quiet()
        ingest_paths(installation, answer_outbox(installation, seed=1), NOW)
    installation.store.close()


def run_process(data: Path, reference: Reference, waves: Sequence[Path], exit_at: str = "") -> int:
    """Runs the waves in a new process; returns its exit status."""

    def run() -> None:
        os.environ[EXIT_AT] = exit_at
        run_cycle_in_waves(data, reference, waves)

    process = FORK.Process(target=run)
    process.start()
    process.join()
    assert process.exitcode is not None
    return process.exitcode


def look_at(data: Path, reference: Reference) -> Left:
    installation = open_small(data, reference)
    connection = installation.store.connection
    assert find_violations(connection) == []
    files = {path.name: path.read_bytes() for path in installation.outbox.glob("*.837")}
    left = Left(digest(connection), journal_digest(connection), files)
    installation.store.close()
    return left


def test_the_undisturbed_run_has_something_to_lose(tmp_path: Path, reference: Reference, waves: list[Path]) -> None:
    run_cycle_in_waves(tmp_path, reference, waves)
    installation = open_small(tmp_path, reference)
    rows = installation.store.connection.execute("SELECT type, COUNT(*) FROM event GROUP BY type").fetchall()
    counts = dict(rows)
    replayed = verify_replay(installation, decide=True)
    installation.store.close()

    assert counts["rcm.interchange.written"] >= 3
    assert counts["rcm.remittance.closed"] >= 3
    assert counts["rcm.posted"] >= 12
    assert {"rcm.denied", "rcm.held", "rcm.coded.withdrawn"} <= counts.keys()
    assert replayed.first_difference is None


@pytest.mark.parametrize("time", [1, 2, 3])
@pytest.mark.parametrize("point", POINTS)
def test_a_kill_loses_and_doubles_nothing(
    tmp_path: Path, reference: Reference, waves: list[Path], undisturbed: Left, point: str, time: int
) -> None:
    assert run_process(tmp_path, reference, waves, f"{point}:{time}") == KILLED

    assert run_process(tmp_path, reference, waves) == 0

    assert look_at(tmp_path, reference) == undisturbed


def test_kill_upon_kill_loses_and_doubles_nothing(
    tmp_path: Path, reference: Reference, waves: list[Path], undisturbed: Left
) -> None:
    """Every start is killed at the next point of the list before the last one is left alone."""
    for point in POINTS:
        assert run_process(tmp_path, reference, waves, f"{point}:1") in (KILLED, 0)

    assert run_process(tmp_path, reference, waves) == 0

    assert look_at(tmp_path, reference) == undisturbed
