"""An implementation guide as data: which loops, segments, elements and codes it allows (SNIP types 1 and 2).

Each guide's folder holds a `GRAMMAR` text. Indentation is nesting:

    @2000A R >1                   a loop: R required or S situational, and how often it may occur
      HL R 1 1! 3!=20 4!=1 x2     its first segment begins it; then usage, maximum and elements
      +2300 S 100                 a loop written out elsewhere that occurs here too

`3!` = element 3 is required, `8=XX,FI` = the codes allowed, `5!(1! 2!=B)` = a composite, `2-12(...)` = a range,
`x6-7,10` = not used. A maximum of `1/` means once for each of the codes.
"""

import re
from dataclasses import dataclass, field
from functools import cache

UNBOUNDED = 1_000_000_000
# Where the element stands whose code tells one use of a segment from another; other segments are known by their id.
QUALIFIED = {
    **dict.fromkeys(("NM1", "N1", "REF", "DTP", "DTM", "AMT", "QTY", "CRC", "PER", "PRV", "TRN", "NTE", "HI"), 1),
    "HL": 3,
}


@dataclass(frozen=True, slots=True)
class ElementUse:
    """How a guide uses one element or component; empty `codes` = any value."""

    required: bool
    codes: frozenset[str] = frozenset()
    components: dict[int, "ElementUse"] = field(default_factory=dict)
    unused_components: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class SegmentUse:
    """How a guide uses one segment in one loop; `rank` is its place in the loop's order."""

    segment_id: str
    required: bool
    maximum: int
    each_code: bool  # the maximum holds for each qualifier by itself
    elements: dict[int, ElementUse]
    unused: frozenset[int]
    rank: int
    number: int  # its place among the uses of its loop
    # The codes that tell this use from others of the same segment; empty when any will do.
    qualifiers: frozenset[str]


@dataclass(slots=True)
class LoopUse:
    """A loop: its segments in order and the loops below it."""

    id: str
    required: bool
    maximum: int
    segments: list[SegmentUse] = field(default_factory=list)
    loops: list["LoopUse"] = field(default_factory=list)
    # By segment id: the uses that do not begin the loop, and the loops that such a segment begins.
    uses: dict[str, tuple[SegmentUse, ...]] = field(default_factory=dict)
    openers: dict[str, tuple["LoopUse", ...]] = field(default_factory=dict)


@cache
def read_grammar(text: str) -> LoopUse:
    """The root loop ('ST') of a guide."""
    root = LoopUse("ST", True, 1)
    known: dict[str, LoopUse] = {}
    stack: list[tuple[int, LoopUse]] = [(0, root)]
    for line in _join_lines(text):
        depth = len(line) - len(line.lstrip())
        words = line.split(" ") if line[depth] in "@+" else line.strip().split(" ")
        while stack[-1][0] >= depth and len(stack) > 1:
            stack.pop()
        parent = stack[-1][1]
        mark = line[depth]
        if mark in "@+":
            name, usage, maximum = line.strip()[1:].split(" ")
            loop = LoopUse(name, usage == "R", _read_maximum(maximum))
            if mark == "+":
                loop.segments, loop.loops = known[name].segments, known[name].loops
            else:
                known[name] = loop
                stack.append((depth, loop))
            parent.loops.append(loop)
        else:
            parent.segments.append(_read_segment(words, parent.segments))
    _index(root)
    return root


def _index(loop: LoopUse) -> None:
    loop.uses.clear()  # a loop that occurs in two places is visited twice
    loop.openers.clear()
    opener = 0 if loop.id == "ST" else 1
    for use in loop.segments[opener:]:
        loop.uses[use.segment_id] = (*loop.uses.get(use.segment_id, ()), use)
    for inner in loop.loops:
        segment_id = inner.segments[0].segment_id
        loop.openers[segment_id] = (*loop.openers.get(segment_id, ()), inner)
        _index(inner)


def _join_lines(text: str) -> list[str]:
    """A line that begins with an element's number goes on with the line before."""
    lines: list[str] = []
    for line in text.strip("\n").splitlines():
        if re.match(r"\s*(?:\d|x\d)", line):
            lines[-1] += " " + line.strip()
        else:
            lines.append(line)
    return lines


def _read_maximum(text: str) -> int:
    return UNBOUNDED if text.startswith(">") else int(text.rstrip("/"))


def _read_segment(words: list[str], before: list[SegmentUse]) -> SegmentUse:
    segment_id, usage, maximum, *tokens = words
    elements, unused = _read_elements(" ".join(tokens))
    rank = before[-1].rank + (before[-1].segment_id != segment_id) if before else 0
    each = maximum.endswith("/")
    number, qualifiers = len(before), _find_qualifiers(segment_id, elements)
    return SegmentUse(
        segment_id, usage == "R", _read_maximum(maximum), each, elements, unused, rank, number, qualifiers
    )


def _find_qualifiers(segment_id: str, elements: dict[int, ElementUse]) -> frozenset[str]:
    use = elements.get(QUALIFIED.get(segment_id, 0))
    if use is None:
        return frozenset()
    return use.components[1].codes if 1 in use.components else use.codes


# number or range, '!' when required, then codes (up to the next token) or a composite in brackets
_TOKEN = re.compile(
    r"(\d+)(?:-(\d+))?(!?)(?:=([^()]*?)(?=\s+(?:\d+(?:-\d+)?[!=(]|x\d)|$)|\(([^()]*)\))?(?:\s+|$)|x([\d,-]+)\s*"
)


def _read_elements(text: str) -> tuple[dict[int, ElementUse], frozenset[int]]:
    elements: dict[int, ElementUse] = {}
    unused: set[int] = set()
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ValueError(f"not the notation of a guide: {text[position:]}")
        position = match.end()
        first, last, required, codes, inner, unused_ranges = match.groups()
        if unused_ranges:
            unused.update(_read_ranges(unused_ranges))
            continue
        components, unused_components = _read_elements(inner) if inner else ({}, frozenset[int]())
        use = ElementUse(bool(required), frozenset(codes.split(",") if codes else ()), components, unused_components)
        elements.update(dict.fromkeys(range(int(first), int(last or first) + 1), use))
    return elements, frozenset(unused)


def _read_ranges(text: str) -> list[int]:
    numbers: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        numbers.extend(range(int(first), int(last or first) + 1))
    return numbers
