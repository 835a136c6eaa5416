"""The practice payer: what it answers to 837P files, judged by its own arithmetic and by pyx12, not by our readers."""

import functools
import io
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.practice_payer import simulator
from connectors.practice_payer.simulator import Answer, answer_interchange

SEED = 7
SAMPLES = Path(simulator.__file__).parents[3] / "shared" / "data" / "x12"
ENVELOPE = "ISA*00*          *00*          *ZZ*CLINIC         *ZZ*CLEARING       *{date}*1200*^*00501*{icn}*1*T*:"
COB = ["SBR*P*18*******12", "AMT*D*60", "OI***Y***Y", "NM1*IL*1*DOE*ANN****MI*A1", "NM1*PR*2*FIRST*****PI*FIRST"]
PRIOR_LINE = ["SVD*FIRST*60*HC:99213**1", "CAS*CO*45*15", "CAS*PR*2*20**3*5", "DTP*573*D8*20260220"]


@dataclass(frozen=True)
class Bill:
    """A claim to be billed: one line is (procedure, charge, units)."""

    number: str
    lines: tuple[tuple[str, str, str], ...] = (("99213", "100", "1"),)
    payer: str = "60054"
    indicator: str = "CI"
    responsibility: str = "P"
    member: str = "M1"
    npi: str = "1234567893"
    frequency: str = "1"
    charge: str = ""
    dependant: bool = False
    extra: tuple[str, ...] = ()
    line_extra: tuple[str, ...] = ()

    def segments(self, hl: int) -> list[str]:
        charge = self.charge or str(sum(Decimal(line[1]) for line in self.lines))
        subscriber = "" if self.dependant else "18"
        rows = [
            f"HL*{hl}**20*1", f"NM1*85*2*CLINIC*****XX*{self.npi}", "N3*1 ROAD", "N4*TOWN*IL*627010001",
            "REF*EI*123456789", f"HL*{hl + 1}*{hl}*22*{int(self.dependant)}",
            f"SBR*{self.responsibility}*{subscriber}*******{self.indicator}",
            f"NM1*IL*1*DOE*ANN****MI*{self.member}", "N3*1 ROAD", "N4*TOWN*IL*62701", "DMG*D8*19700101*F",
            f"NM1*PR*2*PAYER {self.payer}*****PI*{self.payer}",
        ]  # fmt: skip
        if self.dependant:
            rows += [f"HL*{hl + 2}*{hl + 1}*23*0", "PAT*19", "NM1*QC*1*DOE*BOB", "N3*1 ROAD", "N4*TOWN*IL*62701"]
            rows += ["DMG*D8*20150101*M"]
        rows += [f"CLM*{self.number}*{charge}***11:B:{self.frequency}*Y*A*Y*Y", "HI*ABK:J069", *self.extra]
        for index, (code, amount, units) in enumerate(self.lines, 1):
            rows += [f"LX*{index}", f"SV1*HC:{code}*{amount}*UN*{units}***1", "DTP*472*D8*20260215"]
            rows += [f"REF*6R*{self.number}L{index}", *self.line_extra]
        return rows


def write_837(bills: Iterable[Bill], icn: int = 42, date: str = "260301", body: Callable[[str], str] = str) -> bytes:
    """An interchange with one transaction set; `body` may spoil the finished text."""
    rows = ["BHT*0019*00*BATCH{icn}*20{date}*1200*CH", "NM1*41*2*CLINIC*****46*S1", "PER*IC*BO*TE*5555550100"]
    rows += ["NM1*40*2*CLEARING*****46*R1"]
    hl = 1
    for bill in bills:
        rows += bill.segments(hl)
        hl += 2 + bill.dependant
    text = [ENVELOPE, "GS*HC*CLINIC*CLEARING*20{date}*1200*{icn}*X*005010X222A1", "ST*837*0001*005010X222A1", *rows]
    text += [f"SE*{len(rows) + 2}*0001", "GE*1*{icn}", "IEA*1*{icn:09d}", ""]
    joined = "~\n".join(text).replace("{icn}*1*T", "{icn:09d}*1*T")
    return body(joined.format(icn=icn, date=date)).encode()


def read_segments(answer: Answer) -> list[list[str]]:
    """The test's own reading of an answer: its delimiters from the ISA, its segments as lists of elements."""
    text = answer.data.decode()
    return [row.strip().split(text[3]) for row in text.split(text[105]) if row.strip()]


def find(answers: Iterable[Answer], kind: str, segment_id: str) -> list[list[str]]:
    return [row for a in answers if a.kind == kind for row in read_segments(a) if row[0] == segment_id]


def mixed_bills(count: int) -> list[Bill]:
    """A day's work: four payers, two billing providers, dependants, secondary claims, one to four lines."""
    payers = [("CMS01", "MB"), ("60054", "CI"), ("MCD", "MC"), ("BCBS", "BL")]
    lines = [("99213", "125", "1"), ("85025", "80.5", "2"), ("J1100", "33.33", "3"), ("71046:26", "210.1", "1")]
    bills = []
    for i in range(count):
        payer, indicator = payers[i % 4]
        bill = Bill(f"C{i}", tuple(lines[: 1 + i % 4]), payer, indicator, member=f"M{i}", dependant=i % 7 == 3)
        if i % 5 == 0:
            bill = replace(bill, npi="1093874560")
        if i % 11 == 5:
            bill = replace(bill, responsibility="S", extra=tuple(COB))
            bill = replace(bill, line_extra=tuple(PRIOR_LINE) if len(bill.lines) == 1 else ())
        bills.append(bill)
    return bills


def money(text: str) -> Decimal:
    return Decimal(text or "0")


def reasons(row: list[str]) -> list[tuple[str, str, Decimal]]:
    return [(row[1], row[i], money(row[i + 1])) for i in range(2, len(row) - 1, 3)]


def check_balance(answer: Answer) -> int:
    """Prove each payment of an 835 at line, claim and payment level; gives back the number of claims."""
    total = bpr = paid = claim_open = line_open = patient = Decimal(0)
    share = ""
    claims = 0
    for row in read_segments(answer):
        if row[0] in ("CLP", "PLB", "SE", "SVC"):
            assert line_open == 0, "a service line is out of balance"
        if row[0] in ("CLP", "PLB", "SE"):
            assert claim_open == 0, "a claim is out of balance"
            assert share == "" or money(share) == patient, "CLP05 is not the sum of PR"
            claim_open, patient, share = Decimal(0), Decimal(0), ""
        match row[0]:
            case "BPR":
                bpr, total = money(row[2]), Decimal(0)
            case "CLP":
                claims += 1
                paid = money(row[4])
                total += paid
                claim_open, share = money(row[3]) - paid, row[5]
                assert (share == "") is (row[2] == "22"), "CLP05 stands on all but reversals"
                in_line = False
            case "SVC":
                in_line = True
                line_open = money(row[2]) - money(row[3])
            case "CAS":
                amount = sum(reason[2] for reason in reasons(row))
                claim_open -= amount
                line_open -= amount if in_line else 0
                patient += amount if row[1] == "PR" else 0
            case "PLB":
                total -= sum(money(amount) for amount in row[4::2])
            case "SE":
                assert total == bpr >= 0, "a payment is out of balance"
    return claims


def fates(answers: Iterable[Answer]) -> dict[str, list[tuple[str, ...]]]:
    """What became of each claim, told by its CLM01, without the payer's numbers and dates."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for answer in answers:
        number = ""
        for row in read_segments(answer):
            if row[0] == "TRN" and answer.kind == "277CA" and row[1] == "2":
                number = row[2]
            if row[0] == "CLP":
                number = row[1]
                found.setdefault(number, []).append((answer.kind, *row[2:7], *row[8:]))
            elif row[0] == "STC":
                found.setdefault(number, []).append((answer.kind, row[1], *row[3:]))
            elif row[0] in ("SVC", "CAS", "LQ", "MOA"):
                found.setdefault(number, []).append(tuple(row))
            elif row[0] in ("PLB", "HL"):
                number = "nobody"
    found.pop("nobody", None)
    return {number: fate for number, fate in found.items() if number.startswith("C")}


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> Callable[[Answer], list[Any]]:
    """pyx12's verdict on an answer: its errors. Its maps are parsed once for the whole test run."""
    import pyx12.map_if
    import pyx12.params
    import pyx12.x12n_document

    monkeypatch.setattr(pyx12.map_if, "load_map_file", load_map(pyx12.map_if.load_map_file))

    def run(answer: Answer) -> list[Any]:
        report = io.StringIO()
        source = io.StringIO(answer.data.decode())
        valid = pyx12.x12n_document.x12n_document(pyx12.params.params(), source, None, None, fd_json=report)
        return [] if valid else [report.getvalue()]

    return run


@functools.cache
def load_map(load: Callable[..., Any]) -> Callable[..., Any]:
    return functools.cache(lambda name, param, map_path=None: load(name, param, map_path))


DAY = answer_interchange(write_837(mixed_bills(300)), SEED)


def test_the_answers_go_back_to_the_sender_in_the_order_of_a_payer() -> None:
    assert [a.kind for a in DAY] == ["TA1", "999", "277CA", "835", "835", "835", "835"]
    assert len({a.name for a in DAY}) == len(DAY)
    headers = [read_segments(a)[0] for a in DAY]
    assert {(h[6].strip(), h[8].strip()) for h in headers} == {("CLEARING", "CLINIC")}
    assert len({h[13] for h in headers}) == len(DAY), "control numbers of the sender never repeat"


def test_no_remittance_yet_means_receipts_only() -> None:
    answers = answer_interchange(write_837(mixed_bills(5)), SEED, remittance=False)
    assert [a.kind for a in answers] == ["TA1", "999", "277CA"]


def test_pyx12_finds_no_error_in_any_answer(judge: Callable[[Answer], list[Any]]) -> None:
    assert [errors for answer in DAY for errors in judge(answer)] == []


def test_pyx12_finds_what_is_planted(judge: Callable[[Answer], list[Any]]) -> None:
    assert judge(DAY[3]._replace(data=DAY[3].data.replace(b"LX*1~", b"LX~"))) != []


def test_pyx12_finds_no_error_in_a_rejecting_999(judge: Callable[[Answer], list[Any]]) -> None:
    spoilt = write_837(
        [Bill("C1"), Bill("C2")], body=lambda t: t.replace("*20260215", "*20260231").replace("HI*", "K3*")
    )
    receipt = next(a for a in answer_interchange(spoilt, SEED) if a.kind == "999")
    assert find([receipt], "999", "IK4") and judge(receipt) == []


@pytest.mark.parametrize("seed", range(6))
def test_every_payment_balances_at_three_levels(seed: int) -> None:
    answers = answer_interchange(write_837(mixed_bills(200)), seed)
    claims = sum(check_balance(a) for a in answers if a.kind == "835")
    assert claims >= 180


amounts = st.integers(0, 10**8).map(lambda cents: str(Decimal(cents) / 100))
lines = st.tuples(st.sampled_from(["99215", "J1100", "G0439"]), amounts, st.sampled_from(["1", "2", "7", "1.5"]))
bills = st.builds(
    Bill,
    number=st.text("ABC123", min_size=1, max_size=20),
    lines=st.lists(lines, min_size=1, max_size=6).map(tuple),
    indicator=st.sampled_from(["MB", "CI", "MC", "ZZ"]),
    responsibility=st.sampled_from("PST"),
    extra=st.sampled_from([(), tuple(COB), (COB[0], "AMT*EAF*25", *COB[2:])]),
    line_extra=st.sampled_from([(), tuple(PRIOR_LINE)]),
)


@given(st.lists(bills, min_size=1, max_size=4), st.integers(0, 1000))
@settings(max_examples=150)
def test_whatever_is_billed_the_payment_balances(billed: list[Bill], seed: int) -> None:
    answers = answer_interchange(write_837(billed), seed)
    assert find(answers, "999", "AK9") == [["AK9", "A", "1", "1", "1"]]
    rejected = sum(row[3] == "U" for row in find(answers, "277CA", "STC") if row[2] and len(row) > 4)
    assert sum(check_balance(a) for a in answers if a.kind == "835") >= len(billed) - rejected


def test_the_balance_check_rejects_a_payment_that_is_a_cent_off() -> None:
    good = next(a for a in DAY if a.kind == "835")
    clp = find([good], "835", "CLP")[0]
    worse = "*".join([*clp[:4], str(money(clp[4]) + Decimal("0.01")), *clp[5:]])
    spoilt = good._replace(data=good.data.replace("*".join(clp).encode(), worse.encode()))
    with pytest.raises(AssertionError, match="out of balance"):
        check_balance(spoilt)
    check_balance(good)


def test_a_claim_meets_the_same_fate_in_any_company_on_any_day() -> None:
    billed = mixed_bills(120)
    together = fates(answer_interchange(write_837(billed), SEED))
    apart: dict[str, list[tuple[str, ...]]] = {}
    for start in range(0, 120, 40):
        batch = billed[start : start + 40][::-1]
        apart |= fates(answer_interchange(write_837(batch, icn=900 + start, date="260412"), SEED))
    assert len(together) == 120 and together == apart
    assert together != fates(answer_interchange(write_837(billed), SEED + 1)), "another seed, another fate"


def test_the_same_bytes_get_the_same_bytes() -> None:
    data = write_837(mixed_bills(50))
    assert answer_interchange(data, SEED) == answer_interchange(data, SEED)


def test_the_traces_of_a_payer_never_repeat() -> None:
    days = [answer_interchange(write_837(mixed_bills(40), icn=icn), SEED) for icn in (1, 2, 3)]
    traces = [(row[2], row[3]) for day in days for row in find(day, "835", "TRN")]
    assert len(traces) == len(set(traces)) >= 24, "four payers and two payees on three days"
    assert all(len(company) == 10 and company.startswith("1") for _, company in traces)


def test_text_that_would_break_other_delimiters_comes_back_whole() -> None:
    odd = write_837([Bill("A~1", member="M*1")], body=lambda t: t.translate(str.maketrans("*~:", "|\x1d<")))
    odd = odd.replace(b"A\x1d1", b"A~1").replace(b"M|1", b"M*1")
    answers = answer_interchange(odd, SEED)
    assert find(answers, "835", "CLP")[0][1] == "A~1"
    assert {row[9] for row in find(answers, "835", "NM1") if row[1] == "QC"} == {"M*1"}


def test_every_line_comes_back_under_its_control_number_with_its_whole_charge() -> None:
    billed = mixed_bills(100)
    charges: Counter[str] = Counter()
    line: Decimal = Decimal(0)
    status = ""
    for answer in answer_interchange(write_837(billed), SEED):
        for row in read_segments(answer) if answer.kind == "835" else []:
            if row[0] == "CLP":
                status = row[2]
            elif row[0] == "SVC":
                line = money(row[2])
            elif row[:2] == ["REF", "6R"] and status != "22":
                charges[row[2]] += int(line * 100)
    sent = {f"{b.number}L{i}": int(Decimal(a) * 100) for b in billed for i, (_, a, _) in enumerate(b.lines, 1)}
    assert len(charges) > 150
    assert all(cents in (sent[number], 2 * sent[number]) for number, cents in charges.items()), "2: paid and corrected"


def test_the_mix_of_fates_is_that_of_a_real_payer() -> None:
    answers = answer_interchange(write_837([Bill(f"C{i}", member=f"M{i}") for i in range(3000)]), SEED)
    rejected = sum(row[3] == "U" for row in find(answers, "277CA", "STC"))
    statuses = Counter(row[2] for row in find(answers, "835", "CLP"))
    denials = {"16", "197", "29", "18", "27", "31", "22", "252", "109", "50", "97", "11", "4", "151", "96", "204"}
    denied = sum(reason in denials for row in find(answers, "835", "CAS") for _, reason, _ in reasons(row))
    assert 60 <= rejected <= 120, "about 3 %, and by line once more"
    assert 40 <= statuses["22"] <= 85, "about 2 %"
    assert 220 <= denied <= 320, "8 to 10 %"
    plb = {pair.split(":")[0] for row in find(answers, "835", "PLB") for pair in row[3::2]}
    assert plb >= {"L6", "WO", "72"}


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the real sample files are not beside this checkout")
def test_real_claim_files_are_answered() -> None:
    kinds: Counter[str] = Counter()
    for path in sorted(SAMPLES.rglob("*837*")):
        if path.is_file() and path.suffix in (".837", ".edi", ".txt"):
            answers = answer_interchange(path.read_bytes(), SEED)
            kinds.update(a.kind for a in answers)
            assert all(check_balance(a) for a in answers if a.kind == "835")
    assert kinds["TA1"] > 40 and kinds["835"] >= 12
