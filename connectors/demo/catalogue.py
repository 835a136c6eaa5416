"""What the demo's practice does: kinds of visit with their diagnoses, services and prices.

Codes are values only (ICD-10-CM FY2026, CPT, HCPCS); the words beside them are our own.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from schemas.encounter import CodeSystem

AgeBand = Literal["child", "adult", "senior"]
ALL_AGES: tuple[AgeBand, ...] = ("child", "adult", "senior")
GROWN: tuple[AgeBand, ...] = ("adult", "senior")
EncounterClass = Literal["ambulatory", "emergency", "inpatient", "observation", "virtual", "home"]
Site = Literal["clinic", "laboratory", "imaging", "hospital"]


@dataclass(frozen=True)
class Act:
    """One service of a visit. `pointers` count from 1 into the visit's diagnoses; none means the first four."""

    code: str
    modifiers: tuple[str, ...] = ()
    units: int = 1
    pointers: tuple[int, ...] = ()


@dataclass(frozen=True)
class Visit:
    """A kind of visit: alternative diagnosis lists, the services, who has it, where, and how often (weight)."""

    name: str
    weight: int
    diagnoses: tuple[tuple[str, ...], ...]
    acts: tuple[Act, ...]
    ages: tuple[AgeBand, ...] = ALL_AGES
    sex: Literal["F", "M", ""] = ""
    site: Site = "clinic"
    encounter_class: EncounterClass = "ambulatory"
    place_of_service: str = "11"
    once_a_year: bool = False
    needs_authorization: bool = False
    is_injury: bool = False


# Prices in dollars; the shipped charge master carries the same price for a local code of the same service.
PRICES: dict[str, Decimal] = {
    code: Decimal(price)
    for code, price in {
        "99203": "190.00", "99204": "285.00", "99212": "95.00", "99213": "150.00", "99214": "215.00",
        "99215": "300.00", "99223": "390.00", "99232": "175.00", "99238": "165.00", "99283": "310.00",
        "99284": "420.00", "99285": "610.00", "99393": "215.00", "99395": "245.00", "99396": "265.00",
        "G0439": "270.00", "G0008": "35.00", "G0009": "35.00", "90471": "35.00", "90472": "25.00",
        "90656": "34.00", "90662": "82.00", "90715": "65.00", "90734": "175.00", "90677": "290.00",
        "36415": "12.00", "80053": "46.00", "80061": "48.00", "83036": "38.00", "84443": "62.00",
        "85025": "32.00", "81001": "18.00", "81003": "14.00", "87086": "40.00", "87880": "30.00",
        "93000": "75.00", "93010": "28.00", "94010": "85.00", "96127": "14.00", "96372": "40.00",
        "J3301": "9.00", "J1885": "6.50", "20610": "195.00", "69210": "85.00", "17000": "140.00", "17003": "22.00",
        "11102": "210.00", "12001": "260.00", "71046": "110.00", "73610": "95.00", "72148": "1150.00",
        "77067": "285.00", "77080": "180.00", "76700": "320.00", "45378": "1150.00", "29515": "175.00",
        "97110": "68.00", "97140": "62.00", "97530": "74.00",
    }.items()
}  # fmt: skip

# What the made-up front desk calls its services; a code without words goes by itself.
WORDS: dict[str, str] = {
    **dict.fromkeys(("99203", "99204", "99212", "99213", "99214", "99215"), "Office visit"),
    **dict.fromkeys(("99223", "99232", "99238"), "Doctor's visit in the hospital"),
    **dict.fromkeys(("99283", "99284", "99285"), "Emergency room doctor"),
    **dict.fromkeys(("99393", "99395", "99396", "G0439"), "Yearly check-up"),
    **dict.fromkeys(("90471", "90472", "G0008", "G0009"), "Giving a vaccine"),
    **dict.fromkeys(("90656", "90662"), "Flu vaccine"),
    **dict.fromkeys(("80053", "80061", "83036", "84443", "85025"), "Blood test"),
    **dict.fromkeys(("81001", "81003", "87086"), "Urine test"),
    **dict.fromkeys(("97110", "97140", "97530"), "Physical therapy"),
    "36415": "Taking blood", "87880": "Throat swab", "93000": "Heart tracing", "93010": "Reading of a heart tracing",
    "94010": "Breathing test", "96372": "Giving an injection", "20610": "Injection into a joint",
    "69210": "Cleaning of the ear", "12001": "Closing of a wound", "71046": "Chest X-ray", "73610": "Ankle X-ray",
    "72148": "MRI of the back", "77067": "Mammogram", "77080": "Bone density scan", "76700": "Ultrasound of the belly",
    "45378": "Colonoscopy", "29515": "Leg splint",
}  # fmt: skip

# Drugs go out with an 11-digit NDC, which Medicaid requires (42 CFR 447.520); these belong to no product.
NDCS = {"J3301": "99999000101", "J1885": "99999000202"}

VISITS: tuple[Visit, ...] = (
    Visit(
        "sick visit", 16,
        (("J06.9",), ("J20.9",), ("J01.90",), ("R05.1",), ("R10.9",), ("H66.91",)),
        (Act("99213"),),
    ),
    Visit("sore throat", 6, (("J02.9",), ("J02.0",)), (Act("99213"), Act("87880", ("QW",)))),
    Visit(
        "chronic care", 14,
        (("I10", "E78.5"), ("E11.9", "I10"), ("E03.9",), ("J45.909",), ("K21.9", "I10"), ("E11.65", "I10", "E78.5")),
        (Act("99214"),),
        ages=GROWN,
    ),
    Visit(
        "chronic care with laboratory", 8, (("E11.9", "I10", "E78.5"), ("E11.65", "E78.5", "I10")),
        (Act("99214"), Act("36415"), Act("83036", ("QW",), pointers=(1,)), Act("80061", ("QW",), pointers=(2, 3))),
        ages=GROWN,
    ),
    Visit("back pain", 5, (("M54.50",), ("M54.2",)), (Act("99213"),), ages=GROWN),
    Visit("mood visit", 4, (("F41.1",), ("F32.A",), ("F33.1",)), (Act("99214"), Act("96127", units=2)), ages=GROWN),
    Visit(
        "telehealth follow-up", 5, (("I10",), ("F41.1",), ("E03.9",)), (Act("99213", ("95",)),),
        ages=GROWN, encounter_class="virtual", place_of_service="10",
    ),
    Visit(
        "preventive visit adult", 6, (("Z00.00",),), (Act("99396"), Act("36415"), Act("80053")),
        ages=("adult",), once_a_year=True,
    ),
    Visit(
        "preventive visit child", 8, (("Z00.129", "Z23"),),
        (Act("99393", pointers=(1,)), Act("90471", pointers=(2,)), Act("90734", pointers=(2,))),
        ages=("child",), once_a_year=True,
    ),
    Visit("annual wellness visit", 5, (("Z00.00",),), (Act("G0439"),), ages=("senior",), once_a_year=True),
    Visit("flu shot", 6, (("Z23",),), (Act("90471"), Act("90656")), ages=("child", "adult"), once_a_year=True),
    Visit("flu shot senior", 4, (("Z23",),), (Act("G0008"), Act("90662")), ages=("senior",), once_a_year=True),
    Visit("tetanus shot", 2, (("Z23",),), (Act("90471"), Act("90715")), ages=("adult",), once_a_year=True),
    Visit("pneumonia shot", 2, (("Z23",),), (Act("G0009"), Act("90677")), ages=("senior",), once_a_year=True),
    Visit(
        "laboratory panel", 8, (("I10", "E78.5"), ("E11.9",), ("D64.9",), ("E03.9", "R53.83")),
        (Act("36415"), Act("80053"), Act("85025"), Act("84443")),
        ages=GROWN, site="laboratory", place_of_service="81",
    ),
    Visit(
        "urine test", 4, (("N39.0",), ("R30.0",)), (Act("81001"), Act("87086")),
        ages=GROWN, site="laboratory", place_of_service="81",
    ),
    Visit("ear wax", 3, (("H61.23",), ("H61.21",)), (Act("69210"),)),
    Visit("skin lesions", 3, (("L57.0",),), (Act("17000"), Act("17003", units=3)), ages=GROWN),
    Visit("skin biopsy", 2, (("D48.5",), ("D22.5",)), (Act("99213", ("25",)), Act("11102")), ages=GROWN),
    Visit(
        "knee injection", 3, (("M17.11",),), (Act("99213", ("25",)), Act("20610", ("RT",)), Act("J3301", units=4)),
        ages=GROWN,
    ),
    Visit("injection", 2, (("M54.50",), ("G43.909",)), (Act("96372"), Act("J1885", units=2)), ages=GROWN),
    Visit("breathing test", 2, (("J45.909",), ("J44.9",)), (Act("99213"), Act("94010")), ages=GROWN),
    Visit("chest x-ray", 4, (("R05.1",), ("J18.9",)), (Act("71046"),), site="imaging"),
    Visit(
        "mammogram", 3, (("Z12.31",),), (Act("77067"),), ages=GROWN, sex="F", site="imaging", once_a_year=True
    ),
    Visit(
        "bone density", 1, (("Z13.820",),), (Act("77080"),), ages=("senior",), sex="F", site="imaging", once_a_year=True
    ),
    Visit("abdomen ultrasound", 2, (("R10.11",), ("K80.20",)), (Act("76700"),), ages=GROWN, site="imaging"),
    Visit(
        "spine mri", 2, (("M54.16",), ("M51.26",)), (Act("72148"),),
        ages=GROWN, site="imaging", needs_authorization=True,
    ),
    Visit(
        "colonoscopy", 2, (("K62.5",), ("R19.5",)), (Act("45378"),),
        ages=GROWN, site="hospital", place_of_service="22", once_a_year=True, needs_authorization=True,
    ),
    Visit(
        "emergency chest pain", 3, (("R07.9",), ("R07.89", "I10")), (Act("99285"), Act("93010")),
        ages=GROWN, site="hospital", encounter_class="emergency", place_of_service="23",
    ),
    Visit(
        "emergency ankle", 3, (("S93.401A",), ("S93.402A",)), (Act("99283", ("25",)), Act("29515")),
        site="hospital", encounter_class="emergency", place_of_service="23", is_injury=True,
    ),
    Visit(
        "emergency laceration", 2, (("S61.411A",), ("S61.412A",)), (Act("99283", ("25",)), Act("12001")),
        site="hospital", encounter_class="emergency", place_of_service="23", is_injury=True,
    ),
    Visit(
        "hospital stay", 2, (("J18.9", "J96.01"), ("I50.9", "E11.9"), ("N17.9",)),
        (Act("99223"), Act("99232"), Act("99232"), Act("99238")),
        ages=GROWN, site="hospital", encounter_class="inpatient", place_of_service="21",
    ),
)  # fmt: skip

THERAPY = Visit(
    "therapy series", 0, (("M25.561", "M62.81"),),
    (Act("97110", ("GP",), 2), Act("97140", ("GP",)), Act("97530", ("GP",))),
    ages=GROWN,
)  # fmt: skip
THERAPY_DAYS = 18  # three lines a day: more lines than the fifty of one professional claim

NEW_PATIENT_CODES = {"99213": "99203", "99214": "99204"}

# What the practice's EHR calls a service or a diagnosis when it sends its own codes; the shipped tables turn each
# into the code on the left.
LOCAL_SERVICES: dict[str, tuple[CodeSystem, str]] = {
    "99203": ("LOCAL", "OV-NEW-3"), "99213": ("LOCAL", "OV-EST-3"), "99214": ("LOCAL", "OV-EST-4"),
    "36415": ("LOCAL", "VENI"), "96372": ("LOCAL", "INJ-ADM"), "69210": ("LOCAL", "EAR-WASH"),
    "87880": ("LOCAL", "STREP-RAPID"), "71046": ("SNOMED", "399208008"), "94010": ("SNOMED", "23426006"),
    "80053": ("LOINC", "24323-8"), "80061": ("LOINC", "57698-3"), "83036": ("LOINC", "4548-4"),
    "84443": ("LOINC", "3016-3"), "85025": ("LOINC", "57021-8"), "90471": ("SNOMED", "33879002"),
    "90656": ("CVX", "140"), "90715": ("CVX", "115"), "90734": ("CVX", "114"), "99396": ("SNOMED", "162673000"),
    "99393": ("SNOMED", "410620009"), "J3301": ("LOCAL", "KENALOG-10"),
}  # fmt: skip
LOCAL_DIAGNOSES: dict[str, tuple[CodeSystem, str]] = {
    "J06.9": ("LOCAL", "DX-URI"), "J20.9": ("SNOMED", "10509002"), "J01.90": ("SNOMED", "444814009"),
    "J02.0": ("SNOMED", "43878008"), "I10": ("SNOMED", "38341003"), "E78.5": ("SNOMED", "55822004"),
    "E11.9": ("LOCAL", "DX-DM2"), "E03.9": ("SNOMED", "40930008"), "J45.909": ("SNOMED", "195967001"),
    "K21.9": ("SNOMED", "235595009"), "M54.50": ("LOCAL", "DX-LBP"), "N39.0": ("SNOMED", "68566005"),
    "H61.23": ("LOCAL", "DX-CERUMEN"), "Z00.00": ("SNOMED", "162673000"), "Z00.129": ("SNOMED", "410620009"),
    "Z23": ("SNOMED", "33879002"),
}  # fmt: skip
