"""The edits: each judges a coded encounter by one rule and says what is wrong, whose it is and how to mend it.

Deterministic: the same encounter, history and code sets give the same findings in the same order. A new edit is an
`Edit` and a function in the module of its group; the module joins `GROUPS`, and the catalogue is written anew.
"""

from datetime import date
from functools import lru_cache
from types import ModuleType

from processors.coding.edits import (
    bundling,
    companions,
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
    visits,
)
from processors.coding.edits.case import Check, Edit, EditedEncounter, Form
from processors.coding.edits.severity import settle_severity
from processors.payers.kinds import PayerKind
from schemas.codesets import CodeSets, MueSetting
from schemas.encounter import CodedEncounter
from schemas.findings import Finding
from schemas.history import PatientHistory
from schemas.reference import PayerTermsRow

GROUPS: tuple[ModuleType, ...] = (
    diagnoses, diagnosis_notes, demographics, procedures, modifiers, visits, lines, bundling, quantities,
    earlier_services, places, supplies, companions, necessity, parties, filing, institutional,
)  # fmt: skip
Exceptions = tuple[tuple[str, bool], ...]  # edit, and whether it judges claims of the payer
CHECKS: tuple[Check, ...] = tuple(check for group in GROUPS for check in group.CHECKS)

# What holds by a payer's policy: a person who may can release it, with a reason.
RELEASABLE: frozenset[str] = frozenset(edit.id for check in CHECKS for edit in check.edits if edit.is_policy)


def judge_encounter(
    encounter: CodedEncounter,
    history: PatientHistory,
    codesets: CodeSets,
    *,
    as_of: date | None = None,
    terms: PayerTermsRow | None = None,
    exceptions: Exceptions = (),
    is_test: bool = False,
) -> tuple[Finding, ...]:
    """Every finding of every edit, in the order of the catalogue; none hides another.

    `history` holds the patient's other accepted encounters, not an earlier version of this one. `as_of` is the
    business date of the judgement, `terms` what the first payer's contract says of time; without one of them no filing
    deadline is counted. `exceptions` are the edits by which that payer is judged or not, whatever its kind.
    """
    case = EditedEncounter(encounter, history, codesets, as_of, terms)
    findings: list[Finding] = []
    spared = spare_edits(case.payer_kind, exceptions)
    for check in checks_for(codesets.loaded(), case.form, case.mue_setting, spared):
        findings.extend(check.function(case))
    if findings:
        findings = [finding for finding in findings if finding.code not in spared]
    return tuple(settle_severity(finding, is_test=is_test) for finding in findings) if is_test else tuple(findings)


@lru_cache(maxsize=256)
def checks_for(loaded: frozenset[str], form: Form, setting: MueSetting, spared: frozenset[str]) -> tuple[Check, ...]:
    """The checks of a kind of claim whose code sets are loaded; `CodeSets.not_loaded` names what the others lack.
    Those of which every edit is spared are left out."""
    return tuple(
        check
        for check in CHECKS
        if check.is_ready(loaded)
        and check.judges(form, setting)
        and not spared.issuperset(edit.id for edit in check.edits)
    )


@lru_cache(maxsize=256)
def spare_edits(kind: PayerKind, exceptions: Exceptions) -> frozenset[str]:
    """The edits that do not judge claims of such a payer."""
    said = dict(exceptions)
    return frozenset(edit.id for edit, _ in list_edits() if not said.get(edit.id, kind in edit.payers))


def list_edits() -> tuple[tuple[Edit, tuple[str, ...]], ...]:
    """Every edit once, in the order of the catalogue, with the sets that it needs, by the kind of claim."""
    found: dict[str, tuple[Edit, tuple[str, ...]]] = {}
    for check in CHECKS:
        for edit in check.edits:
            _, needs = found.get(edit.id, (edit, ()))
            found[edit.id] = edit, (*needs, *check.needs, *check.any_of)
    return tuple(found.values())
