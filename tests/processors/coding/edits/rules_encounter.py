"""Edits on lines, places, parties, filing and hospital claims, by example."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from schemas.encounter import Address, CodedLine, DocumentedFact, HospitalBill
from schemas.reference import PayerTermsRow
from tests.processors.coding.edits.builders import (
    DAY,
    NPI,
    OTHER_NPI,
    Rule,
    Situation,
    Tables,
    coverage,
    encounter,
    fee,
    hospital_bill,
    inpatient_bill,
    line,
    patient,
    provider,
)


def visit(
    *services: CodedLine,
    as_of: date | None = None,
    terms: PayerTermsRow | None = None,
    tables: Tables | None = None,
    **changes: Any,
) -> Situation:
    return Situation(encounter("E1165", *services, **changes), tables or Tables(), as_of=as_of, terms=terms)


def hospital(*services: CodedLine, **changes: Any) -> Situation:
    return Situation(encounter("E1165", *services, **({"hospital": hospital_bill()} | changes)))


def stay(bill: HospitalBill | None = None, **changes: Any) -> Situation:
    """An inpatient stay of one day that lacks nothing."""
    values = {"encounter_class": "inpatient", "admission_date": DAY, "discharge_date": DAY, "present": "Y"}
    service = line(revenue_code="0120")
    return hospital(service, **(values | {"hospital": bill or inpatient_bill()} | changes))


MEDICARE: dict[str, Any] = {"coverages": (coverage(filing_indicator="MB"),)}
ONE_YEAR = PayerTermsRow(
    payer="*", filing_indicator="MB", plan="medicare", filing_days=0, filing_years=1, answer_days=30
)
CONTRACT = PayerTermsRow(payer="ACME", filing_indicator="*", plan="commercial", filing_days=90, answer_days=45)
MEDICAID: dict[str, Any] = {"coverages": (coverage(filing_indicator="MC"),)}
CLEAN = Situation()
NO_STATE = Address(line1="1 MAIN ST", city="SPRINGFIELD", postal_code="62701")

IMAGE = {
    "71999": fee("71999", professional_technical="1", not_in_facility=True),
    "71999:26": fee("71999", modifier="26", professional_technical="1"),
    "71999:TC": fee("71999", modifier="TC", professional_technical="1", not_in_facility=True),
}


def in_hospital(place: str = "21", modifiers: str = "") -> Situation:
    """An image whose technical part no physician is paid for in a facility."""
    return visit(line("71999", modifiers=modifiers, place_of_service=place), tables=Tables(fees=IMAGE))


RULES = [
    Rule("pointer_missing", "SV107-1 is required", visit(line(diagnosis_pointers=())), CLEAN),
    Rule("pointer_dangling", "a pointer to a diagnosis", visit(line(diagnosis_pointers=(1, 2))), CLEAN),
    Rule("units_invalid", "more than zero", visit(line(units="0")), visit(line(units="0.5"))),
    Rule(
        "units_invalid", "drugs come in tens of thousands", visit(line(units="0")), visit(line("J1100", units="22000"))
    ),
    Rule("charge_negative", "no negative amounts (RFI 2499)", visit(line(charge_amount=Decimal("-1.00"))), CLEAN),
    Rule("charge_zero", "a price", visit(line(charge_amount=Decimal("0.00"))), CLEAN),
    Rule("dates_reversed", "from before to", visit(line(service_date_to=DAY - timedelta(days=1))), CLEAN),
    Rule(
        "service_outside_encounter",
        "within the encounter",
        visit(line(service_date_from=DAY + timedelta(days=1))),
        visit(line(), end_date=DAY + timedelta(days=3)),
    ),
    Rule("service_in_future", "furnished, not planned", visit(as_of=DAY - timedelta(days=1)), visit(as_of=DAY)),
    Rule(
        "duplicate_line",
        "the same service twice",
        visit(line(), line(number=2)),
        visit(line(), line(number=2, modifiers="76")),
        "line 2 99213",
    ),
    Rule(
        "duplicate_line",
        "units that one line cannot carry go on in the next",
        visit(line("J1100", units="9998"), line("J1100", 2, units="2001")),
        visit(line("J1100", units="9999"), line("J1100", 2, units="9999"), line("J1100", 3, units="2001")),
    ),
    Rule(
        "duplicate_line",
        "two providers are no duplicate",
        visit(line(), line(number=2)),
        visit(line(), line(number=2, rendering_provider=provider(OTHER_NPI))),
    ),
    Rule("place_of_service_invalid", "a code of the set", visit(line(place_of_service="98")), CLEAN),
    Rule(
        "place_of_service_against_code",
        "an emergency visit is done in the emergency room",
        visit(line("99283")),
        visit(line("99283", place_of_service="23")),
    ),
    Rule(
        "place_of_service_against_code",
        "NA in the fee schedule: not outside a facility",
        visit(line("33533"), tables=Tables(fees={"33533": fee("33533", not_in_office=True)})),
        visit(line("33533", place_of_service="21"), tables=Tables(fees={"33533": fee("33533", not_in_office=True)})),
    ),
    Rule(
        "modifier_26_missing",
        "the hospital bills the technical part",
        in_hospital(),
        in_hospital(modifiers="26"),
    ),
    Rule("modifier_26_missing", "in a hospital alone", in_hospital(), in_hospital("11")),
    Rule(
        "place_of_service_against_code",
        "the technical part is the hospital's",
        in_hospital(modifiers="TC"),
        in_hospital(modifiers="26"),
    ),
    Rule(
        "place_of_service_against_code",
        "aftercare of a surgery is given in the office",
        visit(line("33533"), tables=Tables(fees={"33533": fee("33533", not_in_office=True)})),
        visit(line("33533", modifiers="55"), tables=Tables(fees={"33533": fee("33533", not_in_office=True)})),
    ),
    Rule(
        "ndc_missing",
        "Medicaid drugs",
        visit(line("J1100"), **MEDICAID),
        visit(line("J1100", ndc="0" * 11), **MEDICAID),
    ),
    Rule(
        "clia_missing",
        "laboratories",
        visit(line("83036"), **MEDICARE),
        visit(line("83036"), clia_number="1", **MEDICARE),
    ),
    *(
        Rule("clia_missing", f"{why} is no laboratory test", visit(line("0001U"), **MEDICARE), visit(other, **MEDICARE))
        for why, other in (
            ("anaesthesia", line("00100")),
            ("anaesthesia by its number", line("00990")),
            ("a measure", line("0500F")),
            ("new technology", line("0042T")),
            ("a code of another suffix", line("0002M")),
            ("a skin test", line("86580")),
            ("reading it only", line("83036", modifiers="26")),
            ("what another laboratory does", line("83036", modifiers="90")),
        )
    ),
    Rule("billing_provider_missing", "loop 2010AA", visit(billing_provider=None), CLEAN),
    Rule("npi_missing", "required of the renderer", visit(rendering_provider=provider("")), CLEAN),
    Rule("npi_invalid", "Luhn over 80840", visit(billing_provider=provider("1234567890")), CLEAN, "billing provider"),
    Rule("billing_tax_id_invalid", "nine digits", visit(billing_provider=provider(tax_id="1")), CLEAN),
    Rule("taxonomy_invalid", "ten characters", visit(rendering_provider=provider(taxonomy="207Q")), CLEAN),
    Rule("address_incomplete", "N3 and N4", visit(patient=patient(address=NO_STATE)), CLEAN, "patient"),
    Rule(
        "referring_is_rendering",
        "somebody else refers",
        visit(referring_provider=provider(NPI)),
        visit(referring_provider=provider(OTHER_NPI)),
    ),
    Rule("coverage_missing", "a payer", visit(coverages=()), CLEAN),
    Rule(
        "coverage_inactive",
        "active through the end date",
        visit(coverages=(coverage(end_date=DAY - timedelta(days=1)),)),
        visit(coverages=(coverage(end_date=DAY),)),
    ),
    Rule("member_id_missing", "NM109", visit(coverages=(coverage(member_id=" "),)), CLEAN),
    Rule("subscriber_missing", "of a dependant", visit(coverages=(coverage(relationship="child"),)), CLEAN),
    Rule(
        "next_coverage_incomplete",
        "who is insured by the next payer",
        visit(coverages=(coverage(), coverage(priority=2, member_id=" "))),
        visit(coverages=(coverage(), coverage(priority=2))),
    ),
    Rule("birth_date_missing", "DMG02", visit(patient=patient(birth_date=None)), CLEAN),
    Rule("given_name_missing", "NM104", visit(patient=patient(given_name="")), CLEAN),
    Rule(
        "service_not_documented",
        "not documented, not done",
        visit(documentation=(DocumentedFact(kind="procedure", system="CPT", code="99214"),)),
        visit(documentation=(DocumentedFact(kind="procedure", system="CPT", code="99213"),)),
    ),
    Rule(
        "timely_filing_near",
        "one calendar year (42 CFR 424.44)",
        visit(as_of=date(2027, 10, 14), terms=ONE_YEAR),
        visit(as_of=date(2027, 9, 13), terms=ONE_YEAR),
    ),
    Rule(
        "timely_filing_past",
        "one calendar year (42 CFR 424.44)",
        visit(as_of=date(2027, 10, 15), terms=ONE_YEAR),
        visit(as_of=date(2027, 10, 14), terms=ONE_YEAR),
    ),
    Rule(
        "timely_filing_past",
        "by contract, from the day of service",
        visit(as_of=DAY + timedelta(days=91), terms=CONTRACT),
        visit(as_of=DAY + timedelta(days=90), terms=CONTRACT),
    ),
    Rule(
        "timely_filing_past",
        "what the table says of anybody holds no claim",
        visit(as_of=DAY + timedelta(days=91), terms=CONTRACT),
        visit(as_of=DAY + timedelta(days=91), terms=CONTRACT.model_copy(update={"payer": "*"})),
    ),
    Rule("revenue_code_missing", "SV201", hospital(line()), hospital(line(revenue_code="0510"))),
    Rule(
        "revenue_code_invalid",
        "no total line",
        hospital(line(revenue_code="0001")),
        hospital(line(revenue_code="0510")),
    ),
    Rule(
        "revenue_code_against_procedure",
        "laboratory tests under 030x",
        hospital(line(revenue_code="0300")),
        hospital(line("83036", revenue_code="0300")),
    ),
    Rule("stay_dates_invalid", "DTP*435", stay(admission_date=None), stay()),
    Rule("stay_dates_invalid", "discharged after admitted", stay(discharge_date=DAY - timedelta(days=1)), stay()),
    Rule("type_of_bill_invalid", "three characters", hospital(hospital=hospital_bill("13")), hospital()),
    Rule("type_of_bill_invalid", "a leading zero is no part of it", hospital(hospital=hospital_bill("0031")), stay()),
    Rule(
        "type_of_bill_invalid",
        "without the zero",
        hospital(hospital=hospital_bill("1311")),
        hospital(hospital=hospital_bill("131")),
    ),
    Rule("type_of_bill_against_class", "11x is inpatient", hospital(hospital=hospital_bill("0111")), stay()),
    Rule("type_of_bill_against_class", "13x is outpatient", stay(inpatient_bill("0131")), hospital()),
    Rule("statement_dates_missing", "DTP*434", hospital(hospital=hospital_bill(statement_to=None)), hospital()),
    Rule(
        "statement_dates_reversed",
        "from before through",
        hospital(hospital=hospital_bill(statement_to=DAY - timedelta(days=1))),
        hospital(),
    ),
    Rule(
        "service_outside_statement",
        "every day of service lies in the statement",
        hospital(hospital=hospital_bill(statement_from=DAY + timedelta(days=1), statement_to=DAY + timedelta(days=2))),
        hospital(),
    ),
    Rule("admission_hour_missing", "DTP*435 has an hour", stay(inpatient_bill(admission_hour="")), stay()),
    Rule(
        "admission_hour_missing",
        "a day has 24 hours",
        stay(inpatient_bill(admission_hour="24")),
        stay(inpatient_bill(admission_hour="0059")),
    ),
    Rule(
        "discharge_hour_missing",
        "final bills",
        stay(inpatient_bill(discharge_hour="")),
        stay(inpatient_bill("0112", discharge_hour="", patient_status="30")),
    ),
    Rule("admission_type_missing", "CL101 and CL102", stay(inpatient_bill(admission_source="")), stay()),
    Rule(
        "patient_status_missing", "CL103 is required", hospital(hospital=hospital_bill(patient_status="")), hospital()
    ),
    Rule(
        "patient_status_against_bill",
        "who is still a patient has no final bill",
        stay(inpatient_bill("0111", patient_status="30")),
        stay(inpatient_bill("0113", patient_status="30")),
    ),
    Rule(
        "patient_status_against_bill",
        "an interim bill is for who is still a patient",
        stay(inpatient_bill("0112", patient_status="01")),
        stay(inpatient_bill("0114", patient_status="01")),
    ),
    Rule("admitting_diagnosis_missing", "HI*ABJ", stay(inpatient_bill(admitting_diagnosis="")), stay()),
    Rule("attending_provider_missing", "2310A", hospital(hospital=hospital_bill(attending_provider=None)), hospital()),
    Rule(
        "attending_provider_missing",
        "transport that is not scheduled has none",
        hospital(line("A0429", revenue_code="0510"), hospital=hospital_bill(attending_provider=None)),
        hospital(line("A0429", revenue_code="0540"), hospital=hospital_bill(attending_provider=None)),
    ),
]
