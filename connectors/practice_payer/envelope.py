"""The payer's mail room: the envelopes of an interchange (ISA, GS, ST) and what is wrong with them.

It judges what a TA1 reports (TA105 note codes) and the envelope part of what a 999 reports (IK502 and AK905 codes).
The content of a transaction set is read by `payer_claims`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from schemas.x12.blocks import Delimiters
from schemas.x12.errors import TruncatedError, X12Error
from schemas.x12.tokens import Segment, read_segments

IDENTIFIER_QUALIFIERS = frozenset(("01", "14", "20", "27", "28", "29", "30", "33", "ZZ"))  # ISA05, ISA07
CLAIM_VERSIONS = ("005010X222", "005010X222A1", "005010X222A2")  # GS08, ST03: the professional claim's family
UNKNOWN_DATE = date(2000, 1, 1)  # answers to an unreadable ISA09 need some date, and this code has no clock
NUMERIC_MARKS = frozenset(".-+")  # as delimiters they would cut through amounts

NO_ERROR = "000"  # TA105
CONTROL_NUMBERS_DIFFER = "001"
BAD_TERMINATOR = "004"
BAD_SENDER_QUALIFIER = "005"
BAD_RECEIVER_QUALIFIER = "007"
BAD_DATE = "014"
BAD_TIME = "015"
BAD_VERSION = "017"
BAD_CONTROL_NUMBER = "018"
BAD_USAGE = "020"
BAD_GROUP_COUNT = "021"
BAD_STRUCTURE = "022"
ENDS_EARLY = "023"
BAD_CONTENT = "024"
BAD_ELEMENT_SEPARATOR = "026"
BAD_COMPONENT_SEPARATOR = "027"


class Header(NamedTuple):
    """What the answers need of the ISA that they answer; sender and receiver are the 837's."""

    sender_qualifier: str = "ZZ"
    sender: str = "UNKNOWN"
    receiver_qualifier: str = "ZZ"
    receiver: str = "UNKNOWN"
    date_text: str = "000101"  # ISA09 as received
    time_text: str = "0000"  # ISA10 as received
    control_number: str = "000000000"
    usage: str = "T"
    sent_on: date = UNKNOWN_DATE
    delimiters: Delimiters = Delimiters()

    @property
    def control_value(self) -> int:
        text = self.control_number
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0

    @property
    def clock_text(self) -> str:
        """ISA10 when it is a time of day, for the times of the answers."""
        return self.time_text if is_time(self.time_text) else "0000"


@dataclass(slots=True)
class TransactionSet:
    """One ST to SE, both included in `segments`; the codes are IK502's."""

    set_id: str
    control_number: str
    implementation: str
    segments: list[Segment]
    error_codes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class FunctionalGroup:
    """One GS to GE; the codes are AK905's."""

    functional_id: str
    sender: str
    receiver: str
    control_number: str
    version: str
    sets: list[TransactionSet] = field(default_factory=list)
    set_numbers: set[str] = field(default_factory=set)
    declared_count: int = 0
    error_codes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Interchange:
    """One ISA to IEA; a note code other than 000 rejects it whole."""

    header: Header
    note_code: str = NO_ERROR
    groups: list[FunctionalGroup] = field(default_factory=list)


@lru_cache(maxsize=4096)
def parse_day(text: str) -> date | None:
    """CCYYMMDD, or YYMMDD of this century; None when it is no day of the calendar."""
    if not (text.isascii() and text.isdigit()) or len(text) not in (6, 8):
        return None
    text = text if len(text) == 8 else "20" + text
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def is_time(text: str) -> bool:
    return len(text) == 4 and text.isascii() and text.isdigit() and text[:2] < "24" and text[2:] < "60"


def read_interchanges(data: bytes) -> tuple[Interchange, ...]:
    """Every interchange of a file, at least one: bytes without a readable ISA give a rejected interchange."""
    reader = _EnvelopeReader()
    try:
        reader.read(read_segments(data))
    except TruncatedError:
        reader.fail(ENDS_EARLY)
    except X12Error:
        reader.fail(BAD_STRUCTURE)
    else:
        reader.finish()
    return tuple(reader.interchanges) or (Interchange(Header(), ENDS_EARLY),)


class _EnvelopeReader:
    """Walks the segments of a file; one envelope of each level is open at a time."""

    def __init__(self) -> None:
        self.interchanges: list[Interchange] = []
        self.interchange: Interchange | None = None
        self.group: FunctionalGroup | None = None
        self.set: TransactionSet | None = None

    def read(self, segments: Iterable[Segment]) -> None:
        handlers = {
            "ISA": self._open_interchange,
            "GS": self._open_group,
            "ST": self._open_set,
            "SE": self._close_set,
            "GE": self._close_group,
            "IEA": self._close_interchange,
        }
        for segment in segments:
            handler = handlers.get(segment.id)
            if handler:
                handler(segment)
            elif self.set:
                self.set.segments.append(segment)
            else:
                self._note(BAD_CONTENT)

    def finish(self) -> None:
        if self.interchange:
            self._note(ENDS_EARLY)

    def fail(self, note_code: str) -> None:
        """The tokeniser gave up: what is open is rejected, or, before any ISA, an interchange of unknown sender."""
        if self.interchange is None:
            self.interchange = Interchange(Header())
            self.interchanges.append(self.interchange)
        self._note(note_code)

    def _note(self, code: str) -> None:
        if self.interchange is None:  # between interchanges
            self.fail(BAD_STRUCTURE)
        elif self.interchange.note_code == NO_ERROR:
            self.interchange.note_code = code

    def _open_interchange(self, isa: Segment) -> None:
        if self.interchange:
            self._note(ENDS_EARLY)
        header = Header(
            isa[5], isa[6].strip(), isa[7], isa[8].strip(), isa[9], isa[10], isa[13], isa[15],
            parse_day(isa[9]) or UNKNOWN_DATE, isa.delimiters,
        )  # fmt: skip
        self.interchange = Interchange(header, judge_header(isa))
        self.interchanges.append(self.interchange)
        self.group = self.set = None

    def _open_group(self, gs: Segment) -> None:
        if self.interchange is None:
            return self._note(BAD_STRUCTURE)
        self._end_set()
        if self.group:
            self.group.error_codes.append("3")  # trailer missing
        self.group = FunctionalGroup(gs[1], gs[2], gs[3], gs[6], gs[8])
        if gs[1] != "HC":
            self.group.error_codes.append("1")  # functional group not supported
        elif gs[8] not in CLAIM_VERSIONS:
            self.group.error_codes.append("2")  # version not supported
        self.interchange.groups.append(self.group)

    def _open_set(self, st: Segment) -> None:
        if self.group is None:
            return self._note(BAD_CONTENT)
        self._end_set()
        self.set = TransactionSet(st[1], st[2], st[3] or self.group.version, [st])
        if st[1] != "837":
            self.set.error_codes.append("1")  # transaction set not supported
        elif self.set.implementation not in CLAIM_VERSIONS:
            self.set.error_codes.append("I6")  # implementation convention not supported
        if not st[2]:
            self.set.error_codes.append("7")  # control number missing
        elif st[2] in self.group.set_numbers:
            self.set.error_codes.append("23")  # control number not unique in its group
        self.group.set_numbers.add(st[2])
        self.group.sets.append(self.set)

    def _end_set(self) -> None:
        if self.set:
            self.set.error_codes.append("2")  # trailer missing
            self.set = None

    def _close_set(self, se: Segment) -> None:
        if self.set is None:
            return self._note(BAD_CONTENT)
        self.set.segments.append(se)
        if se[2] != self.set.control_number:
            self.set.error_codes.append("3")  # SE02 differs from ST02
        if not is_count(se[1], len(self.set.segments)):
            self.set.error_codes.append("4")  # SE01 is not the number of segments
        self.set = None

    def _close_group(self, ge: Segment) -> None:
        if self.group is None:
            return self._note(BAD_CONTENT)
        self._end_set()
        self.group.declared_count = int(ge[1]) if is_count(ge[1]) else 0
        if ge[2] != self.group.control_number:
            self.group.error_codes.append("4")  # GE02 differs from GS06
        if not is_count(ge[1], len(self.group.sets)):
            self.group.error_codes.append("5")  # GE01 is not the number of transaction sets
        self.group = None

    def _close_interchange(self, iea: Segment) -> None:
        if self.interchange is None:
            return self._note(BAD_STRUCTURE)
        self._end_set()
        if self.group:
            self.group.error_codes.append("3")
        if iea[2] != self.interchange.header.control_number:
            self._note(CONTROL_NUMBERS_DIFFER)
        if not is_count(iea[1], len(self.interchange.groups)):
            self._note(BAD_GROUP_COUNT)
        if not self.interchange.groups:
            self._note(BAD_CONTENT)
        self.interchange = self.group = self.set = None


def is_count(text: str, expected: int | None = None) -> bool:
    """A count of at most ten digits (SE01), and the expected one."""
    valid = 0 < len(text) <= 10 and text.isascii() and text.isdigit()
    return valid and (expected is None or int(text) == expected)


def judge_header(isa: Segment) -> str:
    """The TA105 note code of an ISA, 000 when nothing is wrong with it."""
    element, component, _, terminator = isa.delimiters
    control_number = isa[13]
    faults = {
        BAD_ELEMENT_SEPARATOR: element in NUMERIC_MARKS,
        BAD_COMPONENT_SEPARATOR: component in NUMERIC_MARKS,
        BAD_TERMINATOR: terminator in NUMERIC_MARKS,
        BAD_VERSION: isa[12] != "00501",
        BAD_SENDER_QUALIFIER: isa[5] not in IDENTIFIER_QUALIFIERS,
        BAD_RECEIVER_QUALIFIER: isa[7] not in IDENTIFIER_QUALIFIERS,
        BAD_DATE: parse_day(isa[9]) is None,
        BAD_TIME: not is_time(isa[10]),
        BAD_CONTROL_NUMBER: not (len(control_number) == 9 and is_count(control_number)),
        BAD_USAGE: isa[15] not in ("P", "T"),
    }
    return next((code for code, found in faults.items() if found), NO_ERROR)
