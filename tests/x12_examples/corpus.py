"""Claims by the hundred, each with its own mixture of everything that the guides make optional and we write.

The dice are seeded: the same seed gives the same claims. Amounts always tie, since a claim that does not is not sent.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from typing import Any

from schemas.x12.claim_parts import (
    Attachment,
    ClaimSupplement,
    Drug,
    EntityParty,
    LineAdjudication,
    LineSupplement,
    OtherPayer,
    Party,
    Payer,
)
from schemas.x12.x835_005010x221a1 import Adjustment
from schemas.x12.x837i_005010x223a2 import Diagnosis, InstitutionalClaim
from schemas.x12.x837p_005010x222a1 import ProfessionalClaim, ProfessionalLine
from tests.x12_examples import institutional, professional
from tests.x12_examples.professional import ADDRESS, BILLING, CHILD, DAY, DOCTOR, HOLDER, PRIOR, SUBSCRIBER

SITE = Party("SITE", npi="1234567893", address=ADDRESS)
PERSON = replace(DOCTOR, taxonomy="")
PICKUP = Party("", address=ADDRESS)
DIAGNOSES = ("J069", "E119", "I10", "M545", "R05", "Z0000", "N390", "K219", "F329", "G4700", "H6690", "L309")
CENT = Decimal("0.01")

Change = Callable[[random.Random], dict[str, Any]]

# Fields of a professional claim, each taken or left by the dice.
CLAIM_CHANGES: tuple[Change, ...] = (
    lambda dice: {"patient": CHILD, "subscriber": replace(HOLDER, relationship=dice.choice(("01", "19", "G8")))},
    lambda dice: {"accident_date": DAY},
    lambda dice: {"onset_date": date(2026, 10, dice.randint(1, 31))},
    lambda dice: {"admission_date": DAY, "discharge_date": date(2026, 11, 5), "place_of_service": "21"},
    lambda dice: {"frequency": dice.choice("78"), "payer_claim_control_number": f"ICN{dice.randint(1, 999)}"},
    lambda dice: {"prior_authorization_number": "PA1"},
    lambda dice: {"clia_number": "14D0000001"},
    lambda dice: {"patient_paid_amount": Decimal(dice.randint(1, 5000)) * CENT},
    lambda dice: {"note": "CLAIM NOTE"},
    lambda dice: {"referring_provider": PERSON},
    lambda dice: {"rendering_provider": DOCTOR},
    lambda dice: {"service_facility": SITE},
    lambda dice: {"supervising_provider": PERSON},
    lambda dice: {"pay_to_address": replace(ADDRESS, line1="PO BOX 1")},
    lambda dice: {"billing_provider": replace(BILLING, name="OTHER CLINIC", taxonomy="")},
    lambda dice: {"payer": Payer("PLAN", "60054", address=ADDRESS, other_segments=(("REF", "2U", "P1"),))},
    lambda dice: {"assignment": dice.choice("ABC"), "benefits_assignment": "N", "release_of_information": "I"},
)
SUPPLEMENT_CHANGES: tuple[Change, ...] = (
    lambda dice: {"related_causes": ("AA", "", "", "IL")},
    lambda dice: {"patient_signature": "P"},
    lambda dice: {"special_program": dice.choice(("02", "03", "05", "09"))},
    lambda dice: {"delay_reason": dice.choice(("1", "7", "11"))},
    lambda dice: {"attachments": (Attachment("OZ", "EL", "ACN1"), Attachment("B2", "AA"))},
    lambda dice: {"providers": (EntityParty("P3", PERSON),)},
    lambda dice: {
        "providers": (
            EntityParty("PE", Party("PLAN", npi="P1", tax_id="123456789", address=ADDRESS, identifier_qualifier="PI")),
        )
    },
    lambda dice: {"other_segments": (("REF", "EA", "MRN1"), ("K3", "ANY"), ("HI", "BG:01"), ("AMT", "F5", "1"))[:3]},
)
LINE_CHANGES: tuple[Change, ...] = (
    lambda dice: {"modifiers": tuple(dice.sample(("25", "59", "LT", "XS"), dice.randint(1, 4)))},
    lambda dice: {"service_end_date": date(2026, 11, 3)},
    lambda dice: {"place_of_service": dice.choice(("12", "22", "31"))},
    lambda dice: {"ndc": "01234567891"},
    lambda dice: {"note": "LINE NOTE"},
    lambda dice: {"rendering_provider": DOCTOR},
    lambda dice: {"units": Decimal(dice.randint(1, 40)) / 4},
)
LINE_SUPPLEMENT_CHANGES: tuple[Change, ...] = (
    lambda dice: {"description": "DESCRIBED"},
    lambda dice: {"unit_basis": "MJ"},
    lambda dice: {"emergency": "Y", "epsdt": "Y", "family_planning": "Y", "copay_status": "0"},
    lambda dice: {"drug": Drug("01234567891", Decimal("2.5"), "ML", prescription_number="RX1")},
    lambda dice: {"attachments": (Attachment("OZ", "EL", "ACN1"),)},
    lambda dice: {
        "providers": (
            EntityParty("QB", Party("", npi="1234567893")),
            EntityParty("77", SITE),
            EntityParty("DQ", PERSON),
            EntityParty("DK", replace(PERSON, address=ADDRESS)),
            EntityParty("DN", PERSON),
        )[dice.randint(0, 4) :]
    },
    lambda dice: {"other_segments": (("DTP", "471", "D8", "20261101"), ("MEA", "TR", "R1", "12.5"), ("K3", "ANY"))},
    lambda dice: {"other_segments": (("LQ", "UT", "01.02"), ("FRM", "1A", "Y"))},
)


def make_professional_claims(count: int, seed: int = 1) -> Iterator[ProfessionalClaim]:
    """Claims A0, A1 ..., each a mixture of its own."""
    dice = random.Random(seed)
    for number in range(count):
        yield replace(_make_professional(dice), patient_control_number=f"A{number}")


def _make_professional(dice: random.Random) -> ProfessionalClaim:
    changes = _draw(dice, CLAIM_CHANGES)
    more = _draw(dice, SUPPLEMENT_CHANGES)
    if "related_causes" in more:
        changes["accident_date"] = DAY
    if any(provider.entity == "P3" for provider in more.get("providers", ())):
        changes["referring_provider"] = PERSON
    if dice.random() < 0.05:
        changes["place_of_service"] = "41"
        more["providers"] = (EntityParty("PW", PICKUP), EntityParty("45", PICKUP))
        more["other_segments"] = (("CR1", "", "", "", "A", "DH", "12"), ("CRC", "07", "Y", "01"))
    diagnoses = DIAGNOSES[: dice.randint(1, 12)]
    lines = tuple(_make_line(dice, number, len(diagnoses)) for number in range(1, dice.choice((1, 1, 2, 3, 6)) + 1))
    if dice.random() < 0.3:
        lines, changes["other_payers"] = _coordinate(dice, lines)
        changes["subscriber"] = replace(changes.get("subscriber", SUBSCRIBER), responsibility="S")
    supplement = ClaimSupplement(**more) if more else None
    return professional.claim(*lines, diagnoses=diagnoses, supplement=supplement, **changes)


def _make_line(dice: random.Random, number: int, diagnoses: int) -> ProfessionalLine:
    changes, more = _draw(dice, LINE_CHANGES), _draw(dice, LINE_SUPPLEMENT_CHANGES)
    pointers = tuple(dice.sample(range(1, diagnoses + 1), min(diagnoses, dice.randint(1, 4))))
    if "drug" in more:
        changes.pop("ndc", None)
    supplement = LineSupplement(**more) if more else None
    charge = str(Decimal(dice.randint(1, 99999)) * CENT)
    return professional.line(number, charge, diagnosis_pointers=pointers, supplement=supplement, **changes)


def _coordinate(
    dice: random.Random, lines: tuple[ProfessionalLine, ...]
) -> tuple[tuple[ProfessionalLine, ...], tuple[OtherPayer, ...]]:
    """The lines as a prior payer decided them, or the claim as one decided it whole."""
    charge = sum((line.charge_amount for line in lines), Decimal(0))
    if dice.random() < 0.5:
        paid = (charge / 2).quantize(CENT)
        whole = (Adjustment("CO", "45", charge - paid),)
        return lines, (replace(PRIOR, paid_amount=paid, adjustments=whole, adjudication_date=DAY),)
    decided, total = [], Decimal(0)
    for line in lines:
        paid = (line.charge_amount / 3).quantize(CENT)
        total += paid
        decision = LineAdjudication(
            payer_identifier="F1",
            paid_amount=paid,
            procedure=("HC", line.procedure, *line.modifiers),
            units=line.units,
            adjustments=(Adjustment("PR", "2", line.charge_amount - paid, Decimal(1)),),
            adjudication_date=DAY,
            remaining_amount=line.charge_amount - paid,
        )
        more = replace(line.supplement or LineSupplement(), adjudications=(decision,))
        decided.append(replace(line, supplement=more))
    return tuple(decided), (replace(PRIOR, paid_amount=total, remaining_amount=None),)


def _draw(dice: random.Random, changes: tuple[Change, ...]) -> dict[str, Any]:
    """About a quarter of the changes."""
    drawn: dict[str, Any] = {}
    for change in changes:
        if dice.random() < 0.25:
            drawn |= change(dice)
    return drawn


def make_institutional_claims(count: int, seed: int = 1) -> Iterator[InstitutionalClaim]:
    """Claims B0, B1 ...: the variants, with codes, hours and lines of their own."""
    dice = random.Random(seed)
    variants = list(institutional.VARIANTS.values())
    for number in range(count):
        variant = variants[number % len(variants)]
        codes = replace(
            variant.codes,
            other_diagnoses=tuple(Diagnosis(code, dice.choice("NUWY")) for code in DIAGNOSES[: dice.randint(0, 12)]),
        )
        hour = variant.discharge_time and time(dice.randint(0, 23), dice.randint(0, 59))
        changes: dict[str, Any] = {"codes": codes, "discharge_time": hour}
        if not variant.other_payers:
            lines = variant.lines * dice.randint(1, 4)
            charge = sum((line.charge_amount for line in lines), Decimal(0))
            numbered = (replace(line, line_control_number=f"L{n}") for n, line in enumerate(lines, 1))
            changes |= {"lines": tuple(numbered), "charge_amount": charge}
        yield replace(variant, patient_control_number=f"B{number}", **changes)
