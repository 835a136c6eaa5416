"""The record behind the bill and the time left to bill it."""

from collections.abc import Iterator
from datetime import date

from processors.edits.case import Case, Check, Edit
from schemas.findings import Finding

NEAR_DAYS = 30

NOT_DOCUMENTED = Edit(
    "service_not_documented", "warn", "coder",
    "{code} is billed, and the record's coded procedures do not hold it.",
    "Have the service documented, or remove it.",
    "Social Security Act s. 1833(e)",
)  # fmt: skip
FILING_NEAR = Edit(
    "timely_filing_near", "warn", "biller",
    "{days} days are left to file this service with Medicare.",
    "File it first.",
    "42 CFR 424.44(a)",
)  # fmt: skip
FILING_PAST = Edit(
    "timely_filing_past", "hold", "biller",
    "The time to file this service with Medicare ended {days} days ago.",
    "Bill only under an exception of 42 CFR 424.44(b); a denial for it cannot be appealed.",
    "42 CFR 424.44(a)",
)  # fmt: skip


def check_documentation(case: Case) -> Iterator[Finding]:
    """Lines without a coded procedure behind them, in records that code their procedures as CPT or HCPCS."""
    documented = {
        fact.code
        for fact in case.encounter.documentation
        if fact.kind == "procedure" and fact.system in ("CPT", "HCPCS")
    }
    if documented:
        for line in case.lines:
            if line.code not in documented:
                yield NOT_DOCUMENTED.breach(line.where, code=line.code)


def check_filing(case: Case) -> Iterator[Finding]:
    """Medicare takes a claim for one calendar year: from the line's first day, or the stay's last."""
    if case.as_of is None or not case.is_medicare:
        return
    for line in case.lines:
        begins = line.line.service_date_to if case.is_institutional else line.on
        days_left = (one_year_after(begins) - case.as_of).days
        if days_left < 0:
            yield FILING_PAST.breach(line.where, days=-days_left)
        elif days_left <= NEAR_DAYS:
            yield FILING_NEAR.breach(line.where, days=days_left)


def one_year_after(day: date) -> date:
    """The same day one calendar year later; 28 February for a leap day."""
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + 1, day=28 if is_leap_day else day.day)


CHECKS = (Check(check_documentation, (NOT_DOCUMENTED,)), Check(check_filing, (FILING_NEAR, FILING_PAST)))
