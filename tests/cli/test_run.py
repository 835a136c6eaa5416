"""`revcycle run`: watches the inbox, survives kill -9, stops cleanly on SIGTERM."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from connectors.demo import generate_encounters
from streams.installation import open_installation
from streams.reports.status import report_status

COMMAND = [sys.executable, "-c", "from streams.cli import main; main()", "run", "--cut-seconds", "0.2", "--data"]


@contextmanager
def worker(data: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen([*COMMAND, str(data)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def wait_for(condition: object, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "nothing happened in time"
        time.sleep(0.1)


def drop(data: Path, name: str, seed: int) -> None:
    inbox = data / "inbox"
    inbox.mkdir(parents=True, exist_ok=True)
    hidden = inbox / f".{name}"
    hidden.write_text("".join(encounter.model_dump_json() + "\n" for encounter in generate_encounters(6, seed)))
    hidden.rename(inbox / name)


def test_the_worker_processes_what_is_dropped_and_stops_on_sigterm(tmp_path: Path) -> None:
    with worker(tmp_path) as process:
        drop(tmp_path, "first.ndjson", 1)
        wait_for(lambda: list((tmp_path / "outbox").glob("*.837")))
        process.kill()
        process.wait()
    with worker(tmp_path) as process:
        drop(tmp_path, "second.ndjson", 2)
        wait_for((tmp_path / "inbox" / "done" / "second.ndjson").exists)
        assert process.stdout is not None
        said = process.stdout.readline()
        metrics = urlopen(said.split()[-1]).read().decode()
        assert said.startswith("metrics at http://127.0.0.1:")
        assert 'revcycle_events_consumed_total{step="coding_validation",topic="rcm.encounter.v1"} 6.0' in metrics
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
    status = report_status(open_installation(tmp_path))
    assert status.encounters.total == 12
    assert status.encounters.held + status.encounters.coded + status.encounters.withdrawn == 12
