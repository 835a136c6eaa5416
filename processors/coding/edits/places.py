"""Places of service: a code in force, and one where the procedure is done."""

from collections.abc import Iterator
from functools import lru_cache

from processors.coding.edits.case import Check, Edit, EditedEncounter, Line
from processors.coding.edits.evaluation import EMERGENCY, HOME, HOSPITAL, NURSING_FACILITY
from schemas.code_ranges import is_between
from schemas.codesets import FeeScheduleRow
from schemas.findings import Finding

# Places paid at the facility rate (CMS, place of service code set).
FACILITY = frozenset(
    ["02", "06", "08", "19", "21", "22", "23", "24", "26", "31", "34", "41", "42", "51", "52", "53", "56", "61"]
)
# Visits whose words name the place: ranges of CPT and the places that fit.
_PLACES_OF = (
    (EMERGENCY, frozenset(["23", "02", "10"])),
    (HOSPITAL, frozenset(["02", "10", "06", "08", "19", "21", "22", "23", "26", "51", "52", "61"])),
    (NURSING_FACILITY, frozenset(["02", "10", "31", "32", "33", "54", "56", "61"])),
    (HOME, frozenset(["02", "04", "10", "12", "13", "14", "16", "27", "33", "54", "55", "56"])),
)
_AFTERCARE = frozenset(["55", "56"])  # care before or after a surgery, which is given in the office
_HOSPITAL = frozenset(["19", "21", "22", "23"])
_HAS_PARTS = "1"  # PC/TC indicator of a test with a professional and a technical part
_POS = "CMS place of service code set; Medicare Claims Processing Manual ch. 26 s. 10.5"

INVALID = Edit(
    "place_of_service_invalid", "hold", "biller",
    "{place} is no place of service that is valid on the date.",
    "Use a code of the CMS place of service set.",
    _POS,
)  # fmt: skip
AGAINST_CODE = Edit(
    "place_of_service_against_code", "warn", "coder",
    "{code} is not done at place {place} ({why}).",
    "Correct the place of service, or the code.",
    _POS,
)  # fmt: skip


COMPONENT_MISSING = Edit(
    "modifier_26_missing", "hold", "coder",
    "{code} is billed whole at place {place}, where the hospital bills its technical part.",
    "Add 26 when the physician read it and the hospital owns the equipment; else correct the place of service.",
    "Medicare Claims Processing Manual ch. 13 s. 20.2; ch. 26 s. 10.5",
    is_policy=True,
)  # fmt: skip


@lru_cache(maxsize=20_000)
def _places_of(code: str) -> frozenset[str] | None:
    """Where a visit takes place by its own words, or None for a code without such words."""
    return next((places for ranges, places in _PLACES_OF if is_between(code, *ranges)), None)


def check_code(case: EditedEncounter) -> Iterator[Finding]:
    """The place of each professional line."""
    for line in case.lines:
        place = line.place_of_service
        if place:
            found = case.codesets.place_of_service(place, line.on)
            if found is None or not found.is_in_force(line.on):
                yield INVALID.breach(line.where, place=place)


def check_against_procedure(case: EditedEncounter) -> Iterator[Finding]:
    """Visits by the place in their words, everything else by the fee schedule's NA indicators."""
    for line in case.lines:
        place = line.place_of_service
        if not place:
            continue
        fits = _places_of(line.code)
        if fits is not None:
            if place not in fits:
                yield AGAINST_CODE.breach(line.where, code=line.code, place=place, why="the visit's own words")
        elif fee := line.component_fee:
            yield from _judge_place(line, fee, place)


def _judge_place(line: Line, fee: FeeScheduleRow, place: str) -> Iterator[Finding]:
    if fee.not_in_office and place not in FACILITY and _AFTERCARE.isdisjoint(line.modifier_set):
        why = f"fee schedule {fee.release}: not outside a facility"
        yield AGAINST_CODE.breach(line.where, code=line.code, place=place, why=why)
    elif fee.not_in_facility and place in FACILITY:
        if fee.professional_technical == _HAS_PARTS and not fee.modifier and place in _HOSPITAL:
            yield COMPONENT_MISSING.breach(line.where, code=line.code, place=place)
        else:
            why = f"fee schedule {fee.release}: not in a facility"
            yield AGAINST_CODE.breach(line.where, code=line.code, place=place, why=why)


CHECKS = (
    Check(check_code, (INVALID,), ("place_of_service",), form="professional"),
    Check(check_against_procedure, (AGAINST_CODE, COMPONENT_MISSING), form="professional"),
)
