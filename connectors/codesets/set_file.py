"""One loaded code set as one immutable file: a JSON header, then either rows by key or NCCI pairs, read through mmap.

Measured against the alternatives on ICD-10-CM (98,000 rows): opening costs a page or two and no memory until a row is
read, a look-up one hash and one comparison. A dict from JSON or marshal takes 30 MB and 60 ms at every start; sqlite
3 microseconds for every look-up and a connection for every thread.
"""

import json
import mmap
import os
import sys
import zlib
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from connectors.archive import write_durably
from connectors.files import FileRefusal, open_regular, show_name
from schemas.errors import ConfigurationError, TransportError

MAGIC = b"RCSET1" + sys.byteorder[:1].encode() + b"\n"
_PREFIX = 16  # magic, then the length of the header in ASCII digits


class SetFileError(ConfigurationError):
    """A code-set file of the installation that cannot be used."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            f"the code set {show_name(path)} {why}: give its source to `revcycle codes load` again, or delete the file "
            "and do without it"
        )


@dataclass(frozen=True, slots=True)
class LoadedSet:
    """What `codes list` shows of one set: kind and part, version, dates it covers, rows, source and its sha256."""

    kind: str
    version: str
    effective_from: date
    effective_to: date | None
    rows: int
    source: str
    sha256: str
    part: str = ""

    @property
    def label(self) -> str:
        return f"{self.version} {self.part}".strip()


def write_set(folder: Path, about: LoadedSet, layout: Mapping[str, Any], payload: Iterable[bytes]) -> Path:
    """Write one set under `folder` so that it appears whole or not at all. Raises TransportError when the disk takes no
    more."""
    head = asdict(about) | {"effective_from": about.effective_from.isoformat(), "layout": dict(layout)}
    head["effective_to"] = about.effective_to.isoformat() if about.effective_to else None
    chunks = list(payload)
    head["payload_bytes"] = sum(map(len, chunks))
    text = json.dumps(head, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # the payload's arrays are read in place: keep them aligned
    target = folder / f"{about.kind}.{about.sha256[:16]}.set"
    try:
        write_durably(target, MAGIC + b"%08d" % len(text) + text, *chunks)
    except OSError as error:
        raise TransportError(f"{show_name(target)} cannot be written ({error.strerror}): make room") from error
    return target


def pack_rows(rows: Mapping[str, list[Any]]) -> tuple[dict[str, Any], list[bytes]]:
    """Rows by key as an open-addressed hash table over JSON records: the layout and payload for `write_set`."""
    slot_count = 1 << max(3, (len(rows) * 2 - 1).bit_length())
    slots, records, position = array("I", bytes(4 * slot_count)), [], 1  # 0 marks a free slot
    for key, row in rows.items():
        name = key.encode()
        value = json.dumps(row, separators=(",", ":"), ensure_ascii=False).encode()
        record = len(name).to_bytes(1) + name + len(value).to_bytes(4) + value
        slot = zlib.crc32(name) & (slot_count - 1)
        while slots[slot]:
            slot = (slot + 1) & (slot_count - 1)
        slots[slot] = position
        records.append(record)
        position += len(record)
    return {"slots": slot_count}, [slots.tobytes(), b"\0", b"".join(records)]


class SetFile:
    """One opened set: `about` it, its `layout`, and its payload as a read-only view."""

    def __init__(self, path: Path) -> None:
        """Raises SetFileError."""
        self._map = _map_file(path)
        if self._map[:8] != MAGIC:
            raise SetFileError(path, "was not written by this release or kind of machine")
        self.path = path
        try:
            start = _PREFIX + int(self._map[8:_PREFIX])
            head = json.loads(self._map[_PREFIX:start])
            size = start + head.pop("payload_bytes")
            self.layout: dict[str, Any] = head.pop("layout")
            head["effective_from"] = date.fromisoformat(head["effective_from"])
            head["effective_to"] = date.fromisoformat(head["effective_to"]) if head["effective_to"] else None
            self.about = LoadedSet(**head)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise SetFileError(path, "is damaged at its beginning") from None
        if len(self._map) != size:
            raise SetFileError(path, "is cut short")
        self.payload = memoryview(self._map)[start:]


def _map_file(path: Path) -> mmap.mmap:
    try:
        handle = open_regular(Path(os.path.realpath(path)))
    except FileRefusal as refusal:
        raise SetFileError(path, f"cannot be read ({refusal.what})") from None
    try:
        return mmap.mmap(handle, 0, access=mmap.ACCESS_READ)
    except ValueError:
        raise SetFileError(path, "is empty") from None
    finally:
        os.close(handle)


class KeyedRows:
    """Rows of a set by key; `get` costs about a microsecond and keeps nothing in memory."""

    def __init__(self, file: SetFile) -> None:
        self.about = file.about
        self._mask = file.layout["slots"] - 1
        self._slots = file.payload[: 4 * file.layout["slots"]].cast("I")
        self._records = file.payload[4 * file.layout["slots"] :]

    def get(self, key: str) -> list[Any] | None:
        """The row of a key, or None."""
        name = key.encode()
        slot, size, records = zlib.crc32(name) & self._mask, len(name), self._records
        while position := self._slots[slot]:
            end = position + 1 + size
            if records[position] == size and records[position + 1 : end] == name:
                stop = end + 4
                length = int.from_bytes(records[end:stop])
                row: list[Any] = json.loads(bytes(records[stop : stop + length]))
                return row
            slot = (slot + 1) & self._mask
        return None
