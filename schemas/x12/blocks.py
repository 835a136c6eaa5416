"""Bytes to runs of whole segments, each interchange cut by its own delimiters.

The delimiters are read from each interchange's own ISA, so one file may hold several interchanges with different ones.
Memory is bounded by the block and the longest segment, never by the file. Line ends of a file that a mainframe cut into
lines of one length, through the middle of its segments, are no part of them; byte positions in it do not count them.
"""

import io
import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from schemas.x12.errors import TruncatedError, X12Error

BLOCK_BYTES = 256 * 1024
MAX_SEGMENT_BYTES = 4 * 1024 * 1024
ISA_LENGTH = 106
# Where the 16 element separators of a well-formed ISA stand (X12.5: every ISA element has a fixed width).
ISA_SEPARATORS = (3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103)
ISA_MAX_LENGTH = 256  # an ISA whose widths are wrong is still read when its 17 elements fit here
BLANKS = " \t\r\n"
LINE_END = re.compile("\r\n|\r|\n")
WRAP_WIDTH_MIN = 40
WRAP_LOOK = 4096  # characters that are looked at to see it
BYTE_ORDER_MARK = "\xef\xbb\xbf"  # of UTF-8, as Latin-1 shows it


class Delimiters(NamedTuple):
    """One character each; `repetition` is empty where the interchange has none (ISA11 = U, before 00402)."""

    element: str = "*"
    component: str = ":"
    repetition: str = "^"
    segment: str = "~"


class Block(NamedTuple):
    """Whole segments with the same delimiters, one character a byte; `gap` bytes end each text.

    `tidy` where no text is empty, none begins or ends with a blank, and all is ASCII.
    """

    texts: list[str]
    offset: int
    gap: int
    delimiters: Delimiters
    tidy: bool


def read_blocks(source: bytes | BinaryIO) -> Iterator[Block]:
    """Cut a file into runs of whole segments; a new ISA begins a new run with its own delimiters."""
    stream = io.BytesIO(source) if isinstance(source, bytes | bytearray | memoryview) else source
    carry, offset, gap, boundary = "", 0, "", re.compile("")
    delimiters: Delimiters | None = None
    started = ended = wrapped = False
    while not ended:
        raw = stream.read(max(BLOCK_BYTES, len(carry)))  # or a long segment would be looked through once for each block
        ended = not raw
        text = carry + (LINE_END.sub("", raw.decode("latin-1")) if wrapped else raw.decode("latin-1"))
        if not started and text.startswith(BYTE_ORDER_MARK):
            text, offset = text[len(BYTE_ORDER_MARK) :], len(BYTE_ORDER_MARK)
        while True:
            if delimiters is None:
                blank = len(text) - len(text.lstrip(BLANKS))
                text, offset = text[blank:], offset + blank
                if not ended and len(text) < ISA_MAX_LENGTH:
                    break  # the whole ISA is needed to learn the delimiters
                if not text and started:
                    return
                if not started and is_wrapped(text):
                    wrapped, text = True, LINE_END.sub("", text)
                started = True
                delimiters, gap = read_delimiters(text, offset)
                # `\A` finds an ISA that begins a later block; the ISA just read is passed over by its position.
                boundary = re.compile(rf"(?:\A|{re.escape(delimiters.segment)})[ \t\r\n]*(ISA[^A-Za-z0-9 ])")
                following = boundary.search(text, 3) if "ISA" in text[3:] else None
            else:
                following = boundary.search(text) if "ISA" in text else None
            end = following.start(1) if following else text.rfind(delimiters.segment) + 1
            if end:
                yield _cut_block(text[:end], offset, delimiters, gap)
                text, offset = text[end:], offset + end
            if following is None:
                break
            delimiters = None
        if len(text) > MAX_SEGMENT_BYTES:
            raise X12Error(
                f"a segment longer than {MAX_SEGMENT_BYTES} bytes",
                "check that the segment terminator after ISA16 is the one the file uses",
                code="x12_segment_too_long",
                offset=offset,
            )
        carry = text
    yield from _last_block(carry, offset, delimiters)


def is_wrapped(text: str) -> bool:
    """Whether a file is cut into lines of one length without regard to its segments (80 by z/OS), by its beginning."""
    lines = LINE_END.split(text[:WRAP_LOOK].rstrip())[:-1]  # the last one may be shorter
    if not lines or not text.startswith("ISA"):
        return False
    width = len(lines[0])
    if width < WRAP_WIDTH_MIN or any(len(line) != width for line in lines):
        return False
    terminator = "".join(lines)[ISA_LENGTH - 1 : ISA_LENGTH]
    # One line alone is wrapped where it is too short for an ISA; several, where one ends within a segment.
    return width < ISA_LENGTH - 1 if len(lines) == 1 else any(not line.endswith(terminator) for line in lines)


def _cut_block(text: str, offset: int, delimiters: Delimiters, gap: str) -> Block:
    if "\x00" in text:
        raise X12Error(
            "a NUL stands in the data",
            "ask the sender for the whole file: nothing of this part of it was read",
            code="x12_character",
            offset=offset + text.index("\x00"),
        )
    terminator = delimiters.segment
    if gap and text.count(terminator) == text.count(terminator + gap):
        terminator += gap
    texts = text.split(terminator)
    last = texts.pop()
    if last.strip(BLANKS):
        texts.append(last)  # an ISA follows bytes without a terminator: a segment of its own, for the envelope to judge
    return Block(texts, offset, len(terminator), delimiters, _is_tidy(text, texts, terminator))


def _is_tidy(text: str, texts: list[str], terminator: str) -> bool:
    """Whether the terminators leave no blank and no empty text behind, told by a few searches of the whole block."""
    return (
        text.isascii()
        and "" not in texts
        and not text.startswith(" ")
        and not any(text.count(blank) != len(texts) if blank in terminator else blank in text for blank in "\r\n\t")
        and " " + terminator not in text
        and terminator + " " not in text
    )


def _last_block(text: str, offset: int, delimiters: Delimiters | None) -> Iterator[Block]:
    if delimiters is None or not text.strip(BLANKS + "\x1a\x00"):  # DOS end-of-file marks and NUL padding are no data
        return
    if text.lstrip(BLANKS).startswith("IEA" + delimiters.element):
        yield Block([text], offset, 0, delimiters, False)
        return
    raise TruncatedError(
        "the file ends inside a segment",
        "ask the sender for the whole file: nothing after the last whole transaction set was read",
        code="x12_truncated",
        segment_id=text.strip(BLANKS)[:3] if text.strip(BLANKS)[:2].isalnum() else "",
        offset=offset,
    )


def read_delimiters(text: str, offset: int = 0) -> tuple[Delimiters, str]:
    """The delimiters of the ISA at the beginning of `text`, and the line end after its terminator (often '').

    Raises X12Error where no ISA begins there, or where its delimiters cannot be told apart.
    """
    if not text.startswith("ISA") or len(text) < 4:
        raise X12Error(*_explain_beginning(text), code="x12_not_x12", segment_index=0, offset=offset)
    element = text[3]
    if len(text) >= ISA_LENGTH and all(text[position] == element for position in ISA_SEPARATORS):
        end = ISA_LENGTH - 1
    else:
        end = _find_isa_end(text, element, offset)
    isa = text[: end + 1]
    component, terminator = isa[-2], isa[-1]
    repetition = isa.split(element)[11][:1]
    if repetition.isalnum() or repetition in (element, component, terminator, " ", ""):
        repetition = ""
    usable = all(c.isascii() and not c.isalnum() and c != " " for c in (element, component, terminator))
    if not usable or len({element, component, terminator}) < 3:
        raise X12Error(
            "the delimiters of the ISA cannot be told apart from each other or from data",
            "the element separator (4th byte), ISA16 and the byte after it must be three different special characters",
            code="x12_delimiters",
            segment_id="ISA",
            element="ISA16",
            offset=offset,
        )
    rest = text[end + 1 : end + 3]
    gap = rest if rest == "\r\n" else rest[:1] if rest[:1] in ("\r", "\n") else ""
    return Delimiters(element, component, repetition, terminator), gap


def _find_isa_end(text: str, element: str, offset: int) -> int:
    """The terminator's position in an ISA whose widths are wrong: ISA16 is one character, the terminator the next."""
    position = 2
    for _ in range(16):
        position = text.find(element, position + 1, ISA_MAX_LENGTH)
        if position < 0:
            break
    if position < 0 or position + 2 >= len(text):
        raise X12Error(
            "the ISA is cut off or has fewer than 16 elements",
            "an ISA is 106 characters with 16 elements of fixed width",
            code="x12_isa",
            segment_id="ISA",
            offset=offset,
        )
    return position + 2


def _explain_beginning(text: str) -> tuple[str, str]:
    if text.startswith("\xc9\xe2\xc1"):
        return "the file is in EBCDIC", "convert it to ASCII before it is handed over"
    if text[:2] in ("\xff\xfe", "\xfe\xff") or text[1:2] == "\x00":
        return "the file is in UTF-16", "convert it to ASCII or UTF-8 before it is handed over"
    if not text:
        return "the file is empty", "ask the sender for the file again"
    return "no interchange header: an X12 file begins with ISA", "check that this is an X12 file"
