"""270/271 and 276/277: read, written back equal, and clean to our own guide rules."""

from collections.abc import Callable

import pytest

from schemas.x12.parse import parse_to_dict
from schemas.x12.validate import validate
from schemas.x12.writer import InterchangeHeader
from schemas.x12.x270_271_005010x279a1 import (
    EligibilityTransaction,
    read_eligibility,
    write_eligibility,
)
from schemas.x12.x276_277_005010x212 import (
    StatusTransaction,
    read_status,
    write_status,
)
from tests.x12_examples.inquiries import (
    ANSWER,
    DETAILED,
    INQUIRIES,
    INQUIRY,
    PROCEDURE,
    REFUSAL,
    REQUEST,
    RESPONSE,
    UNAVAILABLE,
)

Samples = Callable[..., list[tuple[str, bytes, dict[str, str]]]]


@pytest.mark.parametrize(
    "written",
    [INQUIRY, PROCEDURE, RESPONSE, DETAILED, REFUSAL, UNAVAILABLE],
    ids=["270", "270 procedure", "271", "271 detailed", "271 refused", "271 unavailable"],
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
