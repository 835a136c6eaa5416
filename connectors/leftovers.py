"""What a killed process leaves half written: temporary files and the store of a `replay verify`.

Whoever writes one holds a lock on it, which ends with the process, however that ends, and counts in every container
that shares the folder; a process number would not. What nobody holds is removed.
"""

import fcntl
import os
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

REPLAY_PREFIX = ".replay-"
LOCK = "lock"
TEMPORARY = re.compile(r"\..+\.[0-9]+\.tmp|\.loading-.+")  # of `name_temporary`; of code sets in earlier releases
# A file is there a moment before it is locked, and releases before this one held no lock.
ABANDONED_SECONDS = 3600.0


def name_temporary(path: Path) -> Path:
    """Where a file is written before it has its name; one for each thread of each process: the duties of a worker open
    the same folder beside its steps."""
    return path.with_name(f".{path.name}.{os.getpid()}.{threading.get_native_id()}.tmp")


def hold(file: IO[Any]) -> None:
    """Says that this process still writes the file, until it is closed."""
    fcntl.flock(file.fileno(), fcntl.LOCK_EX)


@contextmanager
def make_replay_folder(data: Path) -> Iterator[Path]:
    """A folder for a second store, beside the first, removed at the end."""
    with tempfile.TemporaryDirectory(dir=data, prefix=REPLAY_PREFIX) as name:
        folder = Path(name)
        with (folder / f"{LOCK}.new").open("wb") as lock:
            hold(lock)
            (folder / f"{LOCK}.new").rename(folder / LOCK)  # held before anybody can find it free
            yield folder


def remove_leftovers(data: Path) -> int:
    """Removes what killed processes left under a data folder; returns how many files and folders that were.

    The inbox is left alone: others write there, by names of their own.
    """
    count = 0
    for folder in data.glob(f"{REPLAY_PREFIX}*"):
        if folder.is_dir() and not folder.is_symlink() and _is_abandoned(folder / LOCK, folder):
            shutil.rmtree(folder, ignore_errors=True)
            count += 1
    for file in data.rglob(".*"):
        ours = TEMPORARY.fullmatch(file.name) and not file.is_relative_to(data / "inbox")
        if ours and file.is_file() and not file.is_symlink() and _is_old(file) and _is_abandoned(file, file):
            file.unlink(missing_ok=True)
            count += 1
    return count


def _is_abandoned(lock: Path, path: Path) -> bool:
    """Nobody holds the lock; where there is none, nothing was written for long."""
    try:
        with lock.open("rb+") as file:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return all(_is_old(found) for found in (path, *path.glob("*")))
    except (BlockingIOError, PermissionError):
        return False  # at work, or somebody else's
    return True


def _is_old(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > ABANDONED_SECONDS
    except FileNotFoundError:
        return False
