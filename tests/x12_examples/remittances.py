"""Remittances that balance, drawn by hypothesis."""

from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from schemas.x12.x835_005010x221a1 import (
    Adjustment,
    ProviderAdjustment,
    Remittance,
    RemittanceClaim,
    RemittanceParty,
    RemittanceReference,
    RemittanceService,
)

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
