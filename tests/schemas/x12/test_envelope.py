"""Interchanges, groups and transaction sets: counts, control numbers, truncation, good sets beside bad ones."""

from collections.abc import Callable

import pytest

from schemas.x12.envelope import Envelope
from schemas.x12.errors import TruncatedError, X12Error
from schemas.x12.headers import TransactionSet
from schemas.x12.identify import identify

ISA = "ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLINIC         *261120*1405*^*00501*000000001*0*T*:~"
GS = "GS*HP*PAYER*CLINIC*20261120*1405*1*X*005010X221A1~"
SET = "ST*835*000{n}~LX*1~SE*3*000{n}~"


def read(data: str) -> tuple[Envelope, list[TransactionSet]]:
    envelope = Envelope(data.encode(), hash_bodies=True)
    sets = []
    for transaction in envelope:
        sets.append(transaction)
    return envelope, sets


def codes(envelope: Envelope, sets: list[TransactionSet]) -> list[str]:
    return [f.code for f in envelope.findings] + [f.code for t in sets for f in t.findings]


GOOD = ISA + GS + SET.format(n=1) + SET.format(n=2) + "GE*2*1~IEA*1*000000001~"


def test_a_sound_interchange_has_no_findings() -> None:
    envelope, sets = read(GOOD)
    assert codes(envelope, sets) == []
    assert [(t.kind, t.control_number, t.complete, t.segment_count) for t in sets] == [
        ("835", "0001", True, 3),
        ("835", "0002", True, 3),
    ]
    interchange = sets[0].interchange
    assert (interchange.sender_id, interchange.control_number, interchange.usage_indicator) == (
        "PAYER",
        "000000001",
        "T",
    )
    assert sets[0].group.version == sets[0].implementation == "005010X221A1"


@pytest.mark.parametrize(
    ("wrong", "right", "code", "element"),
    [
        ("SE*9*0001", "SE*3*0001", "x12_segment_count", "SE01"),
        ("SE*x*0001", "SE*3*0001", "x12_segment_count", "SE01"),
        ("SE*3*0007", "SE*3*0001", "x12_set_control_number", "SE02"),
        ("GE*3*1", "GE*2*1", "x12_ge_count", "GE01"),
        ("GE*2*9", "GE*2*1", "x12_ge_control_number", "GE02"),
        ("IEA*2*000000001", "IEA*1*000000001", "x12_iea_count", "IEA01"),
        ("IEA*1*000000002", "IEA*1*000000001", "x12_iea_control_number", "IEA02"),
        ("ST*835*0001~LX*1~SE*3*0001", "ST*835*0002~LX*1~SE*3*0002", "x12_control_number_repeated", "ST02"),
        ("", "GE*2*1~", "x12_group_incomplete", ""),
        ("", "IEA*1*000000001~", "x12_interchange_incomplete", ""),
        ("", "SE*3*0001~", "x12_set_incomplete", ""),
        ("LX*9~ST*835*0001", "ST*835*0001", "x12_stray_segment", ""),
        ("ZZZZZ ", "ZZ*PAYER", "x12_isa_width", ""),
    ],
)
def test_each_fault_of_an_envelope_is_found_at_its_place(wrong: str, right: str, code: str, element: str) -> None:
    assert right in GOOD
    data = GOOD.replace(right, wrong) if code != "x12_isa_width" else GOOD.replace("PAYER    ", "PAYER")
    envelope, sets = read(data)
    found = [f for f in (*envelope.findings, *(f for t in sets for f in t.findings)) if f.code == code]
    assert found and found[0].element == element
    if code != "x12_isa_width":
        with pytest.raises(X12Error) as raised:
            for _ in Envelope(data.encode(), strict=True):
                pass
        assert raised.value.code in (code, "x12_truncated")


def test_good_sets_stand_beside_bad_ones() -> None:
    _, sets = read(GOOD.replace("SE*3*0001", "SE*4*0001"))
    assert [bool(t.findings) for t in sets] == [True, False]


@pytest.mark.parametrize("end", range(len(ISA + GS) + 1, len(GOOD)))
def test_a_set_is_complete_only_with_its_whole_trailer(end: int) -> None:
    envelope, sets = read(GOOD[:end])
    written = GOOD[:end].count("SE*3*0001~") + GOOD[:end].count("SE*3*0002~")
    assert sum(t.complete for t in sets) == written
    assert codes(envelope, sets) or GOOD[end:] in ("~", "1~")


def test_strict_reading_refuses_a_truncated_file() -> None:
    with pytest.raises(TruncatedError):
        list(Envelope(GOOD[:-30].encode(), strict=True))


def test_the_content_hash_is_of_the_content_only() -> None:
    rewrapped = GOOD.replace("000000001", "000000777").replace("0001", "0009").replace("~", "~\r\n")
    rewrapped = rewrapped.replace("*", "|").replace(":~", ">~")
    hashes = [t.content_hash for data in (GOOD, rewrapped) for t in read(data)[1]]
    assert len(set(hashes)) == 1
    assert read(GOOD.replace("LX*1", "LX*2"))[1][0].content_hash != hashes[0]


@pytest.mark.parametrize(
    ("segments", "kind"),
    [
        ("GS*HC*A*B*20261120*1405*1*X*005010X222A1~ST*837*0001*005010X222A1~", "837P"),
        ("GS*HC*A*B*20261120*1405*1*X*005010X223A2~ST*837*0001~", "837I"),
        ("GS*HN*A*B*20261120*1405*1*X*005010X214~ST*277*0001*005010X214~", "277CA"),
        ("GS*HN*A*B*20261120*1405*1*X*005010X212~ST*277*0001*005010X212~", "277"),
        ("GS*HP*A*B*20261120*1405*1*X*005010X221A1~ST*835*0001~BPR*I*10", "835"),
        ("TA1*000000001*261120*1405*A*000~IEA*0*000000001~", "TA1"),
        ("", None),
    ],
)
def test_a_file_is_known_by_its_first_bytes(segments: str, kind: str | None) -> None:
    assert identify((ISA + segments).encode()) == kind
    assert identify(b"{}") is None


def test_the_samples_are_known(samples: Callable[..., list[tuple[str, bytes, dict[str, str]]]]) -> None:
    for path, data, row in samples():
        # The list calls institutional files by ST01 alone 837P; the guide named in the file decides.
        expected = "837I" if "X223" in row["version"] else row["kind"]
        assert identify(data[:2000]) == expected or "HL-nested" in path, path
