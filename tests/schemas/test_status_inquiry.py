"""A claim status request (276) says of each claim what the payer needs to find it, and x12sdk reads it."""

from dataclasses import replace
from datetime import UTC, date, datetime

from connectors.clearinghouse.inbound import read_inbound_file
from schemas.claim import require_professional
from schemas.events import ClaimStatusReported
from schemas.reference import Submitter
from schemas.status_inquiry import write_inquiry
from schemas.x12.writer import InterchangeHeader
from schemas.x12.x276_277_005010x212 import ClaimStatus, StatusLevel, StatusTransaction, read_status, write_status
from schemas.x12.x277ca_005010x214 import StatusCode
from tests.processors.builders import ACCOUNT, built, number_claim
from tests.receiving import make_receipt

NOON = datetime(2026, 4, 18, 12, tzinfo=UTC)


def ask(*claims: tuple[int, str]) -> bytes:
    return write_inquiry(
        [(require_professional(built(claim).claim), number) for claim, number in claims], 7, NOON, Submitter()
    )


def test_each_claim_is_asked_for_by_our_number_and_the_payers() -> None:
    (transaction,) = read_status(ask((1, "ICN1"), (2, "")))
    first, second = sorted(transaction.items, key=lambda item: item.trace_number != number_claim(1))

    assert (transaction.set_id, transaction.purpose, transaction.created_date) == ("276", "13", date(2026, 4, 18))
    assert first.references == (("1K", "ICN1"), ("EJ", number_claim(1)))
    assert second.references == (("EJ", number_claim(2)),)
    assert (str(first.charge_amount), first.service_date) == ("100.00", "20260302")
    (payer,) = transaction.levels
    assert (payer.kind, payer.names[0].identifier) == ("20", "PAY1")
    (receiver,) = payer.children
    (clinic,) = receiver.children
    assert [level.kind for level in clinic.children] == ["22", "22"], "one provider, and each member below it"


def test_a_dependant_stands_below_the_subscriber() -> None:
    claim = require_professional(built(1).claim)
    child = replace(claim, patient=replace(claim.subscriber.person, given_name="BOB"))
    (transaction,) = read_status(write_inquiry([(child, "")], 7, NOON, Submitter()))
    member = transaction.levels[0].children[0].children[0].children[0]

    assert member.items == ()
    assert [(level.kind, level.names[0].entity, level.names[0].first_name) for level in member.children] == [
        ("23", "QC", "BOB")
    ]


def test_x12sdk_reads_it() -> None:
    from x12sdk.io import X12ModelReader

    with X12ModelReader(ask((1, "ICN1"), (2, "")).decode()) as reader:
        (model,) = reader.models()
    segments = [segment.split("*")[0] for segment in model.x12().replace("\n", "").split("~")]
    assert segments.count("TRN") == 2


def test_the_payers_277_comes_back_to_the_claim() -> None:
    def answer(level: StatusLevel) -> StatusLevel:
        status = ClaimStatus((StatusCode("F1", "65"),), date(2026, 4, 20))
        items = tuple(replace(item, trace_type="2", statuses=(status,)) for item in level.items)
        return replace(level, items=items, children=tuple(map(answer, level.children)))

    (asked,) = read_status(ask((1, "")))
    levels = tuple(map(answer, asked.levels))
    transaction = StatusTransaction("277", "0001", "R1", date(2026, 4, 20), "1200", "08", "DG", levels)
    header = InterchangeHeader("PAYER", "REVCYCLETEST", date(2026, 4, 20), NOON.time(), 3)
    data = write_status(header, [transaction])
    (event,) = read_inbound_file(data, make_receipt(data)).events

    assert isinstance(event.body, ClaimStatusReported)
    assert (event.key, event.body.patient_control_number) == (ACCOUNT, number_claim(1))
    assert (event.body.sender, event.body.codes) == ("PAYER", ("F1:65",))
    assert event.body.document.segment
