"""Diagnosis edits: ICD-10-CM must be known, billable and in force on the date of service (45 CFR 162.1002).

The date is the discharge date for inpatient stays, else the date the encounter began.
"""

from collections.abc import Iterator

from schemas.codesets import CodeSets
from schemas.encounter import CodedEncounter
from schemas.findings import Finding
from schemas.history import PatientHistory

DIAGNOSES_MAX = 12  # HI carries ABK and eleven ABF
EXTERNAL_CAUSE = tuple("VWXY")  # V00-Y99: ICD-10-CM Guidelines I.C.20
GUIDELINES = "ICD-10-CM Official Guidelines"


def check_diagnoses(encounter: CodedEncounter, history: PatientHistory, codesets: CodeSets) -> Iterator[Finding]:
    """Unknown, header, not in force, missing seventh character, duplicate, external cause first, too many, none."""
    if not encounter.diagnoses:
        yield _hold("diagnosis_missing", "encounter", "no diagnosis", "add at least one diagnosis", "837P HI01")
        return
    on = encounter.start_date
    if encounter.encounter_class == "inpatient":
        on = encounter.discharge_date or encounter.end_date or encounter.start_date
    seen: set[str] = set()
    for number, diagnosis in enumerate(encounter.diagnoses, 1):
        code = diagnosis.code
        where = f"diagnosis {number} {code}"
        found = codesets.icd10cm(code, on)
        if found is None:
            yield _hold("icd10_unknown", where, "ICD-10-CM has no such code", "look the code up again", GUIDELINES)
        elif not found.in_force:
            what = f"the code is not in force on {on} (judged by release {found.release})"
            yield _hold("icd10_not_in_force", where, what, "use the code of that fiscal year", GUIDELINES)
        elif not found.is_billable and found.seventh_characters:
            what = "the seventh character is missing"
            remedy = f"add one of {', '.join(found.seventh_characters)}"
            yield _hold("icd10_missing_7th_character", where, what, remedy, f"{GUIDELINES} I.A.5")
        elif not found.is_billable:
            choices = ", ".join(found.children[:8])
            remedy = f"code to the highest number of characters: {choices}" if choices else "use a more specific code"
            yield _hold(
                "icd10_not_billable", where, "the code is a header, not a billable code", remedy, f"{GUIDELINES} I.B.2"
            )
        if code in seen:
            yield _hold(
                "icd10_duplicate", where, "the same diagnosis twice", "remove one of them", f"{GUIDELINES} I.B.8"
            )
        seen.add(code)
    if encounter.diagnoses[0].code.startswith(EXTERNAL_CAUSE):
        yield _hold(
            "icd10_external_cause_first",
            f"diagnosis 1 {encounter.diagnoses[0].code}",
            "an external cause (V00-Y99) is never the first diagnosis",
            "put the injury or condition first",
            f"{GUIDELINES} I.C.20.a.6",
        )
    if len(encounter.diagnoses) > DIAGNOSES_MAX:
        yield _hold(
            "icd10_too_many",
            f"diagnosis {DIAGNOSES_MAX + 1}",
            f"{len(encounter.diagnoses)} diagnoses, and a claim carries {DIAGNOSES_MAX}",
            "keep the twelve that matter for these services",
            "837P HI",
        )


def _hold(code: str, where: str, what: str, remedy: str, citation: str) -> Finding:
    return Finding(code=code, severity="hold", owner="coder", where=where, what=what, remedy=remedy, citation=citation)
