"""Whether a file that somebody else writes is whole, as far as that can be seen from outside.

A guess that is wrong costs time and loses nothing: what is not whole is waited for longer, and what comes after a file
was taken is noticed (see `connectors.inbox`).
"""

import os
import re
import signal
import sys

from connectors.bank.detect import BAI2, DEPOSITS, PAYMENTS, detect_bank_kind
from connectors.ehr.detect import HEAD_BYTES, detect_kind

TAIL_BYTES = 4096
JSON_BYTES_MAX = 64_000_000
CHUNK_BYTES = 1 << 20
PADDING = b" \t\r\n\x1a\x00"


def has_end(handle: int) -> bool:
    """Whether a file ends as its kind ends: X12 with IEA, BAI2 with 99, a batch of HL7 with its trailer, JSON with as
    many brackets closed as opened, what is made of lines with a line end. Other kinds have no end to look for."""
    size = os.fstat(handle).st_size
    head, tail = os.pread(handle, HEAD_BYTES, 0), os.pread(handle, TAIL_BYTES, max(0, size - TAIL_BYTES))
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n\x0b")
    match detect_kind(head):
        case "x12":
            element = re.escape(start[3:4])
            trailer = rb"IEA" + element + rb"[0-9]{1,5}" + element + rb"[0-9]{1,9}[^A-Za-z0-9][ \t\r\n\x1a\x00]*\Z"
            return re.search(trailer, tail) is not None
        case "fhir":
            return size <= JSON_BYTES_MAX and tail.rstrip().endswith(b"}") and _closes_brackets(handle)
        case "ndjson":
            return tail.endswith(b"\n")
        case "hl7":
            trailer = {b"FHS": b"FTS", b"BHS": b"BTS"}.get(start[:3], b"")
            last = re.split(rb"[\r\n]", tail.rstrip(PADDING + b"\x1c"))[-1]
            return tail.endswith((b"\r", b"\n", b"\x1c")) and last.startswith(trailer)
    match detect_bank_kind(head):
        case kind if kind == BAI2:
            last = tail.rstrip(PADDING).rsplit(b"\n", 1)[-1]
            return last.startswith(b"99,") and last.endswith(b"/")
        case kind if kind in (DEPOSITS, PAYMENTS):
            return tail.endswith((b"\n", b"\r"))
    return False


def _closes_brackets(handle: int) -> bool:
    """Brackets within strings count too: then it is waited for longer."""
    opened = closed = place = 0
    while chunk := os.pread(handle, CHUNK_BYTES, place):
        opened, closed, place = opened + chunk.count(b"{"), closed + chunk.count(b"}"), place + len(chunk)
    return opened == closed


def is_being_written(handle: int) -> bool:
    """Whether a process on this machine has the file open for writing. Linux knows, by refusing a read lease, of files
    of our own user; elsewhere this says no."""
    if sys.platform != "linux":
        return False
    import fcntl

    try:
        # Who opens the file for writing meanwhile waits these microseconds, and we are told by a signal that does
        # nothing: the one that the kernel would choose ends a process.
        fcntl.fcntl(handle, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False
