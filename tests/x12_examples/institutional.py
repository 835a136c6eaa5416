"""Institutional claims of a made-up hospital: one for every optional loop that we write."""

import datetime
from dataclasses import replace
from datetime import date, time
from decimal import Decimal

from schemas.x12.claim_parts import (
    ClaimPerson,
    ClaimSupplement,
    Drug,
    EntityParty,
    LineAdjudication,
    LineSupplement,
    OtherPayer,
    Party,
    Payer,
    PostalAddress,
    Subscriber,
)
from schemas.x12.x835_005010x221a1 import Adjustment
from schemas.x12.x837i_005010x223a2 import (
    ClaimValue,
    Diagnosis,
    InstitutionalClaim,
    InstitutionalCodes,
    InstitutionalInterchange,
    InstitutionalLine,
    Occurrence,
    Procedure,
)

ADDRESS = PostalAddress("1 ROAD", "TOWN", "IL", "627010001")
HOSPITAL = Party("HOSPITAL", npi="1234567893", tax_id="123456789", taxonomy="282N00000X", address=ADDRESS)
DOCTOR = Party("ROE", "SAM", "Q", npi="1234567893")
SUBSCRIBER = Subscriber(ClaimPerson("DOE", "ANN", "B", date(1950, 1, 1), "F", ADDRESS), "M1", filing_indicator="MA")
HOLDER = Subscriber(ClaimPerson("DOE", "ANN"), "M1", relationship="19")
CHILD = ClaimPerson("DOE", "BOB", "", date(2015, 1, 1), "M", ADDRESS)
DAY, NEXT = date(2026, 11, 1), date(2026, 11, 4)
PRINCIPAL = InstitutionalCodes(principal_diagnosis=Diagnosis("I2109", "Y"), admitting_diagnosis="R079")
EVERY_FAMILY = InstitutionalCodes(
    principal_diagnosis=Diagnosis("S72001A", "Y"),
    admitting_diagnosis="S72001A",
    external_causes=(Diagnosis("W010XXA", "Y"), Diagnosis("Y92009")),
    drg="470",
    other_diagnoses=tuple(Diagnosis(f"E11{n}", "N") for n in (9, 21, 22, 36, 40, 41, 42, 43, 44, 49, 51, 52, 59)),
    principal_procedure=Procedure("0SRB04A", DAY),
    other_procedures=(Procedure("0SRB04Z", NEXT),),
    occurrence_spans=(Occurrence("74", DAY, NEXT),),
    occurrences=(Occurrence("11", DAY), Occurrence("18", DAY)),
    values=(ClaimValue("01", Decimal("850.50")), ClaimValue("80", Decimal("3.00"))),
    conditions=("09", "45"),
    treatments=("A01",),
)


def line(**more: object) -> InstitutionalLine:
    base = InstitutionalLine("0120", Decimal("900.00"), Decimal(3), supplement=LineSupplement(unit_basis="DA"))
    return replace(base, **more)  # type: ignore[arg-type]


def outpatient_line(**more: object) -> InstitutionalLine:
    base = line(
        revenue_code="0450", procedure="99283", modifiers=("25",), units=Decimal(1), service_date=DAY, supplement=None
    )
    return replace(base, line_control_number="L1", **more)  # type: ignore[arg-type]


def claim(*lines: InstitutionalLine, **more: object) -> InstitutionalClaim:
    lines = lines or (line(),)
    total = sum((item.charge_amount for item in lines), Decimal(0))
    base = InstitutionalClaim(
        "ABC", total, "11", HOSPITAL, SUBSCRIBER, Payer("MEDICARE", "00123"), PRINCIPAL, lines,
        statement_from_date=DAY, statement_to_date=NEXT, admission_type="1", admission_source="1", patient_status="01",
        admission_date=DAY, admission_time=time(9, 30), discharge_time=time(16, 0),
        attending_provider=replace(DOCTOR, taxonomy="207Q00000X"),
    )  # fmt: skip
    return replace(base, **more)  # type: ignore[arg-type]


OUTPATIENT = {
    "facility_type": "13", "admission_date": None, "admission_time": None, "discharge_time": None,
    "admission_type": "3",
    "codes": InstitutionalCodes(principal_diagnosis=Diagnosis("J069"), visit_reasons=("R05", "R509")),
}  # fmt: skip
PRIOR = OtherPayer(
    Subscriber(ClaimPerson("DOE", "ANN"), "M2", filing_indicator="CI"),
    Payer("FIRST", "F1"),
    paid_amount=Decimal("700.00"),
    payer_claim_control_number="ICN9",
    other_segments=(("MOA", "", "", "MA01"),),
)
DECIDED = LineAdjudication(
    "F1", Decimal("700.00"), ("HC", "99283", "25"), Decimal(1), "0450",
    adjustments=(Adjustment("CO", "45", Decimal("200.00")),), adjudication_date=DAY,
)  # fmt: skip
VARIANTS = {
    "inpatient": claim(),
    "every family of codes": claim(codes=EVERY_FAMILY),
    "dependant": claim(patient=CHILD, subscriber=HOLDER),
    "outpatient": claim(outpatient_line(), **OUTPATIENT),
    "drug and noncovered": claim(
        outpatient_line(
            noncovered_amount=Decimal("1.50"), supplement=LineSupplement(drug=Drug("01234567891", Decimal(1)))
        ),
        **OUTPATIENT,
    ),
    "providers": claim(
        operating_provider=DOCTOR, other_operating_provider=DOCTOR, rendering_provider=DOCTOR,
        referring_provider=DOCTOR,
        service_facility=Party("SITE", npi="1234567893", address=ADDRESS),
    ),
    "pay-to plan": claim(
        supplement=ClaimSupplement(providers=(EntityParty("PE", Party("PLAN", npi="P1", tax_id="123456789",
            address=ADDRESS, identifier_qualifier="PI")),))
    ),
    "interim bill, replacement": claim(
        frequency="7", payer_claim_control_number="ICN1", prior_authorization_number="PA1", note="NOTE",
        estimated_due_amount=Decimal("12.50"), pay_to_address=ADDRESS, patient_status="30",
    ),
    "coordination of benefits": claim(
        outpatient_line(supplement=LineSupplement(adjudications=(DECIDED,))),
        other_payers=(PRIOR,), **{**OUTPATIENT, "subscriber": replace(SUBSCRIBER, responsibility="S")},
    ),
}  # fmt: skip


def interchange(*claims: InstitutionalClaim) -> InstitutionalInterchange:
    moment = datetime.datetime(2026, 11, 20, 14, 5)
    parties = ("ZZ", "C1", "ZZ", "R1", "HOSPITAL", "BO", "5555550100", "CLEARING")
    return InstitutionalInterchange(77, moment, "P", *parties, claims=claims)
