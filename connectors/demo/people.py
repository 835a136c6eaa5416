"""The demo's made-up people and organizations: no name, address or number belongs to anybody."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from connectors.demo.catalogue import AgeBand, Site
from schemas.encounter import Address, Coverage, Patient, Person, Provider
from schemas.identifiers import is_valid_npi

GIVEN_BEGINNINGS = ("Al", "Bre", "Cor", "Dav", "El", "Fen", "Ger", "Hal", "Is", "Jor", "Kel", "Lor", "Mir", "Nol", "Or")
GIVEN_ENDINGS = ("ander", "enna", "ian", "elle", "is", "ora", "wyn", "ette", "amar", "ina")
FAMILY_BEGINNINGS = (
    "Alder", "Bramble", "Cinder", "Dapple", "Ember", "Fallow", "Garnet", "Hazel", "Inkle", "Juniper",
    "Kettle", "Lantern", "Maple", "Nettle", "Otter", "Pebble", "Quill", "Russet", "Saffron", "Thistle",
)  # fmt: skip
FAMILY_ENDINGS = ("brook", "croft", "dale", "field", "ford", "grove", "ham", "more", "ridge", "stead", "wick", "worth")
STREETS = ("Test Street", "Sample Avenue", "Specimen Road", "Example Lane", "Mockup Boulevard")
CITIES = (
    ("Springfield", "IL", "627010001"), ("Columbus", "OH", "432150001"), ("Madison", "WI", "537030001"),
    ("Dayton", "OH", "454020001"), ("Peoria", "IL", "616020001"),
)  # fmt: skip
REFERENCE_DAY = date(2026, 1, 1)  # ages are reckoned on this day


def make_npi(base: int) -> str:
    """A valid NPI from nine digits that begin with 1 or 2: the check digit is computed (Luhn over 80840 + NPI)."""
    return next(npi for npi in (f"{base}{check}" for check in range(10)) if is_valid_npi(npi))


@dataclass(frozen=True)
class Payer:
    """A made-up payer: its id, name, and claim filing indicator (SBR09)."""

    payer_id: str
    name: str
    filing_indicator: str
    member_prefix: str


LAKESHORE = Payer("DEMO1", "LAKESHORE DEMO HEALTH", "CI", "LDH")
SUMMIT = Payer("DEMO2", "SUMMIT DEMO PPO", "12", "SDP")
MEDICARE = Payer("DEMO3", "DEMO MEDICARE CONTRACTOR", "MB", "1DM")
MEDICAID = Payer("DEMO4", "DEMO STATE MEDICAID", "MC", "DSM")


def _make_place(number: int, city: int) -> Address:
    name, state, postal_code = CITIES[city]
    return Address(line1=f"{number} Example Plaza", city=name, state=state, postal_code=postal_code)


def _make_organization(name: str, base: int, tax_id: str, taxonomy: str, number: int, city: int) -> Provider:
    address = _make_place(number, city)
    return Provider(
        name=name, npi=make_npi(base), tax_id=tax_id, taxonomy=taxonomy, address=address, phone="5555550142"
    )


BILLING_PROVIDERS: dict[Site, Provider] = {
    "clinic": _make_organization("DEMO FAMILY CARE PC", 190000001, "990000001", "261QP2300X", 100, 0),
    "laboratory": _make_organization("DEMO REFERENCE LABORATORY", 190000002, "990000002", "291U00000X", 220, 1),
    "imaging": _make_organization("DEMO IMAGING CENTER", 190000003, "990000003", "261QR0200X", 340, 2),
    "hospital": _make_organization("DEMO HOSPITAL PHYSICIANS", 190000004, "990000004", "261QM1300X", 460, 3),
}
HOSPITAL = _make_organization("DEMO GENERAL HOSPITAL", 190000005, "", "282N00000X", 500, 3)
CLIA_NUMBERS: dict[Site, str] = {"clinic": "99D0000001", "laboratory": "99D0000002"}
LABORATORY_CODES = frozenset({"80053", "80061", "83036", "84443", "85025", "81001", "87086", "87880"})


def _make_clinician(index: int, taxonomy: str) -> Provider:
    family = FAMILY_BEGINNINGS[index] + FAMILY_ENDINGS[index]
    given = GIVEN_BEGINNINGS[index] + GIVEN_ENDINGS[index % len(GIVEN_ENDINGS)]
    return Provider(name=family, given_name=given, npi=make_npi(110000001 + index), taxonomy=taxonomy)


CLINICIANS: dict[Site, tuple[Provider, ...]] = {
    "clinic": tuple(_make_clinician(index, "207Q00000X") for index in range(4)),
    "laboratory": (),
    "imaging": tuple(_make_clinician(index, "2085R0202X") for index in (4, 5)),
    "hospital": tuple(_make_clinician(index, "207P00000X") for index in (6, 7, 8)),
}


@dataclass(slots=True)
class Chart:
    """A patient of the demo: what the practice knows, and which visits are behind them."""

    patient: Patient
    coverages: tuple[Coverage, ...]
    age_band: AgeBand
    sex: Literal["F", "M"]
    last_visit: date | None = None
    was_seen_at_clinic: bool = False
    yearly_visits: set[str] = field(default_factory=set)


def make_chart(rng: random.Random, seed: int, number: int) -> Chart:
    """A new patient with an age, a sex, an address and coverage that fits them."""
    draw = rng.random()
    band: AgeBand = "child" if draw < 0.22 else "adult" if draw < 0.68 else "senior"
    low, high = {"child": (3, 17), "adult": (20, 63), "senior": (67, 88)}[band]
    birth_date = REFERENCE_DAY - timedelta(days=rng.randrange(low * 365 + 30, high * 365))
    sex: Literal["F", "M"] = "F" if rng.random() < 0.53 else "M"
    family_name = rng.choice(FAMILY_BEGINNINGS) + rng.choice(FAMILY_ENDINGS)
    city, state, postal_code = rng.choice(CITIES)
    line1 = f"{rng.randrange(100, 9900)} {rng.choice(STREETS)}"
    patient = Patient(
        id=f"P{seed}-{number:06d}",
        family_name=family_name,
        given_name=_choose_given_name(rng),
        birth_date=birth_date,
        sex=sex,
        address=Address(line1=line1, city=city, state=state, postal_code=postal_code),
    )
    return Chart(patient=patient, coverages=_make_coverages(rng, patient, band), age_band=band, sex=sex)


def _choose_given_name(rng: random.Random) -> str:
    return rng.choice(GIVEN_BEGINNINGS) + rng.choice(GIVEN_ENDINGS)


def _make_coverages(rng: random.Random, patient: Patient, band: AgeBand) -> tuple[Coverage, ...]:
    commercial = LAKESHORE if rng.random() < 0.6 else SUMMIT
    if band == "senior":
        medicare = _cover(rng, MEDICARE)
        supplement = _cover(rng, commercial, priority=2)
        return (medicare, supplement) if rng.random() < 0.3 else (medicare,)
    if rng.random() < (0.4 if band == "child" else 0.15):
        return (_cover(rng, MEDICAID),)
    if band == "child":
        return (_cover(rng, commercial, relationship="child", subscriber=_make_relative(rng, patient, 27)),)
    if rng.random() < 0.25:
        own = _cover(rng, commercial)
        spouse = _make_relative(rng, patient, 0)
        through_spouse = _cover(
            rng, SUMMIT if commercial is LAKESHORE else LAKESHORE, priority=2, relationship="spouse", subscriber=spouse
        )
        return (own, through_spouse) if rng.random() < 0.4 else (through_spouse.replace(priority=1),)
    return (_cover(rng, commercial),)


def _cover(
    rng: random.Random,
    payer: Payer,
    priority: int = 1,
    relationship: Literal["self", "spouse", "child"] = "self",
    subscriber: Person | None = None,
) -> Coverage:
    return Coverage(
        priority=priority,
        payer_id=payer.payer_id,
        payer_name=payer.name,
        member_id=f"{payer.member_prefix}{rng.randrange(10**8, 10**9)}",
        group_number=f"G{rng.randrange(100, 999)}" if payer in (LAKESHORE, SUMMIT) else "",
        filing_indicator=payer.filing_indicator,
        relationship=relationship,
        subscriber=subscriber,
    )


def _make_relative(rng: random.Random, patient: Patient, years_older: int) -> Person:
    """A parent (or, with no years between, a spouse) of the same name and address."""
    assert patient.birth_date is not None
    return Person(
        family_name=patient.family_name,
        given_name=_choose_given_name(rng),
        birth_date=patient.birth_date - timedelta(days=years_older * 365 + 100),
        sex="F" if rng.random() < 0.5 else "M",
        address=patient.address,
    )
