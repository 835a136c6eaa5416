"""What the envelope's segments say: interchange, functional group and the open transaction set."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from schemas.x12.blocks import Delimiters
from schemas.x12.findings import Finding
from schemas.x12.tokens import Segment

TRAILING_SEPARATORS = re.compile(r"\*+\n")


@dataclass(frozen=True, slots=True)
class Interchange:
    """An ISA: who sent it to whom, and under which control number; blanks that pad the fixed widths are dropped."""

    sender_qualifier: str = "ZZ"  # ISA05
    sender_id: str = ""  # ISA06
    receiver_qualifier: str = "ZZ"  # ISA07
    receiver_id: str = ""  # ISA08
    date: str = ""  # ISA09, YYMMDD
    time: str = ""  # ISA10, HHMM
    version: str = "00501"  # ISA12
    control_number: str = ""  # ISA13
    acknowledgement_requested: str = "0"  # ISA14
    usage_indicator: str = "T"  # ISA15: T test, P production
    segment_index: int = 0
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """A GS: functional group of transaction sets of one kind and version."""

    functional_code: str = ""  # GS01
    sender_code: str = ""  # GS02
    receiver_code: str = ""  # GS03
    date: str = ""  # GS04, CCYYMMDD
    time: str = ""  # GS05
    control_number: str = ""  # GS06
    version: str = ""  # GS08, such as 005010X221A1
    segment_index: int = 0
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Addressing:
    """Who sent a file to whom, and whether it is a test."""

    sender_id: str = ""  # ISA06
    receiver_id: str = ""  # ISA08
    group_receiver: str = ""  # GS03; none for a TA1
    usage_indicator: str = ""  # ISA15


def read_addressing(interchange: Interchange, group: Group | None = None) -> Addressing:
    """The addressing of an interchange, or of one group in it."""
    receiver = group.receiver_code if group else ""
    return Addressing(interchange.sender_id, interchange.receiver_id, receiver, interchange.usage_indicator)


@dataclass(slots=True)
class TransactionSet:
    """One ST, being read: iterate it once for its body; `complete` and `findings` are final after that."""

    interchange: Interchange
    group: Group
    header: Segment
    complete: bool = False
    segment_count: int = 1  # as counted, ST and SE included
    trailer: Segment | None = None
    findings: list[Finding] = field(default_factory=list)
    content_hash: str = ""  # sha256 of the body in canonical delimiters; see BodyHash
    body: Iterator[Segment] = field(default_factory=lambda: iter(()), repr=False)

    @property
    def kind(self) -> str:
        return self.header[1]

    @property
    def control_number(self) -> str:
        return self.header[2]

    @property
    def implementation(self) -> str:
        """ST03 where given, else GS08: the implementation guide, such as 005010X222A1."""
        return self.header[3] or self.group.version

    def __iter__(self) -> Iterator[Segment]:
        return self.body


@dataclass(slots=True)
class InterchangeRecord:
    """What an interchange turned out to hold, for its TA1 and 999."""

    interchange: Interchange
    complete: bool = False
    groups: list[Group] = field(default_factory=list)
    acknowledgements: list[Segment] = field(default_factory=list)  # TA1 segments


def read_isa(isa: Segment) -> Interchange:
    return Interchange(
        sender_qualifier=isa[5].strip(),
        sender_id=isa[6].strip(),
        receiver_qualifier=isa[7].strip(),
        receiver_id=isa[8].strip(),
        date=isa[9],
        time=isa[10],
        version=isa[12],
        control_number=isa[13],
        acknowledgement_requested=isa[14],
        usage_indicator=isa[15],
        segment_index=isa.index,
        offset=isa.offset,
    )


def read_gs(gs: Segment) -> Group:
    return Group(gs[1], gs[2].strip(), gs[3].strip(), gs[4], gs[5], gs[6], gs[8], gs.index, gs.offset)


class BodyHash:
    """The hash of what stands between ST and SE, fed in batches.

    Terminators, line ends and trailing empty elements are left out and ':' stands for the component separator, so that
    the same remittance wrapped again by a clearinghouse has the same hash.
    """

    def __init__(self, used: Delimiters) -> None:
        standard = Delimiters()
        names = {
            used.element: standard.element,
            used.component: standard.component,
            used.repetition or standard.repetition: standard.repetition,
        }
        self._names = {ord(name): text for name, text in names.items() if name != text}
        self._digest = hashlib.sha256()

    def update(self, texts: list[str]) -> None:
        """Take some segments, as they stand in the file without their terminators."""
        if not texts:
            return
        text = "\n".join(texts) + "\n"
        if self._names:
            text = text.translate(self._names)
        if "*\n" in text:
            text = TRAILING_SEPARATORS.sub("\n", text)
        self._digest.update(text.encode())

    def finish(self) -> str:
        return self._digest.hexdigest()
