"""Files from the clearinghouse as they come: envelopes that do not tally, kinds mixed in one file, sets cut off."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from connectors.clearinghouse.inbound import read_inbound_file
from schemas.events import ClaimAcknowledged, InterchangeAcknowledged, RemittanceReceived
from schemas.inbound import Inbound
from tests.receiving import make_receipt

NOW = datetime(2026, 11, 20, 14, 5, tzinfo=UTC)
ISA = "ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLINIC         *261120*1405*^*00501*000000001*0*T*:~"
GS = "GS*HP*PAYER*CLINIC*20261120*1405*1*X*005010X221A1~"
END = "GE*1*1~IEA*1*000000001~"
GS_999 = "GS*FA*PAYER*CLINIC*20261120*1405*2*X*005010X231A1~"
TA1 = "TA1*000000077*261119*0900*A*000~"


def remittance(control_number: str = "0001", trace: str = "E1", count: int = 7) -> str:
    return (
        f"ST*835*{control_number}~BPR*I*100*C*ACH************20261120~TRN*1*{trace}*1512345678~LX*1~"
        f"CLP*ABC*1*150*100*50*12*ICN1~CAS*PR*1*50~SE*{count}*{control_number}~"
    )


def functional(trailer: str = "SE*4*0009~") -> str:
    return f"ST*999*0009*005010X231A1~AK1*HC*77*005010X222A1~AK9*A*1*1*1~{trailer}"


def read(text: str) -> Inbound:
    data = text.encode()
    return read_inbound_file(data, make_receipt(data))


def codes(inbound: Inbound) -> list[tuple[str, str]]:
    return [(finding.code, finding.severity) for finding in inbound.findings]


def test_a_sound_remittance_is_one_event_without_a_finding() -> None:
    inbound = read(ISA + GS + remittance() + END)
    assert [type(event.body) for event in inbound.events] == [RemittanceReceived]
    assert inbound.findings == ()


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda text: text.replace("IEA*1*000000001~", ""), "x12_interchange_incomplete"),
        (lambda text: text.replace("GE*1*1", "GE*3*1"), "x12_ge_count"),
        (lambda text: text.replace("GE*1*1", "GE*1*2"), "x12_ge_control_number"),
        (lambda text: text.replace("IEA*1*", "IEA*4*"), "x12_iea_count"),
        (lambda text: text.replace("IEA*1*000000001", "IEA*1*000000009"), "x12_iea_control_number"),
        (lambda text: text.replace("GE*1*1~", ""), "x12_group_incomplete"),
        (lambda text: text + "JUNK", "x12_truncated"),
        (lambda text: text.replace("~ST*", "~ZZZ*1~ST*"), "x12_stray_segment"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_envelope_that_does_not_tally_is_reported_and_holds_nothing(spoil: Callable[[str], str], code: str) -> None:
    inbound = read(spoil(ISA + GS + remittance() + END))
    assert len(inbound.events) == 1
    assert codes(inbound) == [(code, "warn")]


def test_a_set_cut_off_is_reported_beside_the_good_one() -> None:
    whole = ISA + GS + remittance() + remittance("0002", "E2")
    inbound = read(whole[: whole.rindex("CAS")])
    assert len(inbound.events) == 2, "the held one is an event as well: a person must see it"
    assert codes(inbound) == [("x12_set_incomplete", "hold"), ("x12_interchange_incomplete", "warn")]


def test_kinds_mixed_in_one_file_are_all_read() -> None:
    second = ISA.replace("000000001", "000000002") + TA1 + GS_999 + functional() + "GE*1*2~IEA*1*000000002~"
    inbound = read(ISA + GS + remittance() + END + second)
    assert [type(event.body) for event in inbound.events] == [
        RemittanceReceived,
        InterchangeAcknowledged,
        InterchangeAcknowledged,
    ]
    assert inbound.findings == ()


def test_a_set_that_nobody_takes_is_named_and_the_rest_stands() -> None:
    claim_status = "ST*276*0002*005010X212~BHT*0010*13*R*20261120*1405~SE*3*0002~"
    inbound = read(ISA + GS + remittance() + claim_status + "GE*2*1~IEA*1*000000001~")
    assert len(inbound.events) == 1
    assert codes(inbound) == [("unsupported_set", "reject")]


def test_sets_that_nobody_takes_are_one_finding_a_kind_and_what_comes_behind_them_is_read() -> None:
    claims = "".join(f"ST*837*{number}*005010X222A1~SE*2*{number}~" for number in range(1000, 1300))
    first = ISA + GS + claims + "GE*300*1~IEA*1*000000001~"
    assert codes(read(first)) == [("unsupported_kind", "reject")]
    second = (ISA + GS + remittance() + END).replace("000000001", "000000002")
    inbound = read(first + second)
    assert [type(event.body) for event in inbound.events] == [RemittanceReceived]
    (finding,) = inbound.findings
    assert (finding.code, finding.where) == ("unsupported_set", "ST 1000 (segment 3)")
    assert finding.what.startswith("300 transaction sets of kind 837P")


def test_an_answer_cut_off_answers_nothing_and_says_so() -> None:
    inbound = read(ISA + GS_999 + functional(trailer=""))
    assert inbound.events == ()
    assert codes(inbound)[0] == ("x12_set_incomplete", "reject")


def test_a_claim_acknowledgement_names_its_claim() -> None:
    text = (
        f"{ISA}GS*HN*PAYER*CLINIC*20261120*1405*1*X*005010X214~ST*277*0001*005010X214~BHT*0085*08*R*20261120*1405*TH~"
        "HL*1**20*1~NM1*PR*2*PLAN*****PI*1~TRN*1*S~HL*2*1*21*1~NM1*41*2*CLINIC*****46*C1~TRN*2*77~"
        "STC*A1:19:PR*20261120*WQ*100~HL*3*2*19*1~NM1*85*2*CLINIC*****XX*1234567893~HL*4*3*PT~"
        "NM1*QC*1*DOE*ANN****MI*M1~TRN*2*ABC~STC*A3:21*20261120*U*100~DTP*472*D8*20261101~SE*17*0001~" + END
    )
    inbound = read(text)
    claims = [event.body for event in inbound.events if isinstance(event.body, ClaimAcknowledged)]
    assert [(claim.patient_control_number, claim.outcome) for claim in claims] == [("ABC", "rejected")]
    assert inbound.findings == ()


def test_a_file_that_answers_nothing_says_so() -> None:
    assert codes(read(ISA + "IEA*0*000000001~")) == [("inbound_empty", "reject")]


def test_what_is_not_x12_is_refused_with_its_reason() -> None:
    assert codes(read("ISA*00*cut off")) == [("x12_isa", "reject")]
