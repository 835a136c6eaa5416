"""Service line edits: code shape, modifiers, pointers, units, charges, dates, place of service, duplicates."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from schemas.codesets import CodeSets
from schemas.encounter import CodedEncounter, CodedLine
from schemas.findings import Finding, Owner, Severity
from schemas.history import PatientHistory

CPT = re.compile(r"[0-9]{5}|[0-9]{4}[FTUMA]")
HCPCS = re.compile(r"[A-CE-V][0-9]{4}")  # D codes are the ADA's CDT
MODIFIER = re.compile(r"[A-Z0-9]{2}")
PLACE_OF_SERVICE = re.compile(r"[0-9]{2}")
REPEAT_MODIFIERS = frozenset({"76", "77", "59", "XE", "XS", "XP", "XU", "91"})  # the second line is meant


def check_lines(encounter: CodedEncounter, history: PatientHistory, codesets: CodeSets) -> Iterator[Finding]:
    """Everything that one line, or two lines of one encounter, can get wrong without a payer's table."""
    seen: set[tuple[str, tuple[str, ...], date, date]] = set()
    for line in encounter.lines:
        where = f"line {line.number} {line.code}"
        yield from _check_code(line, where)
        yield from _check_pointers(line, where, len(encounter.diagnoses))
        yield from _check_amounts(line, where)
        yield from _check_dates(line, where, encounter)
        place = line.place_of_service or encounter.place_of_service
        if place and not PLACE_OF_SERVICE.fullmatch(place):
            what = "the place of service is not two digits"
            yield _finding("place_of_service_invalid", "biller", where, what, "use a CMS place of service code")
        identity = (line.code, line.modifiers, line.service_date_from, line.service_date_to)
        if identity in seen and not REPEAT_MODIFIERS & set(line.modifiers):
            what = "the same service on the same day stands on an earlier line"
            remedy = "add up the units on one line, or add modifier 76, 77, 59 or X{EPSU} if it was done again"
            yield _finding("duplicate_line", "coder", where, what, remedy)
        seen.add(identity)


def _check_code(line: CodedLine, where: str) -> Iterator[Finding]:
    shape = CPT if line.code_system == "CPT" else HCPCS
    if not shape.fullmatch(line.code):
        what = f"the code does not have the shape of a {line.code_system} code"
        yield _finding("procedure_shape", "coder", where, what, "look the code up again; check its code system")
    for modifier in line.modifiers:
        if not MODIFIER.fullmatch(modifier):
            yield _finding(
                "modifier_shape", "coder", where, "a modifier is two letters or digits", "correct or remove it"
            )
    if len(set(line.modifiers)) < len(line.modifiers):
        yield _finding("modifier_duplicate", "coder", where, "the same modifier twice", "remove one of them")
    if {"LT", "RT"} & set(line.modifiers) and "50" in line.modifiers:
        what = "modifier 50 (both sides) with LT or RT (one side)"
        yield _finding("modifier_conflict", "coder", where, what, "keep 50, or bill LT and RT on two lines")


def _check_pointers(line: CodedLine, where: str, diagnosis_count: int) -> Iterator[Finding]:
    if not line.diagnosis_pointers:
        what = "the line points to no diagnosis (SV107)"
        yield _finding("pointer_missing", "coder", where, what, "point it to the diagnosis that it was done for")
    elif any(pointer > diagnosis_count for pointer in line.diagnosis_pointers):
        what = "the line points to a diagnosis that is not there"
        yield _finding("pointer_dangling", "coder", where, what, "correct the pointer or add the diagnosis")


def _check_amounts(line: CodedLine, where: str) -> Iterator[Finding]:
    if line.units <= 0:
        yield _finding("units_invalid", "coder", where, "units must be more than zero", "enter the units done")
    elif line.units > Decimal(9999):
        yield _finding("units_invalid", "coder", where, "more than 9999 units", "check the units")
    if line.charge_amount < 0:
        what = "a charge is never negative (RFI 2499)"
        yield _finding("charge_negative", "biller", where, what, "correct the charge; void the claim to take it back")
    elif line.charge_amount == 0:
        what = "the charge is zero"
        yield _finding(
            "charge_zero", "biller", where, what, "check the price; zero is right for reported codes only", "warn"
        )


def _check_dates(line: CodedLine, where: str, encounter: CodedEncounter) -> Iterator[Finding]:
    if line.service_date_to < line.service_date_from:
        yield _finding("dates_reversed", "coder", where, "the service ends before it begins", "correct the dates")
        return
    last = max(encounter.start_date, encounter.end_date or encounter.start_date, encounter.discharge_date or date.min)
    if line.service_date_from < encounter.start_date or line.service_date_to > last:
        what = "the service lies outside the encounter's dates"
        yield _finding("service_outside_encounter", "coder", where, what, "correct the service or encounter dates")


def _finding(code: str, owner: Owner, where: str, what: str, remedy: str, severity: Severity = "hold") -> Finding:
    return Finding(code=code, severity=severity, owner=owner, where=where, what=what, remedy=remedy)
