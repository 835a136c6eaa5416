"""270/271 and 276/277: read, written back equal, read by x12sdk, and clean to our own guide rules."""

import datetime
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from schemas.x12.claim_parts import PostalAddress
from schemas.x12.hierarchy import NamedEntity
from schemas.x12.parse import parse_to_dict
from schemas.x12.validate import validate
from schemas.x12.writer import InterchangeHeader
from schemas.x12.x270_271_005010x279a1 import (
    Benefit,
    BenefitEntity,
    EligibilityLevel,
    EligibilityTransaction,
    Inquiry,
    Rejection,
    read_eligibility,
    write_eligibility,
)
from schemas.x12.x276_277_005010x212 import (
    ClaimStatus,
    StatusItem,
    StatusLevel,
    StatusLine,
    StatusTransaction,
    read_status,
    write_status,
)
from schemas.x12.x277ca_005010x214 import StatusCode

Samples = Callable[..., list[tuple[str, bytes, dict[str, str]]]]
DAY, BORN = datetime.date(2026, 11, 20), datetime.date(1970, 1, 1)
PAYER = NamedEntity("PR", "2", "PLAN", identifier_qualifier="PI", identifier="60054")
CLINIC = NamedEntity("1P", "2", "CLINIC", identifier_qualifier="XX", identifier="1234567893")
ANN = NamedEntity("IL", "1", "DOE", "ANN", identifier_qualifier="MI", identifier="M1")
BOB = NamedEntity("03", "1", "DOE", "BOB")
ROE = NamedEntity("P3", "1", "ROE", "SAM", identifier_qualifier="XX", identifier="1234567893")


def ask(set_id: str, purpose: str, *members: EligibilityLevel) -> EligibilityTransaction:
    levels = (EligibilityLevel("20", PAYER, children=(EligibilityLevel("21", CLINIC, children=members),)),)
    return EligibilityTransaction(set_id, "0001", "R1", DAY, "1405", purpose, "", levels)


DEPENDENT = EligibilityLevel("23", BOB, (("1", "T2", "9123456789"),), birth_date=DAY, inquiries=(Inquiry(("98",)),))
INQUIRY = ask(
    "270",
    "13",
    EligibilityLevel(
        "22", ANN, (("1", "T1", "9123456789"),), birth_date=BORN, sex="F", dates=(("291", "D8", "20261120"),),
        inquiries=(Inquiry(("30",)),),
    ),
    EligibilityLevel("22", ANN, children=(DEPENDENT,)),
)  # fmt: skip
RESPONSE = ask(
    "271",
    "11",
    EligibilityLevel(
        "22", ANN, (("2", "T1", "9123456789"),), PostalAddress("1 ROAD", "TOWN", "IL", "62701"), BORN, "F",
        dates=(("346", "D8", "20260101"),),
        benefits=(
            Benefit("1", service_types=("30",), description="GOLD"),
            Benefit("B", "IND", ("98", "UC"), "HM", period="27", amount=Decimal("30.00"), in_network="Y"),
            Benefit("A", service_types=("98",), percent=Decimal("0.2"), messages=("AFTER DEDUCTIBLE",)),
            Benefit(
                "L",
                other_segments=(("HSD", "VS", "10"), ("DTP", "292", "D8", "20260101"), ("III", "ZZ", "11")),
                messages=("CALL FIRST",),
                entities=(
                    BenefitEntity(ROE, (("N3", "2 ROAD"), ("N4", "TOWN", "IL", "62701"), ("PER", "IC", "", "TE", "5"))),
                    BenefitEntity(PAYER, (("N3", "3 ROAD"),)),
                ),
            ),
        ),
    ),
)  # fmt: skip
PROCEDURE = ask("270", "13", EligibilityLevel("22", ANN, inquiries=(Inquiry(procedure=("HC", "99213", "25")),)))
REFUSAL = ask("271", "11", EligibilityLevel("22", ANN, rejections=(Rejection("N", "75", "C"),)))
UNAVAILABLE = replace(REFUSAL, levels=(EligibilityLevel("20", PAYER, level_rejections=(Rejection("Y", "42", "R"),)),))


def follow(set_id: str, purpose: str, kind: str, *levels: StatusLevel) -> StatusTransaction:
    receiver = NamedEntity("41", "2", "CLINIC", identifier_qualifier="46", identifier="C1")
    above = StatusLevel("21", (receiver,), children=(StatusLevel("19", (CLINIC,), children=levels),))
    tree = (StatusLevel("20", (PAYER,), children=(above,)),)
    return StatusTransaction(set_id, "0001", "R1", DAY, "1405", purpose, kind, tree)


LINE = StatusLine(("HC", "99213"), Decimal("150.00"), units="1", service_date="20261101")
REQUEST = follow(
    "276",
    "13",
    "",
    StatusLevel(
        "22", (ANN,), BORN, "F",
        (
            StatusItem("T1", references=(("EJ", "ABC"),), charge_amount=Decimal("150.00"), service_date="20261101"),
            StatusItem("T2", lines=(LINE,)),
        ),
    ),
)  # fmt: skip
FINALIZED = ClaimStatus((StatusCode("F1", "65"),), DAY, Decimal("150.00"), Decimal("90.00"), DAY, "", DAY, "EFT1")
ANSWERED = StatusItem("T1", "2", (FINALIZED,), (("1K", "ICN1"), ("EJ", "ABC")), service_date="20261101-20261102")
ANSWER = follow("277", "08", "DG", StatusLevel("22", (ANN,), items=(ANSWERED,)))


@pytest.mark.parametrize(
    "written",
    [INQUIRY, PROCEDURE, RESPONSE, REFUSAL, UNAVAILABLE],
    ids=["270", "270 procedure", "271", "271 refused", "271 unavailable"],
)
def test_eligibility_survives_writing(header: InterchangeHeader, written: EligibilityTransaction) -> None:
    data = write_eligibility(header, [written])
    (read,) = read_eligibility(data)
    assert read == written and read.findings == () and read.complete
    assert validate(data, strict=True) == []


@pytest.mark.parametrize("written", [REQUEST, ANSWER], ids=["276", "277"])
def test_claim_status_survives_writing(header: InterchangeHeader, written: StatusTransaction) -> None:
    data = write_status(header, [written])
    (read,) = read_status(data)
    assert read == written and read.findings == ()
    assert validate(data, strict=True) == []
    assert [item.trace_number for item in read.items] == [item.trace_number for item in written.items]


def test_the_members_of_an_inquiry(header: InterchangeHeader) -> None:
    (read,) = read_eligibility(write_eligibility(header, [INQUIRY]))
    asked = [(member.name.first_name, len(member.inquiries)) for member in read.members if member.name]
    assert asked == [("ANN", 1), ("ANN", 0), ("BOB", 1)]


@pytest.mark.parametrize("written", [INQUIRY, RESPONSE, REQUEST, ANSWER], ids=lambda written: str(written.set_id))
def test_x12sdk_reads_what_we_write(
    header: InterchangeHeader, written: EligibilityTransaction | StatusTransaction
) -> None:
    from x12sdk.io import X12ModelReader

    if isinstance(written, EligibilityTransaction):
        data = write_eligibility(header, [written])
    else:
        data = write_status(header, [written])
    with X12ModelReader(data.decode()) as reader:
        (model,) = reader.models()
    ours = data.decode().partition("~BHT")[2].partition("~SE")[0].split("~")
    theirs = model.x12().replace("\n", "").partition("~BHT")[2].partition("~SE")[0].split("~")
    assert [segment.split("*")[0] for segment in theirs] == [segment.split("*")[0] for segment in ours]


def test_real_files_survive_writing(samples: Samples, header: InterchangeHeader) -> None:
    for path, data, row in samples("270", "271", "276", "277"):
        if row["kind"] in ("270", "271"):
            inquiries = list(read_eligibility(data))
            assert inquiries and list(read_eligibility(write_eligibility(header, inquiries))) == inquiries, path
        else:
            statuses = list(read_status(data))
            assert statuses and list(read_status(write_status(header, statuses))) == statuses, path


def test_an_orphan_level_is_reported_and_kept(header: InterchangeHeader) -> None:
    data = write_status(header, [ANSWER]).replace(b"HL*4*3*22*0", b"HL*4*9*22*0")
    (read,) = read_status(data)
    assert [finding.code for finding in read.findings] == ["x12_hl_parent"]
    assert len(read.items) == 1
    (transaction,) = parse_to_dict(data)["transactions"]
    assert [finding["code"] for finding in transaction["findings"]] == ["x12_hl_parent"]


INQUIRIES = {"270": INQUIRY, "271": RESPONSE, "276": REQUEST, "277": ANSWER}


@pytest.mark.parametrize(
    ("kind", "right", "wrong", "code", "where"),
    [
        ("270", "BHT*0022*13", "BHT*0022*11", "x12_code", ("ST", "BHT02")),
        ("270", "NM1*PR*2*PLAN*****PI", "NM1*85*2*PLAN*****PI", "x12_segment_unexpected", ("2000A", "")),
        ("270", "EQ*30", "EQ*31", "x12_code", ("2110C", "EQ01")),
        ("270", "DTP*291*", "DTP*472*", "x12_qualifier", ("2100C", "DTP01")),
        ("270", "HL*3*2*22*0", "HL*3*2*22*1", "x12_hl_child", ("2000C", "HL04")),
        ("271", "EB*1*", "EB*9*", "x12_code", ("2110C", "EB01")),
        ("271", "98^UC", "98^ZZ", "x12_code", ("2110C", "EB03")),
        ("271", "*****XX*1234567893", "*****XX*1234567890", "npi", ("2100B", "NM109")),
        ("271", "HL*2*1*21", "HL*2*7*21", "x12_hl_parent", ("2000B", "HL02")),
        ("276", "TRN*1*T1", "TRN*2*T1", "x12_segment_unexpected", ("2100D", "")),
        ("276", "NM1*41*2*CLINIC*****46*C1~", "", "x12_loop_missing", ("2100B", "")),
        ("277", "STC*F1:65*20261120", "STC*F1:65*20261140", "x12_date", ("2200D", "STC02")),
        ("277", "REF*1K*", "REF*ZZ*", "x12_qualifier", ("2200D", "REF01")),
    ],
)
def test_what_the_guide_forbids_is_found_at_its_place(
    header: InterchangeHeader, kind: str, right: str, wrong: str, code: str, where: tuple[str, str]
) -> None:
    written = INQUIRIES[kind]
    if isinstance(written, EligibilityTransaction):
        data = write_eligibility(header, [written])
    else:
        data = write_status(header, [written])
    assert right.encode() in data
    findings = validate(data.replace(right.encode(), wrong.encode(), 1))
    assert where in [(found.loop, found.element) for found in findings if found.code == code], findings


def test_what_stands_where_nothing_is_expected_is_kept(header: InterchangeHeader) -> None:
    inquiry = write_eligibility(header, [INQUIRY]).replace(b"~HL*1*", b"~ZZZ*1~HL*1*")
    (read,) = read_eligibility(inquiry)
    assert read.unknown_segments == (("ZZZ", "1"),)
    answer = write_status(header, [ANSWER]).replace(b"~REF*1K", b"~QTY*1*2~REF*1K")
    (status,) = read_status(answer)
    assert status.unknown_segments == (("QTY", "1", "2"),)
    for document in (parse_to_dict(inquiry), parse_to_dict(answer)):
        assert document["transactions"][0]["unknown_segments"]
