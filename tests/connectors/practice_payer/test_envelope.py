"""What the practice payer says to broken files: TA1 for the interchange, 999 for groups and transaction sets."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.practice_payer.envelope import read_interchanges
from connectors.practice_payer.simulator import answer_interchange

CLAIM = """\
ISA*00*          *00*          *ZZ*CLINIC         *ZZ*CLEARING       *260301*1200*^*00501*000000042*1*T*:~
GS*HC*CLINIC*CLEARING*20260301*1200*7*X*005010X222A1~
ST*837*0001*005010X222A1~
BHT*0019*00*BATCH1*20260301*1200*CH~
NM1*41*2*CLINIC*****46*S1~
NM1*40*2*CLEARING*****46*R1~
HL*1**20*1~
NM1*85*2*CLINIC*****XX*1234567893~
REF*EI*123456789~
HL*2*1*22*0~
SBR*P*18*******CI~
NM1*IL*1*DOE*ANN****MI*M1~
NM1*PR*2*PAYER*****PI*60054~
CLM*C1*100***11:B:1*Y*A*Y*Y~
HI*ABK:J069~
LX*1~
SV1*HC:99213*100*UN*1***1~
DTP*472*D8*20260215~
REF*6R*L1~
SE*18*0001~
GE*1*7~
IEA*1*000000042~
"""
SECOND_SET = CLAIM[CLAIM.index("ST*") : CLAIM.index("GE*")].replace("*0001", "*0002").replace("CLM*C1", "CLM*C2")
WHOLE_GROUP = CLAIM[CLAIM.index("GS*") : CLAIM.index("IEA*")]


def answer(text: str) -> dict[str, list[list[str]]]:
    """The segments of the answers by segment id."""
    found: dict[str, list[list[str]]] = {}
    for each in answer_interchange(text.encode(), 1):
        for row in each.data.decode().split("~\n"):
            found.setdefault(row.split("*")[0], []).append(row.split("*"))
        found.setdefault("kinds", []).append([each.kind])
    return found


def test_the_sound_claim_is_accepted() -> None:
    answers = answer(CLAIM)
    assert answers["TA1"] == [["TA1", "000000042", "260301", "1200", "A", "000"]]
    assert answers["AK2"] == [["AK2", "837", "0001", "005010X222A1"]]
    assert answers["IK5"] == [["IK5", "A"]]
    assert answers["AK9"] == [["AK9", "A", "1", "1", "1"]]
    assert answers["kinds"] == [["TA1"], ["999"], ["277CA"], ["835"]]


@pytest.mark.parametrize(
    ("note_code", "what", "old", "new"),
    [
        ("001", "IEA02 differs from ISA13", "IEA*1*000000042", "IEA*1*000000043"),
        ("005", "unknown sender qualifier", "*ZZ*CLINIC         *", "*XX*CLINIC         *"),
        ("007", "unknown receiver qualifier", "*ZZ*CLEARING       *", "*XX*CLEARING       *"),
        ("014", "no such day", "*260301*1200*^", "*260231*1200*^"),
        ("015", "no such time", "*1200*^", "*2460*^"),
        ("017", "version not 00501", "*00501*", "*00401*"),
        ("018", "control number not nine digits", "*000000042*1*T", "*00000004A*1*T"),
        ("020", "neither test nor production", "*1*T*:", "*1*X*:"),
        ("021", "IEA01 miscounts the groups", "IEA*1", "IEA*2"),
        ("023", "no IEA", "IEA*1*000000042~\n", ""),
        ("024", "nothing inside", WHOLE_GROUP + "IEA*1", "IEA*0"),
        ("024", "a claim outside any group", "GS*HC*CLINIC*CLEARING*20260301*1200*7*X*005010X222A1~\n", ""),
        ("026", "a dot between elements", "*", "."),
        ("027", "a minus between components", ":", "-"),
    ],
)
def test_a_broken_interchange_gets_a_rejecting_ta1_and_nothing_else(
    note_code: str, what: str, old: str, new: str
) -> None:
    del what
    text = CLAIM.replace(old, new)
    assert text != CLAIM
    answers = answer_interchange(text.encode(), 1)
    assert [a.kind for a in answers] == ["TA1"]
    ta1 = answers[0].data.decode().replace(".", "*").split("~\n")[1].split("*")
    assert ta1[4:] == ["R", note_code]


@pytest.mark.parametrize("data", [b"", b"ISA", b"hello, payer", b"\xff\xfe\x00", b"ISA*00*" + b" " * 300])
def test_bytes_that_are_no_interchange_get_a_rejecting_ta1(data: bytes) -> None:
    (only,) = answer_interchange(data, 1)
    assert only.kind == "TA1" and b"*R*02" in only.data


def test_a_file_cut_anywhere_is_rejected_whole() -> None:
    data = CLAIM.encode()
    for end in range(len(data) - len("~\n")):
        (only,) = answer_interchange(data[:end], 1)
        assert only.kind == "TA1" and b"*R*0" in only.data, f"cut after {end} bytes"


@pytest.mark.parametrize(
    ("ik5", "old", "new"),
    [
        ("R*1", "ST*837", "ST*835"),
        ("R*2", "SE*18*0001~\n", ""),
        ("R*3", "SE*18*0001", "SE*18*0009"),
        ("R*4", "SE*18", "SE*17"),
        ("R*7*3", "ST*837*0001", "ST*837*"),
        ("R*I6", "*0001*005010X222A1", "*0001*005010X223A2"),
    ],
)
def test_a_broken_transaction_set_envelope_is_named_in_ik5(ik5: str, old: str, new: str) -> None:
    answers = answer(CLAIM.replace(old, new))
    assert "*".join(answers["IK5"][0][1:]) == ik5
    assert answers["AK9"] == [["AK9", "R", "1", "1", "0"]]
    assert answers["kinds"] == [["TA1"], ["999"]], "a rejected set gets no 277CA and no 835"


@pytest.mark.parametrize(
    ("ak905", "old", "new"),
    [
        ("1", "GS*HC", "GS*HP"),
        ("2", "*7*X*005010X222A1", "*7*X*004010X098A1"),
        ("3", "GE*1*7~\n", ""),
        ("4", "GE*1*7", "GE*1*8"),
        ("5", "GE*1*7", "GE*9*7"),
    ],
)
def test_a_broken_group_is_named_in_ak9(ak905: str, old: str, new: str) -> None:
    answers = answer(CLAIM.replace(old, new))
    assert answers["AK9"][0][1] == "R" and answers["AK9"][0][4:] == ["0", ak905]
    assert answers["kinds"] == [["TA1"], ["999"]]


@pytest.mark.parametrize(
    ("ik3", "ik4", "old", "new"),
    [
        ("BHT*2*HEADER*3", "", "BHT*0019*00*BATCH1*20260301*1200*CH", "NTE*ADD*X"),
        ("BHT*2*HEADER*8", "3*127*1", "*BATCH1*", "**"),
        ("NM1*3*1000A*3", "", "NM1*41*2*CLINIC*****46*S1", "NTE*ADD*X"),
        ("HL*8*2000*8", "1*628*7*3", "HL*2*1", "HL*3*1"),
        ("NM1*12*2010BA*3", "", "NM1*IL*1*DOE*ANN****MI*M1", "NM1*IL*1*DOE*ANN"),
        ("NM1*12*2010BB*3", "", "NM1*PR*2*PAYER*****PI*60054", "NM1*PR*2*PAYER"),
        ("SBR*9*2000B*8", "1*1138*1", "SBR*P*18", "SBR**18"),
        ("SBR*9*2000B*8", "1*1138*7*X", "SBR*P*18", "SBR*X*18"),
        ("SBR*12*2000B*3", "", "SBR*P*18*******CI", "NTE*ADD*X"),
        ("CLM*12*2300*8", "1*1028*1", "CLM*C1*", "CLM**"),
        ("CLM*12*2300*8", "1*1028*5*CCCCCCCCCCCCCCCCCCCCC", "CLM*C1*", "CLM*" + "C" * 21 + "*"),
        ("CLM*12*2300*8", "2*782*6*1O0", "CLM*C1*100", "CLM*C1*1O0"),
        ("CLM*12*2300*8", "2*782*6*100.005", "CLM*C1*100", "CLM*C1*100.005"),
        ("CLM*12*2300*8", "2*782*6*-100", "CLM*C1*100", "CLM*C1*-100"),
        ("HI*12*2300*3", "", "HI*ABK:J069", "K3*X"),
        ("SV1*15*2400*8", "1*C003*1", "SV1*HC:99213", "SV1*"),
        ("SV1*15*2400*8", "4*380*6*one", "*UN*1*", "*UN*one*"),
        ("SV1*14*2400*3", "", "SV1*HC:99213*100*UN*1***1", "NTE*ADD*X"),
        ("DTP*16*2400*8", "3*1251*8*20260231", "20260215", "20260231"),
        ("DTP*14*2400*3", "", "DTP*472", "DTP*471"),
    ],
)
def test_a_fault_in_a_claim_is_named_with_its_place(ik3: str, ik4: str, old: str, new: str) -> None:
    text = CLAIM.replace(old, new)
    assert text != CLAIM
    answers = answer(text)
    assert answers["IK5"][0][:2] == ["IK5", "R"] and "5" in answers["IK5"][0]
    assert ik3 in ["*".join(row[1:]) for row in answers["IK3"]]
    assert [row[1:] for row in answers.get("IK4", [])] == ([ik4.split("*")] if ik4 else [])
    assert answers["kinds"] == [["TA1"], ["999"]]


def test_a_claim_has_at_most_fifty_lines() -> None:
    line = CLAIM[CLAIM.index("LX*") : CLAIM.index("SE*")]
    fifty, more = (CLAIM.replace(line, line * n).replace("SE*18", f"SE*{14 + 4 * n}") for n in (50, 51))
    assert answer(fifty)["AK9"][0][1] == "A"
    assert answer(more)["IK3"] == [["IK3", "LX", str(14 + 4 * 50), "2400", "4"]]


def test_one_bad_set_beside_a_good_one_is_accepted_in_part() -> None:
    text = CLAIM.replace("GE*1", SECOND_SET.replace("HI*", "K3*") + "GE*2")
    answers = answer(text)
    assert [row[1] for row in answers["IK5"]] == ["A", "R"]
    assert answers["AK9"] == [["AK9", "P", "2", "2", "1"]]
    assert {row[1] for row in answers["CLP"]} == {"C1"}


def test_a_set_number_used_twice_in_a_group_is_refused() -> None:
    answers = answer(CLAIM.replace("GE*1", SECOND_SET.replace("*0002", "*0001") + "GE*2"))
    assert [row[1:] for row in answers["IK5"]] == [["A"], ["R", "23"]]


def test_each_group_gets_its_own_999_and_each_interchange_its_own_answers() -> None:
    two_groups = CLAIM.replace("IEA*1", WHOLE_GROUP.replace("*7", "*8") + "IEA*2")
    assert [row[2] for row in answer(two_groups)["AK1"]] == ["7", "8"]
    two_files = CLAIM + CLAIM.replace("000000042", "000000043").replace("HI*", "K3*")
    assert [row[1] for row in answer(two_files)["TA1"]] == ["000000042", "000000043"]
    assert [row[1] for row in answer(two_files)["AK9"]] == ["A", "R"]


@given(st.data())
@settings(max_examples=200)
def test_no_damage_makes_the_payer_raise(data: st.DataObject) -> None:
    spoilt = bytearray(CLAIM.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(spoilt) - 1))
        spoilt[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    answers = answer_interchange(bytes(spoilt), 1)
    assert answers[0].kind == "TA1"


@given(st.permutations(CLAIM.splitlines(keepends=True)[1:]))
@settings(max_examples=100)
def test_segments_in_any_order_are_answered(rows: list[str]) -> None:
    text = CLAIM.splitlines(keepends=True)[0] + "".join(rows)
    assert len(read_interchanges(text.encode())) >= 1
    assert answer_interchange(text.encode(), 1)[0].kind == "TA1"
