"""Diagnosis edits by example, from the text of the guidelines, the tabular list and the code editor."""

from datetime import date
from typing import Any

from schemas.codesets import CodeReference, Icd10Code, Icd10Notes
from tests.processors.coding.edits.builders import (
    Rule,
    Situation,
    Tables,
    encounter,
    icd,
    inpatient_bill,
    line,
    patient,
)


def coded(diagnoses: str, *rows: Icd10Code, **changes: Any) -> Situation:
    """The diagnoses of a visit; every one is a plain billable code unless a row says otherwise."""
    table = {code: icd(code) for code in diagnoses.split()} | {row.code: row for row in rows}
    return Situation(encounter(diagnoses, **changes), Tables(icd10=table))


def noted(diagnoses: str, **notes: Icd10Notes) -> Situation:
    return Situation(encounter(diagnoses), Tables(icd10={c: icd(c) for c in diagnoses.split()}, notes=notes))


LISTED = Icd10Notes((), (CodeReference("I25.83", "I251", "I251"),), "listed", False)
ANY = Icd10Notes((), (), "any", True)
OPTIONAL = Icd10Notes((), (CodeReference("A40", "T8144", "T8144"),), "optional", False)
STAY: dict[str, Any] = {
    "encounter_class": "inpatient",
    "admission_date": date(2026, 10, 14),
    "discharge_date": date(2026, 10, 14),
}

RULES = [
    Rule(
        "diagnosis_missing",
        "a claim needs a principal diagnosis",
        Situation(encounter("", line(diagnosis_pointers=()))),
        Situation(),
        "diagnoses",
    ),
    Rule(
        "icd10_unknown",
        "a code must stand in the order file",
        Situation(encounter("E1165 Q000Q")),
        Situation(encounter("E1165 I10")),
        "diagnosis 2 Q000Q",
    ),
    Rule(
        "icd10_not_in_force",
        "a code must be in force on the date of service",
        coded("E1165", icd("E1165", in_force=False, release="FY2025")),
        coded("E1165"),
        "diagnosis 1 E1165",
    ),
    Rule(
        "icd10_not_billable",
        "a header is not valid for billing (I.B.2)",
        coded("E11", icd("E11", is_billable=False, children=("E110", "E111"))),
        coded("E1165"),
        "diagnosis 1 E11",
    ),
    Rule(
        "icd10_missing_7th_character",
        "a code with 7th characters is invalid without one (I.A.5)",
        coded("S52501", icd("S52501", is_billable=False, seventh_characters="ABD")),
        coded("S52501A"),
    ),
    Rule("icd10_duplicate", "each diagnosis is reported once (I.B.12)", coded("E1165 I10 E1165"), coded("E1165 I10")),
    Rule(
        "icd10_too_many",
        "a professional claim takes twelve diagnoses",
        coded(" ".join(f"E11{n}" for n in range(10, 23))),
        coded(" ".join(f"E11{n}" for n in range(10, 22))),
    ),
    Rule(
        "icd10_external_cause_first",
        "external causes are never first (I.C.20.a.6)",
        coded("W1830XA S52501A"),
        coded("S52501A W1830XA"),
        "diagnosis 1 W1830XA",
    ),
    Rule(
        "icd10_excludes1",
        "an Excludes1 note separates two codes (I.A.12.a)",
        Situation(encounter("E1165 I10"), Tables(exclusions={("E1165", "I10"): "E11"})),
        coded("E1165 I10"),
        "diagnosis 2 I10",
    ),
    Rule(
        "icd10_manifestation_first",
        "a manifestation is never first (I.A.13)",
        noted("F0280 G309", F0280=ANY),
        noted("G309 F0280", F0280=ANY),
        "diagnosis 1 F0280",
    ),
    Rule(
        "icd10_code_first_missing",
        "code first: one of the codes listed stands before (I.A.13)",
        noted("I10 I2583", I2583=LISTED),
        noted("I2510 I2583", I2583=LISTED),
        "diagnosis 2 I2583",
    ),
    Rule(
        "icd10_code_first_missing",
        'code first with "if applicable" binds nobody',
        noted("I2583", I2583=LISTED),
        noted("A400", A400=OPTIONAL),
    ),
    Rule(
        "icd10_sex_conflict",
        "a code of one sex on a patient of the other",
        coded("N401"),
        coded("N401", patient=patient(sex="M")),
    ),
    Rule(
        "icd10_sex_conflict",
        "KX on a line says that both stand",
        coded("O80", patient=patient(sex="M")),
        Situation(encounter("O80", line(modifiers="KX"), patient=patient(sex="M"))),
    ),
    Rule(
        "icd10_age_conflict",
        "the code editor's maternity ages are 9 to 64, for inpatients only",
        coded("O80", patient=patient(birth_date=date(1960, 1, 1)), **STAY),
        coded("O80", patient=patient(birth_date=date(1960, 1, 1))),
    ),
    Rule(
        "icd10_age_conflict",
        "a newborn code is for age 0",
        coded("Z3800", **STAY),
        coded("Z3800", patient=patient(birth_date=date(2026, 10, 14)), **STAY),
    ),
    Rule(
        "icd10_unacceptable_principal",
        "an organism is no principal diagnosis of a stay",
        coded("B9620 N390", **STAY),
        coded("N390 B9620", **STAY),
        "diagnosis 1 B9620",
    ),
    Rule(
        "icd10_laterality_modifier",
        "RT on a line whose diagnosis says left",
        Situation(encounter("M1712", line(modifiers="RT")), Tables(icd10={"M1712": icd("M1712", "left knee")})),
        Situation(encounter("M1712", line(modifiers="LT")), Tables(icd10={"M1712": icd("M1712", "left knee")})),
    ),
    Rule(
        "poa_missing",
        "hospital stays say of each diagnosis whether it was present on admission",
        Situation(encounter("E1165", line(revenue_code="0120"), **STAY, hospital=inpatient_bill())),
        Situation(encounter("E1165", line(revenue_code="0120"), present="Y", **STAY, hospital=inpatient_bill())),
    ),
]
