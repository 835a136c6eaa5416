"""Services against what earlier encounters of the patient billed: duplicates, new patients, global days."""

from collections.abc import Iterator
from datetime import date, timedelta

from processors.coding.edits.case import Check, Edit, EditedEncounter, Line
from processors.coding.edits.evaluation import NEW_PATIENT, is_evaluation, is_face_to_face
from schemas.code_ranges import is_between
from schemas.findings import Finding
from schemas.history import BilledLine

REPEAT_MODIFIERS = frozenset(["59", "76", "77", "91", "XE", "XP", "XS", "XU"])
_GLOBAL_DAYS = {"010": 10, "090": 90}
_STAGED_OR_UNRELATED = frozenset(["58", "78", "79"])
# FT: an unrelated visit within global days, such as critical care (Medicare Claims Processing Manual ch. 12 s. 30.6.12)
_UNRELATED_VISIT = frozenset(["24", "FT"])

DUPLICATE = Edit(
    "duplicate_of_earlier_claim", "hold", "coder",
    "{code} of the same day, provider and modifiers stands on another encounter of the patient.",
    "Remove it, or add 76, 77, 91, 59 or X{{EPSU}} when it was done again.",
    "Medicare Claims Processing Manual ch. 1 s. 120",
    is_policy=True,
)  # fmt: skip
NEW_PATIENT_SEEN = Edit(
    "new_patient_within_three_years", "hold", "coder",
    "{code} is for a new patient; the same group and specialty saw the patient in the three years before.",
    "Use the code for an established patient.",
    "Medicare Claims Processing Manual ch. 12 s. 30.6.7.A",
    is_policy=True,
)  # fmt: skip
GLOBAL_VISIT = Edit(
    "visit_within_global_days", "hold", "coder",
    "{code} falls in the {days} global days of {surgery} on another encounter.",
    "Remove it, or add 24 (FT for critical care) when the visit has nothing to do with the surgery.",
    "Medicare Claims Processing Manual ch. 12 s. 40",
    is_policy=True,
)  # fmt: skip
GLOBAL_PROCEDURE = Edit(
    "procedure_within_global_days", "hold", "coder",
    "{code} falls in the {days} global days of {surgery} on another encounter.",
    "Add 58 (staged), 78 (return to the operating room) or 79 (unrelated), or remove it.",
    "Medicare Claims Processing Manual ch. 12 s. 40",
    is_policy=True,
)  # fmt: skip


def check_duplicates(case: EditedEncounter) -> Iterator[Finding]:
    """A line that another encounter billed already."""
    if not case.history:
        return
    for line in case.lines:
        if not REPEAT_MODIFIERS.isdisjoint(line.modifier_set):
            continue
        for old in case.earlier_on(line):
            if old.code == line.code and frozenset(old.modifiers) == line.modifier_set:
                yield DUPLICATE.breach(line.where, code=line.code)
                break


def check_new_patient(case: EditedEncounter) -> Iterator[Finding]:
    """A new-patient visit although the same group and specialty met the patient in the three years before."""
    if not case.history:
        return
    for line in case.lines:
        if not is_between(line.code, *NEW_PATIENT):
            continue
        start = _three_years_before(line.on)
        if any(
            start < old.service_date < line.on and is_face_to_face(old.code, old.modifiers)
            for old in case.practice_history(line)
        ):
            yield NEW_PATIENT_SEEN.breach(line.where, code=line.code)


def check_global_days(case: EditedEncounter) -> Iterator[Finding]:
    """Visits and procedures in the 10 or 90 days after surgery by the same practice."""
    if not case.history:
        return
    for line in case.lines:
        is_visit = is_evaluation(line.code)
        is_procedure = line.fee is not None and line.fee.global_days in ("000", "010", "090")
        excused = _UNRELATED_VISIT if is_visit else _STAGED_OR_UNRELATED
        if not (is_visit or is_procedure) or not excused.isdisjoint(line.modifier_set):
            continue
        if found := _surgery_before(case, line):
            surgery, days = found
            edit = GLOBAL_VISIT if is_visit else GLOBAL_PROCEDURE
            yield edit.breach(line.where, code=line.code, days=days, surgery=surgery.code)


def _surgery_before(case: EditedEncounter, line: Line) -> tuple[BilledLine, int] | None:
    """The latest surgery whose global days hold the line's date, with their number."""
    found: tuple[BilledLine, int] | None = None
    for old in case.practice_history(line):
        distance = line.on - old.service_date
        if not timedelta(0) < distance <= timedelta(days=90):
            continue
        fee = case.codesets.fee_schedule(old.code, "", old.service_date)
        days = _GLOBAL_DAYS.get(fee.global_days, 0) if fee else 0
        if distance.days <= days and (found is None or _rank(old) > _rank(found[0])):
            found = (old, days)
    return found


def _rank(old: BilledLine) -> tuple[date, str]:
    return old.service_date, old.code


def _three_years_before(on: date) -> date:
    is_leap_day = (on.month, on.day) == (2, 29)
    return on.replace(year=on.year - 3, day=28 if is_leap_day else on.day)


CHECKS = (
    Check(check_duplicates, (DUPLICATE,)),
    Check(check_new_patient, (NEW_PATIENT_SEEN,)),
    Check(check_global_days, (GLOBAL_VISIT, GLOBAL_PROCEDURE), ("pfs",)),
)
