"""Medically unlikely edits: more units than one patient gets on one line (MAI 1) or on one day (MAI 2 and 3)."""

from collections.abc import Iterator
from decimal import Decimal

from processors.coding.edits.case import Case, Check, Edit
from schemas.codesets import Mue
from schemas.findings import Finding

_SOURCE = "NCCI medically unlikely edits; NCCI Policy Manual ch. I s. V"
_KIND_OF_DAY_LIMIT = {"2": "absolute, by policy", "3": "clinical, appealable with documentation"}

LINE = Edit(
    "mue_line", "hold", "coder",
    "{units} units of {code} on one line; {release} allows {limit} (MAI 1).",
    "Correct the units, or report the further units on lines with modifiers that say why. The whole line would deny.",
    _SOURCE,
)  # fmt: skip
DAY = Edit(
    "mue_day", "hold", "coder",
    "{units} units of {code} on one day over all lines and claims; {release} allows {limit} (MAI {indicator}, {kind}).",
    "Correct the units; all units of that day would deny, not only the excess.",
    _SOURCE,
)  # fmt: skip


def check_units(case: Case) -> Iterator[Finding]:
    """Units of each line, and of each code, provider and day with what other encounters billed. No row: no limit here,
    which does not mean no limit at all. Inpatient hospital stays have no such edits."""
    if case.is_institutional and case.is_inpatient:
        return
    for line in case.lines:
        mue = case.codesets.mue(case.setting, line.code, line.on)
        if mue is None:
            continue
        if mue.adjudication_indicator == "1":
            if line.units > mue.units_limit:
                units = _plain(line.units)
                yield LINE.breach(line.where, units=units, code=line.code, release=mue.release, limit=mue.units_limit)
            continue
        total = line.units
        for other in case.lines:
            is_same = other.code == line.code and other.on == line.on and other.provider_npi == line.provider_npi
            if is_same and other is not line:
                total += other.units
        for old in case.earlier_on(line):
            if old.code == line.code:
                total += old.units
        if total > mue.units_limit:
            yield _day_breach(line.where, total, mue)


def _day_breach(where: str, total: Decimal, mue: Mue) -> Finding:
    return DAY.breach(
        where, units=_plain(total), code=mue.code, release=mue.release, limit=mue.units_limit,
        indicator=mue.adjudication_indicator, kind=_KIND_OF_DAY_LIMIT[mue.adjudication_indicator],
    )  # fmt: skip


def _plain(units: Decimal) -> str:
    text = format(units, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


CHECKS = (
    Check(check_units, (LINE, DAY), ("mue_practitioner",), form="professional"),
    Check(check_units, (LINE, DAY), ("mue_outpatient",), form="institutional"),
)
