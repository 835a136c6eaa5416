"""Inquiries about a made-up member, and their answers: 270, 271, 276, 277."""

import datetime
from dataclasses import replace
from decimal import Decimal

from schemas.x12.claim_parts import PostalAddress
from schemas.x12.hierarchy import NamedEntity
from schemas.x12.x270_271_005010x279a1 import (
    Benefit,
    BenefitEntity,
    EligibilityLevel,
    EligibilityTransaction,
    Inquiry,
    Rejection,
)
from schemas.x12.x276_277_005010x212 import (
    ClaimStatus,
    StatusItem,
    StatusLevel,
    StatusLine,
    StatusTransaction,
)
from schemas.x12.x277ca_005010x214 import StatusCode

DAY, BORN = datetime.date(2026, 11, 20), datetime.date(1970, 1, 1)
PAYER = NamedEntity("PR", "2", "PLAN", identifier_qualifier="PI", identifier="60054")
CLINIC = NamedEntity("1P", "2", "CLINIC", identifier_qualifier="XX", identifier="1234567893")
ANN = NamedEntity("IL", "1", "DOE", "ANN", identifier_qualifier="MI", identifier="M1")
BOB = NamedEntity("03", "1", "DOE", "BOB")
ROE = NamedEntity("P3", "1", "ROE", "SAM", identifier_qualifier="XX", identifier="1234567893")


def ask(set_id: str, purpose: str, *members: EligibilityLevel) -> EligibilityTransaction:
    levels = (EligibilityLevel("20", PAYER, children=(EligibilityLevel("21", CLINIC, children=members),)),)
    return EligibilityTransaction(set_id, "0001", "R1", DAY, "1405", purpose, "", levels)


DEPENDENT = EligibilityLevel("23", BOB, (("1", "T2", "9123456789"),), birth_date=DAY, inquiries=(Inquiry(("98",)),))
INQUIRY = ask(
    "270",
    "13",
    EligibilityLevel(
        "22", ANN, (("1", "T1", "9123456789"),), birth_date=BORN, sex="F", dates=(("291", "D8", "20261120"),),
        inquiries=(Inquiry(("30",)),),
    ),
    EligibilityLevel("22", ANN, children=(DEPENDENT,)),
)  # fmt: skip
RESPONSE = ask(
    "271",
    "11",
    EligibilityLevel(
        "22", ANN, (("2", "T1", "9123456789"),), PostalAddress("1 ROAD", "TOWN", "IL", "62701"), BORN, "F",
        dates=(("346", "D8", "20260101"),),
        benefits=(
            Benefit("1", service_types=("30",), description="GOLD"),
            Benefit("B", "IND", ("98", "UC"), "HM", period="27", amount=Decimal("30.00"), in_network="Y"),
            Benefit("A", service_types=("98",), percent=Decimal("0.2"), messages=("AFTER DEDUCTIBLE",)),
            Benefit("L", entities=(BenefitEntity(ROE, (("N3", "2 ROAD"), ("N4", "TOWN", "IL", "62701"))),)),
        ),
    ),
)  # fmt: skip
DETAILED = ask(
    "271",
    "11",
    EligibilityLevel(
        "22",
        ANN,
        benefits=(
            Benefit(
                "L",
                other_segments=(("HSD", "VS", "10"), ("DTP", "292", "D8", "20260101"), ("III", "ZZ", "11")),
                messages=("CALL FIRST",),
                entities=(
                    BenefitEntity(ROE, (("N3", "2 ROAD"), ("N4", "TOWN", "IL", "62701"), ("PER", "IC", "", "TE", "5"))),
                    BenefitEntity(PAYER, (("N3", "3 ROAD"),)),
                ),
            ),
        ),
    ),
)
PROCEDURE = ask("270", "13", EligibilityLevel("22", ANN, inquiries=(Inquiry(procedure=("HC", "99213", "25")),)))
REFUSAL = ask("271", "11", EligibilityLevel("22", ANN, rejections=(Rejection("N", "75", "C"),)))
UNAVAILABLE = replace(REFUSAL, levels=(EligibilityLevel("20", PAYER, level_rejections=(Rejection("Y", "42", "R"),)),))


def follow(set_id: str, purpose: str, kind: str, *levels: StatusLevel) -> StatusTransaction:
    receiver = NamedEntity("41", "2", "CLINIC", identifier_qualifier="46", identifier="C1")
    above = StatusLevel("21", (receiver,), children=(StatusLevel("19", (CLINIC,), children=levels),))
    tree = (StatusLevel("20", (PAYER,), children=(above,)),)
    return StatusTransaction(set_id, "0001", "R1", DAY, "1405", purpose, kind, tree)


LINE = StatusLine(("HC", "99213"), Decimal("150.00"), units="1", service_date="20261101")
REQUEST = follow(
    "276",
    "13",
    "",
    StatusLevel(
        "22", (ANN,), BORN, "F",
        (
            StatusItem("T1", references=(("EJ", "ABC"),), charge_amount=Decimal("150.00"), service_date="20261101"),
            StatusItem("T2", lines=(LINE,)),
        ),
    ),
)  # fmt: skip
FINALIZED = ClaimStatus((StatusCode("F1", "65"),), DAY, Decimal("150.00"), Decimal("90.00"), DAY, "", DAY, "EFT1")
ANSWERED = StatusItem("T1", "2", (FINALIZED,), (("1K", "ICN1"), ("EJ", "ABC")), service_date="20261101-20261102")
ANSWER = follow("277", "08", "DG", StatusLevel("22", (ANN,), items=(ANSWERED,)))
INQUIRIES: dict[str, EligibilityTransaction | StatusTransaction] = {
    "270": INQUIRY,
    "271": RESPONSE,
    "276": REQUEST,
    "277": ANSWER,
}
