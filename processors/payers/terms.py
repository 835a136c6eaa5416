"""What the payer's contract says about time: how long to file, how long its answer takes, which appeals."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal

from schemas.reference import AppealLevelRow, PayerTermsRow, Reference

RECEIPT_DAYS = 5  # a notice is presumed to be received five days after its date (42 CFR 405.942)
NO_TERMS = PayerTermsRow(payer="*", filing_indicator="*", plan="commercial", filing_days=90, answer_days=45)


def find_terms(rows: Mapping[tuple[str, str], PayerTermsRow], payer: str, filing_indicator: str) -> PayerTermsRow:
    """The row of this payer and filing indicator, else of the payer, else of the indicator, else of anybody."""
    for key in ((payer, filing_indicator), (payer, "*"), ("*", filing_indicator), ("*", "*")):
        if key in rows:
            return rows[key]
    return NO_TERMS


def find_filing_limit(terms: PayerTermsRow, service_dates: Iterable[date]) -> date | None:
    """The last day on which a claim may be filed: counted from its first date of service, a year to the same day."""
    first = min(service_dates, default=None)
    if first is None:
        return None
    is_leap_day = (first.month, first.day) == (2, 29)
    same_day = first.replace(year=first.year + terms.filing_years, day=28 if is_leap_day else first.day)
    return same_day if terms.filing_years else first + timedelta(days=terms.filing_days)


def find_appeal_level(reference: Reference, plan: str, level: int, on: date) -> AppealLevelRow | None:
    """The row of a plan's level that is in force on a day; None where the contract alone decides."""
    rows = [x for x in reference.appeal_levels if (x.plan, x.level) == (plan, level) and x.effective_from <= on]
    return max(rows, key=lambda row: row.effective_from, default=None)


def find_appeal_deadline(row: AppealLevelRow, notice_date: date) -> date:
    """The last day of an appeal: receipt is presumed five days after the notice."""
    return notice_date + timedelta(days=row.deadline_days + (RECEIPT_DAYS if row.counted_from == "receipt" else 0))


def reaches_controversy(row: AppealLevelRow, amount: Decimal) -> bool:
    """Whether the amount in dispute suffices for this level."""
    return row.controversy_amount is None or amount >= row.controversy_amount
