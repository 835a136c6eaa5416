"""Medically unlikely edits: more units than one patient gets on one line (MAI 1) or on one day (MAI 2 and 3).

Each claim is judged by the table of those who bill it: practitioners, outpatient hospitals, DME suppliers; Medicaid by
its own tables, whose edits are all of lines.
"""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import get_args

from processors.coding.edits.case import MEDICARE, Check, Edit, EditedEncounter, Line
from processors.payers.kinds import ALL_PAYERS, PayerKind
from schemas.code_ranges import is_between
from schemas.codesets import Mue, MueSetting
from schemas.findings import Finding

_SOURCE = "NCCI medically unlikely edits; NCCI Policy Manual ch. I s. V"
# Whoever pays for accidents pays by its state's or its policy's own limits.
_FOLLOW_CMS = ALL_PAYERS - {"workers_compensation", "liability"}
_PUBLISH_THEM: frozenset[PayerKind] = MEDICARE | {"medicaid"}
_NOT_COVERED = "GY"  # billed to be denied: no limit is asked
_AFTERCARE = "55"  # its units are days of aftercare (Medicare Claims Processing Manual ch. 12 s. 40.2)
_SUPPLIES = (("A4206", "A8004"), ("B4034", "B9999"))  # HCPCS Level II: supplies; enteral and parenteral nutrition
_SURGERY_CENTRE, _CENTRE_PLACE = "261QA1903X", "24"
_BOTH_SIDES = frozenset(["1", "3"])  # bilateral indicators of codes that are billed for each side

LINE = Edit(
    "mue_line", "hold", "coder",
    "{units} units of {code} on one line; {release} allows {limit} (MAI 1).",
    "Correct the units, or report the further units on lines with modifiers that say why. The whole line would deny.",
    _SOURCE,
    _FOLLOW_CMS,
    is_policy=True,
)  # fmt: skip
DAY = Edit(
    "mue_day", "hold", "coder",
    "{units} units of {code} on one day over all lines and claims; {release} allows {limit} (MAI 3, clinical).",
    "Correct the units; all units of that day would deny, not only the excess. What is documented can be appealed.",
    _SOURCE,
    _FOLLOW_CMS,
    is_policy=True,
)  # fmt: skip


DAY_ABSOLUTE = Edit(
    "mue_day_absolute", "hold", "coder",
    "{units} units of {code} on one day over all lines and claims; {release} allows {limit} (MAI 2, absolute).",
    "Correct the units; no contractor pays more, and all units of that day would deny.",
    _SOURCE,
    _FOLLOW_CMS,
)  # fmt: skip
NONE_ALLOWED = Edit(
    "mue_not_covered", "hold", "coder",
    "{release} allows no unit of {code} on this kind of claim: it is not covered, or billed by others or otherwise.",
    "Bill the code that is taken instead, or on the claim of those who may bill it; remove it where neither fits.",
    _SOURCE,
    _PUBLISH_THEM,
    is_policy=True,
)  # fmt: skip

SUPPLY = Edit(
    "mue_supply_of_days", "warn", "biller",
    "{units} units of {code} on one day; {release} allows {limit} a day, and a supply lasts for more days than one.",
    "Enter the days that the supply is for, first and last; the units are divided by them.",
    f"{_SOURCE}; DME contractors' policy articles, such as A52464: supplies are billed with spans of dates",
    _FOLLOW_CMS,
)  # fmt: skip


def check_units(case: EditedEncounter) -> Iterator[Finding]:
    """Units of each line, and of each code, provider and day with what other encounters billed. No row: no limit here,
    which does not mean no limit at all. A day is told once, at its first line. Inpatient stays have no such edits."""
    if case.is_institutional and case.is_inpatient:
        return
    told: set[tuple[object, ...]] = set()
    for line in case.lines:
        mue = case.codesets.mue(case.mue_setting, line.code, line.on)
        if mue is None or _NOT_COVERED in line.modifier_set:
            continue
        if mue.units_limit == 0:
            yield NONE_ALLOWED.breach(line.where, code=line.code, release=mue.release)
            continue
        limit, units = _find_limit(case, line, mue), _count_a_day(line)
        if mue.adjudication_indicator == "1":
            if units > limit:
                yield LINE.breach(line.where, units=_plain(units), code=line.code, release=mue.release, limit=limit)
            continue
        total = units
        for other in case.lines:
            is_same = other.code == line.code and other.provider_npi == line.provider_npi and other is not line
            if is_same and other.on <= line.on <= other.last_day and _NOT_COVERED not in other.modifier_set:
                total += _count_a_day(other)
        for old in case.earlier_on(line):
            if old.code == line.code and _NOT_COVERED not in old.modifiers:
                total += _average(old.units, old.days)
        day = (line.code, line.provider_npi, line.on)
        if total > limit and day not in told:
            told.add(day)
            yield _day_breach(line, total, limit, mue, is_supply=_is_supply_of_days(case, line))


def _find_limit(case: EditedEncounter, line: Line, mue: Mue) -> int:
    """A surgery centre bills both sides as two units, and its limit is that of practitioners for each side."""
    biller = case.encounter.billing_provider
    is_centre = line.place_of_service == _CENTRE_PLACE and biller and biller.taxonomy == _SURGERY_CENTRE
    return mue.units_limit * 2 if is_centre and line.fee and line.fee.bilateral in _BOTH_SIDES else mue.units_limit


def _count_a_day(line: Line) -> Decimal:
    if _AFTERCARE in line.modifier_set:
        return Decimal(1)
    return _average(line.units, (line.last_day - line.on).days + 1)


def _average(units: Decimal, days: int) -> Decimal:
    """Units of a span of days, divided by the days and rounded to the nearest whole, as contractors do."""
    return (units / days).quantize(Decimal(1), ROUND_HALF_UP) if days > 1 else units


def _is_supply_of_days(case: EditedEncounter, line: Line) -> bool:
    """What a supplier dispenses for weeks and dates to one day: no limit of a day judges it."""
    is_suppliers = case.mue_setting in ("dme", "medicaid_dme")
    return is_suppliers and line.on == line.last_day and is_between(line.code, *_SUPPLIES)


def _day_breach(line: Line, total: Decimal, limit: int, mue: Mue, *, is_supply: bool) -> Finding:
    by_indicator = DAY_ABSOLUTE if mue.adjudication_indicator == "2" else DAY
    edit = SUPPLY if is_supply else by_indicator
    return edit.breach(line.where, units=_plain(total), code=mue.code, release=mue.release, limit=limit)


def _plain(units: Decimal) -> str:
    text = format(units, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


CHECKS = tuple(
    Check(check_units, (LINE, DAY, DAY_ABSOLUTE, NONE_ALLOWED, SUPPLY), (f"mue_{setting}",), settings=(setting,))
    for setting in get_args(MueSetting)
)
