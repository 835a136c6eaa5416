"""Implementation acknowledgement (999), implementation guide 005010X231A1: models, reader and writer.

Status A accepted, E accepted with errors (NOT a rejection), P partially accepted (group only), R M W X rejected.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from schemas.x12.claim_loops import keep_segment
from schemas.x12.envelope import Envelope
from schemas.x12.findings import WARNING, Finding, make_finding
from schemas.x12.headers import TransactionSet
from schemas.x12.tokens import Segment
from schemas.x12.writer import InterchangeHeader, SetWriter, write_interchange

VERSION = "005010X231A1"
ACCEPTED = ("A", "E")


@dataclass(frozen=True, slots=True)
class ElementNote:
    """IK4: one element in error. IK403: 1 required missing, 5 too long, 6 invalid character, 7 invalid code ..."""

    position: int  # IK401-1
    code: str  # IK403
    component: int | None = None  # IK401-2
    repetition: int | None = None  # IK401-3
    reference_number: str = ""  # IK402, the data element of the X12 dictionary
    bad_value: str = ""  # IK404, a copy of what was sent: may be PHI
    contexts: tuple[tuple[str, ...], ...] = ()  # CTX elements as sent


@dataclass(frozen=True, slots=True)
class SegmentNote:
    """IK3: one segment in error. IK304: 1 unrecognized, 3 required missing, 5 over maximum, 8 element errors ..."""

    segment_id: str  # IK301
    position: int  # IK302: the segment's place in its set, ST = 1
    code: str  # IK304
    loop: str = ""  # IK303
    contexts: tuple[tuple[str, ...], ...] = ()
    elements: tuple[ElementNote, ...] = ()


@dataclass(frozen=True, slots=True)
class SetAcknowledgement:
    """AK2 to IK5: the answer to one transaction set."""

    set_id: str  # AK201
    control_number: str  # AK202 = its ST02
    status: str  # IK501
    implementation: str = ""  # AK203
    codes: tuple[str, ...] = ()  # IK502-06
    segments: tuple[SegmentNote, ...] = ()

    @property
    def accepted(self) -> bool:
        return self.status in ACCEPTED


@dataclass(frozen=True, slots=True)
class FunctionalAcknowledgement:
    """One 999: the answer to a functional group."""

    control_number: str  # ST02 of the 999
    functional_code: str  # AK101
    group_control_number: str  # AK102 = GS06 of the group
    version: str  # AK103
    status: str  # AK901
    sets_included: int  # AK902
    sets_received: int  # AK903
    sets_accepted: int  # AK904
    codes: tuple[str, ...] = ()  # AK905-09
    sets: tuple[SetAcknowledgement, ...] = ()
    sender_id: str = field(default="", compare=False)  # ISA06
    unknown_segments: tuple[tuple[str, ...], ...] = field(default=(), compare=False)  # kept as sent, with a finding
    complete: bool = field(default=True, compare=False)
    findings: tuple[Finding, ...] = field(default=(), compare=False)
    segment_index: int = field(default=0, compare=False)
    offset: int = field(default=0, compare=False)


def read_999(source: bytes | BinaryIO) -> Iterator[FunctionalAcknowledgement]:
    """Each 999 of a file; sets of other kinds are passed over. Raises X12Error where the file is not X12."""
    for transaction in Envelope(source):
        if transaction.kind == "999":
            yield make_999(transaction)


def make_999(transaction: TransactionSet) -> FunctionalAcknowledgement:
    """One 999 from its open transaction set."""
    first, last = (
        Segment(["AK1"], 0, 0, transaction.header.delimiters),
        Segment([""], 0, 0, transaction.header.delimiters),
    )
    sets: list[SetAcknowledgement] = []
    unknown: list[tuple[str, ...]] = []
    open_set: tuple[Segment, list[list[Segment]]] | None = None  # AK2, and each IK3 with what follows it
    for segment in transaction:
        match segment.id:
            case "AK1":
                first = segment
            case "AK2":
                open_set = (segment, [])
            case "IK3" if open_set:
                open_set[1].append([segment])
            case "IK4" | "CTX" if open_set and open_set[1]:
                open_set[1][-1].append(segment)
            case "IK5" if open_set:
                ak2, noted = open_set
                codes, notes = tuple(code for code in segment.elements[2:7] if code), tuple(map(_make_note, noted))
                sets.append(SetAcknowledgement(ak2[1], ak2[2], segment[1], ak2[3], codes, notes))
                open_set = None
            case "AK9":
                last = segment
            case _:
                what = "not expected here; it is kept, not interpreted"
                unknown.append(keep_segment(segment))
                transaction.findings.append(
                    make_finding("x12_unknown_segment", what, "tell the sender", segment=segment, severity=WARNING)
                )
    if not last.id or not first[1]:
        what = "the 999 lacks its AK1 or AK9"
        transaction.findings.append(
            make_finding("x12_segment_missing", what, "ask the sender for the whole file", segment=transaction.header)
        )
    return FunctionalAcknowledgement(
        control_number=transaction.control_number,
        functional_code=first[1],
        group_control_number=first[2],
        version=first[3],
        status=last[1],
        sets_included=_number(last[2]) or 0,
        sets_received=_number(last[3]) or 0,
        sets_accepted=_number(last[4]) or 0,
        codes=tuple(code for code in last.elements[5:10] if code),
        sets=tuple(sets),
        sender_id=transaction.interchange.sender_id,
        unknown_segments=tuple(unknown),
        complete=transaction.complete,
        findings=tuple(transaction.findings),
        segment_index=transaction.header.index,
        offset=transaction.header.offset,
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else None


def _make_note(segments: list[Segment]) -> SegmentNote:
    """An IK3 and what follows it: a CTX belongs to the IK4 before it, or to the IK3 when there is none yet."""
    ik3 = segments[0]
    contexts: list[tuple[str, ...]] = []
    elements: list[tuple[Segment, list[tuple[str, ...]]]] = []
    for segment in segments[1:]:
        if segment.id == "IK4":
            elements.append((segment, []))
        else:
            (elements[-1][1] if elements else contexts).append(keep_segment(segment)[1:])
    notes = tuple(_make_element_note(ik4, of_element) for ik4, of_element in elements)
    return SegmentNote(ik3[1], _number(ik3[2]) or 0, ik3[4], ik3[3], tuple(contexts), notes)


def _make_element_note(ik4: Segment, contexts: list[tuple[str, ...]]) -> ElementNote:
    position, component, repetition = (_number(text) for text in (*ik4.components(1), "", "")[:3])
    return ElementNote(position or 0, ik4[3], component, repetition, ik4[2], ik4[4], tuple(contexts))


def write_999(header: InterchangeHeader, acknowledgements: Iterable[FunctionalAcknowledgement]) -> bytes:
    """One interchange with one ST for each 999. Raises ElementError for values that X12 cannot carry."""
    return write_interchange(header, "FA", VERSION, [_write_set(a) for a in acknowledgements])


def _write_set(acknowledgement: FunctionalAcknowledgement) -> str:
    a = acknowledgement
    out = SetWriter("999", a.control_number, VERSION)
    out.add("AK1", a.functional_code, a.group_control_number, a.version)
    for answer in a.sets:
        out.add("AK2", answer.set_id, answer.control_number, answer.implementation)
        for note in answer.segments:
            out.add("IK3", note.segment_id, str(note.position), note.loop, note.code)
            _write_contexts(out, note.contexts)
            for element in note.elements:
                place = (str(n) if n else "" for n in (element.position, element.component, element.repetition))
                out.add("IK4", out.composite(*place), element.reference_number, element.code, element.bad_value)
                _write_contexts(out, element.contexts)
        out.add("IK5", answer.status, *answer.codes)
    counts = (str(n) for n in (a.sets_included, a.sets_received, a.sets_accepted))
    out.add("AK9", a.status, *counts, *a.codes)
    return out.close()


def _write_contexts(out: SetWriter, contexts: Iterable[tuple[str, ...]]) -> None:
    for context in contexts:
        head, *rest = context or ("",)
        first = out.repeat(out.composite(*part.split(":")) for part in head.split("^"))
        out.add("CTX", first, *(out.composite(*text.split(":")) for text in rest))
