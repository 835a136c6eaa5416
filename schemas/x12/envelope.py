"""The second layer: interchanges (ISA/IEA), functional groups (GS/GE) and transaction sets (ST/SE).

    envelope = Envelope(source)
    for transaction in envelope:          # each ST, streamed
        for segment in transaction:       # what stands between ST and SE
            ...
        transaction.complete, transaction.findings
    envelope.findings                     # of the interchanges and groups

Nothing is held in memory beyond one block of the file. Lenient reading (the default) turns a wrong count or control
number into a finding; `strict=True` raises X12Error at the first error.
"""

from collections.abc import Iterator
from typing import BinaryIO

from schemas.x12.errors import TruncatedError, X12Error
from schemas.x12.findings import ERROR, WARNING, Finding, keep_finding, make_finding
from schemas.x12.headers import (
    BodyHash,
    Group,
    Interchange,
    InterchangeRecord,
    TransactionSet,
    read_gs,
    read_isa,
)
from schemas.x12.tokens import Run, Segment, read_runs

CONTROL_SEGMENTS = frozenset(("ISA", "IEA", "GS", "GE", "ST", "SE", "TA1"))
HEADERS_MAX = 100_000
# The widths of ISA01-16, separators not counted.
ISA_WIDTHS = [2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1]


class Envelope:
    """Reads a file's envelopes; iterate it for its transaction sets."""

    def __init__(self, source: bytes | BinaryIO, *, strict: bool = False, hash_bodies: bool = False) -> None:
        self.findings: list[Finding] = []
        self.interchanges: list[InterchangeRecord] = []
        self.truncated = False
        self._strict = strict
        self._hash_bodies = hash_bodies
        self._runs = read_runs(source)
        self._run = Run([], [])
        self._position = 0  # of the next segment in the run
        self._headers = 0  # kept in memory until the end

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
                    interchange, group = read_isa(segment), None
                    group_control_numbers = set()
                    self._count_header(segment)
                    self.interchanges.append(InterchangeRecord(interchange))
                    self._check_isa(segment)
                case "GS":
                    self._check_open_group(group, segment)
                    group, sets, set_control_numbers = read_gs(segment), 0, set()
                    self._check_unique(group.control_number, group_control_numbers, segment, 6)
                    self._count_header(segment)
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
                    self._count_header(segment)
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
        transaction.body = self._read_body(transaction, BodyHash(header.delimiters) if self._hash_bodies else None)
        yield transaction
        for _ in transaction.body:  # what the caller left unread
            pass

    def _read_body(self, transaction: TransactionSet, hasher: BodyHash | None) -> Iterator[Segment]:
        """The segments until SE; sets what is known of the whole when it ends."""
        count = 1
        while self._fill():
            (segments, texts), start = self._run, self._position
            found = (n for n in range(start, len(segments)) if segments[n].elements[0] in CONTROL_SEGMENTS)
            end = next(found, len(segments))
            count += end - start
            if hasher is not None:
                hasher.update(texts[start:end])
            self._position = end
            yield from segments[start:end]
            if end < len(segments):
                trailer = segments[end]
                if trailer.elements[0] != "SE":
                    break
                self._position = end + 1
                self._close_set(transaction, trailer, count + 1, hasher)
                return
        transaction.segment_count = count
        self._report(
            "x12_set_incomplete",
            "the transaction set has no SE: the file is cut off or its envelope is broken",
            "ask the sender for the whole file; nothing of this transaction set may be posted",
            transaction.header,
            into=transaction.findings,
        )

    def _close_set(self, transaction: TransactionSet, trailer: Segment, count: int, hasher: BodyHash | None) -> None:
        transaction.trailer, transaction.complete, transaction.segment_count = trailer, True, count
        if hasher is not None:
            transaction.content_hash = hasher.finish()
        self._check_set_trailer(transaction, trailer)

    def _count_header(self, segment: Segment) -> None:
        self._headers += 1
        if self._headers > HEADERS_MAX:
            what = f"more than {HEADERS_MAX} interchanges, groups and TA1s in one file"
            raise X12Error(
                what, "split the file", code="x12_too_many", segment_id=segment.id, segment_index=segment.index
            )

    def _next(self) -> Segment | None:
        if not self._fill():
            return None
        self._position += 1
        return self._run.segments[self._position - 1]

    def _fill(self) -> bool:
        """Whether a segment is left; fetches the next run where this one is used up."""
        while self._position == len(self._run.segments):
            try:
                run = next(self._runs, None)
            except TruncatedError as error:
                if self._strict:
                    raise
                self.truncated = True
                where = f"byte {error.offset}"
                self.findings.append(
                    Finding(error.code, ERROR, "edi", where, error.what, error.remedy, offset=error.offset)
                )
                return False
            if run is None:
                return False
            self._run, self._position = run, 0
        return True

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
        keep_finding(self.findings if into is None else into, finding)

    def _check_set_trailer(self, transaction: TransactionSet, trailer: Segment) -> None:
        into = transaction.findings
        if not _same_count(trailer[1], transaction.segment_count):
            what = f"SE01 says {_show_count(trailer)} segments, {transaction.segment_count} were counted"
            self._report("x12_segment_count", what, "ask the sender for the whole file", trailer, 1, into=into)
        if trailer[2] != transaction.control_number:
            what = "SE02 differs from ST02"
            self._report("x12_set_control_number", what, "both carry the set's control number", trailer, 2, into=into)

    def _check_trailer(self, trailer: Segment, count: int, control_number: str, header_element: str) -> None:
        if not _same_count(trailer[1], count):
            unit = "transaction sets" if trailer.id == "GE" else "groups"
            what = f"{trailer.id}01 says {_show_count(trailer)} {unit}, {count} were counted"
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
        if len(segment.elements) != 17 or [len(e) for e in segment.elements[1:]] != ISA_WIDTHS:
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


def _same_count(text: str, count: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 10 and int(text) == count


def _show_count(trailer: Segment) -> str:
    """The count as sent where it is one; anything else is not repeated."""
    text = trailer[1][:10]
    return text if text.isascii() and text.isdigit() else "no number of"
