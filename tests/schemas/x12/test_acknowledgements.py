"""TA1, 999 and 277CA: read, written back equal, clean to pyx12, and flattened to answers about our claims."""

import datetime
from collections.abc import Callable
from decimal import Decimal

import pytest

from schemas.x12.acknowledgements import read_acknowledgements
from schemas.x12.errors import ElementError
from schemas.x12.ta1 import InterchangeAcknowledgement, read_ta1, write_ta1
from schemas.x12.writer import InterchangeHeader
from schemas.x12.x277ca_005010x214 import (
    BatchAcknowledgement,
    ClaimAcknowledgement,
    LineAcknowledgement,
    ProviderAcknowledgement,
    Status,
    StatusCode,
    Totals,
    read_277ca,
    write_277ca,
)
from schemas.x12.x999_005010x231a1 import (
    ElementNote,
    FunctionalAcknowledgement,
    SegmentNote,
    SetAcknowledgement,
    read_999,
    write_999,
)

Samples = Callable[..., list[tuple[str, bytes, dict[str, str]]]]
DAY = datetime.date(2026, 11, 20)


def status(category: str, action: str, code: str = "20", entity: str = "", day: datetime.date | None = DAY) -> Status:
    return Status((StatusCode(category, code, entity),), day, action, Decimal("125.00"))


def batch(above: Status, provider: Status | None, *claims: ClaimAcknowledgement) -> BatchAcknowledgement:
    return BatchAcknowledgement(
        control_number="0001",
        reference="R1",
        created_date=DAY,
        created_time="1405",
        source_name="PLAN",
        source_identifier_qualifier="PI",
        source_identifier="12345",
        source_trace_number="S1",
        received_date=DAY,
        processed_date=DAY,
        receiver_name="CLINIC",
        receiver_identifier="C1",
        batch_number="77",
        statuses=(above,),
        totals=Totals(accepted_count=len(claims), accepted_amount=Decimal("125.00")),
        providers=(
            ProviderAcknowledgement(
                name="CLINIC",
                identifier_qualifier="XX",
                identifier="1234567893",
                trace_number="0",
                statuses=(provider or status("A1", "WQ", day=None),),
                claims=claims,
            ),
        ),
    )


def claim(number: str, *statuses: Status, lines: tuple[LineAcknowledgement, ...] = ()) -> ClaimAcknowledgement:
    return ClaimAcknowledgement(
        patient_control_number=number,
        statuses=statuses,
        patient_last_name="DOE",
        patient_first_name="ANN",
        patient_identifier_qualifier="MI",
        patient_identifier="M1",
        payer_claim_control_number="ICN1",
        clearinghouse_trace_number="D9X",
        service_date="20261101-20261102",
        lines=lines,
    )


ACCEPTED, REJECTED = status("A1", "WQ"), status("A7", "U", "562", "85")


def test_a_277ca_survives_writing_and_pleases_pyx12(
    header: InterchangeHeader, judge: Callable[[bytes], list[str]]
) -> None:
    line = LineAcknowledgement(
        "HC", "99213", ("25",), Decimal(125), "", "1", (Status(REJECTED.codes, DAY, "U"),), "L1", "20261101"
    )
    written = batch(ACCEPTED, None, claim("A", status("A2", "WQ")), claim("B", REJECTED, lines=(line,)))
    data = write_277ca(header, [written])
    assert list(read_277ca(data)) == [written]
    assert judge(data) == []


@pytest.mark.parametrize(
    ("above", "provider", "own", "outcomes"),
    [
        (ACCEPTED, None, status("A2", "WQ"), ["accepted", "accepted"]),
        (ACCEPTED, None, REJECTED, ["accepted", "rejected"]),
        (status("A3", "U"), None, status("A2", "WQ"), ["rejected", "rejected"]),
        (ACCEPTED, status("A8", "U", day=None), status("A2", "WQ"), ["partly_accepted", "rejected"]),
    ],
)
def test_a_rejection_above_covers_every_claim_below(
    header: InterchangeHeader, above: Status, provider: Status | None, own: Status, outcomes: list[str]
) -> None:
    data = write_277ca(header, [batch(above, provider, claim("ABC", own))])
    of_batch, of_claim = read_acknowledgements(data)
    assert [of_batch.outcome, of_claim.outcome] == outcomes
    assert (of_batch.control_number, of_claim.patient_control_number) == (77, "ABC")
    assert of_claim.payer_claim_control_number == "ICN1"
    if own is REJECTED:
        assert of_claim.codes == ("A7:562:85",)


NOTE = SegmentNote(
    "CLM",
    22,
    "8",
    "2300",
    contexts=(("CLM01:ABC",),),
    elements=(ElementNote(5, "7", 1, None, "1331", "ZZ", (("SITUATIONAL TRIGGER", "CLM", "43", "2300", "5:3"),)),),
)


@pytest.mark.parametrize(
    ("group", "of_set", "outcome"),
    [
        ("A", "A", "accepted"),
        ("E", "E", "accepted"),
        ("P", "R", "partly_accepted"),
        ("R", "R", "rejected"),
        ("M", "R", "rejected"),
    ],
)
def test_a_999_survives_writing_and_tells_of_our_group(
    header: InterchangeHeader, judge: Callable[[bytes], list[str]], group: str, of_set: str, outcome: str
) -> None:
    notes = (NOTE,) if of_set != "A" else ()
    answer = SetAcknowledgement("837", "0001", of_set, "005010X222A1", ("5",) if notes else (), notes)
    counts = (1, 1, int(of_set in "AE"))
    functional = FunctionalAcknowledgement("0001", "HC", "77", "005010X222A1", group, *counts, sets=(answer,))
    data = write_999(header, [functional])
    assert list(read_999(data)) == [functional]
    assert judge(data) == []
    (found,) = read_acknowledgements(data)
    assert (found.source, found.outcome, found.control_number, found.sender) == ("999", outcome, 77, "PAYER")
    assert ("CLM segment 22: 8 (05-1: 7)" in found.codes) == bool(notes)


@pytest.mark.parametrize(("code", "outcome"), [("A", "accepted"), ("E", "accepted"), ("R", "rejected")])
def test_a_ta1_tells_of_our_interchange(header: InterchangeHeader, code: str, outcome: str) -> None:
    ta1 = InterchangeAcknowledgement("000000077", code, "000", DAY, datetime.time(14, 5))
    data = write_ta1(header, [ta1])
    assert list(read_ta1(data)) == [ta1]
    (found,) = read_acknowledgements(data)
    assert (found.source, found.outcome, found.control_number) == ("TA1", outcome, 77)
    assert found.codes == (f"TA104 {code}", "TA105 000")


def test_a_truncated_answer_answers_nothing(header: InterchangeHeader) -> None:
    data = write_277ca(header, [batch(ACCEPTED, None, claim("ABC", REJECTED))])
    assert list(read_acknowledgements(data[: data.index(b"SE*") + 3])) == []


def test_real_answers_are_read_and_written_back(samples: Samples, header: InterchangeHeader) -> None:
    for path, data, _ in samples("999", "277CA", "TA1"):
        assert list(read_acknowledgements(data)), path
        if "invalid" in path:
            with pytest.raises(ElementError):
                write_999(header, read_999(data))
            continue
        assert list(read_999(write_999(header, read_999(data)))) == list(read_999(data)), path
        assert list(read_277ca(write_277ca(header, read_277ca(data)))) == list(read_277ca(data)), path
        assert list(read_ta1(write_ta1(header, read_ta1(data)))) == list(read_ta1(data)), path
