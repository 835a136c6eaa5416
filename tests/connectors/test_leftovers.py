"""What a killed process leaves half written goes; what is being written stays."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from connectors.archive import write_durably
from connectors.leftovers import ABANDONED_SECONDS, hold, make_replay_folder, remove_leftovers

HALF_DONE = """
import sys, time
from pathlib import Path
from connectors.leftovers import make_replay_folder
with make_replay_folder(Path(sys.argv[1])) as folder:
    (folder / "rebuilt.db").write_text("half")
    print("made", flush=True)
    time.sleep(60)
"""


def age(path: Path, seconds: float = ABANDONED_SECONDS + 60) -> None:
    os.utime(path, (time.time() - seconds,) * 2)


def test_the_store_of_a_killed_replay_is_removed_and_that_of_a_running_one_is_not(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HALF_DONE, str(tmp_path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline()
        assert remove_leftovers(tmp_path) == 0
        assert list(tmp_path.glob(".replay-*/rebuilt.db"))
        process.send_signal(signal.SIGKILL)
    assert remove_leftovers(tmp_path) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_replay_that_ends_leaves_nothing(tmp_path: Path) -> None:
    with make_replay_folder(tmp_path) as folder:
        assert remove_leftovers(tmp_path) == 0 and folder.is_dir()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_an_older_release_goes_once_nothing_was_written_for_long(tmp_path: Path) -> None:
    old = tmp_path / ".replay-abc"
    old.mkdir()
    (old / "rebuilt.db").touch()
    age(old)
    assert remove_leftovers(tmp_path) == 0, "its store was written a moment ago"
    age(old / "rebuilt.db")
    assert remove_leftovers(tmp_path) == 1


@pytest.mark.parametrize("name", [".0a1b.4711.tmp", ".1-000000001.837.99.tmp"])
def test_a_temporary_file_goes_when_nobody_holds_it(tmp_path: Path, name: str) -> None:
    file = tmp_path / "outbox" / name
    file.parent.mkdir()
    file.touch()
    assert remove_leftovers(tmp_path) == 0, "its writer may be about to lock it"
    age(file)
    with file.open("rb+") as held:
        hold(held)
        assert remove_leftovers(tmp_path) == 0
    assert remove_leftovers(tmp_path) == 1 and not file.exists()


def test_what_is_not_ours_stays(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / ".replay-link").symlink_to(tmp_path / "elsewhere")
    names = ("inbox/.upload.835.12.tmp", ".notes.tmp", "table.12.tmp", "elsewhere/kept")
    for name in names:
        (tmp_path / name).touch()
        age(tmp_path / name)
    assert remove_leftovers(tmp_path) == 0
    assert all((tmp_path / name).exists() for name in names)


def test_two_threads_write_one_file_beside_each_other(tmp_path: Path) -> None:
    """A worker's duties build the code sets of a new folder while its steps do."""
    path, together = tmp_path / "set", Barrier(2)

    def write(_: int) -> None:
        for _ in range(50):
            together.wait()
            write_durably(path, b"x" * 100_000)

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(write, range(2))) == [None, None]
    assert [file.name for file in tmp_path.iterdir()] == ["set"]
