"""Visits beside procedures: modifier 25 where a service of the same day includes one, 57 for major surgery.

What another encounter billed counts; where that is the visit, the finding warns at the procedure, for the visit's own
claim has gone on.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from processors.coding.edits.case import Check, Edit, EditedEncounter, Line, is_same_physician
from processors.coding.edits.evaluation import MODIFIERS_OF_EVALUATIONS, is_evaluation
from schemas.findings import Finding

_SOURCE = "Medicare Claims Processing Manual ch. 12 s. 30.6.6 and 40.1; NCCI Policy Manual ch. I s. D"
_NEAR = (0, 1)  # the day of the procedure, or the day before
_MINOR, _MAJOR = frozenset(["000", "010"]), "090"

MISSING_25 = Edit(
    "modifier_25_missing", "hold", "coder",
    "An evaluation beside {procedure} ({why}) on the same day lacks modifier 25.",
    "Add 25 to the evaluation when it is significant and separately documented; else remove it.",
    _SOURCE,
    is_policy=True,
)  # fmt: skip
MISSING_57 = Edit(
    "modifier_57_missing", "hold", "coder",
    "An evaluation on the day of {procedure} ({why}), or the day before, lacks modifier 57.",
    "Add 57 to the evaluation when the decision for surgery was made at this visit; else remove it.",
    _SOURCE,
    is_policy=True,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Pair:
    """A visit and a procedure of the same physician, one of them perhaps on another encounter."""

    visit: str
    modifiers: frozenset[str]
    procedure: str
    days_before: int
    where: str  # the line of this encounter that the finding is about
    is_visit_here: bool


def check_visits(case: EditedEncounter) -> Iterator[Finding]:
    """By the global days of the procedure: 25 for 0 or 10, 57 for 90. By the NCCI pairs in which the visit is column 2
    of another service, such as an immunisation: 25. One of each for a line, whatever it stands beside."""
    told: set[tuple[str, str]] = set()
    for pair in _list_pairs(case):
        found = _judge_pair(case, pair)
        if found and (found.code, found.where) not in told:
            told.add((found.code, found.where))
            yield found


def _judge_pair(case: EditedEncounter, pair: _Pair) -> Finding | None:
    fee = case.codesets.fee_schedule(pair.procedure, "", case.on)
    days = fee.global_days if fee else ""
    if days == _MAJOR:
        is_missing = pair.days_before in _NEAR and "57" not in pair.modifiers
        return _breach(MISSING_57, pair, "90 global days") if is_missing else None
    is_minor = days in _MINOR
    answered = "25" in pair.modifiers if is_minor else not MODIFIERS_OF_EVALUATIONS.isdisjoint(pair.modifiers)
    if pair.days_before or answered:
        return None
    row = case.codesets.ptp(case.setting, pair.procedure, pair.visit, case.on)
    if row and row.modifier_indicator == "0" and pair.is_visit_here:
        return None  # no modifier allows the pair: that is told as such
    if is_minor:
        return _breach(MISSING_25, pair, f"{int(days)} global days")
    if row and row.modifier_indicator == "1":
        return _breach(MISSING_25, pair, f"NCCI {row.release}, indicator 1")
    return None


def _breach(edit: Edit, pair: _Pair, why: str) -> Finding:
    if pair.is_visit_here:
        return edit.breach(pair.where, procedure=pair.procedure, why=why)
    why = f"{why}; the evaluation is {pair.visit} on another encounter of the patient, to be corrected there"
    return edit.breach_as("warn", pair.where, procedure=pair.procedure, why=why)


def _list_pairs(case: EditedEncounter) -> Iterator[_Pair]:
    visits = [line for line in case.lines if is_evaluation(line.code)]
    procedures = [line for line in case.lines if not is_evaluation(line.code)]
    for visit in visits:
        for line in procedures:
            if is_same_physician(visit, line.provider_npi, line.billing_npi, line.specialty):
                yield _pair_here(visit, line.code, (line.on - visit.on).days)
        for old in case.practice_history(visit):
            days_before = (old.service_date - visit.on).days
            if days_before in _NEAR and not is_evaluation(old.code):
                yield _pair_here(visit, old.code, days_before)
    for line in procedures:
        for old in case.practice_history(line):
            days_before = (line.on - old.service_date).days
            if days_before in _NEAR and is_evaluation(old.code):
                yield _Pair(old.code, frozenset(old.modifiers), line.code, days_before, line.where, is_visit_here=False)


def _pair_here(visit: Line, procedure: str, days_before: int) -> _Pair:
    return _Pair(visit.code, visit.modifier_set, procedure, days_before, visit.where, is_visit_here=True)


CHECKS = (
    Check(check_visits, (MISSING_25, MISSING_57), any_of=("pfs", "ncci_ptp_practitioner", "ncci_ptp_outpatient")),
)
