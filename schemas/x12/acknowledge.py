"""The answers to a received file: TA1 for its interchanges, 999 for its groups, 277CA for its 837 sets.

The models are returned; `write_ta1`, `write_999` and `write_277ca` make bytes of them. SNIP types 1 and 2 (and the
balances of an 835) decide the 999; the claim rules of types 3 to 5 decide the 277CA of each claim.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import zip_longest
from operator import itemgetter
from typing import BinaryIO

from schemas.x12.claim_answers import ClaimCollector
from schemas.x12.dictionary import SEGMENTS
from schemas.x12.elements import read_date, read_time
from schemas.x12.envelope import Envelope
from schemas.x12.errors import X12Error
from schemas.x12.findings import ERROR, Finding
from schemas.x12.headers import Group, Interchange, InterchangeRecord, TransactionSet
from schemas.x12.identify import name_kind
from schemas.x12.ta1 import InterchangeAcknowledgement
from schemas.x12.validate import validate_set
from schemas.x12.x277ca_005010x214 import BatchAcknowledgement
from schemas.x12.x999_005010x231a1 import ElementNote, FunctionalAcknowledgement, SegmentNote, SetAcknowledgement

ZERO = Decimal("0.00")
# IK304 of findings about a segment; findings about an element have 8 and an IK4.
SEGMENT_CODES = {
    "x12_segment_unexpected": "2",
    "x12_segment_missing": "3",
    "x12_loop_missing": "3",
    "x12_loop_repeat": "4",
    "x12_segment_repeat": "5",
    "x12_segment_order": "7",
}
UNRECOGNIZED = "1"
HAS_ELEMENT_ERRORS = "8"
# IK403 of findings about an element.
ELEMENT_CODES = {
    "x12_element_missing": "1",
    "x12_condition": "2",
    "x12_too_many_elements": "3",
    "x12_too_short": "4",
    "x12_too_long": "5",
    "x12_type": "6",
    "x12_character": "6",
    "x12_code": "7",
    "x12_qualifier": "7",
    "x12_date": "8",
    "x12_too_many_components": "12",
    "x12_element_unused": "I10",
    "x12_balance": "I12",
    "x12_hl_number": "7",
    "x12_hl_parent": "7",
    "x12_hl_child": "7",
}
# IK502 of findings about the set's envelope.
SET_CODES = {"x12_set_incomplete": "2", "x12_set_control_number": "3", "x12_segment_count": "4"}
# AK905 and TA105 of findings about groups and interchanges.
GROUP_CODES = {"x12_group_incomplete": "3", "x12_ge_control_number": "4", "x12_ge_count": "5"}
AT_THE_END = 1 << 62
INTERCHANGE_CODES = {
    "x12_iea_control_number": "001",
    "x12_iea_count": "021",
    "x12_stray_segment": "022",
    "x12_interchange_incomplete": "023",
    "x12_truncated": "023",
}


@dataclass(frozen=True, slots=True)
class Answers:
    """What to send back for one file."""

    interchanges: tuple[InterchangeAcknowledgement, ...] = ()
    groups: tuple[FunctionalAcknowledgement, ...] = ()
    batches: tuple[BatchAcknowledgement, ...] = ()


@dataclass(slots=True)
class _OpenGroup:
    group: Group
    sets: list[SetAcknowledgement] = field(default_factory=list)


def acknowledge(source: bytes | BinaryIO, received_date: date) -> Answers:
    """The answers to a file. Raises X12Error only where no ISA can be read: then there is nobody to answer."""
    envelope = Envelope(source)
    groups: list[_OpenGroup] = []
    batches: list[BatchAcknowledgement] = []
    broken = False
    try:
        for transaction in envelope:
            if not groups or groups[-1].group is not transaction.group:
                groups.append(_OpenGroup(transaction.group))
            kind = name_kind(transaction.kind, transaction.implementation)
            claims = ClaimCollector(transaction) if kind in ("837P", "837I") else None
            answer = answer_set(transaction, validate_set(transaction, claims.observe if claims else None))
            groups[-1].sets.append(answer)
            if claims is not None and answer.accepted:
                batches.append(claims.answer(f"{len(batches) + 1:04d}", received_date))
    except X12Error:
        if not envelope.interchanges:
            raise
        broken = True
    faults = _Faults(envelope.findings)
    functional = [
        _answer_group(opened, faults.find(opened.group, following.group if following else None), f"{number:04d}")
        for number, (opened, following) in enumerate(zip_longest(groups, groups[1:]), 1)
        if opened.group.functional_code != "FA"  # an acknowledgement is not acknowledged
    ]
    interchanges = tuple(_answer_interchanges(envelope, faults, broken))
    return Answers(interchanges, tuple(functional), tuple(batches))


def answer_set(transaction: TransactionSet, findings: Iterable[Finding]) -> SetAcknowledgement:
    """AK2 to IK5 of one set: R where there is an error of the guide's, E where there are only warnings, else A."""
    notes: dict[tuple[int, str], SegmentNote] = {}
    codes: set[str] = set()
    rejected = False
    for finding in findings:
        if finding.code in SET_CODES:
            codes.add(SET_CODES[finding.code])
            rejected = True
        elif finding.code in SEGMENT_CODES or (finding.code in ELEMENT_CODES and finding.element):
            rejected = rejected or finding.severity == ERROR
            _add_note(notes, finding, transaction.header.index)
    if notes:
        codes.add("5")
    status = "R" if rejected else "E" if notes else "A"
    return SetAcknowledgement(
        set_id=transaction.kind[:3],
        control_number=transaction.control_number,
        status=status,
        implementation=transaction.header[3],
        codes=tuple(sorted(codes))[:5],
        segments=tuple(sorted(notes.values(), key=lambda note: note.position)),
    )


def _add_note(notes: dict[tuple[int, str], SegmentNote], finding: Finding, start: int) -> None:
    """Put a finding into the IK3 of its segment, as an IK4 where it speaks of an element."""
    position = finding.segment_index - start + 1
    if finding.code in SEGMENT_CODES:
        missing = finding.value if finding.code.endswith("_missing") else ""
        known = missing or finding.segment_id in SEGMENTS
        code = SEGMENT_CODES[finding.code] if known else UNRECOGNIZED
        segment_id = (missing or finding.segment_id)[:3]
        notes.setdefault((position, segment_id + code), SegmentNote(segment_id, position, code, finding.loop[:4]))
        return
    key = (position, HAS_ELEMENT_ERRORS)
    note = notes.get(key) or SegmentNote(finding.segment_id[:3], position, HAS_ELEMENT_ERRORS, finding.loop[:4])
    place, _, component = finding.element[len(finding.segment_id) :].partition("-")
    element = ElementNote(int(place), ELEMENT_CODES[finding.code], int(component) if component else None)
    notes[key] = SegmentNote(note.segment_id, note.position, note.code, note.loop, (), (*note.elements, element))


class _Faults:
    """The envelope's findings by where they stand; those without a segment belong to the end of the file."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        placed = sorted(
            ((finding.segment_index or AT_THE_END, finding.code) for finding in findings), key=itemgetter(0)
        )
        self._places = [place for place, _ in placed]
        self._codes = [code for _, code in placed]

    def find(self, header: Group | Interchange, following: Group | Interchange | None) -> list[str]:
        """The codes from a header to the next one, where a missing trailer is noticed."""
        end = following.segment_index if following else AT_THE_END
        return self._codes[bisect_left(self._places, header.segment_index) : bisect_right(self._places, end)]


def _answer_group(opened: _OpenGroup, faults: Iterable[str], control_number: str) -> FunctionalAcknowledgement:
    group, sets = opened.group, opened.sets
    accepted = sum(answer.accepted for answer in sets)
    codes = {GROUP_CODES[fault] for fault in faults if fault in GROUP_CODES}
    if not accepted:
        status = "R"
    elif accepted < len(sets):
        status = "P"
    else:
        status = "E" if codes or any(answer.status == "E" for answer in sets) else "A"
    return FunctionalAcknowledgement(
        control_number=control_number,
        functional_code=group.functional_code,
        group_control_number=group.control_number,
        version=group.version,
        status=status,
        sets_included=len(sets),
        sets_received=len(sets),
        sets_accepted=accepted,
        codes=tuple(sorted(codes)),
        sets=tuple(sets),
    )


def _answer_interchanges(envelope: Envelope, faults: _Faults, broken: bool) -> Iterator[InterchangeAcknowledgement]:
    records = envelope.interchanges
    for record, following in zip_longest(records, records[1:]):
        found = faults.find(record.interchange, following.interchange if following else None)
        yield _answer_interchange(record, found, broken and following is None)


def _answer_interchange(record: InterchangeRecord, faults: Iterable[str], broken: bool) -> InterchangeAcknowledgement:
    """A, or R with the first fault's note code."""
    interchange = record.interchange
    notes = [INTERCHANGE_CODES[fault] for fault in faults if fault in INTERCHANGE_CODES]
    if broken or (not record.complete and not notes):
        notes.append("023")
    return InterchangeAcknowledgement(
        control_number=interchange.control_number,
        status="R" if notes else "A",
        note_code=notes[0] if notes else "000",
        interchange_date=read_date(interchange.date),
        interchange_time=read_time(interchange.time),
    )
