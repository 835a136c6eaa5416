"""835 files: the verdicts of an independent balance check, parse -> write -> parse, and pyx12 on what we write."""

import csv
import tracemalloc
from collections.abc import Callable
from datetime import date, time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.x12.writer import InterchangeHeader
from schemas.x12.x835_005010x221a1 import (
    Adjustment,
    ProviderAdjustment,
    Remittance,
    RemittanceClaim,
    RemittanceParty,
    RemittanceReference,
    RemittanceService,
    read_835,
    stream_835,
    write_835,
)

Samples = Callable[..., list[tuple[str, bytes, dict[str, str]]]]


def test_verdicts_equal_the_independent_check(samples: Samples) -> None:
    files = {path: data for path, data, _ in samples("835")}
    table = Path(__file__).parents[5] / "shared" / "data" / "x12" / "balance835.csv"
    for row in csv.DictReader(table.open()):
        remittance = list(read_835(files[row["path"]]))[int(row["st_index"]) - 1]
        levels = [imbalance.level for imbalance in remittance.imbalances()]
        found = ("transaction" not in levels, levels.count("claim"), levels.count("line"))
        said = (row["balanced_tx"] == "True", int(row["n_clp_unbalanced"]), int(row["n_svc_unbalanced"]))
        assert found == said, row["path"]
        assert len(remittance.claims) == int(row["n_clp"])
        assert sum(len(claim.services) for claim in remittance.claims) == int(row["n_svc"])


def test_parse_write_parse_gives_equal_objects(samples: Samples, header: InterchangeHeader) -> None:
    for path, data, _ in samples("835"):
        remittances = list(read_835(data))
        written = write_835(header, remittances)
        again = list(read_835(written))
        if "edi835-demo" in path:  # its PLB03 uses another component separator than its ISA16 says
            assert [r.claims for r in again] == [r.claims for r in remittances]
        else:
            assert again == remittances, path
        assert write_835(header, again) == written


def test_a_stream_gives_the_same_claims_and_ends_with_the_same_verdict(samples: Samples) -> None:
    for _, data, _ in samples("835"):
        for stream, remittance in zip(stream_835(data), read_835(data), strict=True):
            assert tuple(stream) == remittance.claims
            assert stream.finish(remittance.claims) == remittance


cents = st.integers(0, 1_000_000).map(lambda n: Decimal(n).scaleb(-2))
adjustment = st.builds(Adjustment, st.sampled_from(["CO", "PR", "OA"]), st.sampled_from(["45", "1", "97"]), cents)
texts = st.text("ABCDEFGHIJKLMNOP0123456789", min_size=2, max_size=12)


@st.composite
def services(draw: st.DrawFn) -> RemittanceService:
    adjustments = tuple(sorted(draw(st.lists(adjustment, max_size=7)), key=lambda a: a.group))
    paid = draw(cents)
    return RemittanceService(
        procedure_qualifier="HC",
        procedure=draw(st.sampled_from(["99213", "G0008"])),
        modifiers=draw(st.sampled_from([(), ("25",), ("59", "LT")])),
        charge_amount=paid + sum((a.amount for a in adjustments), Decimal(0)),
        paid_amount=paid,
        units=Decimal(draw(st.integers(1, 9))),
        service_date=date(2026, 11, draw(st.integers(1, 30))),
        line_control_number=draw(texts),
        references=draw(st.sampled_from([(), (RemittanceReference("LU", "11"),)])),
        amounts=draw(st.sampled_from([(), (RemittanceReference("B6", "12.5"),)])),
        adjustments=adjustments,
        remarks=draw(st.sampled_from([(), ("N130",), ("M15", "N20")])),
    )


@st.composite
def claims(draw: st.DrawFn) -> RemittanceClaim:
    lines = tuple(draw(st.lists(services(), max_size=3)))
    extra = draw(cents)
    paid = sum((line.paid_amount for line in lines), Decimal(0))
    remarks = draw(st.sampled_from([(), ("MA01", "MA18")]))
    return RemittanceClaim(
        patient_control_number=draw(texts),
        status_code=draw(st.sampled_from(["1", "2", "4", "19"])),
        charge_amount=sum((line.charge_amount for line in lines), Decimal(0)) + extra,
        paid_amount=paid,
        patient_responsibility_amount=draw(cents),
        filing_indicator="12",
        payer_claim_control_number=draw(texts),
        facility_code="11",
        frequency="1",
        adjustments=(Adjustment("CO", "24", extra),),
        services=lines,
        parties=(RemittanceParty("QC", "DOE", "ANN", identifier_qualifier="MI", identifier=draw(texts)),),
        outpatient=("", "", *remarks) if remarks else (),
        remarks=remarks,
        statement_from_date=draw(st.sampled_from([None, date(2026, 11, 1)])),
        references=draw(st.sampled_from([(), (RemittanceReference("1L", "GROUP"),)])),
        assigned_number="1",
    )


@st.composite
def remittances(draw: st.DrawFn) -> Remittance:
    paid = tuple(draw(st.lists(claims(), min_size=1, max_size=3)))
    plb = tuple(
        ProviderAdjustment("L6", "INT", -draw(cents), "1234567893", date(2026, 12, 31))
        for _ in range(draw(st.integers(0, 6)))
    )
    total = sum((c.paid_amount for c in paid), Decimal(0)) - sum((a.amount for a in plb), Decimal(0))
    return Remittance(
        control_number="0001",
        handling_code="I",
        payment_amount=total,
        credit_debit="C",
        payment_method="ACH",
        payment_format="CCP",
        payment_accounts=("01", "111000025", "DA", "33", "1512345678", "", "01", "111000025", "DA", "44"),
        payment_date=date(2026, 11, 20),
        trace_number=draw(texts),
        payer_identifier="1512345678",
        production_date=date(2026, 11, 19),
        payer_name="HEALTH PLAN",
        payer_address=("1 ROAD", "", "TOWN", "IL", "62701", ""),
        payer_contacts=(("BL", "HELP", "TE", "5555550100"),),
        payee_name="CLINIC",
        payee_identifier_qualifier="XX",
        payee_identifier="1234567893",
        payee_references=(RemittanceReference("TJ", "987654321"),),
        claims=paid,
        provider_adjustments=plb,
    )


@settings(max_examples=40, deadline=None)
@given(remittances())
def test_whatever_is_written_is_read_back_balanced_and_clean_to_pyx12(
    judge: Callable[[bytes], list[str]], remittance: Remittance
) -> None:
    interchange = InterchangeHeader("PAYER", "CLINIC", date(2026, 11, 20), time(14, 5), 1)
    data = write_835(interchange, [remittance])
    (again,) = read_835(data)
    assert again == remittance
    assert again.postable and again.findings == ()
    assert judge(data) == []


def test_a_set_twice_as_long_takes_no_more_memory(wrap: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schemas.x12.tokens.BLOCK_BYTES", 16 * 1024)  # so that a small file has many blocks
    claim = ("CLP*{n}*1*200*150*50*12*ICN{n}*11*1", "NM1*QC*1*DOE*ANN", "SVC*HC:99213*200*150**1", "CAS*PR*1*50")

    def measure(count: int) -> int:
        """The most memory that is held while the claims of one ST pass, in bytes."""
        rows = [text.format(n=n) for n in range(count) for text in claim]
        data = wrap("BPR*I*1*C*ACH************20261120", "TRN*1*E*1", "LX*1", *rows)
        tracemalloc.start()
        try:
            assert [sum(1 for _ in stream) for stream in stream_835(data)] == [count]
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    measure(2_000)  # fills the caches of values
    assert measure(8_000) < measure(4_000) + 100_000
