"""The practice payer asked what became of claims: a 276 in, the 277 (005010X212) that answers it out.

It remembers nothing: what it decided it decides again from the 837 files that it was sent.
"""

from collections.abc import Iterable, Iterator

from connectors.practice_payer.adjudication import judge_claim
from connectors.practice_payer.claims import read_claims
from connectors.practice_payer.envelope import NO_ERROR, Header, TransactionSet, read_interchanges
from connectors.practice_payer.models import Judgement
from connectors.practice_payer.writing import Elements, format_cents, format_day, write_interchange

VERSION = "005010X212"
NOT_FOUND, PAID, NOT_PAID = ("A4", "35"), ("F1", "65"), ("F2", "585")  # STC01-1 and -2
KEPT = ("HL", "NM1")  # of the request: who asks whom about whom


def answer_inquiry(data: bytes, sent: Iterable[bytes], seed: int) -> bytes | None:
    """The 277 to a file of 276 sets; None where it holds none, or its envelope is broken. `sent` are 837 files."""
    asked = [
        (interchange.header, group, transaction)
        for interchange in read_interchanges(data)
        if interchange.note_code == NO_ERROR
        for group in interchange.groups
        for transaction in group.sets
        if transaction.set_id == "276"
    ]
    if not asked:
        return None
    judged = {judgement.claim.patient_control_number: judgement for judgement in _judge_all(sent, seed)}
    header, group, _ = asked[0]
    functional = ("HN", group.receiver, group.sender, VERSION)
    sets = [list(_answer(header, transaction, judged)) for _, _, transaction in asked]
    return write_interchange(header, 1, header.sent_on, functional, sets)


def _judge_all(sent: Iterable[bytes], seed: int) -> Iterator[Judgement]:
    for data in sent:
        for interchange in read_interchanges(data):
            for transaction in (found for group in interchange.groups for found in group.sets):
                if not transaction.error_codes:
                    claims = read_claims(transaction, interchange.header.sent_on).claims
                    yield from (judge_claim(claim, seed) for claim in claims)


def _answer(header: Header, transaction: TransactionSet, judged: dict[str, Judgement]) -> Iterator[Elements]:
    _, request, *body = transaction.segments
    day = format_day(header.sent_on)
    yield "277", VERSION
    yield "BHT", "0010", "08", request[3], day, header.clock_text, "DG"
    for segment in body:
        if segment.id in KEPT:
            yield tuple(segment.elements)
        elif segment.id == "TRN":
            yield from _tell(header, day, segment[2], judged.get(segment[2]))


def _tell(header: Header, day: str, number: str, judgement: Judgement | None) -> Iterator[Elements]:
    """2200D or 2200E: one claim. Our requests trace it by its patient control number (TRN02)."""
    yield "TRN", "2", number
    status, charge, paid = NOT_FOUND, "", ""
    if judgement is not None:
        cents = sum(decision.paid_cents for decision in judgement.decisions)
        status = PAID if cents else NOT_PAID
        if judgement.rejection is not None:
            status = (judgement.rejection.category, judgement.rejection.status)
        charge, paid = format_cents(judgement.claim.charge_cents), format_cents(cents)
    yield "STC", header.delimiters.component.join(status), day, "", charge, paid
    if judgement is not None and judgement.rejection is None:
        yield "REF", "1K", judgement.control_number
    yield "REF", "EJ", number
