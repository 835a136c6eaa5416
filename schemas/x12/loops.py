"""Puts each segment of a set into its loop, by the guide's grammar, and says what does not fit (SNIP type 2)."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from schemas.x12.guide import QUALIFIED, LoopUse, SegmentUse
from schemas.x12.tokens import Segment

# report(code, what, segment, position, loop, missing): `missing` is the id of a segment that is not there
Report = Callable[[str, str, Segment, int, str, str], None]


class Placed(NamedTuple):
    """A segment with its loop; `opens` when it begins the loop; `use` is None where the guide does not expect it."""

    segment: Segment
    loop: str
    use: SegmentUse | None
    opens: bool


class _Frame:
    """An open loop: what it has seen so far."""

    __slots__ = ("counts", "loop", "loop_counts", "opener", "rank")

    def __init__(self, loop: LoopUse, opener: Segment) -> None:
        self.loop = loop
        self.opener = opener
        self.rank = 0
        self.counts: dict[tuple[int, str], int] = {}
        self.loop_counts: dict[str, int] = {}


def place_segments(grammar: LoopUse, header: Segment, segments: Iterator[Segment], report: Report) -> Iterator[Placed]:
    """Each segment with its loop, in order; nothing is dropped. What is missing is reported when its loop closes."""
    stack = [_Frame(grammar, header)]
    for segment in segments:
        yield _place(stack, segment, report)
    while stack:
        _close(stack.pop(), report)


def _place(stack: list[_Frame], segment: Segment, report: Report) -> Placed:
    """In the innermost open loop that takes the segment, or in a new loop that it begins there."""
    segment_id = segment.elements[0]
    qualifier = _qualifier(segment) if segment_id in QUALIFIED else ""
    current = len(stack) - 1
    for depth in range(current, -1, -1):
        frame = stack[depth]
        loop = frame.loop
        for use in loop.uses.get(segment_id, ()):
            # A loop left for another takes only what follows its inner loops (PLB, IK5).
            if (depth == current or use.rank > frame.rank) and (not use.qualifiers or qualifier in use.qualifiers):
                _pop(stack, depth + 1, report)
                _count(frame, use, qualifier, segment, report)
                return Placed(segment, loop.id, use, False)
        for inner in loop.openers.get(segment_id, ()):
            opener = inner.segments[0]
            if not opener.qualifiers or qualifier in opener.qualifiers:
                _pop(stack, depth + 1, report)
                _open(stack, inner, segment, report)
                return Placed(segment, inner.id, opener, True)
    return _misfit(stack, segment, report)


def _qualifier(segment: Segment) -> str:
    text = segment[QUALIFIED[segment.elements[0]]]
    return text if text.isalnum() else segment.composite(QUALIFIED[segment.elements[0]])[0][0]


def _count(frame: _Frame, use: SegmentUse, qualifier: str, segment: Segment, report: Report) -> None:
    if use.rank < frame.rank:
        report(
            "x12_segment_order",
            "the segment stands after others that the guide puts behind it",
            segment,
            0,
            frame.loop.id,
            "",
        )
    frame.rank = max(frame.rank, use.rank)
    key = (use.number, qualifier if use.each_code else "")
    count = frame.counts[key] = frame.counts.get(key, 0) + 1
    if count == use.maximum + 1:
        what = f"more than the {use.maximum} that the guide allows in this loop"
        report("x12_segment_repeat", what, segment, 0, frame.loop.id, "")


def _open(stack: list[_Frame], loop: LoopUse, segment: Segment, report: Report) -> None:
    parent = stack[-1]
    parent.loop_counts[loop.id] = parent.loop_counts.get(loop.id, 0) + 1
    if parent.loop_counts[loop.id] == loop.maximum + 1:
        report("x12_loop_repeat", f"more than {loop.maximum} loops {loop.id}", segment, 0, loop.id, "")
    stack.append(_Frame(loop, segment))


def _pop(stack: list[_Frame], depth: int, report: Report) -> None:
    while len(stack) > depth:
        _close(stack.pop(), report)


def _close(frame: _Frame, report: Report) -> None:
    seen = {key[0] for key in frame.counts}
    opener = 0 if frame.loop.id == "ST" else 1
    for use in frame.loop.segments[opener:]:
        if use.required and use.number not in seen:
            what = f"the loop lacks its {_name(use)}"
            report("x12_segment_missing", what, frame.opener, 0, frame.loop.id, use.segment_id)
    for loop in frame.loop.loops:
        if loop.required and loop.id not in frame.loop_counts:
            what = f"loop {loop.id} ({_name(loop.segments[0])}) is missing"
            report("x12_loop_missing", what, frame.opener, 0, loop.id, loop.segments[0].segment_id)


def _name(use: SegmentUse) -> str:
    codes = sorted(use.qualifiers)
    return f"{use.segment_id} {'/'.join(codes)}" if 0 < len(codes) <= 4 else use.segment_id


def _misfit(stack: list[_Frame], segment: Segment, report: Report) -> Placed:
    frame = stack[-1]
    if any(use.segment_id == segment.id for use in frame.loop.segments) and segment.id in QUALIFIED:
        position = QUALIFIED[segment.id]
        report(
            "x12_qualifier",
            "the guide does not allow this qualifier in this loop",
            segment,
            position,
            frame.loop.id,
            "",
        )
    else:
        report("x12_segment_unexpected", "the guide does not expect this segment here", segment, 0, frame.loop.id, "")
    return Placed(segment, frame.loop.id, None, False)
