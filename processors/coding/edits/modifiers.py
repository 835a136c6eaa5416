"""Modifiers: known, once each, allowed for the code, and 25 or 57 where an evaluation needs them."""

import re
from collections.abc import Iterator

from processors.coding.edits.case import Case, Check, Edit, Line
from processors.coding.edits.evaluation import is_evaluation
from schemas.findings import Finding

# CPT's own modifiers, values only; those of HCPCS Level II come from its file.
# fmt: off
_CPT_MODIFIERS = frozenset([
    "22", "23", "24", "25", "26", "27", "32", "33", "47", "50", "51", "52", "53", "54", "55", "56", "57", "58",
    "59", "62", "63", "66", "73", "74", "76", "77", "78", "79", "80", "81", "82", "90", "91", "92", "93", "95",
    "96", "97", "99", "1P", "2P", "3P", "8P", "P1", "P2", "P3", "P4", "P5", "P6",
])
# fmt: on
_SHAPE = re.compile(r"[A-Z0-9]{2}", re.ASCII)
# PC/TC indicators of the fee schedule: 1 diagnostic test, 6 laboratory physician interpretation.
_TAKES = {"26": frozenset(["1", "6"]), "TC": frozenset(["1"])}
_BILATERAL = frozenset(["1", "3"])
_MANUAL_12 = "Medicare Claims Processing Manual ch. 12"

SHAPE = Edit(
    "modifier_shape", "hold", "coder",
    "A modifier is two letters or digits.",
    "Correct or remove it.",
    "X12 005010X222A1 SV101-3",
)  # fmt: skip
DUPLICATE = Edit(
    "modifier_duplicate", "hold", "coder",
    "The same modifier stands twice on the line.",
    "Remove one of them.",
    "X12 005010X222A1 SV101-3",
)  # fmt: skip
CONFLICT = Edit(
    "modifier_conflict", "hold", "coder",
    "Modifier 50 (both sides) stands with LT or RT (one side).",
    "Keep 50, or bill LT and RT on two lines.",
    f"{_MANUAL_12} s. 40.7",
)  # fmt: skip
UNKNOWN = Edit(
    "modifier_unknown", "hold", "coder",
    "{modifier} is no modifier that is valid on the date of service.",
    "Correct or remove it.",
    "45 CFR 162.1002",
)  # fmt: skip
COMPONENT_NOT_ALLOWED = Edit(
    "modifier_26_tc_not_allowed", "hold", "coder",
    "{modifier} cannot be used with {code}: its PC/TC indicator is {indicator}.",
    "Remove the modifier, or bill the code for the component.",
    "Medicare physician fee schedule, PC/TC indicator",
    is_policy=True,
)  # fmt: skip
BILATERAL_NOT_ALLOWED = Edit(
    "modifier_50_not_allowed", "hold", "coder",
    "Modifier 50 cannot be used with {code}: its bilateral indicator is {indicator}.",
    "Remove modifier 50; for indicator 2 the code is bilateral already.",
    "Medicare physician fee schedule, bilateral indicator",
    is_policy=True,
)  # fmt: skip
MISSING_25 = Edit(
    "modifier_25_missing", "hold", "coder",
    "An evaluation beside {procedure} ({days} global days) on the same day lacks modifier 25.",
    "Add 25 when the evaluation is significant and separately documented; else remove it.",
    f"{_MANUAL_12} s. 30.6.6 and 40.1",
    is_policy=True,
)  # fmt: skip
MISSING_57 = Edit(
    "modifier_57_missing", "hold", "coder",
    "An evaluation on the day of {procedure} (90 global days), or the day before, lacks modifier 57.",
    "Add 57 when the decision for surgery was made at this visit; else remove it.",
    f"{_MANUAL_12} s. 30.6.6 and 40.1",
    is_policy=True,
)  # fmt: skip


def check_form(case: Case) -> Iterator[Finding]:
    """What can be wrong with modifiers without any table."""
    for line in case.lines:
        if not line.modifiers:
            continue
        if any(not _SHAPE.fullmatch(modifier) for modifier in line.modifiers):
            yield SHAPE.breach(line.where)
        if len(line.modifier_set) < len(line.modifiers):
            yield DUPLICATE.breach(line.where)
        if "50" in line.modifier_set and not {"LT", "RT"}.isdisjoint(line.modifier_set):
            yield CONFLICT.breach(line.where)


def check_known(case: Case) -> Iterator[Finding]:
    """Modifiers that neither CPT nor the HCPCS file of the date has."""
    for line in case.lines:
        for modifier in dict.fromkeys(line.modifiers):
            if modifier in _CPT_MODIFIERS or not _SHAPE.fullmatch(modifier):
                continue
            found = case.codesets.modifier(modifier, line.on)
            if found is None or not found.is_in_force(line.on):
                yield UNKNOWN.breach(line.where, modifier=modifier)


def check_allowed(case: Case) -> Iterator[Finding]:
    """26, TC and 50 against the indicators of the code."""
    for line in case.lines:
        if line.fee is None:
            continue
        for modifier, indicators in _TAKES.items():
            technical = line.fee.professional_technical
            if modifier in line.modifier_set and technical not in indicators:
                yield COMPONENT_NOT_ALLOWED.breach(line.where, modifier=modifier, code=line.code, indicator=technical)
        if "50" in line.modifier_set and line.fee.bilateral not in _BILATERAL:
            yield BILATERAL_NOT_ALLOWED.breach(line.where, code=line.code, indicator=line.fee.bilateral)


def check_evaluation(case: Case) -> Iterator[Finding]:
    """An evaluation beside a procedure of the same provider: 25 for 0 or 10 global days, 57 for 90."""
    procedures = [line for line in case.lines if line.fee and line.fee.global_days in ("000", "010", "090")]
    if not procedures:
        return
    for line in case.lines:
        if is_evaluation(line.code):
            yield from _check_one_evaluation(line, procedures)


def _check_one_evaluation(line: Line, procedures: list[Line]) -> Iterator[Finding]:
    minor_found = major_found = False
    for procedure in procedures:
        if procedure is line or procedure.provider_npi != line.provider_npi or procedure.fee is None:
            continue
        days_before, days = (procedure.on - line.on).days, procedure.fee.global_days
        if days == "090" and days_before in (0, 1) and "57" not in line.modifier_set and not major_found:
            major_found = True
            yield MISSING_57.breach(line.where, procedure=procedure.code)
        elif days != "090" and days_before == 0 and "25" not in line.modifier_set and not minor_found:
            minor_found = True
            yield MISSING_25.breach(line.where, procedure=procedure.code, days=int(days))


CHECKS = (
    Check(check_form, (SHAPE, DUPLICATE, CONFLICT)),
    Check(check_known, (UNKNOWN,), ("hcpcs_modifier",)),
    Check(check_allowed, (COMPONENT_NOT_ALLOWED, BILATERAL_NOT_ALLOWED), ("pfs",)),
    Check(check_evaluation, (MISSING_25, MISSING_57), ("pfs",)),
)
