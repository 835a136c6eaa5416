"""Segments of a file: the first of the three layers (tokens, envelope, transaction models).

Line ends and blanks around segment terminators are tolerated. Memory is bounded by a block of the file.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from schemas.x12.blocks import BLANKS, Block, Delimiters, read_blocks

RUN_SEGMENTS = 128  # made at once: few enough to stay in the processor's cache until they are used
OTHER_COMPONENT_SEPARATOR = re.compile(r"[A-Z0-9]{1,3}([:><|^])")  # those seen in the wild, after a qualifier


class Segment:
    """One segment: `segment[2]` is element 02 as text, and '' where it is absent.

    `index` counts the segments of the file from 1; `offset` is the byte position of the segment's first character.
    """

    __slots__ = ("delimiters", "elements", "index", "offset")

    def __init__(self, elements: list[str], index: int, offset: int, delimiters: Delimiters) -> None:
        self.elements = elements
        self.index = index
        self.offset = offset
        self.delimiters = delimiters

    @property
    def id(self) -> str:
        return self.elements[0]

    def __getitem__(self, position: int) -> str:
        try:
            return self.elements[position]
        except IndexError:
            return ""

    def __len__(self) -> int:
        """How many elements follow the segment id."""
        return len(self.elements) - 1

    def components(self, position: int) -> list[str]:
        """The components of a composite element; [''] where it is absent."""
        return self[position].split(self.delimiters.component)

    def composite(self, position: int) -> tuple[list[str], bool]:
        """A composite that begins with a short qualifier, and whether its separator is not the one ISA16 declares.

        Some senders declare one separator and use another: `HC>99213` where ISA16 is a colon.
        """
        text, separator = self[position], self.delimiters.component
        if separator not in text:
            found = OTHER_COMPONENT_SEPARATOR.match(text)
            if found and found[1] != self.delimiters.repetition:
                return text.split(found[1]), True
        return text.split(separator), False

    def repeats(self, position: int) -> list[str]:
        """The repetitions of a repeating element; [] where it is absent."""
        text = self[position]
        if not text:
            return []
        return text.split(self.delimiters.repetition) if self.delimiters.repetition else [text]

    def __repr__(self) -> str:  # the position only: elements may hold a patient's data
        return f"<Segment {self.id} index={self.index} offset={self.offset}>"


class Run(NamedTuple):
    """Some segments in a row, and each one's text beside it."""

    segments: list[Segment]
    texts: list[str]


def read_segments(source: bytes | BinaryIO) -> Iterator[Segment]:
    """Yield the segments of a file of one or more interchanges, in order, holding one block in memory at a time.

    Raises X12Error where the bytes are not X12, and TruncatedError, after the last whole segment, where bytes without a
    terminator follow (a last IEA without one is read: many senders leave it out).
    """
    for run in read_runs(source):
        yield from run.segments


def read_runs(source: bytes | BinaryIO) -> Iterator[Run]:
    """The same segments, some at a time: the layers above spend no step on a segment that they need not."""
    index = 0
    for block in read_blocks(source):
        offset, texts = block.offset, block.texts
        for start in range(0, len(texts), RUN_SEGMENTS):
            part = texts[start : start + RUN_SEGMENTS]
            run = (_make_run if block.tidy else _make_untidy_run)(part, index, offset, block)
            offset += sum(map(len, part)) + block.gap * len(part)
            index += len(run.segments)
            yield run


def _make_run(texts: list[str], index: int, offset: int, block: Block) -> Run:
    segments: list[Segment] = []
    append, gap, delimiters = segments.append, block.gap, block.delimiters
    separator = delimiters.element
    for text in texts:
        index += 1
        append(Segment(text.split(separator), index, offset, delimiters))
        offset += len(text) + gap
    return Run(segments, texts)


def _make_untidy_run(texts: list[str], index: int, offset: int, block: Block) -> Run:
    """Blanks around terminators, empty texts and characters beyond ASCII cost a look at each text."""
    segments: list[Segment] = []
    kept: list[str] = []
    for raw in texts:
        stripped = raw.lstrip(BLANKS)
        start = offset + len(raw) - len(stripped)
        offset += len(raw) + block.gap
        text = recode(stripped.rstrip(BLANKS))
        if text:
            index += 1
            segments.append(Segment(text.split(block.delimiters.element), index, start, block.delimiters))
            kept.append(text)
    return Run(segments, kept)


def recode(text: str) -> str:
    """A Latin-1 text as UTF-8 where its bytes are that: names arrive in either."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return text
