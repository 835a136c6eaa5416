"""Why an encounter was decided as it was: each line and diagnosis with every edit that looks at it.

An edit passed, failed, or was not checked for want of a code set; beside it stand the rows of the tables that it read.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, cast

from processors.coding.edits import CHECKS, Exceptions, checks_for, spare_edits
from processors.coding.edits.case import Check, EditedEncounter, Scope
from processors.coding.edits.rows import describe_row
from processors.coding.edits.severity import settle_severity
from schemas.base import Frozen
from schemas.codesets import CodeSets
from schemas.encounter import CodedEncounter
from schemas.findings import Finding
from schemas.history import PatientHistory
from schemas.reference import PayerTermsRow

Result = Literal["passed", "failed", "not checked"]


class EditResult(Frozen):
    """How one edit went for one line, diagnosis, or the encounter; `rows` of tables decided it."""

    edit: str
    outcome: Result
    severity: str
    owner: str
    citation: str
    findings: tuple[Finding, ...] = ()
    rows: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


class Explained(Frozen):
    """One line, one diagnosis, or the encounter as a whole, with its own rows of the tables and its edits."""

    where: str
    scope: Scope
    rows: tuple[str, ...]
    results: tuple[EditResult, ...]


@dataclass
class Recorder:
    """The code sets, with a note of every row that was given out and of the codes that it was asked for by."""

    codesets: CodeSets
    noted: list[tuple[frozenset[str], str]] = field(default_factory=list)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        look_up = getattr(self.codesets, name)

        def note(*asked: Any) -> Any:
            found = look_up(*asked)
            codes = frozenset(word for word in asked if isinstance(word, str))
            for row in found if isinstance(found, tuple) else (found,):
                text = describe_row(row)
                if text:
                    self.noted.append((codes, text))
            return found

        return note

    def take(self) -> list[tuple[frozenset[str], str]]:
        """What was noted since the last time."""
        taken, self.noted = self.noted, []
        return taken


def explain_encounter(
    encounter: CodedEncounter,
    history: PatientHistory,
    codesets: CodeSets,
    *,
    as_of: date | None = None,
    terms: PayerTermsRow | None = None,
    exceptions: Exceptions = (),
    is_test: bool = False,
) -> tuple[Explained, ...]:
    """Every line, every diagnosis and the encounter, each with the edits of the catalogue that look at it, in order."""
    recorder = Recorder(codesets)
    case = EditedEncounter(encounter, history, cast(CodeSets, recorder), as_of, terms)
    subjects: dict[str, tuple[Scope, str]] = {line.where: ("line", line.code) for line in case.lines}
    subjects |= {where: ("diagnosis", code) for where, code, _ in case.diagnoses}
    subjects["encounter"] = ("encounter", "")
    own = recorder.take()
    spared = spare_edits(case.payer_kind, exceptions)
    running = checks_for(codesets.loaded(), case.form, case.mue_setting, spared)
    results: dict[str, list[EditResult]] = {where: [] for where in subjects}
    for check in CHECKS:
        if check.judges(case.form, case.mue_setting):
            is_running = check in running
            found = (
                tuple(settle_severity(finding, is_test=is_test) for finding in check.function(case))
                if is_running
                else ()
            )
            for where, result in _explain_check(check, is_running, found, recorder.take(), subjects):
                if result.edit not in spared:
                    results[where].append(result)
    return tuple(
        Explained(where=where, scope=scope, rows=_rows_of(code, own), results=tuple(results[where]))
        for where, (scope, code) in subjects.items()
    )


def _explain_check(
    check: Check,
    is_running: bool,
    found: tuple[Finding, ...],
    noted: list[tuple[frozenset[str], str]],
    subjects: dict[str, tuple[Scope, str]],
) -> Iterator[tuple[str, EditResult]]:
    for where, (scope, code) in subjects.items():
        for edit in check.edits:
            # What names neither a line nor a diagnosis is said of the encounter.
            here = tuple(
                finding
                for finding in found
                if finding.code == edit.id
                and (finding.where == where or (scope == "encounter" and finding.where not in subjects))
            )
            if scope != check.scope and not here:
                continue
            outcome: Result = ("failed" if here else "passed") if is_running else "not checked"
            rows = _rows_of(code, noted) if code else ()
            yield where, EditResult(
                edit=edit.id, outcome=outcome, severity=edit.severity, owner=edit.owner, citation=edit.citation,
                findings=here, rows=rows, needs=(*check.needs, *check.any_of),
            )  # fmt: skip


def _rows_of(code: str, noted: list[tuple[frozenset[str], str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for codes, text in noted if code in codes))
