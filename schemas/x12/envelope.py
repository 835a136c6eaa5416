"""The second layer: interchanges (ISA/IEA), functional groups (GS/GE) and transaction sets (ST/SE).

    envelope = Envelope(source)
    for transaction in envelope:          # each ST, streamed
        for segment in transaction:       # what stands between ST and SE
            ...
        transaction.complete, transaction.findings
    envelope.findings                     # of the interchanges and groups

Nothing is held in memory beyond the current segment. Lenient reading (the default) turns a wrong count or control
number into a finding; `strict=True` raises X12Error at the first error.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from schemas.x12.errors import TruncatedError, X12Error
from schemas.x12.findings import ERROR, WARNING, Finding, make_finding
from schemas.x12.tokens import Delimiters, Segment, read_segments

CONTROL_SEGMENTS = frozenset(("ISA", "IEA", "GS", "GE", "ST", "SE", "TA1"))
HASH_BATCH = 2048
# GS01 of each kind of transaction set that revcycle exchanges (X12 480 / 479).
FUNCTIONAL_CODES = {
    "835": "HP",
    "837": "HC",
    "999": "FA",
    "997": "FA",
    "277": "HN",
    "276": "HR",
    "270": "HS",
    "271": "HB",
}


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
    content_hash: str = ""  # sha256 of the body in canonical delimiters; see _hash_body
    _body: Iterator[Segment] = field(default_factory=lambda: iter(()), repr=False)

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
        return self._body


@dataclass(slots=True)
class InterchangeRecord:
    """What an interchange turned out to hold, for its TA1 and 999."""

    interchange: Interchange
    complete: bool = False
    groups: list[Group] = field(default_factory=list)
    acknowledgements: list[Segment] = field(default_factory=list)  # TA1 segments


class Envelope:
    """Reads a file's envelopes; iterate it for its transaction sets."""

    def __init__(self, source: bytes | BinaryIO, *, strict: bool = False, hash_bodies: bool = False) -> None:
        self.findings: list[Finding] = []
        self.interchanges: list[InterchangeRecord] = []
        self.truncated = False
        self._strict = strict
        self._hash_bodies = hash_bodies
        self._segments = self._until_truncated(read_segments(source))
        self._pushed: Segment | None = None

    def __iter__(self) -> Iterator[TransactionSet]:
        interchange = Interchange()
        group: Group | None = None
        group_control_numbers: set[str] = set()
        set_control_numbers: set[str] = set()
        sets = 0
        while (segment := self._next()) is not None:
            match segment.id:
                case "ISA":
                    self._check_open(group, segment)
                    interchange, group = _read_isa(segment), None
                    group_control_numbers = set()
                    self.interchanges.append(InterchangeRecord(interchange))
                    self._check_isa(segment)
                case "GS":
                    self._check_open_group(group, segment)
                    group, sets, set_control_numbers = _read_gs(segment), 0, set()
                    self._check_unique(group.control_number, group_control_numbers, segment, 6)
                    self.interchanges[-1].groups.append(group)
                case "ST":
                    if group is None:
                        self._report(
                            "x12_set_outside_group", "a transaction set outside a group", "GS must come first", segment
                        )
                    sets += 1
                    self._check_unique(segment[2], set_control_numbers, segment, 2)
                    yield from self._read_set(interchange, group or Group(), segment)
                case "GE":
                    if group is None:
                        self._report(
                            "x12_stray_trailer",
                            "a group trailer without its header",
                            "GS and GE come in pairs",
                            segment,
                        )
                    else:
                        self._check_trailer(segment, sets, group.control_number, "GS06")
                    group = None
                case "IEA":
                    self._check_open_group(group, segment)
                    group = None
                    self._close_interchange(segment)
                case "TA1":
                    self.interchanges[-1].acknowledgements.append(segment)
                case _:
                    what = (
                        "a segment outside any transaction set"
                        if segment.id != "SE"
                        else "a set trailer without its ST"
                    )
                    self._report("x12_stray_segment", what, "move it between ST and SE or remove it", segment)
        self._check_end(group)

    def _read_set(self, interchange: Interchange, group: Group, header: Segment) -> Iterator[TransactionSet]:
        transaction = TransactionSet(interchange, group, header)
        body = self._read_body(transaction)
        transaction._body = _hash_body(transaction, body) if self._hash_bodies else body
        yield transaction
        for _ in transaction._body:  # what the caller left unread
            pass

    def _read_body(self, transaction: TransactionSet) -> Iterator[Segment]:
        """The segments until SE; sets what is known of the whole when it ends."""
        count = 1
        for segment in self._segments:
            if segment.elements[0] in CONTROL_SEGMENTS:
                if segment.elements[0] == "SE":
                    transaction.trailer, transaction.complete = segment, True
                    transaction.segment_count = count + 1
                    self._check_set_trailer(transaction, segment)
                    return
                self._pushed = segment
                break
            count += 1
            yield segment
        transaction.segment_count = count
        self._report(
            "x12_set_incomplete",
            "the transaction set has no SE: the file is cut off or its envelope is broken",
            "ask the sender for the whole file; nothing of this transaction set may be posted",
            transaction.header,
            into=transaction.findings,
        )

    def _next(self) -> Segment | None:
        if self._pushed is not None:
            segment, self._pushed = self._pushed, None
            return segment
        return next(self._segments, None)

    def _until_truncated(self, segments: Iterator[Segment]) -> Iterator[Segment]:
        try:
            yield from segments
        except TruncatedError as error:
            if self._strict:
                raise
            self.truncated = True
            self.findings.append(
                Finding(error.code, ERROR, "edi", f"byte {error.offset}", error.what, error.remedy, offset=error.offset)
            )

    def _report(
        self,
        code: str,
        what: str,
        remedy: str,
        segment: Segment,
        position: int = 0,
        *,
        severity: str = ERROR,
        into: list[Finding] | None = None,
        value: str = "",
    ) -> None:
        if self._strict and severity == ERROR:
            element = f"{segment.id}{position:02d}" if position else ""
            raise X12Error(
                what,
                remedy,
                code=code,
                segment_id=segment.id,
                segment_index=segment.index,
                element=element,
                offset=segment.offset,
            )
        finding = make_finding(code, what, remedy, segment=segment, position=position, severity=severity, value=value)
        (self.findings if into is None else into).append(finding)

    def _check_set_trailer(self, transaction: TransactionSet, trailer: Segment) -> None:
        into = transaction.findings
        if not _same_count(trailer[1], transaction.segment_count):
            what = f"SE01 says {trailer[1][:10]} segments, {transaction.segment_count} were counted"
            self._report("x12_segment_count", what, "ask the sender for the whole file", trailer, 1, into=into)
        if trailer[2] != transaction.control_number:
            what = "SE02 differs from ST02"
            self._report("x12_set_control_number", what, "both carry the set's control number", trailer, 2, into=into)

    def _check_trailer(self, trailer: Segment, count: int, control_number: str, header_element: str) -> None:
        if not _same_count(trailer[1], count):
            unit = "transaction sets" if trailer.id == "GE" else "groups"
            what = f"{trailer.id}01 says {trailer[1][:10]} {unit}, {count} were counted"
            self._report(f"x12_{trailer.id.lower()}_count", what, "ask the sender for the whole file", trailer, 1)
        if trailer[2].lstrip("0") != control_number.lstrip("0"):
            what = f"{trailer.id}02 differs from {header_element}"
            self._report(f"x12_{trailer.id.lower()}_control_number", what, "both carry the same number", trailer, 2)

    def _check_unique(self, control_number: str, seen: set[str], segment: Segment, position: int) -> None:
        if control_number in seen:
            what = f"{segment.id}{position:02d} is used twice within its parent"
            self._report("x12_control_number_repeated", what, "number them uniquely", segment, position)
        seen.add(control_number)

    def _check_isa(self, segment: Segment) -> None:
        if len(segment.elements) != 17 or [len(e) for e in segment.elements[1:]] != _ISA_WIDTHS:
            what = "the ISA's elements do not have their fixed widths"
            remedy = "an ISA is 106 characters: pad its elements with blanks"
            self._report("x12_isa_width", what, remedy, segment, severity=WARNING)

    def _close_interchange(self, trailer: Segment) -> None:
        record = self.interchanges[-1]
        if record.complete:
            self._report(
                "x12_stray_trailer", "an interchange trailer without its header", "one IEA for each ISA", trailer
            )
            return
        record.complete = True
        self._check_trailer(trailer, len(record.groups), record.interchange.control_number, "ISA13")

    def _check_open_group(self, group: Group | None, segment: Segment) -> None:
        if group is not None:
            self._report(
                "x12_group_incomplete", "the group before this segment has no GE", "end each GS with GE", segment
            )

    def _check_open(self, group: Group | None, segment: Segment) -> None:
        self._check_open_group(group, segment)
        if self.interchanges and not self.interchanges[-1].complete:
            what = "the interchange before this one has no IEA"
            self._report("x12_interchange_incomplete", what, "end each ISA with IEA", segment)

    def _check_end(self, group: Group | None) -> None:
        if not self.interchanges or self.interchanges[-1].complete:
            return
        if self._strict:
            raise TruncatedError(
                "the interchange has no IEA", "ask the sender for the whole file", code="x12_truncated"
            )
        missing = "GE and IEA" if group is not None else "IEA"
        self.findings.append(
            make_finding("x12_interchange_incomplete", f"the file ends without {missing}", "ask for the whole file")
        )


_ISA_WIDTHS = [2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1]


def _same_count(text: str, count: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 10 and int(text) == count


def _read_isa(isa: Segment) -> Interchange:
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


def _read_gs(gs: Segment) -> Group:
    return Group(gs[1], gs[2].strip(), gs[3].strip(), gs[4], gs[5], gs[6], gs[8], gs.index, gs.offset)


def _hash_body(transaction: TransactionSet, body: Iterator[Segment]) -> Iterator[Segment]:
    """Pass the segments on and hash them, with ':' as component separator whatever the file used.

    The hash covers what stands between ST and SE, without terminators, so that the same remittance wrapped again by a
    clearinghouse (other delimiters, line ends, control numbers) has the same hash.
    """
    digest = hashlib.sha256()
    standard = Delimiters()
    used = transaction.header.delimiters
    names = {ord(used.component): standard.component, ord(used.repetition or "^"): standard.repetition}
    pending: list[str] = []
    for segment in body:
        pending.append("*".join(segment.elements).rstrip("*"))
        if len(pending) == HASH_BATCH:
            digest.update(("\n".join(pending) + "\n").translate(names).encode())
            pending.clear()
        yield segment
    digest.update(("\n".join(pending) + "\n").translate(names).encode())
    transaction.content_hash = digest.hexdigest()


def identify(head: bytes) -> str | None:
    """The kind of an X12 file from its first bytes (a few KiB): 835, 837P, 837I, 999, TA1, 277CA ... or None.

    A file with an ISA that names no transaction set yet is judged by its GS; one whose ISA holds only TA1 is 'TA1'.
    """
    ta1 = False
    version = ""
    try:
        for segment in read_segments(head):
            match segment.id:
                case "TA1":
                    ta1 = True
                case "GS":
                    version = segment[8]
                case "ST":
                    return name_kind(segment[1], segment[3] or version)
    except X12Error:
        pass  # a head that ends inside a segment is the normal case; what was read before it decides
    return "TA1" if ta1 else None


def name_kind(set_id: str, implementation: str) -> str:
    """ST01 and the implementation guide to the name used in revcycle: ('837', '005010X222A1') -> '837P'."""
    if set_id == "837":
        for guides, name in ((("X222", "X098"), "837P"), (("X223", "X096"), "837I"), (("X224", "X097"), "837D")):
            if any(guide in implementation for guide in guides):
                return name
    if set_id == "277" and "X214" in implementation:
        return "277CA"
    return set_id
