"""`revcycle run` with an inbox that strangers fill: alive, every entry accounted for, nothing of a good file lost."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from connectors.demo import generate_encounters
from connectors.inbox import DONE, REJECTED, WORKING
from schemas.showing import show
from streams.engine.kill_points import EXIT_AT
from streams.installation import open_installation
from streams.reports.status import report_status
from tests.cli.test_run import COMMAND, drop, wait_for
from tests.hostile_entries import make_entries

MEMORY_MB_MAX = 700


def start(data: Path, log: Path, **environment: str) -> "subprocess.Popen[bytes]":
    with log.open("ab") as out:
        settings = {**os.environ, "REVCYCLE_METRICS": "off", **environment}
        return subprocess.Popen([*COMMAND, str(data)], stdout=out, stderr=subprocess.STDOUT, env=settings)


def stop(process: "subprocess.Popen[bytes]") -> int:
    process.send_signal(signal.SIGTERM)
    try:
        return process.wait(timeout=30)
    finally:
        process.kill()


def list_names(folder: Path) -> set[bytes]:
    return {os.fsencode(path.name) for path in folder.iterdir()}


def is_empty(inbox: Path) -> bool:
    return list_names(inbox) == {WORKING.encode(), DONE.encode(), REJECTED.encode()} and not list_names(inbox / WORKING)


@pytest.mark.timeout(300)
def test_sixty_hostile_entries_leave_the_inbox_and_the_good_file_among_them_is_read(tmp_path: Path) -> None:
    data, log = tmp_path / "data", tmp_path / "log"
    inbox = data / "inbox"
    names = make_entries(inbox)
    assert len(names) == 60
    drop(data, "n-good.ndjson", 1)
    process = start(data, log)
    try:
        wait_for(lambda: (inbox / REJECTED).exists() and is_empty(inbox), 200)
        if os.path.exists(f"/proc/{process.pid}/status"):
            peak = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process.pid}/status").read_text())
            assert peak and int(peak[1]) < MEMORY_MB_MAX * 1000, "bounded memory"
        drop(data, "n-after.ndjson", 2)
        wait_for((inbox / DONE / "n-after.ndjson").exists)
        assert stop(process) == 0
    finally:
        process.kill()
    said = log.read_bytes().decode("utf-8")
    assert "Traceback" not in said
    assert list_names(inbox / DONE) | list_names(inbox / REJECTED) == {*names, b"n-good.ndjson", b"n-after.ndjson"}
    for name in names:
        assert show(name.decode("utf-8", "backslashreplace")) in said, "each is named"
    status = report_status(open_installation(data))
    assert status.encounters.total == 12
    passwords = Path("/etc/passwd").read_bytes()
    assert not [path for path in (data / "archive").glob("*/*") if path.read_bytes() == passwords]


def test_a_writer_that_stalls_loses_nothing(tmp_path: Path) -> None:
    """Five seconds of silence in the middle, and none of the second half is missing."""
    data = tmp_path / "data"
    inbox = data / "inbox"
    inbox.mkdir(parents=True)
    lines = [encounter.model_dump_json() + "\n" for encounter in generate_encounters(8, 3)]
    process = start(data, tmp_path / "log")
    try:
        with (inbox / "slow.ndjson").open("w") as writer:
            for half in (lines[:4], lines[4:]):
                writer.writelines(half)
                writer.flush()
                time.sleep(5)
        wait_for((inbox / DONE / "slow.ndjson").exists)
        assert stop(process) == 0
    finally:
        process.kill()
    assert report_status(open_installation(data)).encounters.total == 8


@pytest.mark.parametrize("point", ["ingest.archived", "ingest.before_publish", "ingest.after_publish"])
def test_a_worker_that_dies_with_a_file_in_hand_reads_it_when_it_starts_again(point: str, tmp_path: Path) -> None:
    data, log = tmp_path / "data", tmp_path / "log"
    drop(data, "one.ndjson", 4)
    died = start(data, log, **{EXIT_AT: f"{point}:1"})
    assert died.wait(timeout=60) == 137
    assert list_names(data / "inbox" / WORKING) == {b"one.ndjson", b".tries-one.ndjson"}
    process = start(data, log)
    try:
        wait_for((data / "inbox" / DONE / "one.ndjson").exists)
        assert stop(process) == 0
    finally:
        process.kill()
    assert report_status(open_installation(data)).encounters.total == 6
