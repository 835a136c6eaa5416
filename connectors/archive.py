"""Documents by sha256: raw bytes on the disk before any event names them, never changed, never deleted."""

import hashlib
import os
import re
from collections import OrderedDict
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TypeVar

from connectors.leftovers import hold, name_temporary
from connectors.permissions import FOLDER_MODE, open_private
from schemas.errors import TransportError
from schemas.identifiers import sha256_hex
from schemas.x12.errors import X12Error
from schemas.x12.x835_005010x221a1 import RemittanceClaim, RemittanceStream, stream_835

OPEN_DOCUMENTS_MAX = 4
SHA256 = re.compile(r"[0-9a-f]{64}")

Key = TypeVar("Key")
Value = TypeVar("Value")


def write_durably(path: Path, *chunks: bytes) -> None:
    """Temporary file, fsync, rename, fsync of the folder: the name never shows half a file."""
    if not path.parent.is_dir():
        path.parent.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
        _sync_folder(path.parent.parent)  # or a power failure takes the new folder with the file in it
    temporary = name_temporary(path)
    try:
        with open_private(temporary) as file:
            hold(file)
            file.writelines(chunks)
            file.flush()
            os.fsync(file.fileno())
        move_durably(temporary, path)
    except OSError:
        temporary.unlink(missing_ok=True)  # a full disk has no room for halves
        raise


def move_durably(source: Path, target: Path) -> None:
    """Gives a file of the same folder another name."""
    source.replace(target)
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Archive:
    """`archive/ab/abcdef...`: two levels, so that no folder grows without bound."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path_of(self, sha256: str) -> Path:
        """Where a document lies; raises ValueError for what is no sha256, so that no name leads out of the folder."""
        if not SHA256.fullmatch(sha256):
            raise ValueError("a document is named by its sha256, 64 hexadecimal digits")
        return self.folder / sha256[:2] / sha256

    def keep(self, data: bytes) -> str:
        """Stores the bytes durably, once; returns their sha256. Raises TransportError when the disk takes no more."""
        sha256 = sha256_hex(data)
        path = self.path_of(sha256)
        try:
            if not path.exists():
                write_durably(path, data)
        except OSError as error:
            raise TransportError(f"the archive {self.folder} cannot be written ({error.strerror})") from error
        return sha256

    def open(self, sha256: str) -> BinaryIO:
        """The bytes as a file; raises FileNotFoundError when they are gone, ValueError when they changed, and
        TransportError when it is the whole archive that cannot be read."""
        try:
            file = self.path_of(sha256).open("rb")
        except OSError as error:
            if self.folder.is_dir() and isinstance(error, FileNotFoundError):
                raise
            raise TransportError(f"the archive {self.folder} cannot be read ({error.strerror})") from error
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            file.close()
            raise ValueError(f"the archived document {sha256} is not what its name says: restore it from a backup")
        file.seek(0)
        return file

    def read(self, sha256: str) -> bytes:
        """The bytes; raises what `open` raises."""
        with self.open(sha256) as file:
            return file.read()


class RemittanceDocuments:
    """The archive as the processors' port for remittances. Reading a document in order parses it once."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self._sets: OrderedDict[str, tuple[int, Iterator[RemittanceStream]]] = OrderedDict()
        self._claims: OrderedDict[tuple[str, int], tuple[int, Iterator[RemittanceClaim]]] = OrderedDict()

    def open(self, sha256: str, index: int) -> RemittanceStream | None:
        """One ST of an 835, unread; None where the document has no such set."""
        position, sets = self._sets.pop(sha256, (0, iter(())))
        if position == 0 or index < position:
            position, sets = 0, stream_835(self.archive.open(sha256))
        found = _find_set(sets, index - position)
        if found is not None:
            _keep(self._sets, sha256, (index + 1, sets))
        return found

    def read_claims(self, sha256: str, index: int, first: int, count: int) -> list[RemittanceClaim]:
        """A run of claims of one ST; fewer where it has no more."""
        position, claims = self._claims.pop((sha256, index), (0, iter(())))
        if position == 0 or first < position:
            stream = _find_set(stream_835(self.archive.open(sha256)), index)
            position, claims = 0, iter(stream or ())
        found = list(islice(claims, first - position, first - position + count))
        _keep(self._claims, (sha256, index), (first + count, claims))
        return found


def _find_set(sets: Iterator[RemittanceStream], ahead: int) -> RemittanceStream | None:
    """The set that many behind the next one; None where the bytes hold none, or are no X12 at all."""
    try:
        return next(islice(sets, ahead, None), None)
    except X12Error:
        return None


def _keep(opened: OrderedDict[Key, Value], key: Key, value: Value) -> None:
    opened[key] = value
    while len(opened) > OPEN_DOCUMENTS_MAX:
        opened.popitem(last=False)
