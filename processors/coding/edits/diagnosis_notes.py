"""Diagnoses against each other, by the notes of the tabular list: Excludes1, manifestations, code first."""

from collections.abc import Iterator

from processors.coding.edits.case import Check, Edit, EditedEncounter
from schemas.findings import Finding

EXCLUDES1 = Edit(
    "icd10_excludes1", "warn", "coder",
    "{code} and {other} exclude each other (Excludes1 at {stated_at}).",
    "Keep one of the two, unless the documentation shows two unrelated conditions.",
    "ICD-10-CM tabular list, Excludes1; Official Guidelines I.A.12.a",
)  # fmt: skip
MANIFESTATION_FIRST = Edit(
    "icd10_manifestation_first", "hold", "coder",
    "{code} is a manifestation and stands first.",
    "Put the underlying disease before it.",
    "ICD-10-CM Official Guidelines I.A.13",
)  # fmt: skip
CODE_FIRST_MISSING = Edit(
    "icd10_code_first_missing", "warn", "coder",
    "{code} asks for another code before it ({wanted}).",
    "Add the underlying condition, or move it before this code.",
    "ICD-10-CM tabular list, code first; Official Guidelines I.A.13",
)  # fmt: skip


def check_excludes1(case: EditedEncounter) -> Iterator[Finding]:
    """Every pair of diagnoses that a note separates; named once, at the later of the two."""
    excludes1, on, diagnoses = case.codesets.excludes1, case.on, case.diagnoses
    for later in range(1, len(diagnoses)):
        where, code, _ = diagnoses[later]
        for _, other, _ in diagnoses[:later]:
            note = excludes1(other, code, on)
            if note and other != code:
                yield EXCLUDES1.breach(where, code=code, other=other, stated_at=note.stated_at)


def check_sequence(case: EditedEncounter) -> Iterator[Finding]:
    """Codes that ask for another one before them."""
    for position, (where, code, _) in enumerate(case.diagnoses):
        notes = case.codesets.icd10cm_notes(code, case.on)
        if notes is None or notes.code_first_rule in ("", "optional"):
            continue
        before = [other for _, other, _ in case.diagnoses[:position]]
        if notes.is_manifestation and not before:
            yield MANIFESTATION_FIRST.breach(where, code=code)
        elif notes.code_first_rule == "any":
            if not before:
                yield CODE_FIRST_MISSING.breach(where, code=code, wanted="the underlying condition")
        elif not any(reference.matches(other) for reference in notes.code_first for other in before):
            wanted = [ref.low if ref.low == ref.high else f"{ref.low}-{ref.high}" for ref in notes.code_first[:6]]
            yield CODE_FIRST_MISSING.breach(where, code=code, wanted=", ".join(wanted))


CHECKS = (
    Check(check_excludes1, (EXCLUDES1,), ("icd10cm_tabular",), scope="diagnosis"),
    Check(check_sequence, (MANIFESTATION_FIRST, CODE_FIRST_MISSING), ("icd10cm_tabular",), scope="diagnosis"),
)
