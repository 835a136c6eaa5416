"""Whether a file that somebody else writes has the end of its kind.

A guess that is wrong costs time and loses nothing: see `connectors.wholeness`.
"""

import os
import re
from collections.abc import Iterator
from functools import cached_property

from connectors.content import Content

HEAD_BYTES = TAIL_BYTES = 4096
JSON_BYTES_MAX = 64_000_000
CHUNK_BYTES = 1 << 20
PADDING = b" \t\r\n\x1a\x00"


class OpenFile:
    """A file that is open for reading, without its end where it is still written."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self.size = os.fstat(handle).st_size
        self.content = Content(os.pread(handle, HEAD_BYTES, 0))

    @cached_property
    def tail(self) -> bytes:
        """Its last bytes."""
        return os.pread(self._handle, TAIL_BYTES, max(0, self.size - TAIL_BYTES))

    def read_chunks(self) -> Iterator[bytes]:
        """All of it, piece by piece."""
        place = 0
        while chunk := os.pread(self._handle, CHUNK_BYTES, place):
            yield chunk
            place += len(chunk)


def has_no_end(_file: OpenFile) -> bool:
    """What has no end to look for is never seen to be whole."""
    return False


def has_x12_end(file: OpenFile) -> bool:
    """Whether the last segment is an IEA."""
    element = re.escape(file.content.head[3:4])
    trailer = rb"IEA" + element + rb"[0-9]{1,5}" + element + rb"[0-9]{1,9}[^A-Za-z0-9][ \t\r\n\x1a\x00]*\Z"
    return re.search(trailer, file.tail) is not None


def has_hl7_end(file: OpenFile) -> bool:
    """Whether the last frame is closed; without frames, whether the last segment is ended, a batch's by its trailer."""
    if b"\x0b" in file.content.data[: file.content.begin]:
        return file.tail.rstrip(PADDING).endswith(b"\x1c")
    trailer = {b"FHS": b"FTS", b"BHS": b"BTS"}.get(file.content.head[:3], b"")
    last = re.split(rb"[\r\n]", file.tail.rstrip(PADDING + b"\x1c"))[-1]
    return file.tail.endswith((b"\r", b"\n", b"\x1c")) and last.startswith(trailer)


def has_json_end(file: OpenFile) -> bool:
    """Whether as many brackets are closed as opened. Those within strings count too: then it is waited for longer.
    Large files are lines, since no document of that size is read: a line end is theirs."""
    if file.size > JSON_BYTES_MAX:
        return file.tail.endswith(b"\n")
    opened = closed = 0
    for chunk in file.read_chunks():
        opened, closed = opened + chunk.count(b"{"), closed + chunk.count(b"}")
    return file.tail.rstrip().endswith((b"}", b"]")) and opened == closed


def has_bai2_end(file: OpenFile) -> bool:
    """Whether the last record is a file trailer."""
    last = file.tail.rstrip(PADDING).replace(b"\r", b"\n").rsplit(b"\n", 1)[-1]
    return last.startswith(b"99,") and last.endswith(b"/")


def has_line_end(file: OpenFile) -> bool:
    """Whether the last line is ended."""
    return file.tail.endswith((b"\n", b"\r"))
