"""Diagnoses and procedures against the patient's age, sex and side of the body.

The Medicare Code Editor's own lists are not public as a file: the ranges below are blocks of the tabular list and of
the CPT numbering whose headings name the sex or age, a starting point that is easy to correct.
"""

from collections.abc import Iterator
from functools import lru_cache

from processors.coding.edits.case import Check, Edit, EditedEncounter
from schemas.code_ranges import is_between
from schemas.findings import Finding

_FEMALE = (("C51", "C58"), ("D06", "D06"), ("D25", "D28"), ("D39", "D39"), ("E28", "E28"), ("N70", "N98"),
           ("O00", "O9A"), ("Q50", "Q52"), ("Z34", "Z34"), ("Z36", "Z37"), ("Z39", "Z39"), ("Z3A", "Z3A"))  # fmt: skip
_MALE = (("C60", "C63"), ("D29", "D29"), ("D40", "D40"), ("E29", "E29"), ("N40", "N53"), ("Q53", "Q55"))
_MATERNITY = (("O00", "O9A"), ("Z34", "Z34"), ("Z36", "Z37"), ("Z39", "Z39"), ("Z3A", "Z3A"))
_NEWBORN = (("P00", "P04"), ("Z38", "Z38"))
_ADULT = (("H25", "H25"), ("N40", "N40"), ("N95", "N95"))
# category: lowest and highest age in years (Medicare Code Editor)
_AGES = ((_NEWBORN, 0, 0), (_MATERNITY, 9, 64), (_ADULT, 15, 124))
# Secondary by their nature: organisms, resistance, BMI, weeks of gestation, outcome of delivery, DNR, blood type.
_NEVER_PRINCIPAL = (("B95", "B97"), ("Z16", "Z18"), ("Z37", "Z37"), ("Z3A", "Z3A"), ("Z66", "Z68"))
_MALE_PROCEDURES = (("54000", "55899"),)
_FEMALE_PROCEDURES = (("56405", "58999"), ("59000", "59899"))
SEX_BYPASS = "KX"
_LEFT = frozenset(["LT", "E1", "E2", "FA", "F1", "F2", "F3", "F4", "TA", "T1", "T2", "T3", "T4"])
_RIGHT = frozenset(["RT", "E3", "E4", "F5", "F6", "F7", "F8", "F9", "T5", "T6", "T7", "T8", "T9"])

SEX_CONFLICT = Edit(
    "icd10_sex_conflict", "warn", "coder",
    "{code} does not agree with the patient's recorded sex.",
    "Correct the code or the registration; KX on the line (condition code 45 on an institutional claim) if both stand.",
    "Medicare Code Editor, sex conflict; Medicare Claims Processing Manual ch. 32 s. 240",
)  # fmt: skip
AGE_CONFLICT = Edit(
    "icd10_age_conflict", "hold", "coder",
    "{code} belongs to ages {low} to {high}; the patient's is another.",
    "Correct the code or the birth date.",
    "Medicare Code Editor, age conflict (inpatient)",
    is_policy=True,
)  # fmt: skip
UNACCEPTABLE_PRINCIPAL = Edit(
    "icd10_unacceptable_principal", "hold", "coder",
    "{code} cannot be the principal diagnosis of an inpatient stay.",
    "Put first the condition established after study to be the reason for the admission.",
    "Medicare Code Editor, unacceptable principal diagnosis (inpatient)",
    is_policy=True,
)  # fmt: skip
PROCEDURE_SEX = Edit(
    "procedure_sex_conflict", "hold", "coder",
    "{code} does not agree with the patient's recorded sex.",
    "Correct the code or the registration, or add KX when both stand.",
    "Medicare Claims Processing Manual ch. 32 s. 240",
    is_policy=True,
)  # fmt: skip
LATERALITY = Edit(
    "icd10_laterality_modifier", "warn", "coder",
    "The modifier says {side}, every diagnosis with a side that the line points to says the other one.",
    "Correct the modifier, the diagnosis, or the pointer.",
    "ICD-10-CM Official Guidelines I.B.13",
)  # fmt: skip


def _lies_in(code: str, ranges: tuple[tuple[str, str], ...]) -> bool:
    category = code[:3]
    return any(low <= category <= high for low, high in ranges)


@lru_cache(maxsize=20_000)
def sex_of(code: str) -> str:
    """F or M for a diagnosis of one sex only, else empty."""
    return "F" if _lies_in(code, _FEMALE) else "M" if _lies_in(code, _MALE) else ""


@lru_cache(maxsize=20_000)
def side_of(words: str) -> str:
    """left, right, or empty when the words of a code name neither or both."""
    sides = {"left", "right"} & set(words.lower().replace(",", " ").split())
    return sides.pop() if len(sides) == 1 else ""


def check_sex(case: EditedEncounter) -> Iterator[Finding]:
    """Sex conflicts of diagnoses, unless KX stands on a line."""
    sex = _sex_to_judge(case)
    if sex == "U":
        return
    for where, code, _ in case.diagnoses:
        if sex_of(code) not in ("", sex):
            yield SEX_CONFLICT.breach_as("hold" if case.is_inpatient else "warn", where, code=code)


def check_procedure_sex(case: EditedEncounter) -> Iterator[Finding]:
    """Sex conflicts of procedures, unless KX stands on a line."""
    sex = _sex_to_judge(case)
    if sex == "U":
        return
    other_sex = _MALE_PROCEDURES if sex == "F" else _FEMALE_PROCEDURES
    for line in case.lines:
        if is_between(line.code, *other_sex):
            yield PROCEDURE_SEX.breach(line.where, code=line.code)


def _sex_to_judge(case: EditedEncounter) -> str:
    """F, M, or U where the record does not say or KX takes the responsibility."""
    return "U" if any(SEX_BYPASS in line.modifier_set for line in case.lines) else case.encounter.patient.sex


def check_inpatient(case: EditedEncounter) -> Iterator[Finding]:
    """Age conflicts and principal diagnoses, which the Medicare Code Editor judges for inpatient stays only."""
    if not case.is_inpatient or not case.diagnoses:
        return
    age = case.age_on(case.encounter.admission_date or case.encounter.start_date)
    for where, code, _ in case.diagnoses:
        for ranges, low, high in _AGES:
            if age is not None and not low <= age <= high and _lies_in(code, ranges):
                yield AGE_CONFLICT.breach(where, code=code, low=low, high=high)
                break
    where, code, _ = case.diagnoses[0]
    if _lies_in(code, _NEVER_PRINCIPAL):
        yield UNACCEPTABLE_PRINCIPAL.breach(where, code=code)


def check_side(case: EditedEncounter) -> Iterator[Finding]:
    """A modifier for one side against diagnoses of the other."""
    words = {code: row.words for _, code, row in case.diagnoses if row}
    for line in case.lines:
        is_left, is_right = not _LEFT.isdisjoint(line.modifier_set), not _RIGHT.isdisjoint(line.modifier_set)
        if is_left == is_right:
            continue
        side = "left" if is_left else "right"
        sides = {side_of(words.get(code, "")) for code in line.diagnoses} - {""}
        if sides and side not in sides:
            yield LATERALITY.breach(line.where, side=side)


CHECKS = (
    Check(check_sex, (SEX_CONFLICT,), scope="diagnosis"),
    Check(check_procedure_sex, (PROCEDURE_SEX,)),
    Check(check_inpatient, (AGE_CONFLICT, UNACCEPTABLE_PRINCIPAL), scope="diagnosis"),
    Check(check_side, (LATERALITY,), ("icd10cm",)),
)
