"""Segments to bytes: deterministic, and refusing what would corrupt the file.

Values with a delimiter, a control character, a character outside ASCII or more characters than the element holds raise
ElementError naming the element. Trailing empty elements and components are dropped, as X12.6 asks.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from operator import gt

from schemas.x12.blocks import Delimiters
from schemas.x12.dictionary import MAX_LENGTHS, SEGMENTS
from schemas.x12.elements import format_date, format_time
from schemas.x12.errors import ElementError, X12Error

DELIMITERS = Delimiters()
FORBIDDEN = re.compile(r"[*~^]|[^\x20-\x7e]")  # in a composite; elsewhere ':' as well
SPOILT = "\x00"  # for a separator inside a component: refused, with its element's name, when the set is closed
REPEATING = ("EB", "EQ", "DMG", "CTX", "STC")
SIMPLE_FORBIDDEN = re.compile(r"[:*~^]|[^\x20-\x7e]")


@dataclass(frozen=True, slots=True)
class InterchangeHeader:
    """Who sends what to whom under which numbers, all given by the caller: writing reads no clock and no counter."""

    sender_id: str  # ISA06
    receiver_id: str  # ISA08
    date: date  # ISA09, GS04
    time: time  # ISA10, GS05
    control_number: int  # ISA13: unique per sender, never reused
    group_control_number: int = 1  # GS06
    sender_qualifier: str = "ZZ"  # ISA05
    receiver_qualifier: str = "ZZ"  # ISA07
    sender_code: str = ""  # GS02; ISA06 when empty
    receiver_code: str = ""  # GS03; ISA08 when empty
    usage_indicator: str = "T"  # ISA15: T test, P production
    acknowledgement_requested: str = "0"  # ISA14


class SetWriter:
    """Collects the segments of one transaction set; values are checked when it is closed, all at once."""

    def __init__(self, set_id: str, control_number: str, implementation: str) -> None:
        self._segments: list[tuple[str, ...]] = []
        self._control_number = control_number
        self._separators = 0  # component and repetition separators that composites and repeats put in
        self.add("ST", set_id, control_number, implementation)

    def add(self, *segment: str) -> None:
        """Append a segment: its id, then its elements ('' = absent)."""
        if any(map(gt, map(len, segment[1:]), MAX_LENGTHS[segment[0]])):
            _refuse_long(segment, len(self._segments) + 1)
        self._segments.append(segment)

    def keep(self, segment: tuple[str, ...]) -> tuple[str, ...]:
        """A segment kept as it was read: in its composites and repeated elements ':' and '^' are separators."""
        for element, rules in zip(segment[1:], SEGMENTS.get(segment[0], ()), strict=False):
            if len(rules) > 1 or segment[0] in REPEATING:
                self._separators += element.count(":") + element.count("^")
        return segment

    def keep_known(self, segment: tuple[str, ...]) -> tuple[str, ...]:
        """The same, refused where the dictionary does not know the segment."""
        if segment[0] not in MAX_LENGTHS:
            raise ElementError(segment[0][:3], "an unknown segment", "remove it")
        return self.keep(segment)

    def composite(self, *components: str) -> str:
        """Components as one element, trailing empty ones dropped."""
        text = ":".join(components).rstrip(":")
        if ":" in "".join(components):
            return text.replace(":", SPOILT)
        self._separators += text.count(":")
        return text

    def repeat(self, values: Iterable[str]) -> str:
        """A repeating element."""
        texts = list(values)
        text = "^".join(texts)
        if "^" in "".join(texts):
            return text.replace("^", SPOILT)
        self._separators += text.count("^")
        return text

    @property
    def count(self) -> int:
        """Segments so far, ST included."""
        return len(self._segments)

    def close(self) -> str:
        """The set from ST to SE as text."""
        self.add("SE", str(len(self._segments) + 1), self._control_number)
        joined = ["*".join(segment) for segment in self._segments]
        text = "~".join(joined) + "~"
        elements = sum(map(len, self._segments)) - len(self._segments)
        clean = (
            text.isascii()
            and text.isprintable()
            and text.count("*") == elements
            and text.count("~") == len(self._segments)
            and text.count(":") + text.count("^") == self._separators
        )
        if not clean:
            _refuse_characters(self._segments)
        return "~".join([segment.rstrip("*") for segment in joined]) + "~"


def _refuse_long(segment: Sequence[str], index: int) -> None:
    for position, (value, longest) in enumerate(zip(segment[1:], MAX_LENGTHS[segment[0]], strict=False), 1):
        if len(value) > longest:
            what = f"{len(value)} characters where the element holds {longest}"
            raise ElementError(f"{segment[0]}{position:02d}", what, "shorten the value", segment_index=index)


def _refuse_characters(segments: Sequence[Sequence[str]]) -> None:
    for index, segment in enumerate(segments, 1):
        for position, value in enumerate(segment[1:], 1):
            rules = SEGMENTS[segment[0]][position - 1 : position]
            composite = bool(rules) and len(rules[0]) > 1
            repeated = segment[0] in REPEATING
            pattern = FORBIDDEN if composite else SIMPLE_FORBIDDEN
            if pattern.search(value.replace("^", "") if repeated else value):
                raise ElementError(
                    f"{segment[0]}{position:02d}",
                    "a delimiter, a control character or a character outside ASCII",
                    "remove it, or fold it with schemas.x12.elements.fold_text",
                    segment_index=index,
                )
    raise X12Error("a composite holds a separator that was not written as one", "report this as a bug")


def write_interchange(header: InterchangeHeader, functional_code: str, version: str, sets: Iterable[str]) -> bytes:
    """One interchange with one group of the given transaction sets (each the text that SetWriter.close gave)."""
    texts = list(sets)
    group_number = str(header.group_control_number)
    gs = (
        "GS",
        functional_code,
        header.sender_code or header.sender_id,
        header.receiver_code or header.receiver_id,
        format_date(header.date),
        format_time(header.time),
        group_number,
        "X",
        version,
    )
    _check_plain(gs)
    group = ["*".join(gs), "~", *texts, f"GE*{len(texts)}*{group_number}~"]
    return "".join([_make_isa(header), *group, f"IEA*1*{header.control_number:09d}~"]).encode("ascii")


def write_bare_interchange(header: InterchangeHeader, segments: Iterable[Sequence[str]]) -> bytes:
    """An interchange without groups, for TA1 segments."""
    parts = [_make_isa(header)]
    for segment in segments:
        _check_plain(segment)
        parts += ["*".join(segment), "~"]
    return "".join([*parts, f"IEA*0*{header.control_number:09d}~"]).encode("ascii")


def _make_isa(header: InterchangeHeader) -> str:
    isa = (
        *("ISA", "00", " " * 10, "00", " " * 10),
        *(header.sender_qualifier, header.sender_id.ljust(15)),
        *(header.receiver_qualifier, header.receiver_id.ljust(15)),
        *(format_date(header.date)[2:], f"{header.time:%H%M}", "^", "00501"),
        f"{header.control_number:09d}",
        *(header.acknowledgement_requested, header.usage_indicator, ":"),
    )
    _check_isa(isa)
    return "*".join(isa) + "~"


def _check_isa(isa: Sequence[str]) -> None:
    for position, (value, rules) in enumerate(zip(isa[1:], SEGMENTS["ISA"], strict=True), 1):
        rule = rules[0]
        if (
            rule is None
            or not rule.minimum <= len(value) <= rule.maximum
            or (position not in (11, 16) and SIMPLE_FORBIDDEN.search(value))
        ):
            raise ElementError(
                f"ISA{position:02d}",
                "the value does not fit its fixed width or holds a delimiter",
                "correct the trading partner's identity or the control number",
            )


def _check_plain(segment: Sequence[str]) -> None:
    """A GS or TA1: every element is required and simple."""
    _refuse_long(segment, 2)
    for position, value in enumerate(segment[1:], 1):
        if SIMPLE_FORBIDDEN.search(value) or not value:
            element = f"{segment[0]}{position:02d}"
            raise ElementError(element, "empty, or holds a delimiter", "correct the trading partner's codes")
