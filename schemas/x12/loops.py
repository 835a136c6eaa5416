"""Puts each segment of a set into its loop, by the guide's grammar, and says what does not fit (SNIP type 2).

`place_segments` only finds the loops, for the readers; `StructureRules` listens to it and counts, for the validator.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache

from schemas.x12.guide import QUALIFIED, LoopUse, SegmentUse, read_grammar
from schemas.x12.tokens import Segment

# report(code, what, segment, position, loop, missing): `missing` is the id of a segment that is not there
Report = Callable[[str, str, Segment, int, str, str], None]
Key = tuple[str, str]


class Placed:
    """A segment with its loop; `opens` when it begins the loop; `use` is None where the guide does not expect it."""

    __slots__ = ("loop", "opens", "place", "segment", "use")

    def __init__(self, segment: Segment, loop: str, use: SegmentUse | None, opens: bool, place: "Place") -> None:
        self.segment = segment
        self.loop = loop
        self.use = use
        self.opens = opens
        self.place = place


@dataclass(slots=True, eq=False)
class Move:
    """Where a segment leads from an open loop: into `place`, as `use`."""

    place: "Place"
    use: SegmentUse
    opens: bool
    conditional: bool  # a loop left for another takes only what follows its inner loops (PLB, IK5)


@dataclass(slots=True, eq=False)
class Place:
    """One occurrence of a loop in the guide's tree; `moves` fills as segments are met: each is looked up once."""

    loop: LoopUse
    depth: int
    parent: "Place | None"
    codes: dict[str, frozenset[str]]  # the qualifiers that the guide knows, by segment id: no others are kept apart
    inner: dict[str, "Place"] = field(default_factory=dict)
    moves: dict[Key, tuple[Move, ...]] = field(default_factory=dict)

    def enter(self, loop: LoopUse) -> "Place":
        """The place of an inner loop."""
        place = self.inner.get(loop.id)
        if place is None:
            place = self.inner[loop.id] = Place(loop, self.depth + 1, self, self.codes)
        return place

    def find_moves(self, key: Key) -> tuple[Move, ...]:
        """In the innermost open loop that takes the segment, or in a new loop that it begins there."""
        segment_id, qualifier = key
        moves: list[Move] = []
        place: Place | None = self
        while place is not None:
            for use in place.loop.uses.get(segment_id, ()):
                if not use.qualifiers or qualifier in use.qualifiers:
                    moves.append(Move(place, use, False, place is not self))
            for inner in place.loop.openers.get(segment_id, ()):
                opener = inner.segments[0]
                if not opener.qualifiers or qualifier in opener.qualifiers:
                    moves.append(Move(place.enter(inner), opener, True, False))
            place = place.parent
        if moves:  # what fits nowhere is not remembered: such ids are without number
            self.moves[key] = tuple(moves)
        return tuple(moves)


@cache
def read_places(grammar: str) -> Place:
    """The root of a guide's tree of loops."""
    root = read_grammar(grammar)
    codes: dict[str, set[str]] = {segment_id: set() for segment_id in QUALIFIED}
    waiting = [root]
    while waiting:
        loop = waiting.pop()
        for use in loop.segments:
            codes.setdefault(use.segment_id, set()).update(use.qualifiers)
        waiting += loop.loops
    return Place(root, 0, None, {segment_id: frozenset(found) for segment_id, found in codes.items()})


def place_segments(root: Place, segments: Iterator[Segment]) -> Iterator[Placed]:
    """Each segment with its loop, in order; nothing is dropped."""
    place = root
    ranks = [0]  # of each open loop: how far along its order it is
    codes = root.codes
    for segment in segments:
        elements = segment.elements
        segment_id = elements[0]
        qualifier = ""
        if segment_id in QUALIFIED:
            position = QUALIFIED[segment_id]
            qualifier = elements[position] if len(elements) > position else ""
            if qualifier not in codes[segment_id]:
                qualifier = segment.composite(position)[0][0]
                if qualifier not in codes[segment_id]:
                    qualifier = ""
        key = (segment_id, qualifier)
        for move in place.moves.get(key) or place.find_moves(key):
            use, target = move.use, move.place
            if move.conditional and use.rank <= ranks[target.depth]:
                continue
            depth = target.depth
            del ranks[depth if move.opens else depth + 1 :]
            if move.opens:
                ranks.append(0)
            elif use.rank > ranks[depth]:
                ranks[depth] = use.rank
            place = target
            yield Placed(segment, place.loop.id, use, move.opens, place)
            break
        else:
            yield Placed(segment, place.loop.id, None, False, place)


class _Frame:
    """An open loop: what it has seen so far."""

    __slots__ = ("counts", "loop", "loop_counts", "opener", "rank")

    def __init__(self, loop: LoopUse, opener: Segment) -> None:
        self.loop = loop
        self.opener = opener
        self.rank = 0
        self.counts: dict[tuple[int, str], int] = {}
        self.loop_counts: dict[str, int] = {}


class StructureRules:
    """Order, repetition, and what is missing when its loop closes; feed it every placed segment, then `close`."""

    def __init__(self, root: Place, header: Segment, report: Report) -> None:
        self._report = report
        self._stack = [_Frame(root.loop, header)]

    def take(self, placed: Placed) -> None:
        if placed.use is None:
            self._report_misfit(placed)
            return
        self._pop(placed.place.depth + (0 if placed.opens else 1))
        if placed.opens:
            self._open(placed.place.loop, placed.segment)
        else:
            self._count(placed.use, placed.segment)

    def close(self) -> None:
        self._pop(0)

    def _open(self, loop: LoopUse, segment: Segment) -> None:
        parent = self._stack[-1]
        count = parent.loop_counts[loop.id] = parent.loop_counts.get(loop.id, 0) + 1
        if count == loop.maximum + 1:
            self._report("x12_loop_repeat", f"more than {loop.maximum} loops {loop.id}", segment, 0, loop.id, "")
        self._stack.append(_Frame(loop, segment))

    def _count(self, use: SegmentUse, segment: Segment) -> None:
        frame = self._stack[-1]
        if use.rank < frame.rank:
            what = "the segment stands after others that the guide puts behind it"
            self._report("x12_segment_order", what, segment, 0, frame.loop.id, "")
        frame.rank = max(frame.rank, use.rank)
        key = (use.number, segment[QUALIFIED[use.segment_id]] if use.each_code else "")
        count = frame.counts[key] = frame.counts.get(key, 0) + 1
        if count == use.maximum + 1:
            what = f"more than the {use.maximum} that the guide allows in this loop"
            self._report("x12_segment_repeat", what, segment, 0, frame.loop.id, "")

    def _pop(self, depth: int) -> None:
        while len(self._stack) > depth:
            frame = self._stack.pop()
            self._check_whole(frame.loop, frame)

    def _check_whole(self, loop: LoopUse, frame: _Frame) -> None:
        seen = {key[0] for key in frame.counts}
        for use in loop.segments[0 if loop.id == "ST" else 1 :]:
            if use.required and use.number not in seen:
                what = f"the loop lacks its {_name(use)}"
                self._report("x12_segment_missing", what, frame.opener, 0, loop.id, use.segment_id)
        for inner in loop.loops:
            if inner.required and inner.id not in frame.loop_counts:
                first = inner.segments[0]
                what = f"loop {inner.id} ({_name(first)}) is missing"
                self._report("x12_loop_missing", what, frame.opener, 0, inner.id, first.segment_id)

    def _report_misfit(self, placed: Placed) -> None:
        segment, loop = placed.segment, placed.place.loop
        if segment.id in QUALIFIED and any(use.segment_id == segment.id for use in loop.segments):
            what = "the guide does not allow this qualifier in this loop"
            self._report("x12_qualifier", what, segment, QUALIFIED[segment.id], loop.id, "")
        else:
            what = "the guide does not expect this segment here"
            self._report("x12_segment_unexpected", what, segment, 0, loop.id, "")


def _name(use: SegmentUse) -> str:
    codes = sorted(use.qualifiers)
    return f"{use.segment_id} {'/'.join(codes)}" if 0 < len(codes) <= 4 else use.segment_id
