"""TA1, 999 and 277CA as flat answers: which interchange or claim, accepted or rejected, by which codes.

TA1: TA104. 999 (005010X231A1): AK901, where E is NOT a rejection and P means that some sets were. 277CA (005010X214):
STC03 U or a category that returns the claim; a rejection at 2200B or 2200C covers every claim below it (X12 RFI 2145).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Literal

from schemas.x12.envelope import Envelope
from schemas.x12.headers import InterchangeRecord, TransactionSet
from schemas.x12.ta1 import InterchangeAcknowledgement, make_ta1
from schemas.x12.x277ca_005010x214 import BatchAcknowledgement, make_277ca
from schemas.x12.x277ca_005010x214.models import Status
from schemas.x12.x999_005010x231a1 import FunctionalAcknowledgement, SegmentNote, make_999

Outcome = Literal["accepted", "rejected", "partly_accepted"]
OUTCOME_BY_AK901: dict[str, Outcome] = {"A": "accepted", "E": "accepted", "P": "partly_accepted"}
CODES_MAX = 20


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `control_number` is our interchange's (ISA13, GS06 or BHT03); 0 when the answer names a claim."""

    source: Literal["TA1", "999", "277CA"]
    sender: str  # ISA06
    outcome: Outcome
    codes: tuple[str, ...]
    segment_index: int
    control_number: int = 0
    patient_control_number: str = ""
    payer_claim_control_number: str = ""


def read_acknowledgements(source: bytes | BinaryIO) -> Iterator[Answer]:
    """Every answer of a file, in order, TA1s last. Raises X12Error where the bytes are not X12.

    An incomplete transaction set gives no answer: what is cut off might have said otherwise.
    """
    envelope = Envelope(source)
    for transaction in envelope:
        yield from read_set_answers(transaction)
    yield from read_interchange_answers(envelope)


def read_set_answers(transaction: TransactionSet) -> Iterator[Answer]:
    """The answers of one open 999 or 277CA; none of a set of another kind."""
    if transaction.kind == "999":
        group = make_999(transaction)
        if group.complete:
            yield _answer_group(group)
    elif transaction.kind == "277" and "X214" in transaction.implementation:
        batch = make_277ca(transaction)
        if batch.complete:
            yield from _answer_batch(batch)


def read_interchange_answers(envelope: Envelope) -> Iterator[Answer]:
    """The TA1s of a file whose sets have been read."""
    for record in envelope.interchanges:
        yield from read_record_answers(record)


def read_record_answers(record: InterchangeRecord) -> Iterator[Answer]:
    """The TA1s of one interchange."""
    for segment in record.acknowledgements:
        yield _answer_interchange(make_ta1(record.interchange, segment))


def _answer_interchange(ta1: InterchangeAcknowledgement) -> Answer:
    outcome: Outcome = "rejected" if ta1.status == "R" else "accepted"
    codes = (f"TA104 {ta1.status}", f"TA105 {ta1.note_code}")
    return Answer("TA1", ta1.sender_id, outcome, codes, ta1.segment_index, _read_number(ta1.control_number))


def _answer_group(group: FunctionalAcknowledgement) -> Answer:
    segments = (note for answered in group.sets for note in answered.segments)
    notes = [_describe_note(note) for note in segments]
    codes = (f"AK901 {group.status}", *group.codes, *notes[:CODES_MAX])
    outcome = OUTCOME_BY_AK901.get(group.status, "rejected")
    number = _read_number(group.group_control_number)
    return Answer("999", group.sender_id, outcome, codes, group.segment_index, number)


def _describe_note(note: SegmentNote) -> str:
    """'CLM segment 22: 8 (05-1: 7)': where, IK304, and the elements with their IK403."""
    elements = ", ".join(
        f"{element.position:02d}{f'-{element.component}' if element.component else ''}: {element.code}"
        for element in note.elements
    )
    return f"{note.segment_id} segment {note.position}: {note.code}" + (f" ({elements})" if elements else "")


def _answer_batch(batch: BatchAcknowledgement) -> Iterator[Answer]:
    number = _read_number(batch.batch_number)
    below = tuple(status for provider in batch.providers if provider.rejected for status in provider.statuses)
    if batch.statuses and number:
        outcome: Outcome = "rejected" if batch.rejected else "partly_accepted" if below else "accepted"
        codes = _list_codes((*batch.statuses, *below))
        yield Answer("277CA", batch.sender_id, outcome, codes, batch.segment_index, number)
    for provider in batch.providers:
        for claim in provider.claims:
            above = (*(batch.statuses if batch.rejected else ()), *(provider.statuses if provider.rejected else ()))
            statuses = (*above, *claim.statuses, *(status for line in claim.lines for status in line.statuses))
            yield Answer(
                "277CA",
                batch.sender_id,
                "rejected" if above or claim.rejected else "accepted",
                _list_codes(statuses or provider.statuses or batch.statuses),
                claim.segment_index,
                patient_control_number=claim.patient_control_number,
                payer_claim_control_number=claim.payer_claim_control_number,
            )


def _list_codes(statuses: tuple[Status, ...]) -> tuple[str, ...]:
    codes = dict.fromkeys(str(code) for status in statuses for code in status.codes)
    return tuple(codes)[:CODES_MAX]


def _read_number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0
