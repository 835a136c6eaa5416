"""Files that somebody else puts before us: found, named and read without following links or waiting for anybody.

Only what a path names itself is read, and only where it is a regular file: a link could name a secret, a FIFO never
answers, and opening a device may do something. A file is read by one descriptor, so that nothing can change places with
it in between.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

NAME_BYTES_MAX = 255  # of one name in a folder, on every file system in use
CHUNK_BYTES = 8 * 1024 * 1024
KINDS = (
    (stat.S_ISLNK, "symbolic_link", "a symbolic link", "name or move the file itself: a link is never followed"),
    (stat.S_ISDIR, "not_a_file", "a folder", "drop files, not folders; `revcycle ingest` takes a folder's files"),
    (stat.S_ISFIFO, "not_a_file", "a named pipe (FIFO)", "write what comes out of it into a file, and give that"),
    (stat.S_ISSOCK, "not_a_file", "a socket", "give a file"),
    (lambda mode: not stat.S_ISREG(mode), "not_a_file", "a device", "give a file"),
)


class FileRefusal(Exception):
    """A file that is not read: what it is, why, and what to do. Holds nothing of its content."""

    def __init__(self, code: str, what: str, remedy: str) -> None:
        super().__init__(what)
        self.code, self.what, self.remedy = code, what, remedy


def show_name(path: Path) -> str:
    """A path as text that every terminal, log and database can encode; bytes that are not UTF-8 read as `\\xff`."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def fit_name(prefix: str, name: str) -> str:
    """A prefix before a file's name, which loses its own beginning where both together are too long for a folder."""
    room = NAME_BYTES_MAX - len(os.fsencode(prefix))
    return prefix + os.fsdecode(os.fsencode(name)[-room:])


def find_files(paths: Sequence[Path]) -> Iterator[Path]:
    """The files of files and folders in a stable order, with links, pipes and what cannot be looked into, for their
    reader to refuse by name. Hidden names are left alone."""
    for given in paths:
        waiting = [given]
        while waiting:  # a stack of our own: folders may be nested deeper than calls
            path = waiting.pop()
            if os.path.islink(path) or not os.path.isdir(path):
                yield path
                continue
            try:
                names = sorted((name for name in os.listdir(path) if not name.startswith(".")), reverse=True)
            except OSError:
                yield path
            else:
                waiting.extend(path / name for name in names)


def check_regular(state: os.stat_result) -> None:
    """Raises FileRefusal for what is not a regular file."""
    for is_kind, code, what, remedy in KINDS:
        if is_kind(state.st_mode):
            raise FileRefusal(code, f"it is {what}, not a file", remedy)


def open_regular(path: Path) -> int:
    """A descriptor of a regular file, open for reading. Raises FileRefusal for anything else, without opening it."""
    try:
        check_regular(path.lstat())
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise _explain(error) from None
    try:
        check_regular(os.fstat(handle))  # it may be another by now
    except FileRefusal:
        os.close(handle)
        raise
    return handle


def refuse_size(bytes_max: int) -> FileRefusal:
    """What is said of a file with more bytes."""
    return FileRefusal("too_large", f"the file is larger than {bytes_max // 1_000_000} MB", "split it")


def read_file(path: Path, bytes_max: int) -> bytes:
    """All bytes of a regular file that nobody changes meanwhile, unless there are more than so many. Raises
    FileRefusal."""
    handle = open_regular(path)
    try:
        before = os.fstat(handle)
        if before.st_size > bytes_max:
            raise refuse_size(bytes_max)
        chunks = []
        left = before.st_size + 1  # one more than there should be, to see that it grows
        while left and (chunk := os.read(handle, min(left, CHUNK_BYTES))):
            chunks.append(chunk)
            left -= len(chunk)
        after = os.fstat(handle)
    except OSError as error:
        raise _explain(error) from None
    finally:
        os.close(handle)
    if left != 1 or (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        raise FileRefusal("file_changing", "the file changed while it was read", "give it again once it is whole")
    return b"".join(chunks)


def _explain(error: OSError | ValueError) -> FileRefusal:
    why = error.strerror if isinstance(error, OSError) else "its name is none"
    return FileRefusal("unreadable_file", f"the file cannot be read: {why}", "check path and rights")
