"""The embedded engine's disk, or the outbox's, is full or cannot be written: whoever works says so, and the same
command goes on once there is room; nothing is lost, nothing doubled."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest

from schemas.errors import TransportError
from streams.installation import Opened, open_installation
from streams.practice.demo import RECEIVED
from tests.faults.disks import filled, mount_disk
from tests.faults.dose import ENCOUNTERS, SEED, long_dose
from tests.faults.fleet import Cycle
from tests.faults.oracle import compare
from tests.streams.kafka.workers import Workers

MEGABYTES = 600
FIRST_ROOM = 64 * 1024
T = TypeVar("T")


@dataclass
class Squeezed(Cycle):
    """A cycle of the embedded engine, each stage of which is tried with ever more room until it comes to its end."""

    squeeze: Callable[[int], AbstractContextManager[None]]  # by how many bytes are left
    rooms: int  # how often it is tried with too little
    refusals: list[str] = field(default_factory=list)

    def persist(self, act: Callable[[Opened], T]) -> T:
        """What `act` answers, once there is room for it."""
        for number in range(self.rooms):
            with self.squeeze(FIRST_ROOM << number):
                try:
                    return self._work(act)
                except TransportError as error:
                    self.refusals.append(str(error))
        return self._work(act)

    def _work(self, act: Callable[[Opened], T]) -> T:
        opened = open_installation(self.workers.data)
        try:
            return act(opened)
        finally:
            opened.store.close()


@long_dose
def test_the_disk_of_the_data_folder_is_full(tmp_path: Path, expected: dict[str, Any]) -> None:
    """At whatever would have been written next."""
    with mount_disk(tmp_path / "disk", MEGABYTES) as disk:
        data = disk / "data"
        data.mkdir()
        (tmp_path / RECEIVED).mkdir()
        (data / RECEIVED).symlink_to(tmp_path / RECEIVED)  # whoever sends us files has a disk of his own
        cycle = Squeezed(Workers(data, "", ""), ENCOUNTERS, SEED, partial(filled, disk), rooms=10)
        found = cycle.run()
    compare(found, expected)
    assert any("database cannot be written (SQLITE_FULL)" in each for each in cycle.refusals), cycle.refusals


@contextmanager
def read_only(folder: Path, room: int) -> Iterator[None]:
    """Nobody may write there, however much room there is."""
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)


@pytest.mark.parametrize(
    ("squeeze", "said"),
    [(filled, "No space left on device"), (read_only, "Read-only file system")],
    ids=["full", "read-only"],
)
def test_the_outbox_cannot_be_written(
    tmp_path: Path, expected: dict[str, Any], squeeze: Callable[[Path, int], AbstractContextManager[None]], said: str
) -> None:
    """A disk of its own, as a share that an uploader empties. No claim counts as submitted before its file stands."""
    outbox = tmp_path / "data" / "outbox"
    outbox.parent.mkdir()
    with mount_disk(outbox, MEGABYTES):
        cycle = Squeezed(Workers(outbox.parent, "", ""), ENCOUNTERS, SEED, partial(squeeze, outbox), rooms=2)
        found = cycle.run()
        written = sorted(path.name for path in outbox.iterdir())
    compare(found, expected)
    assert f"the outbox cannot be written ({said})" in cycle.refusals, cycle.refusals
    assert [name for name in written if not name.endswith(".837")] == []
