"""The answers to a received file: the right TA1, 999 and 277CA, clean to pyx12 and true about the faults."""

import datetime
from collections.abc import Callable

import pytest

from schemas.x12.acknowledge import Answers, acknowledge
from schemas.x12.acknowledgements import read_acknowledgements
from schemas.x12.errors import X12Error
from schemas.x12.ta1 import write_ta1
from schemas.x12.writer import InterchangeHeader
from schemas.x12.x277ca_005010x214 import read_277ca, write_277ca
from schemas.x12.x999_005010x231a1 import read_999, write_999

DAY = datetime.date(2026, 11, 20)
Wrap = Callable[..., bytes]
ABOVE = (
    "BHT*0019*00*77*20261120*1405*CH", "NM1*41*2*CLINIC*****46*C1", "PER*IC*BO*TE*5555550100",
    "NM1*40*2*CLEARING*****46*R1", "HL*1**20*1", "NM1*85*2*CLINIC*****XX*1234567893", "N3*1 ROAD",
    "N4*TOWN*IL*627010001", "REF*EI*123456789", "HL*2*1*22*0", "SBR*P*18*******CI", "NM1*IL*1*DOE*ANN****MI*M1",
    "N3*2 ROAD", "N4*TOWN*IL*62701", "DMG*D8*19700101*F", "NM1*PR*2*PLAN*****PI*60054",
)  # fmt: skip


def claim(number: str, *, charge: str = "100", pointer: str = "1") -> tuple[str, ...]:
    return (
        f"CLM*{number}*{charge}***11:B:1*Y*A*Y*Y", "HI*ABK:J069", "LX*1", f"SV1*HC:99213*100*UN*1***{pointer}",
        "DTP*472*D8*20261101", "REF*6R*L1",
    )  # fmt: skip


@pytest.fixture
def answer(wrap: Wrap, judge: Callable[[bytes], list[str]], header: InterchangeHeader) -> Callable[..., Answers]:
    """Answers to claims; whatever is answered must be clean to pyx12 and read back equal."""

    def build(*claims: tuple[str, ...], change: tuple[str, str] = ("", "")) -> Answers:
        segments = [*ABOVE, *(segment for one in claims for segment in one)]
        data = wrap(*segments, set_id="837", version="005010X222A1", code="HC").replace(b"*0*T*", b"*0*P*")
        right, wrong = change
        answers = acknowledge(data.replace(right.encode(), wrong.encode()) if right else data, DAY)
        for written in (write_999(header, answers.groups), write_277ca(header, answers.batches)):
            if answers.batches or b"ST*999" in written:
                assert judge(written) == []
        assert tuple(read_999(write_999(header, answers.groups))) == answers.groups
        assert tuple(read_277ca(write_277ca(header, answers.batches))) == answers.batches
        return answers

    return build


def test_a_sound_file_is_accepted_at_every_level(answer: Callable[..., Answers]) -> None:
    answers = answer(claim("A1"), claim("A2"))
    assert [(ta1.status, ta1.note_code) for ta1 in answers.interchanges] == [("A", "000")]
    (group,) = answers.groups
    assert (group.status, group.group_control_number, group.sets_accepted) == ("A", "1", 1)
    (batch,) = answers.batches
    assert batch.batch_number == "77"
    assert [(c.patient_control_number, c.rejected) for c in batch.providers[0].claims] == [("A1", False), ("A2", False)]


def test_a_fault_of_the_guide_rejects_the_set_with_its_position(answer: Callable[..., Answers]) -> None:
    answers = answer(claim("A1"), change=("*Y*A*Y*Y", "*Y*Q*Y*Y"))
    (group,) = answers.groups
    (of_set,) = group.sets
    (note,) = of_set.segments
    assert (group.status, of_set.status, of_set.codes) == ("R", "R", ("5",))
    assert (note.segment_id, note.position, note.code, note.loop) == ("CLM", 18, "8", "2300")
    assert [(e.position, e.code) for e in note.elements] == [(7, "7")]
    assert answers.batches == ()


@pytest.mark.parametrize(
    ("change", "segment", "code"),
    [
        (("N3*1 ROAD~", ""), "N3", "3"),
        (("NM1*PR*2*PLAN*****PI*60054~", ""), "NM1", "3"),
        (("LX*1~", "SVC*HC:1*1*1~LX*1~"), "SVC", "2"),
        (("LX*1~", "QQQ*1~LX*1~"), "QQQ", "1"),
        (("HI*ABK:J069~", "HI*ABK:J069~HI*ABK:J069~"), "HI", "5"),
    ],
)
def test_what_is_missing_or_too_much_is_named(
    answer: Callable[..., Answers], change: tuple[str, str], segment: str, code: str
) -> None:
    (of_set,) = answer(claim("A1"), change=change).groups[0].sets
    assert (segment, code) in [(note.segment_id, note.code) for note in of_set.segments]
    assert of_set.status == "R"


def test_a_wrong_count_is_a_fault_of_the_trailer(answer: Callable[..., Answers]) -> None:
    (of_set,) = answer(claim("A1"), change=("SE*24", "SE*25")).groups[0].sets
    assert (of_set.status, of_set.codes) == ("R", ("4",))


def test_faults_of_one_claim_reject_that_claim_only(answer: Callable[..., Answers]) -> None:
    answers = answer(claim("A1", charge="101"), claim("A2"), claim("A3", pointer="2"))
    assert answers.groups[0].status == "A"
    (batch,) = answers.batches
    claims = batch.providers[0].claims
    assert [[str(code) for status in c.statuses for code in status.codes] for c in claims] == [
        ["A7:400"],
        ["A2:20"],
        ["A7:477"],
    ]
    assert (batch.totals.accepted_count, batch.totals.rejected_count) == (1, 2)
    assert str(batch.totals.rejected_amount) == "201.00"


def test_the_answers_reach_the_claims_again(header: InterchangeHeader, answer: Callable[..., Answers]) -> None:
    answers = answer(claim("A1", charge="101"), claim("A2"))
    found = list(read_acknowledgements(write_277ca(header, answers.batches)))
    assert [(f.patient_control_number, f.outcome) for f in found[1:]] == [("A1", "rejected"), ("A2", "accepted")]
    assert found[0].control_number == 77


@pytest.mark.parametrize(
    ("right", "wrong", "code"),
    [
        ("IEA*1*000000001", "IEA*1*000000009", "001"),
        ("IEA*1*000000001", "IEA*2*000000001", "021"),
        ("IEA*1*000000001~", "", "023"),
    ],
)
def test_a_broken_interchange_is_refused(
    wrap: Wrap, header: InterchangeHeader, right: str, wrong: str, code: str
) -> None:
    data = wrap("BPR*I*0", "TRN*1*E*1").replace(right.encode(), wrong.encode())
    answers = acknowledge(data, DAY)
    assert [(t.status, t.note_code) for t in answers.interchanges] == [("R", code)]
    (found,) = read_acknowledgements(write_ta1(header, answers.interchanges))
    assert found.outcome == "rejected"


def test_an_acknowledgement_is_not_acknowledged(header: InterchangeHeader, answer: Callable[..., Answers]) -> None:
    answers = answer(claim("A1"))
    assert acknowledge(write_999(header, answers.groups), DAY).groups == ()


def test_what_is_not_x12_has_nobody_to_answer() -> None:
    with pytest.raises(X12Error):
        acknowledge(b"hello", DAY)


def test_every_sample_is_answered(
    samples: Callable[..., list[tuple[str, bytes, dict[str, str]]]], header: InterchangeHeader
) -> None:
    for path, data, _ in samples("837P", "837I", "835"):
        answers = acknowledge(data, DAY)
        assert answers.interchanges and answers.groups, path
        assert tuple(read_999(write_999(header, answers.groups))) == answers.groups, path
