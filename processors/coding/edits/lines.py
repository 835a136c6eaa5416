"""Service lines by themselves: pointers, units, charges, dates, and the same service twice."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from processors.coding.edits.case import Check, Edit, EditedEncounter, Line
from processors.coding.edits.earlier_services import REPEAT_MODIFIERS
from schemas.findings import Finding

UNITS_MAX = Decimal(99_999_999)  # eight digits (SV104)
# What some payers' systems take on one line at most: a line of that many goes on in the next one.
_FULL_LINES = (Decimal(9_999), Decimal(99_999))
_SV1 = "X12 005010X222A1 2400 SV1"

POINTER_MISSING = Edit(
    "pointer_missing", "hold", "coder",
    "The line points to no diagnosis.",
    "Point it to the diagnosis that it was done for.",
    f"{_SV1}07-1",
)  # fmt: skip
POINTER_DANGLING = Edit(
    "pointer_dangling", "hold", "coder",
    "The line points to a diagnosis that is not there.",
    "Correct the pointer, or add the diagnosis.",
    f"{_SV1}07",
)  # fmt: skip
UNITS_INVALID = Edit(
    "units_invalid", "hold", "coder",
    "{units} units; more than zero and at most {limit} are possible.",
    "Enter the units that were done.",
    f"{_SV1}04; RFI 2499",
)  # fmt: skip
CHARGE_NEGATIVE = Edit(
    "charge_negative", "hold", "biller",
    "A charge is never negative.",
    "Correct the charge; to take a service back, void the claim.",
    f"{_SV1}02; RFI 2499",
)  # fmt: skip
CHARGE_ZERO = Edit(
    "charge_zero", "warn", "biller",
    "The charge is zero.",
    "Check the price; zero is right for codes that only report.",
    f"{_SV1}02",
)  # fmt: skip
DATES_REVERSED = Edit(
    "dates_reversed", "hold", "coder",
    "The service ends before it begins.",
    "Correct the dates of the service.",
    "X12 005010X222A1 2400 DTP*472",
)  # fmt: skip
OUTSIDE_ENCOUNTER = Edit(
    "service_outside_encounter", "hold", "coder",
    "The service lies outside the dates of the encounter.",
    "Correct the dates of the service or of the encounter.",
    "X12 005010X222A1 2400 DTP*472",
)  # fmt: skip
FUTURE_DATE = Edit(
    "service_in_future", "hold", "coder",
    "The service is dated after the day on which the encounter is judged.",
    "Correct the date, or send the encounter once the service is done.",
    "42 CFR 424.5: payment is for services furnished",
)  # fmt: skip
DUPLICATE = Edit(
    "duplicate_line", "hold", "coder",
    "The same service with the same modifiers and provider stands that day on {first}.",
    "Add up the units on one line, or add 76, 77, 91, 59 or X{{EPSU}} when it was done again.",
    "Medicare Claims Processing Manual ch. 1 s. 120",
    is_policy=True,
)  # fmt: skip


def check_pointers(case: EditedEncounter) -> Iterator[Finding]:
    """Diagnosis pointers: there, and to a diagnosis that is there."""
    for line in case.lines:
        pointers = line.line.diagnosis_pointers
        if not pointers:
            yield POINTER_MISSING.breach(line.where)
        elif len(line.diagnoses) < len(pointers):
            yield POINTER_DANGLING.breach(line.where)


def check_amounts(case: EditedEncounter) -> Iterator[Finding]:
    """Units and charges."""
    for line in case.lines:
        if not 0 < line.units <= UNITS_MAX:
            yield UNITS_INVALID.breach(line.where, units=line.units, limit=UNITS_MAX)
        if line.line.charge_amount < 0:
            yield CHARGE_NEGATIVE.breach(line.where)
        elif line.line.charge_amount == 0:
            yield CHARGE_ZERO.breach(line.where)


def check_dates(case: EditedEncounter) -> Iterator[Finding]:
    """Dates of each service against each other, the encounter and the day of judgement."""
    encounter = case.encounter
    last = max(encounter.start_date, encounter.end_date or date.min, encounter.discharge_date or date.min)
    for line in case.lines:
        begins, ends = line.on, line.line.service_date_to
        if ends < begins:
            yield DATES_REVERSED.breach(line.where)
        elif begins < encounter.start_date or ends > last:
            yield OUTSIDE_ENCOUNTER.breach(line.where)
        if case.as_of and ends > case.as_of:
            yield FUTURE_DATE.breach(line.where)


def check_duplicates(case: EditedEncounter) -> Iterator[Finding]:
    """The same service twice in one encounter; at the later line. Units that one line cannot carry, such as those of
    clotting factors, go on in a second (Medicare Claims Processing Manual ch. 17 s. 80.4)."""
    seen: dict[tuple[object, ...], Line] = {}
    for line in case.lines:
        key = (line.code, line.modifier_set, line.on, line.line.service_date_to, line.provider_npi)
        first = seen.setdefault(key, line)
        is_repeat = first is not line and REPEAT_MODIFIERS.isdisjoint(line.modifier_set)
        if is_repeat and first.units not in _FULL_LINES:
            yield DUPLICATE.breach(line.where, first=first.where)


CHECKS = (
    Check(check_pointers, (POINTER_MISSING, POINTER_DANGLING)),
    Check(check_amounts, (UNITS_INVALID, CHARGE_NEGATIVE, CHARGE_ZERO)),
    Check(check_dates, (DATES_REVERSED, OUTSIDE_ENCOUNTER, FUTURE_DATE)),
    Check(check_duplicates, (DUPLICATE,)),
)
