"""TA1, the acknowledgement of an interchange: whether its ISA and IEA could be used at all."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, time
from typing import BinaryIO

from schemas.x12.elements import format_date, format_time, read_date, read_time
from schemas.x12.envelope import Envelope
from schemas.x12.headers import Interchange
from schemas.x12.tokens import Segment
from schemas.x12.writer import InterchangeHeader, write_bare_interchange


@dataclass(frozen=True, slots=True)
class InterchangeAcknowledgement:
    """One TA1. Status A accepted, E accepted with errors, R rejected; note 000 = no error (X12 I17, I18)."""

    control_number: str  # TA101 = ISA13 of the interchange it speaks of
    status: str  # TA104
    note_code: str = "000"  # TA105
    interchange_date: date | None = None  # TA102 = its ISA09
    interchange_time: time | None = None  # TA103 = its ISA10
    sender_id: str = field(default="", compare=False)  # ISA06 of the interchange that carries the TA1
    segment_index: int = field(default=0, compare=False)
    offset: int = field(default=0, compare=False)


def read_ta1(source: bytes | BinaryIO) -> Iterator[InterchangeAcknowledgement]:
    """Every TA1 of a file. Raises X12Error where the file is not X12."""
    envelope = Envelope(source)
    for _ in envelope:  # TA1s stand before the groups: reading them all completes the records
        pass
    for record in envelope.interchanges:
        for segment in record.acknowledgements:
            yield make_ta1(record.interchange, segment)


def make_ta1(interchange: Interchange, segment: Segment) -> InterchangeAcknowledgement:
    """The TA1 segment as an object; dates that cannot be read are None."""
    return InterchangeAcknowledgement(
        control_number=segment[1],
        status=segment[4],
        note_code=segment[5],
        interchange_date=read_date(segment[2]),
        interchange_time=read_time(segment[3]),
        sender_id=interchange.sender_id,
        segment_index=segment.index,
        offset=segment.offset,
    )


def write_ta1(header: InterchangeHeader, acknowledgements: Iterable[InterchangeAcknowledgement]) -> bytes:
    """An interchange that holds TA1s only."""
    return write_bare_interchange(
        header,
        [
            (
                "TA1",
                a.control_number,
                format_date(a.interchange_date)[2:],
                format_time(a.interchange_time)[:4],
                a.status,
                a.note_code,
            )
            for a in acknowledgements
        ],
    )
