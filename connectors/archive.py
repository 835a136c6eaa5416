"""Documents by sha256: raw bytes on the disk before any event names them, never changed, never deleted."""

import os
from collections import OrderedDict
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from schemas.identifiers import sha256_hex
from schemas.x12.x835_005010x221a1 import Remittance, read_835

OPEN_DOCUMENTS_MAX = 4


def write_durably(path: Path, data: bytes, reach: Callable[[str], None] = lambda point: None) -> None:
    """Temporary file, fsync, rename, fsync of the folder: the name never shows half a file."""
    if not path.parent.is_dir():
        path.parent.mkdir(parents=True, exist_ok=True)
        _sync_folder(path.parent.parent)  # or a power failure takes the new folder with the file in it
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    reach("outbox.after_temporary")
    temporary.replace(path)
    _sync_folder(path.parent)
    reach("outbox.after_rename")


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
        self._open: OrderedDict[str, tuple[int, Iterator[Remittance]]] = OrderedDict()

    def path_of(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256

    def keep(self, data: bytes) -> str:
        """Stores the bytes durably, once; returns their sha256."""
        sha256 = sha256_hex(data)
        path = self.path_of(sha256)
        if not path.exists():
            write_durably(path, data)
        return sha256

    def read(self, sha256: str) -> bytes:
        """The bytes; raises FileNotFoundError when they are gone, ValueError when they changed."""
        data = self.path_of(sha256).read_bytes()
        if sha256_hex(data) != sha256:
            raise ValueError(f"the archived document {sha256} is not what its name says: restore it from a backup")
        return data

    def read_remittance(self, sha256: str, index: int) -> Remittance:
        """One ST of an 835. Reading them in order parses the document once."""
        position, remittances = self._open.pop(sha256, (0, iter(())))
        if position == 0 or index < position:
            position, remittances = 0, read_835(self.read(sha256))
        found = next(islice(remittances, index - position, None), None)
        if found is None:
            raise ValueError(f"the archived document {sha256} has no transaction set {index}")
        self._open[sha256] = (index + 1, remittances)
        while len(self._open) > OPEN_DOCUMENTS_MAX:
            self._open.popitem(last=False)
        return found


class RemittanceDocuments:
    """The archive as the processors' port for remittances."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive

    def read(self, sha256: str, index: int) -> Remittance:
        return self.archive.read_remittance(sha256, index)
