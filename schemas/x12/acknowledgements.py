"""TA1, 999 and 277CA flattened to answers: who says what about which interchange or claim of ours."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Literal

from schemas.x12.envelope import Envelope
from schemas.x12.ta1 import InterchangeAcknowledgement, make_ta1
from schemas.x12.x277ca_005010x214 import BatchAcknowledgement, ClaimAcknowledgement, Status, make_277ca
from schemas.x12.x999_005010x231a1 import FunctionalAcknowledgement, make_999

Outcome = Literal["accepted", "rejected", "partly_accepted"]


@dataclass(frozen=True, slots=True)
class Answer:
    """One statement: about a claim when `patient_control_number` is set, else about a whole interchange.

    `control_number` is the number that we gave (ISA13 for a TA1, GS06 for a 999, BHT03 for the batch of a 277CA), None
    where the answer names none that is a number.
    """

    source: Literal["TA1", "999", "277CA"]
    sender: str  # ISA06 of the file that answers
    outcome: Outcome
    codes: tuple[str, ...]
    control_number: int | None = None
    patient_control_number: str = ""
    payer_claim_control_number: str = ""
    segment_index: int = 0


def read_acknowledgements(source: bytes | BinaryIO) -> Iterator[Answer]:
    """Every answer of a file of TA1s, 999s and 277CAs. Raises X12Error where the file is not X12.

    An incomplete transaction set gives no answer: what is cut off might have said otherwise.
    """
    envelope = Envelope(source)
    for transaction in envelope:
        if transaction.kind == "999":
            functional = make_999(transaction)
            if functional.complete:
                yield from _answer_group(functional)
        elif transaction.kind == "277" and "X214" in transaction.implementation:
            batch = make_277ca(transaction)
            if batch.complete:
                yield from _answer_batch(batch)
    for record in envelope.interchanges:
        for segment in record.acknowledgements:
            yield _answer_interchange(make_ta1(record.interchange, segment))


def _answer_interchange(ta1: InterchangeAcknowledgement) -> Answer:
    outcome: Outcome = "accepted" if ta1.status in ("A", "E") else "rejected"
    return Answer(
        "TA1", ta1.sender_id, outcome, (ta1.note_code,), _number(ta1.control_number), segment_index=ta1.segment_index
    )


def _answer_group(functional: FunctionalAcknowledgement) -> Iterator[Answer]:
    outcomes: dict[str, Outcome] = {"A": "accepted", "E": "accepted", "P": "partly_accepted"}
    codes = [f"AK9:{functional.status}", *(f"AK9:{code}" for code in functional.codes)]
    for answer in functional.sets:
        codes += [f"IK5:{code}" for code in (answer.status, *answer.codes) if not answer.accepted]
        for note in answer.segments:
            codes.append(f"IK3:{note.segment_id}:{note.position}:{note.code}")
            codes += [f"IK4:{note.segment_id}{element.position:02d}:{element.code}" for element in note.elements]
    yield Answer(
        "999",
        functional.sender_id,
        outcomes.get(functional.status, "rejected"),
        tuple(codes),
        _number(functional.group_control_number),
        segment_index=functional.segment_index,
    )


def _answer_batch(batch: BatchAcknowledgement) -> Iterator[Answer]:
    """The batch level, then each claim; a rejected batch or provider rejects the claims that are named below it."""
    above = batch.statuses if batch.rejected else ()
    below = [status for provider in batch.providers if provider.rejected for status in provider.statuses]
    outcome: Outcome = "rejected" if batch.rejected else "partly_accepted" if below else "accepted"
    yield Answer(
        "277CA",
        batch.sender_id,
        outcome,
        _codes((*batch.statuses, *below)),
        _number(batch.batch_number),
        segment_index=batch.segment_index,
    )
    for provider in batch.providers:
        over = (*above, *provider.statuses) if provider.rejected else above
        for claim in provider.claims:
            yield _answer_claim(batch, claim, over)


def _answer_claim(batch: BatchAcknowledgement, claim: ClaimAcknowledgement, over: tuple[Status, ...]) -> Answer:
    lines = tuple(status for line in claim.lines for status in line.statuses)
    return Answer(
        "277CA",
        batch.sender_id,
        "rejected" if over or claim.rejected else "accepted",
        _codes((*over, *claim.statuses, *lines)),
        patient_control_number=claim.patient_control_number,
        payer_claim_control_number=claim.payer_claim_control_number,
        segment_index=claim.segment_index,
    )


def _codes(statuses: tuple[Status, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(code) for status in statuses for code in status.codes))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
