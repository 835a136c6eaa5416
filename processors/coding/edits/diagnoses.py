"""Diagnosis codes by themselves: known, billable, in force, once each, at most twelve, the right one first."""

from collections.abc import Iterator

from processors.coding.edits.case import Check, Edit, EditedEncounter
from schemas.findings import Finding

_TABULAR = "ICD-10-CM Official Guidelines I.A and I.B.2"
DIAGNOSES_MAX = 12  # HI in 2300 of the 837P: one ABK and eleven ABF

MISSING = Edit(
    "diagnosis_missing", "hold", "coder",
    "The encounter has no diagnosis.",
    "Code at least one diagnosis; a claim needs a principal one (HI*ABK).",
    "X12 005010X222A1 2300 HI",
)  # fmt: skip
UNKNOWN = Edit(
    "icd10_unknown", "hold", "coder",
    "{code} is no ICD-10-CM code of {release}.",
    "Correct the code from the documentation.",
    _TABULAR,
)  # fmt: skip
NOT_IN_FORCE = Edit(
    "icd10_not_in_force", "hold", "coder",
    "{code} is not in force on the date that decides; {release} carries it.",
    "Use the code of the fiscal year of service; inpatient stays go by the discharge date.",
    "ICD-10-CM order file of the fiscal year; 45 CFR 162.1002",
)  # fmt: skip
NOT_BILLABLE = Edit(
    "icd10_not_billable", "hold", "coder",
    "{code} is a header; the next codes below it are {children}.",
    "Code to the highest number of characters that the documentation supports.",
    "ICD-10-CM Official Guidelines I.B.2; order file column 15",
)  # fmt: skip
SEVENTH_MISSING = Edit(
    "icd10_missing_7th_character", "hold", "coder",
    "{code} lacks its 7th character, one of {characters}.",
    "Fill up to six characters with X, then add the 7th character for the episode of care.",
    "ICD-10-CM Official Guidelines I.A.4 and I.A.5",
)  # fmt: skip
DUPLICATE = Edit(
    "icd10_duplicate", "hold", "coder",
    "{code} stands already as {first}.",
    "Report each diagnosis once, and point the lines to it.",
    "ICD-10-CM Official Guidelines I.B.12",
)  # fmt: skip
TOO_MANY = Edit(
    "icd10_too_many", "hold", "coder",
    "{count} diagnoses; a professional claim takes twelve.",
    "Keep the twelve that the lines point to.",
    "X12 005010X222A1 2300 HI",
)  # fmt: skip
EXTERNAL_CAUSE_FIRST = Edit(
    "icd10_external_cause_first", "hold", "coder",
    "{code} tells the cause of an injury and stands first.",
    "Put the injury or condition first, the external cause after it.",
    "ICD-10-CM Official Guidelines I.C.20.a.6",
)  # fmt: skip


def check_codes(case: EditedEncounter) -> Iterator[Finding]:
    """Each diagnosis: unknown, or not in force, or without its 7th character, or a header; else nothing."""
    for where, code, row in case.diagnoses:
        if row is None:
            yield UNKNOWN.breach(where, code=code, release="any loaded release")
        elif not row.in_force:
            yield NOT_IN_FORCE.breach(where, code=code, release=row.release)
        elif row.is_billable:
            continue
        elif row.seventh_characters:
            yield SEVENTH_MISSING.breach(where, code=code, characters=" ".join(row.seventh_characters))
        else:
            shown = row.children[:8]
            more = f" and {len(row.children) - 8} more" if len(row.children) > 8 else ""
            yield NOT_BILLABLE.breach(where, code=code, children=", ".join(shown) + more)


def check_list(case: EditedEncounter) -> Iterator[Finding]:
    """The list as a whole: no code twice, no external cause first."""
    if not case.diagnoses:
        return
    first_places: dict[str, str] = {}
    for where, code, _ in case.diagnoses:
        if code in first_places:
            yield DUPLICATE.breach(where, code=code, first=first_places[code])
        first_places.setdefault(code, where)
    where, code, _ = case.diagnoses[0]
    if code[:1] in "VWXY":  # V00-Y99
        yield EXTERNAL_CAUSE_FIRST.breach(where, code=code)


def check_count(case: EditedEncounter) -> Iterator[Finding]:
    """How many there are."""
    if not case.diagnoses:
        yield MISSING.breach("diagnoses")
    elif len(case.diagnoses) > DIAGNOSES_MAX and not case.is_institutional:
        yield TOO_MANY.breach("diagnoses", count=len(case.diagnoses))


CHECKS = (
    Check(check_codes, (UNKNOWN, NOT_IN_FORCE, SEVENTH_MISSING, NOT_BILLABLE), ("icd10cm",), scope="diagnosis"),
    Check(check_list, (DUPLICATE, EXTERNAL_CAUSE_FIRST), scope="diagnosis"),
    Check(check_count, (MISSING, TOO_MANY), scope="encounter"),
)
