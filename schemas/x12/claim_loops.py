"""Claims of an 837 as loops: each claim with every loop that stands above it, in bounded memory."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from schemas.x12.blocks import Delimiters
from schemas.x12.envelope import Envelope
from schemas.x12.findings import WARNING, Finding, make_finding
from schemas.x12.headers import TransactionSet
from schemas.x12.loops import Placed, place_segments, read_places
from schemas.x12.tokens import Segment

# Which loops a new level of the hierarchy replaces.
REPLACED = {
    "2000A": ("2010AA", "2010AB", "2010AC", "2000B", "2010BA", "2010BB", "2000C", "2010CA"),
    "2000B": ("2010BA", "2010BB", "2000C", "2010CA"),
    "2000C": ("2010CA",),
}
LEVELS = frozenset((*REPLACED, "2300"))
STANDARD = Delimiters()


# Segments that are told apart by their first element as well: 'DTP*472'.
BY_QUALIFIER = frozenset(("DTP", "REF", "AMT", "NTE", "HI"))


@dataclass(slots=True)
class Loop:
    """One occurrence of a loop with the segments that stand in it."""

    id: str
    segments: list[Segment] = field(default_factory=list)
    read: Any = None  # the object made of it, where many claims stand below it

    def first(self, segment_id: str, qualifier: str = "") -> Segment | None:
        """The first such segment, by its first element where a qualifier is given."""
        for segment in self.segments:
            if segment.elements[0] == segment_id and (not qualifier or segment[1] == qualifier):
                return segment
        return None


@dataclass(slots=True)
class ClaimLoops:
    """A claim's loops: those above it by id, and its own (2300 and below) in order."""

    transaction: TransactionSet
    above: dict[str, Loop]
    loops: list[Loop]
    findings: list[Finding] = field(default_factory=list)
    unknown_segments: list[tuple[str, ...]] = field(default_factory=list)

    @property
    def clm(self) -> Segment:
        return self.loops[0].segments[0]


def read_claim_loops(
    source: bytes | BinaryIO | Envelope, grammar: str, guides: tuple[str, ...]
) -> Iterator[ClaimLoops]:
    """Each claim of the 837 sets whose guide (GS08 or ST03) names one of `guides`, such as X222."""
    envelope = source if isinstance(source, Envelope) else Envelope(source)
    for transaction in envelope:
        if transaction.kind == "837" and any(guide in transaction.implementation for guide in guides):
            yield from read_set_claims(transaction, grammar)


def read_set_claims(transaction: TransactionSet, grammar: str) -> Iterator[ClaimLoops]:
    """Each claim of one open transaction set."""
    above: dict[str, Loop] = {}
    claim: ClaimLoops | None = None
    waiting = ClaimLoops(transaction, above, [])  # what was unknown since the last claim: told with the next one
    for placed in place_segments(read_places(grammar), iter(transaction)):
        if placed.opens and placed.loop in LEVELS:
            if claim is not None:
                yield claim
                claim = None
            if placed.loop == "2300":
                claim = ClaimLoops(transaction, dict(above), [], waiting.findings, waiting.unknown_segments)
                waiting = ClaimLoops(transaction, above, [])
            for loop_id in REPLACED.get(placed.loop, ()):
                above.pop(loop_id, None)
        if placed.use is None:
            _keep_unknown(placed, waiting if claim is None else claim)
        elif claim is None:
            _take_above(placed, above)
        else:
            if placed.opens or claim.loops[-1].id != placed.loop:
                claim.loops.append(Loop(placed.loop))
            claim.loops[-1].segments.append(placed.segment)
    if claim is not None:
        yield claim
    transaction.findings.extend(waiting.findings)


def _take_above(placed: Placed, above: dict[str, Loop]) -> None:
    if placed.opens or placed.loop not in above:
        above[placed.loop] = Loop(placed.loop)
    above[placed.loop].segments.append(placed.segment)


def _keep_unknown(placed: Placed, claim: ClaimLoops) -> None:
    claim.unknown_segments.append(keep_segment(placed.segment))
    claim.findings.append(
        make_finding(
            "x12_unknown_segment",
            "the guide does not expect this segment here; it is kept, not interpreted",
            "correct the file by the guide",
            segment=placed.segment,
            severity=WARNING,
            owner="billing",
            loop=placed.loop,
            control_number=claim.transaction.control_number,
        )
    )


def sort_out(
    segments: Iterable[Segment], wanted: frozenset[str], lists: tuple[str, ...] = ()
) -> tuple[dict[str, Segment], list[tuple[str, ...]]]:
    """The first segment of each wanted key ('SV1', 'DTP*472'), and the others as they are kept.

    Segments whose id is in `lists` are left out: they are read as lists.
    """
    found: dict[str, Segment] = {}
    others: list[tuple[str, ...]] = []
    for segment in segments:
        elements = segment.elements
        key = elements[0]
        if key in BY_QUALIFIER:
            key = f"{key}*{segment[1] if key != 'HI' else segment.composite(1)[0][0]}"
        if key in wanted and key not in found:
            found[key] = segment
        elif elements[0] not in lists:
            others.append(keep_segment(segment))
    return found, others


def keep_segment(segment: Segment) -> tuple[str, ...]:
    """A segment as it is kept uninterpreted: its elements with ':' and '^' as separators, whatever the file used."""
    used = segment.delimiters
    if used.component == STANDARD.component and used.repetition in ("", STANDARD.repetition):
        return tuple(segment.elements)
    names = {ord(used.component): STANDARD.component}
    if used.repetition:
        names[ord(used.repetition)] = STANDARD.repetition
    return tuple(element.translate(names) for element in segment.elements)
