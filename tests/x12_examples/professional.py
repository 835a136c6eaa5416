"""Professional claims of a made-up clinic: one for every optional loop that we write."""

import datetime
from dataclasses import replace
from datetime import date
from decimal import Decimal

from schemas.x12.x835_005010x221a1 import Adjustment
from schemas.x12.x837p_005010x222a1 import (
    Attachment,
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
    ProfessionalClaim,
    ProfessionalInterchange,
    ProfessionalLine,
    Subscriber,
)

ADDRESS = PostalAddress("1 ROAD", "TOWN", "IL", "627010001", "SUITE 2")
BILLING = Party("CLINIC", npi="1234567893", tax_id="123456789", taxonomy="207Q00000X", address=ADDRESS)
DOCTOR = Party("ROE", "SAM", "Q", npi="1234567893", taxonomy="207Q00000X")
PATIENT = ClaimPerson("DOE", "ANN", "B", date(1970, 1, 1), "F", ADDRESS)
CHILD = ClaimPerson("DOE", "BOB", "", date(2015, 1, 1), "M", ADDRESS)
SUBSCRIBER = Subscriber(PATIENT, "M1", group_number="G1")
HOLDER = Subscriber(
    replace(PATIENT, birth_date=None, sex="U", address=None), "M1", relationship="19", group_number="G1"
)
DAY = date(2026, 11, 1)


def line(number: int = 1, charge: str = "100.00", **more: object) -> ProfessionalLine:
    base = ProfessionalLine(f"L{number}", "99213", Decimal(charge), Decimal(1), DAY, (1,))
    return replace(base, **more)  # type: ignore[arg-type]


def claim(*lines: ProfessionalLine, **more: object) -> ProfessionalClaim:
    lines = lines or (line(),)
    total = sum((item.charge_amount for item in lines), Decimal(0))
    base = ProfessionalClaim("ABC", total, "11", BILLING, SUBSCRIBER, Payer("PLAN", "60054"), ("J069", "E119"), lines)
    return replace(base, **more)  # type: ignore[arg-type]


def interchange(*claims: ProfessionalClaim) -> ProfessionalInterchange:
    moment = datetime.datetime(2026, 11, 20, 14, 5)
    parties = ("ZZ", "C1", "ZZ", "R1", "CLINIC", "BO", "5555550100", "CLEARING")
    return ProfessionalInterchange(77, moment, "P", *parties, claims=claims)


PRIOR = OtherPayer(
    Subscriber(ClaimPerson("DOE", "ANN"), "M2", filing_indicator="MB", group_number="G2"),
    Payer("FIRST", "F1"),
    paid_amount=Decimal("60.00"),
    adjustments=(),
    remaining_amount=Decimal("20.00"),
    payer_claim_control_number="ICN9",
)
DECIDED = LineAdjudication(
    "F1",
    Decimal("60.00"),
    ("HC", "99213"),
    Decimal(1),
    adjustments=(Adjustment("CO", "45", Decimal("20.00")), Adjustment("PR", "2", Decimal("20.00"), Decimal(1))),
    adjudication_date=DAY,
)
VARIANTS = {
    "plain": claim(),
    "dependant": claim(patient=CHILD, subscriber=HOLDER),
    "two lines, modifiers, notes": claim(
        line(1, modifiers=("25", "59"), note="LINE NOTE", diagnosis_pointers=(1, 2)),
        line(2, "20.50", place_of_service="12", service_end_date=date(2026, 11, 3)),
        note="CLAIM NOTE",
    ),
    "dates and references": claim(
        accident_date=DAY, onset_date=DAY, admission_date=DAY, discharge_date=DAY, prior_authorization_number="PA1",
        clia_number="14D0000001", patient_paid_amount=Decimal("10.00"),
        supplement=ClaimSupplement(related_causes=("AA", "", "", "IL")),
    ),
    "replacement": claim(frequency="7", payer_claim_control_number="ICN1"),
    "void": claim(frequency="8", payer_claim_control_number="ICN1"),
    "providers": claim(
        line(rendering_provider=DOCTOR, supplement=LineSupplement(providers=(
            EntityParty("DQ", replace(DOCTOR, taxonomy="")),
            EntityParty("DK", replace(DOCTOR, taxonomy="", address=ADDRESS)),
        ))),
        referring_provider=replace(DOCTOR, taxonomy=""), rendering_provider=DOCTOR,
        service_facility=Party("SITE", npi="1234567893", address=ADDRESS),
        supervising_provider=replace(DOCTOR, taxonomy=""),
    ),
    "two referring providers": claim(
        referring_provider=replace(DOCTOR, taxonomy=""),
        supplement=ClaimSupplement(providers=(EntityParty("P3", replace(DOCTOR, taxonomy="")),)),
    ),
    "pay-to plan": claim(
        supplement=ClaimSupplement(providers=(EntityParty("PE", Party("PLAN", npi="P1", tax_id="123456789",
            address=ADDRESS, identifier_qualifier="PI")),))
    ),
    "pay-to address": claim(pay_to_address=replace(ADDRESS, line1="PO BOX 1")),
    "drug": claim(line(ndc="01234567891")),
    "drug with its own unit": claim(
        line(supplement=LineSupplement(drug=Drug("01234567891", Decimal("2.5"), "ML", prescription_number="RX1")))
    ),
    "anaesthesia": claim(line(units=Decimal(45), supplement=LineSupplement(unit_basis="MJ"))),
    "attachments": claim(
        supplement=ClaimSupplement(attachments=(Attachment("OZ", "EL", "ACN1"), Attachment("B2", "AA")))
    ),
    "coordination of benefits": claim(
        line(supplement=LineSupplement(adjudications=(DECIDED,))),
        other_payers=(PRIOR,),
        subscriber=replace(SUBSCRIBER, responsibility="S"),
    ),
    "claim-level coordination": claim(
        other_payers=(replace(PRIOR, adjustments=(Adjustment("CO", "45", Decimal("40.00")),), adjudication_date=DAY),),
        subscriber=replace(SUBSCRIBER, responsibility="S"),
    ),
    "kept segments": claim(
        supplement=ClaimSupplement(other_segments=(("REF", "EA", "MRN1"), ("K3", "ANY"), ("HI", "BG:01"))),
    ),
}  # fmt: skip
