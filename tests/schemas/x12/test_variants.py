"""A remittance as the wild wraps it: delimiters, line ends, several interchanges, bad sets beside good, odd money."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from schemas.x12.errors import X12Error
from schemas.x12.parse import parse_to_dict
from schemas.x12.validate import validate

ISA = "ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLINIC         *261120*1405*^*00501*000000001*0*P*:~"
GS = "GS*HP*PAYER*CLINIC*20261120*1405*1*X*005010X221A1~"
END = "GE*1*1~IEA*1*000000001~"
CLAIM = (
    "LX*1~CLP*ABC*1*150*100*50*12*ICN1*11*1~NM1*QC*1*DOE*ANN~SVC*HC:99213:25*150*100**1~DTM*472*20261101~"
    "CAS*PR*1*50~REF*6R*L1~"
)


def make_set(number: str = "0001", trace: str = "E1", paid: str = "100", body: str = CLAIM, plb: str = "") -> str:
    text = (
        f"ST*835*{number}~BPR*I*{paid}*C*CHK************20261120~TRN*1*{trace}*1512345678~N1*PR*PLAN~N3*1 ROAD~"
        f"N4*TOWN*IL*62701~PER*BL*HELP*TE*5555550100~N1*PE*CLINIC*XX*1234567893~REF*TJ*987654321~{body}{plb}"
    )
    return f"{text}SE*{text.count('~') + 1}*{number}~"


FILE = ISA + GS + make_set() + END


def redelimit(element: str, component: str, terminator: str, *, repetition: str = "^", line_end: str = "") -> str:
    names = {"*": element, ":": component, "~": terminator, "^": repetition}
    text = "".join(names.get(character, character) for character in FILE)
    return text.replace(terminator, terminator + line_end)


def read(data: str | bytes) -> list[dict[str, Any]]:
    document = parse_to_dict(data if isinstance(data, bytes) else data.encode())
    found: list[dict[str, Any]] = document["transactions"]
    return found


WRAPPINGS: dict[str, str | bytes] = {
    "*~>": redelimit("*", ">", "~"),
    "*~|": redelimit("*", "|", "~"),
    "*~<": redelimit("*", "<", "~"),
    "*~^": redelimit("*", "^", "~", repetition="U"),
    "|~^": redelimit("|", "^", "~", repetition="U"),
    "~_^": redelimit("~", "^", "_", repetition="U"),
    "CR LF": redelimit("*", ":", "~", line_end="\r\n"),
    "LF alone": redelimit("*", ">", "\n"),
    "CR alone": redelimit("*", ">", "\r"),
    "byte order mark": "\ufeff" + FILE,
    "blank lines before": "\r\n\r\n  " + FILE,
    "end-of-file mark": FILE + "\x1a",
    "NUL padding": FILE + "\0" * 50,
    "tabs": FILE.replace("~", "~\t"),
    "doubled terminators": FILE.replace("~", "~~"),
    "4010": FILE.replace("*^*00501", "*U*00401").replace("005010X221A1", "004010X091A1"),
    "another of the guide's family": FILE.replace("005010X221A1", "005010X221"),
    "Latin-1 name": FILE.replace("DOE", "MUÑOZ").encode("latin-1"),
    "UTF-8 name": FILE.replace("DOE", "MUÑOZ"),
    "widths of the ISA wrong": FILE.replace("PAYER          ", "PAYER"),
    "an ISA in the data": FILE.replace("DOE", "ISA*DOE"),
    "blanks padding the claim number": FILE.replace("CLP*ABC*", "CLP*ABC          *"),
}


@pytest.mark.parametrize("name", WRAPPINGS)
def test_the_wrapping_changes_nothing(name: str) -> None:
    (remittance,) = read(WRAPPINGS[name])
    assert (remittance["payment_amount"], remittance["balanced"], remittance["postable"]) == ("100.00", True, True)
    (claim,) = remittance["claims"]
    assert (claim["patient_control_number"], claim["services"][0]["procedure"]) == ("ABC", "99213")
    assert [f for f in validate(encode(WRAPPINGS[name])) if f.severity == "error"] == []


def encode(data: str | bytes) -> bytes:
    return data if isinstance(data, bytes) else data.encode()


@pytest.mark.parametrize("second", [FILE, redelimit("|", ">", "!")], ids=["same delimiters", "others"])
def test_several_interchanges_in_one_file(second: str) -> None:
    found = read(FILE + "\n" + second.replace("000000001", "000000002").replace("E1", "E2"))
    assert [(r["trace_number"], r["postable"]) for r in found] == [("E1", True), ("E2", True)]


def test_bad_sets_beside_good_ones() -> None:
    short = re.sub(r"SE\*\d+", "SE*9", make_set("0002", "E2"))
    cut = make_set("0003", "E3").rpartition("SE*")[0]
    good = make_set("0004", "E4")
    found = read(ISA + GS + make_set() + short + cut + good + END.replace("GE*1", "GE*4"))
    assert [(r["trace_number"], r["postable"]) for r in found] == [
        ("E1", True), ("E2", False), ("E3", False), ("E4", True),
    ]  # fmt: skip
    assert all(r["balanced"] for r in found), "a count is a finding, not an imbalance"


REVERSAL = "LX*1~CLP*ABC*22*-150*-50**12*ICN1~CAS*CO*45*-100~"
MONEY = {
    "provider adjustment alone": make_set(paid="-20", body="", plb="PLB*1234567893*20261231*WO:X*20~"),
    "nothing paid": make_set(paid="0", body="LX*1~CLP*ABC*4*150*0*0*12*ICN1~CAS*CO*29*150~").replace("CHK", "NON"),
    "negative payment": make_set(paid="-50", body=REVERSAL),
    "reversal and correction": make_set(paid="10", body=REVERSAL + "CLP*ABC*1*150*60*0*12*ICN2~CAS*CO*45*90~"),
    "another separator in SVC01": make_set(body=CLAIM.replace("HC:99213:25", "HC>99213>25")),
    "revenue code as procedure": make_set(body=CLAIM.replace("HC:99213:25", "NU:0450")),
    "no procedure": make_set(body=CLAIM.replace("HC:99213:25", "")),
    "no LX": make_set(body=CLAIM.replace("LX*1~", "")),
}


@pytest.mark.parametrize("name", MONEY)
def test_odd_but_sound_money_posts(name: str) -> None:
    (remittance,) = read(ISA + GS + MONEY[name] + END)
    assert remittance["balanced"] and remittance["postable"], remittance["findings"]


UNSOUND = {
    "exponent": (CLAIM.replace("*150*100*50", "*1.5e2*100*50"), "x12_amount"),
    "thousands separator": (CLAIM.replace("*150*100*50", "*1,500*100*50"), "x12_amount"),
    "third decimal": (CLAIM.replace("CAS*PR*1*50", "CAS*PR*1*50.001"), "x12_amount"),
    "line before its claim": ("LX*1~SVC*HC:1*1*1~CLP*ABC*1*100*100*0*12*ICN~", "x12_misplaced_money"),
    "segment ids in lower case": (CLAIM.replace("CAS", "cas"), "x12_misplaced_money"),
    "control character in the claim's number": (CLAIM.replace("CLP*ABC", "CLP*AB\aC"), "x12_character"),
}


@pytest.mark.parametrize("name", UNSOUND)
def test_money_that_cannot_be_relied_on_does_not_post(name: str) -> None:
    body, code = UNSOUND[name]
    (remittance,) = read(ISA + GS + make_set(body=body) + END)
    assert not remittance["postable"]
    assert code in [f["code"] for f in remittance["findings"] if f["severity"] == "error"]


def test_a_nul_refuses_what_holds_it() -> None:
    """No text of the store can hold one: nothing behind it may be booked and then be nowhere."""
    for place in ("CLP*ABC", "N1*PR*", "CAS*"):
        with pytest.raises(X12Error, match="a NUL stands in the data"):
            read((ISA + GS + make_set(body=CLAIM) + END).replace(place, f"{place}\0", 1))


@pytest.mark.parametrize(
    ("plb", "payment"), [("PLB*1*20261231*L6:X*0~CAS*CO*45*10~", "100"), ("BPR*I*50*C*CHK~", "100")],
    ids=["adjustment behind the provider's", "second payment"],
)  # fmt: skip
def test_money_at_the_end_is_not_passed_over(plb: str, payment: str) -> None:
    (remittance,) = read(ISA + GS + make_set(paid=payment, plb=plb) + END)
    assert not remittance["postable"]
    assert "x12_misplaced_money" in [f["code"] for f in remittance["findings"]]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (GS + make_set() + END, "no interchange header"),
        (make_set(), "no interchange header"),
        (FILE.lower(), "no interchange header"),
        (FILE.encode("utf-16"), "UTF-16"),
        (FILE.encode("cp037"), "EBCDIC"),
        ("", "empty"),
    ],
    ids=["GS without ISA", "ST alone", "lower case", "UTF-16", "EBCDIC", "nothing"],
)
def test_what_is_no_interchange_is_refused_with_the_reason(data: str | bytes, what: str) -> None:
    with pytest.raises(X12Error, match=what) as raised:
        read(data)
    assert raised.value.remedy


LARGE: dict[str, tuple[str, Callable[[], str]]] = {
    "a segment of 1 MB": ("NTE", lambda: "NTE*" + "X" * 1_000_000),
    "10,000 elements": ("CAS", lambda: "CAS*CO" + "*45*.01*" * 5_000),
    "10,000 components": ("SVC", lambda: "SVC*HC" + ":1" * 10_000 + "*1*1"),
}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", LARGE)
def test_large_segments_are_read_and_judged(name: str) -> None:
    _, make = LARGE[name]
    data = (ISA + GS + make_set(plb=make() + "~") + END).encode()
    (remittance,) = read(data)
    assert remittance["complete"]
    assert validate(data)
