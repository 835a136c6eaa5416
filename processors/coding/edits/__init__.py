"""The edits: each judges a coded encounter by one rule and says what is wrong, whose it is and how to mend it.

Deterministic: the same encounter, history and code sets give the same findings in the same order. A new edit is an
`Edit` and a function in the module of its group; the module joins `GROUPS`, and the catalogue is written anew.
"""

from datetime import date
from functools import lru_cache
from types import ModuleType

from processors.coding.edits import (
    bundling,
    demographics,
    diagnoses,
    diagnosis_notes,
    earlier_services,
    filing,
    institutional,
    lines,
    modifiers,
    necessity,
    parties,
    places,
    procedures,
    quantities,
    supplies,
)
from processors.coding.edits.case import Case, Check, Edit, Form
from processors.coding.edits.severity import settle_severity
from schemas.codesets import CodeSets
from schemas.encounter import CodedEncounter
from schemas.findings import Finding
from schemas.history import PatientHistory
from schemas.reference import PayerTermsRow

GROUPS: tuple[ModuleType, ...] = (
    diagnoses, diagnosis_notes, demographics, procedures, modifiers, lines, bundling, quantities, earlier_services,
    places, supplies, necessity, parties, filing, institutional,
)  # fmt: skip
CHECKS: tuple[Check, ...] = tuple(check for group in GROUPS for check in group.CHECKS)


def judge_encounter(
    encounter: CodedEncounter,
    history: PatientHistory,
    codesets: CodeSets,
    *,
    as_of: date | None = None,
    terms: PayerTermsRow | None = None,
    is_test: bool = False,
) -> tuple[Finding, ...]:
    """Every finding of every edit, in the order of the catalogue; none hides another.

    `history` holds the patient's other accepted encounters, not an earlier version of this one. `as_of` is the
    business date of the judgement, `terms` what the first payer's contract says of time; without one of them no filing
    deadline is counted.
    """
    case = Case(encounter, history, codesets, as_of, terms)
    findings: list[Finding] = []
    for check in checks_for(codesets.loaded(), case.form):
        findings.extend(check.function(case))
    return tuple(settle_severity(finding, is_test=is_test) for finding in findings) if is_test else tuple(findings)


@lru_cache(maxsize=64)
def checks_for(loaded: frozenset[str], form: Form) -> tuple[Check, ...]:
    """The checks of a kind of claim whose code sets are loaded; `CodeSets.not_loaded` names what the others lack."""
    return tuple(check for check in CHECKS if loaded.issuperset(check.needs) and check.form in (None, form))


def list_edits() -> tuple[tuple[Edit, tuple[str, ...]], ...]:
    """Every edit once, in the order of the catalogue, with the sets that it needs."""
    found: dict[str, tuple[Edit, tuple[str, ...]]] = {}
    for check in CHECKS:
        for edit in check.edits:
            found.setdefault(edit.id, (edit, check.needs))
    return tuple(found.values())
