"""HL levels as a tree, for the inquiries and their answers (270/271, 276/277)."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from schemas.base import PhiString
from schemas.x12.claim_loops import keep_segment
from schemas.x12.findings import WARNING, Finding, keep_finding, make_finding
from schemas.x12.tokens import Segment
from schemas.x12.writer import SetWriter

Kept = tuple[PhiString, ...]
DEPTH_MAX = 10  # levels; the guides have five


@dataclass(frozen=True, slots=True)
class NamedEntity:
    """An NM1: who, under which entity identifier code."""

    entity: str  # NM101
    entity_type: str = "2"  # NM102: 1 person, 2 organization
    last_name: PhiString = ""  # NM103
    first_name: PhiString = ""
    middle_name: PhiString = ""
    suffix: PhiString = ""  # NM107
    identifier_qualifier: str = ""  # NM108
    identifier: PhiString = ""  # NM109
    relationship: str = ""  # NM110


@dataclass(slots=True)
class Level:
    """An HL with its segments and the levels below it."""

    kind: str  # HL03
    depth: int = 1
    segments: list[Segment] = field(default_factory=list)
    children: list["Level"] = field(default_factory=list)


@dataclass(slots=True)
class Notes:
    """What a reader could not make use of: its findings, and the segments, as sent."""

    findings: list[Finding] = field(default_factory=list)
    unknown_segments: list[Kept] = field(default_factory=list)

    def keep_unknown(self, segment: Segment) -> None:
        """A segment that the guide does not expect where it stands."""
        what, remedy = "not expected here; it is kept, not interpreted", "tell the sender"
        self.unknown_segments.append(keep(segment))
        found = make_finding("x12_unknown_segment", what, remedy, segment=segment, severity=WARNING)
        keep_finding(self.findings, found)


def read_levels(segments: Iterable[Segment], notes: Notes) -> tuple[Segment | None, list[Level]]:
    """The BHT, and the top levels; an HL whose parent is unknown stands at the top."""
    bht: Segment | None = None
    top: list[Level] = []
    known: dict[str, Level] = {}
    current: Level | None = None
    for segment in segments:
        if segment.id != "HL":
            if current is not None:
                current.segments.append(segment)
            elif segment.id == "BHT" and bht is None:
                bht = segment
            else:
                notes.keep_unknown(segment)
            continue
        parent = known.get(segment[2])
        if parent is not None and parent.depth == DEPTH_MAX:
            parent = None
        current = Level(segment[3], parent.depth + 1 if parent else 1)
        if segment[2] and parent is None:
            what, remedy = f"HL02 names no earlier HL, or one {DEPTH_MAX} levels deep", "tell the sender"
            found = make_finding("x12_hl_parent", what, remedy, segment=segment, position=2, severity=WARNING)
            keep_finding(notes.findings, found)
        (top if parent is None else parent.children).append(current)
        known[segment[1]] = current
    return bht, top


def read_entity(nm1: Segment) -> NamedEntity:
    return NamedEntity(nm1[1], nm1[2], nm1[3], nm1[4], nm1[5], nm1[7], nm1[8], nm1[9], nm1[10])


def write_entity(out: SetWriter, name: NamedEntity) -> None:
    names = (name.last_name, name.first_name, name.middle_name, "", name.suffix)
    identity = (name.identifier_qualifier, name.identifier, name.relationship)
    out.add("NM1", name.entity, name.entity_type, *names, *identity)


def keep(segment: Segment) -> Kept:
    """An uninterpreted segment, as sent."""
    return keep_segment(segment)
