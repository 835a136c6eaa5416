"""NCCI procedure-to-procedure edits and add-on codes: which services are paid beside each other.

Same patient, provider and date: column 1 pays, column 2 denies. Diagnoses take no part in it.
"""

from collections.abc import Iterator
from datetime import date
from itertools import permutations

from processors.coding.edits.case import Check, Edit, EditedEncounter, Line, is_same_physician
from processors.coding.edits.evaluation import MODIFIERS_OF_EVALUATIONS, is_evaluation
from schemas.codesets import PtpEdit
from schemas.findings import Finding

_DISTINCT = frozenset(["59", "XE", "XS", "XP", "XU"])
# fmt: off
_OTHER = frozenset([
    "E1", "E2", "E3", "E4", "FA", "F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "TA", "T1", "T2", "T3",
    "T4", "T5", "T6", "T7", "T8", "T9", "LT", "RT", "LC", "LD", "RC", "LM", "RI", "24", "25", "57", "58", "78",
    "79", "27", "91",
])
# fmt: on
# From this day 59 and X{EPSU} count on either column, before it on column 2 only (CMS change request 11168).
_EITHER_COLUMN_SINCE = date(2019, 7, 1)
_NCCI = "NCCI Policy Manual ch. I; practitioner and hospital PTP tables"

NOT_ALLOWED = Edit(
    "ncci_ptp_not_allowed", "hold", "coder",
    "{column2} is never paid beside {column1} on the same day (NCCI {release}, in force since {since}, indicator 0).",
    "Remove {column2}; no modifier allows the pair.",
    _NCCI,
)  # fmt: skip
MODIFIER_MISSING = Edit(
    "ncci_ptp_modifier_missing", "hold", "coder",
    "{column2} is part of {column1} on the same day (NCCI {release}, in force since {since}, indicator 1).",
    "Remove {column2}, or add 59, X{{EPSU}} or an anatomic modifier when it was a separate service and is documented.",
    _NCCI,
    is_policy=True,
)  # fmt: skip
MODIFIER_DOES_NOT_QUALIFY = Edit(
    "ncci_ptp_modifier_does_not_qualify", "hold", "coder",
    "{column2} is part of {column1} on the same day, and {modifiers} is no NCCI modifier (NCCI {release}).",
    "Use 59, X{{EPSU}} or an anatomic modifier when the documentation supports it; 22, 76 and 77 do not count.",
    _NCCI,
    is_policy=True,
)  # fmt: skip
ADD_ON = Edit(
    "add_on_without_primary", "hold", "coder",
    "{code} is an add-on code (type {type}, {release}) and its primary is not billed that day.",
    "Add the primary service, or remove the add-on.",
    "NCCI add-on code edits; Medicare Claims Processing Manual ch. 12 s. 30.6.12",
    is_policy=True,
)  # fmt: skip


def check_ptp(case: EditedEncounter) -> Iterator[Finding]:
    """Every pair of lines of a day and provider, and every line against other claims of that day; at column 2.

    Inpatient hospital stays and DME suppliers have no such edits.
    """
    if case.is_institutional and case.is_inpatient:
        return
    find, setting = case.codesets.ptp, case.setting
    told: set[tuple[str, str]] = set()
    for first, second in permutations(case.lines, 2):
        if first.on == second.on and first.provider_npi == second.provider_npi:
            edit = find(setting, first.code, second.code, second.on)
            if edit and (first.code, second.where) not in told:  # two lines of column 1 are one cause
                for finding in _judge_pair(second, edit, first.modifier_set, second.modifier_set):
                    told.add((first.code, second.where))
                    yield finding
    if not case.history:
        return
    for line in case.lines:
        for old in case.earlier_on(line):
            if edit := find(setting, old.code, line.code, line.on):
                yield from _judge_pair(line, edit, frozenset(old.modifiers), line.modifier_set)
            elif edit := find(setting, line.code, old.code, line.on):
                yield from _judge_pair(line, edit, line.modifier_set, frozenset(old.modifiers))


def _judge_pair(line: Line, edit: PtpEdit, column1: frozenset[str], column2: frozenset[str]) -> Iterator[Finding]:
    facts = {"column1": edit.column1, "column2": edit.column2, "release": edit.release, "since": edit.effective_from}
    if edit.modifier_indicator == "9":
        return
    if edit.modifier_indicator == "0":
        yield NOT_ALLOWED.breach(line.where, **facts)
        return
    if is_evaluation(edit.column2):
        return  # asks for 25 or 57: `visits` says so
    if is_evaluation(edit.column1):
        column1 = column1 & MODIFIERS_OF_EVALUATIONS
    distinct = column1 | column2 if line.on >= _EITHER_COLUMN_SINCE else column2
    if not _DISTINCT.isdisjoint(distinct) or not _OTHER.isdisjoint(column1 | column2):
        return
    used = sorted(column1 | column2)
    if used:
        yield MODIFIER_DOES_NOT_QUALIFY.breach(line.where, modifiers=", ".join(used), **facts)
    else:
        yield MODIFIER_MISSING.breach(line.where, **facts)


def check_add_ons(case: EditedEncounter) -> Iterator[Finding]:
    """Add-on codes without a primary of the same physician and day, here or on another claim."""
    for line in case.lines:
        add_on = case.codesets.add_on(line.code, line.on)
        if add_on is None:
            continue
        beside = {
            other.code
            for other in case.lines
            if other is not line
            and other.on == line.on
            and is_same_physician(line, other.provider_npi, other.billing_npi, other.specialty)
        } | {old.code for old in case.practice_history(line) if old.service_date == line.on}
        if not beside.isdisjoint(add_on.primaries):
            continue
        is_open = add_on.type in ("2", "3")  # the contractor takes primaries beyond the listed ones
        if is_open and any(case.codesets.add_on(code, line.on) is None for code in beside):
            continue
        yield ADD_ON.breach(line.where, code=line.code, type=add_on.type, release=add_on.release)


PTP_EDITS = (NOT_ALLOWED, MODIFIER_MISSING, MODIFIER_DOES_NOT_QUALIFY)

CHECKS = (
    Check(check_ptp, PTP_EDITS, ("ncci_ptp_practitioner",), settings=("practitioner", "medicaid_practitioner")),
    Check(check_ptp, PTP_EDITS, ("ncci_ptp_outpatient",), settings=("outpatient", "medicaid_outpatient")),
    Check(check_add_ons, (ADD_ON,), ("add_on",)),
)
