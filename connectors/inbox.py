"""The inbox: a folder that others write into, in their own time, and nothing of it is lost.

A file that was written under a hidden name and renamed is whole at once. Any other is taken when nobody writes it and
it has kept still for a while, longer where its end is missing. It is moved out of its writer's way first, into a folder
that is looked into again after a kill, read there, and put away. Bytes that come later all the same, through a
descriptor that stayed open, are noticed: the file is taken again, whole, and what was read before is not read twice.
"""

import itertools
import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from connectors.files import FileRefusal, fit_name, open_regular, read_file, show_name
from connectors.permissions import FOLDER_MODE, close_file
from connectors.wholeness import has_end, is_being_written
from schemas.errors import TransportError
from schemas.identifiers import sha256_hex

OWN_FOLDERS = WORKING, DONE, REJECTED = ".taking", "done", "rejected"
SETTLED_SECONDS = 3.0  # without a change, before a file is looked at
UNFINISHED_SECONDS = 20.0  # where its end is not there
TOLD_SECONDS = 60.0  # without a change and still open, before somebody is told
TRIES_MAX = 10  # as often may a process die (of memory, of a kill) while it reads a file
LATE_SECONDS = 10.0  # between two looks for what came after a file was put away
LATE_NANOSECONDS = 1_000_000_000
LATE_BYTES_MAX = 500_000_000

Mark = tuple[int, int, int, int]  # a file's number, size, and times: another when anything was written


@dataclass
class _Watched:
    """Since when a file has been as it is; whether somebody was told that it stays open."""

    mark: Mark
    since: float
    told: bool = False


class Inbox:
    """One process at a time takes from it."""

    def __init__(self, folder: Path, tell: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self.folder = folder
        self.tell = tell
        self._clock = clock
        self._watched: dict[Path, _Watched] = {}
        self._taken: Mark | None = None
        self._stuck: set[Path] = set()
        self._known: set[Mark] = set()
        self._next_look = 0.0

    def take(self) -> Iterator[Path]:
        """What can be read now, one by one, each moved into the working folder; `end` and `put_away` are to be called
        for each before the next. What a killed process left there comes first."""
        working, _, _ = map(self._own_folder, OWN_FOLDERS)
        entries = [*_list(working), *(path for path in _list(self.folder) if path.name not in OWN_FOLDERS)]
        self._watched = {path: self._watched[path] for path in entries if path in self._watched}
        for path in entries:
            try:
                state = path.lstat()
                if path in self._stuck or not self._is_ripe(path, state):
                    continue
                taken = path if path.parent == working else _free_path(working, path.name)
                path.rename(taken)
                self._taken = _mark(taken.lstat())
            except FileNotFoundError:
                continue  # its writer has taken it back
            except OSError as error:
                self._give_up(path, error)
            else:
                self._watched.pop(path, None)
                if self._begin(taken) <= TRIES_MAX:
                    yield taken
                else:
                    self.end(taken)
                    name = show_name(Path(taken.name))
                    self.tell(f"{name}: {TRIES_MAX} processes died while they read it; it goes to {REJECTED}/ unread")
                    self.put_away(taken, REJECTED, "")

    def _begin(self, taken: Path) -> int:
        """Notes on the disk that a file is being read now; returns how often it was begun and never ended."""
        with _name_tries(taken).open("ab") as tries:
            tries.write(b".")
            return tries.tell()

    def end(self, taken: Path) -> None:
        """Says that the process outlived the reading of a file, whatever came of it."""
        _name_tries(taken).unlink(missing_ok=True)

    def put_away(self, taken: Path, folder: str, sha256: str) -> bool:
        """Moves a file that was read to DONE or REJECTED. False when it changed while it was read: it stays where it
        is, and is taken again once it keeps still."""
        try:
            state = taken.lstat()
            if stat.S_ISREG(state.st_mode):
                if _mark(state) != self._taken:
                    return False
                close_file(taken)
            taken.rename(_free_path(self._own_folder(folder), taken.name, sha256))
        except OSError as error:
            self._give_up(taken, error)
        return True

    def take_back_late(self, is_known: Callable[[str], bool]) -> None:
        """Moves what grew after it was put away back into the working folder; `is_known` says of a sha256 whether its
        document was read.

        Putting a file away changes its ctime, and writing its mtime as well; between its last writing and its putting
        away it kept still for seconds. So this also finds what came while nobody was looking.
        """
        began = self._clock()
        if began < self._next_look:
            return
        for folder in map(self._own_folder, (DONE, REJECTED)):
            for path in _list(folder):
                try:
                    state = path.lstat()
                    late = stat.S_ISREG(state.st_mode) and state.st_ctime_ns - state.st_mtime_ns < LATE_NANOSECONDS
                    if late and _mark(state) not in self._known:
                        self._take_back(path, _mark(state), is_known)
                except OSError as error:
                    self._give_up(path, error)
        # However many files lie there, the look takes a fiftieth of our time.
        self._next_look = self._clock() + max(LATE_SECONDS, 50 * (self._clock() - began))

    def _take_back(self, path: Path, mark: Mark, is_known: Callable[[str], bool]) -> None:
        try:
            data = read_file(path, LATE_BYTES_MAX)
        except FileRefusal:
            return  # it still grows, or cannot be read in any case
        if not data or data.isspace() or is_known(sha256_hex(data)):
            self._known.add(mark)
            return
        path.rename(_free_path(self._own_folder(WORKING), path.name))
        self.tell(f"{show_name(Path(path.name))}: more came after it was read; it is read again, whole")

    def _is_ripe(self, path: Path, state: os.stat_result) -> bool:
        if not stat.S_ISREG(state.st_mode):
            return True  # to be refused by name
        watched = self._watched.get(path)
        if watched is None or watched.mark != _mark(state):
            self._watched[path] = _Watched(_mark(state), self._clock())
            return False
        still = self._clock() - watched.since
        if still < SETTLED_SECONDS:
            return False
        try:
            handle = open_regular(path)
        except FileRefusal:
            return True  # to be refused by name
        try:
            if is_being_written(handle):
                if still > TOLD_SECONDS and not watched.told:
                    watched.told = True
                    name = show_name(Path(path.name))
                    self.tell(f"{name}: nothing was written for a minute, but its writer has it open; it is waited for")
                return False
            return still >= UNFINISHED_SECONDS or has_end(handle)
        finally:
            os.close(handle)

    def _own_folder(self, name: str) -> Path:
        """One of our folders; what else has its name is given another, and so taken as an entry like others."""
        path = self.folder / name
        try:
            if os.path.lexists(path) and not stat.S_ISDIR(path.lstat().st_mode):
                path.rename(_free_path(self.folder, f"not-{name.strip('.')}"))
            path.mkdir(FOLDER_MODE, exist_ok=True)
        except OSError as error:
            raise TransportError(f"{path} cannot be made ({error.strerror})") from error
        return path

    def _give_up(self, path: Path, error: OSError) -> None:
        """Until the next start: to try again at each look would only say the same again."""
        self._stuck.add(path)
        name = show_name(Path(path.name))
        self.tell(
            f"{name}: it cannot be moved out of {show_name(path.parent)} ({error.strerror}): check rights and disk"
        )


def _list(folder: Path) -> list[Path]:
    """What is in a folder, in a stable order; hidden names are their writers' still."""
    try:
        return [folder / name for name in sorted(os.listdir(folder)) if not name.startswith(".")]
    except OSError as error:
        raise TransportError(f"{folder} cannot be looked into ({error.strerror})") from error


def _name_tries(taken: Path) -> Path:
    return taken.with_name(fit_name(".tries-", taken.name))


def _mark(state: os.stat_result) -> Mark:
    return (state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns)


def _free_path(folder: Path, name: str, sha256: str = "") -> Path:
    """A name that nothing has yet, told apart by content where there is some, else by number."""
    apart = [f"{sha256[:12]}-"] if sha256 else []
    prefixes = itertools.chain([""], apart, (f"{number}-" for number in itertools.count(2)))
    paths = (folder / fit_name(prefix, name) for prefix in prefixes)
    return next(path for path in paths if not os.path.lexists(path))
