"""The edits: each judges a coded encounter by one rule and says what is wrong, whose it is and how to mend it.

Deterministic: the same encounter, history and code sets give the same findings in the same order. A new edit is an
`Edit` and a function in the module of its group; the module joins `GROUPS`, and the catalogue is written anew.
"""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from types import ModuleType
from typing import Literal

from processors.edits import (
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
from processors.edits.case import Case, Check, Edit, Form
from schemas.base import Frozen
from schemas.codesets import CodeSets
from schemas.encounter import CodedEncounter
from schemas.findings import Finding
from schemas.history import PatientHistory

GROUPS: tuple[ModuleType, ...] = (
    diagnoses, diagnosis_notes, demographics, procedures, modifiers, lines, bundling, quantities, earlier_services,
    places, supplies, necessity, parties, filing, institutional,
)  # fmt: skip
CHECKS: tuple[Check, ...] = tuple(check for group in GROUPS for check in group.CHECKS)


class EditResult(Frozen):
    """How one edit went for one encounter: passed, failed with these findings, or not checked for want of a set."""

    edit: str
    outcome: Literal["passed", "failed", "not checked"]
    findings: tuple[Finding, ...] = ()
    needs: tuple[str, ...] = ()
    citation: str = ""


def judge_encounter(
    encounter: CodedEncounter,
    history: PatientHistory,
    codesets: CodeSets,
    *,
    as_of: date | None = None,
    form: Form = "professional",
) -> tuple[Finding, ...]:
    """Every finding of every edit, in the order of the catalogue; none hides another.

    `history` holds the patient's other accepted encounters, not an earlier version of this one. `as_of` is the
    business date of the judgement; without it nothing is in the future and no filing deadline is counted. `form` is the
    claim that the encounter becomes: a charge master may put revenue codes on professional lines as well.
    """
    case = Case(encounter, history, codesets, as_of, form)
    findings: list[Finding] = []
    for check in checks_for(codesets.loaded()):
        findings.extend(check.function(case))
    return tuple(findings)


def explain_encounter(
    encounter: CodedEncounter,
    history: PatientHistory,
    codesets: CodeSets,
    *,
    as_of: date | None = None,
    form: Form = "professional",
) -> tuple[EditResult, ...]:
    """Every edit of the catalogue with its outcome for this encounter, in order."""
    case = Case(encounter, history, codesets, as_of, form)
    running = checks_for(codesets.loaded())
    return tuple(result for check in CHECKS for result in _explain_check(check, check in running, case))


def _explain_check(check: Check, is_running: bool, case: Case) -> Iterator[EditResult]:
    found = tuple(check.function(case)) if is_running else ()
    for edit in check.edits:
        own = tuple(finding for finding in found if finding.code == edit.id)
        outcome: Literal["passed", "failed", "not checked"] = "failed" if own else "passed"
        yield EditResult(
            edit=edit.id,
            outcome=outcome if is_running else "not checked",
            findings=own,
            needs=check.needs,
            citation=edit.citation,
        )


@lru_cache(maxsize=64)
def checks_for(loaded: frozenset[str]) -> tuple[Check, ...]:
    """The checks whose code sets are loaded; `CodeSets.not_loaded` names what the others lack."""
    return tuple(check for check in CHECKS if loaded.issuperset(check.needs))


def list_edits() -> tuple[tuple[Edit, tuple[str, ...]], ...]:
    """Every edit once, in the order of the catalogue, with the sets that it needs."""
    found: dict[str, tuple[Edit, tuple[str, ...]]] = {}
    for check in CHECKS:
        for edit in check.edits:
            found.setdefault(edit.id, (edit, check.needs))
    return tuple(found.values())
