"""Modifiers: known, once each, allowed for the code."""

import re
from collections.abc import Iterator

from processors.coding.edits.case import MEDICARE, Check, Edit, EditedEncounter
from processors.coding.edits.evaluation import is_evaluation
from schemas.code_ranges import is_between
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
# Where an ambulance comes from and goes to, two letters; X is a stop on the way to a hospital, a destination alone
# (Medicare Claims Processing Manual ch. 15 s. 30).
_AMBULANCE = (("A0021", "A0999"),)
_ORIGINS, _DESTINATIONS = frozenset("DEGHIJNPRS"), frozenset("DEGHIJNPRSX")
# What tells a visit apart, and what no visit is: laboratory, imaging, surgery, vaccines, drugs.
_OF_VISITS = frozenset(["24", "25", "57"])
_NO_VISITS = (
    ("10004", "69990"), ("70010", "79999"), ("80047", "89398"), ("90476", "90759"), ("0001U", "0999U"),
    ("J0120", "J9999"),
)  # fmt: skip
_EYE_VISITS = (("92002", "92014"),)  # some payers take a side on them
_SIDES = frozenset(["LT", "RT", "50"])
# Modifiers, whom they name, the indicator's field, its values that are never paid, and those paid by documents alone.
_SURGEONS = (
    (frozenset(["80", "81", "82", "AS"]), "assistants", "assistant", ("1", "9"), ("0",)),
    (frozenset(["62"]), "co-surgeons", "co_surgeon", ("0", "9"), ("1",)),
    (frozenset(["66"]), "teams", "team", ("0", "9"), ("1",)),
)
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
PARTS_TOGETHER = Edit(
    "modifier_26_with_tc", "hold", "coder",
    "26 (the professional part) and TC (the technical part) stand on one line of {code}.",
    "Remove both where both parts were done; else keep the one that was.",
    "Medicare Claims Processing Manual ch. 13 s. 20.1",
)  # fmt: skip
NOT_FOR_CODE = Edit(
    "modifier_not_for_code", "hold", "coder",
    "Modifier {modifier} does not go with {code}: {why}.",
    "Remove it, or move it to the line that it is meant for.",
    f"{_MANUAL_12} s. 30.6.6 and 40.7; NCCI Policy Manual ch. I s. E",
    is_policy=True,
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

SURGEON_NOT_ALLOWED = Edit(
    "modifier_surgeon_not_allowed", "hold", "coder",
    "Modifier {modifier} with {code}: the fee schedule's indicator for {role} is {indicator}, {meaning}.",
    "Bill the surgeon alone, or have the record ready that shows why a second one was needed.",
    f"{_MANUAL_12} s. 20.4.3 and 40.8; Medicare physician fee schedule, assistant, co- and team surgeon indicators",
    MEDICARE,
    is_policy=True,
)  # fmt: skip
UNITS_WITH_50 = Edit(
    "modifier_50_units", "hold", "coder",
    "{units} units of {code} with modifier 50, which says both sides by itself.",
    "Bill one unit with 50; a surgery centre bills two units, or two lines with LT and RT, without it.",
    f"{_MANUAL_12} s. 40.7; ch. 14 s. 40.5",
    MEDICARE,
    is_policy=True,
)  # fmt: skip


def check_form(case: EditedEncounter) -> Iterator[Finding]:
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


def check_known(case: EditedEncounter) -> Iterator[Finding]:
    """Modifiers that neither CPT nor the HCPCS file of the date has."""
    for line in case.lines:
        for modifier in dict.fromkeys(line.modifiers):
            if modifier in _CPT_MODIFIERS or not _SHAPE.fullmatch(modifier) or _is_journey(line.code, modifier):
                continue
            found = case.codesets.modifier(modifier, line.on)
            if found is None or not found.is_in_force(line.on):
                yield UNKNOWN.breach(line.where, modifier=modifier)


def _is_journey(code: str, modifier: str) -> bool:
    return is_between(code, *_AMBULANCE) and modifier[0] in _ORIGINS and modifier[1] in _DESTINATIONS


def check_for_code(case: EditedEncounter) -> Iterator[Finding]:
    """What a modifier says of the code, without any table."""
    for line in case.lines:
        if not line.modifiers:
            continue
        if line.modifier_set.issuperset(("26", "TC")):
            yield PARTS_TOGETHER.breach(line.where, code=line.code)
        for modifier in dict.fromkeys(line.modifiers):
            if modifier in _OF_VISITS and is_between(line.code, *_NO_VISITS):
                yield NOT_FOR_CODE.breach(line.where, modifier=modifier, code=line.code, why="it tells of a visit")
            elif modifier in _SIDES and is_evaluation(line.code) and not is_between(line.code, *_EYE_VISITS):
                yield NOT_FOR_CODE.breach(line.where, modifier=modifier, code=line.code, why="a visit has no side")


def check_allowed(case: EditedEncounter) -> Iterator[Finding]:
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


def check_surgeons(case: EditedEncounter) -> Iterator[Finding]:
    """Assistants, co-surgeons and teams against the indicators of the code; where documents decide, a warning."""
    for line in case.lines:
        if line.fee is None or not line.modifiers:
            continue
        for modifiers, role, field, never, by_document in _SURGEONS:
            used = next((modifier for modifier in line.modifiers if modifier in modifiers), "")
            indicator = getattr(line.fee, field) if used else ""
            facts = {"modifier": used, "code": line.code, "role": role, "indicator": indicator}
            if indicator in never:
                yield SURGEON_NOT_ALLOWED.breach(line.where, meaning="never paid", **facts)
            elif indicator in by_document:
                yield SURGEON_NOT_ALLOWED.breach_as("warn", line.where, meaning="paid by documents alone", **facts)


def check_units(case: EditedEncounter) -> Iterator[Finding]:
    """Both sides are one unit."""
    for line in case.lines:
        if "50" in line.modifier_set and line.units > 1:
            yield UNITS_WITH_50.breach(line.where, units=line.units, code=line.code)


CHECKS = (
    Check(check_form, (SHAPE, DUPLICATE, CONFLICT)),
    Check(check_for_code, (PARTS_TOGETHER, NOT_FOR_CODE)),
    Check(check_known, (UNKNOWN,), ("hcpcs_modifier",)),
    Check(check_allowed, (COMPONENT_NOT_ALLOWED, BILATERAL_NOT_ALLOWED), ("pfs",)),
    Check(check_surgeons, (SURGEON_NOT_ALLOWED,), ("pfs",), form="professional"),
    Check(check_units, (UNITS_WITH_50,), form="professional"),
)
