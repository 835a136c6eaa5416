r"""A file of HL7 v2 into its messages: MLLP frames, batches (FHS BHS BTS FTS) and line ends of all kinds.

A segment ends with CR (HL7 v2 chapter 2.5); files have LF or CR LF as well. A line feed that no segment follows was
typed into a field, where the standard has `\.br\`. A frame is \x0b, a message, \x1c and CR (MLLP, release 1): what
stands between frames is nothing, and a frame that is not closed holds a message that was cut off.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from connectors.content import Content

_FILE_START = re.compile(rb"(MSH|FHS|BHS)[^A-Za-z0-9\s]")
_MESSAGE_START = re.compile(rb"(?:^|[\r\x1c])([\x0b \t]{0,8})(?=MSH[^A-Za-z0-9\s])")
_TYPED = re.compile(rb"\r?\n(?![A-Z][A-Z0-9]{2}[^A-Za-z0-9])(?=[^\s\x0b\x1c])")
_LEVEL = re.compile(
    rb"(?:^|[\r\x1c\x0b])[ \t]{0,8}(MSH|BHS|BTS|FTS)(?![A-Za-z0-9])(?:[^\s][ \t]*([0-9]{1,9})(?![0-9]))?"
)
_PADDING = b"\r\n\x0b\x1c \t\x1a\x00"


@dataclass(frozen=True, slots=True)
class Framed:
    """One message's bytes, its segments ended by CR; whether its frame was left open."""

    data: bytes
    is_cut: bool


def detect_hl7(content: Content) -> str:
    """Whether a message, or the header of a batch or file of them, stands at the beginning."""
    return "hl7" if _FILE_START.match(content.head) else ""


def even_line_ends(data: bytes) -> bytes:
    """The bytes with CR at the end of each segment and nowhere else, as far as that can be told."""
    text = _TYPED.sub(b" ", data.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n"))
    return text.replace(b"\r\n", b"\r").replace(b"\n", b"\r")


def split_messages(text: bytes) -> Iterator[Framed]:
    """The messages of a text with even line ends, one by one."""
    starts = list(_MESSAGE_START.finditer(text))
    ends = [*(match.start() + 1 for match in starts[1:]), len(text)]
    for match, end in zip(starts, ends, strict=False):
        message, close, behind = text[match.end() : end].partition(b"\x1c")
        is_framed = b"\x0b" in match[1]
        if close and not is_framed:
            message += b"\r" + behind.replace(b"\x1c", b"\r")
        yield Framed(message.strip(_PADDING), is_framed and not close)


def count_batches(text: bytes) -> Iterator[tuple[str, int, int]]:
    """(trailer, what it says, what was counted) of each BTS and FTS whose count is not that of its messages or batches.

    Both counts are optional (HL7 v2 chapter 2.10.3), and so are the headers. A file's trailer that counts messages in
    the place of batches is taken at its word.
    """
    messages = batches = total = 0
    for found in _LEVEL.finditer(text):
        said = int(found[2]) if found[2] else None
        match found[1]:
            case b"MSH":
                messages, total = messages + 1, total + 1
            case b"BHS":
                messages = 0
            case b"BTS":
                if said not in (None, messages):
                    yield "BTS-1", said, messages
                messages, batches = 0, batches + 1
            case b"FTS":
                if said not in (None, batches or 1, total):
                    yield "FTS-1", said, batches
                batches = total = 0


def has_trailer(text: bytes) -> bool:
    """Whether a batch or file of messages is ended by its trailer."""
    return any(match[1] in (b"BTS", b"FTS") for match in _LEVEL.finditer(text))
