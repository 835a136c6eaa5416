"""Element values: what X12 type R, N, DT and TM mean in Python, and how they are written.

Reading raises ValueError without the value in its text; the models turn that into a finding with the position.
"""

import re
import unicodedata
from datetime import date, time
from decimal import Decimal
from functools import lru_cache

from schemas.bounds import is_in_calendar

# Type R as the guides use it: leading zeros suppressed, no exponent, ASCII digits only.
TYPE_R = re.compile(r"-?(?:[0-9]{1,18}(?:\.[0-9]*)?|\.[0-9]+)")
CENT = Decimal("0.01")
ZERO = Decimal("0.00")


@lru_cache(maxsize=65536)
def parse_amount(text: str) -> Decimal:
    """Monetary amount (782, type R): '.47', '-.06' and '5.' are legal; two decimals in the result.

    Raises ValueError for anything else, and where a third decimal matters.
    """
    if len(text) > 40 or not TYPE_R.fullmatch(text):
        raise ValueError("not an amount: digits with at most one decimal point are needed")
    amount = Decimal(text)
    cents = amount.quantize(CENT)
    if cents != amount:
        raise ValueError("an amount finer than one cent")
    return cents + ZERO  # '-0' becomes 0.00


@lru_cache(maxsize=4096)
def parse_quantity(text: str) -> Decimal:
    """Quantity (380, type R), such as paid units; the exponent is normalised so that '1' and '1.0' are equal texts."""
    if len(text) > 40 or not TYPE_R.fullmatch(text):
        raise ValueError("not a quantity: digits with at most one decimal point are needed")
    quantity = Decimal(text)
    whole = quantity.to_integral_value()
    return whole + 0 if whole == quantity else quantity.normalize()


@lru_cache(maxsize=8192)
def parse_date(text: str) -> date:
    """Date (373): CCYYMMDD, or YYMMDD as in ISA09 (taken as 2000-2099)."""
    if len(text) == 6 and text.isascii() and text.isdigit():
        text = "20" + text
    if len(text) != 8 or not text.isascii() or not text.isdigit():
        raise ValueError("not a date: CCYYMMDD is needed")
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))


@lru_cache(maxsize=8192)
def parse_day(text: str) -> date:
    """A date of service or of business: one that schemas.bounds accepts."""
    day = parse_date(text)
    if not is_in_calendar(day):
        raise ValueError("not a date of service or business: years from 1900 to 2100 are")
    return day


@lru_cache(maxsize=4096)
def parse_time(text: str) -> time:
    """Time (337): HHMM or HHMMSS, with hundredths ignored."""
    if len(text) not in (4, 6, 7, 8) or not text.isascii() or not text.isdigit():
        raise ValueError("not a time: HHMM or HHMMSS is needed")
    return time(int(text[:2]), int(text[2:4]), int(text[4:6] or 0))


@lru_cache(maxsize=65536)
def format_number(number: Decimal | int) -> str:
    """Type R without the zeros that X12 suppresses: 0.50 -> '.5', 125.00 -> '125'."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if text.startswith("0.") or text.startswith("-0."):
        text = text.replace("0.", ".", 1)
    return "0" if text in ("", "-0", "-") else text


@lru_cache(maxsize=8192)
def format_date(day: date | None) -> str:
    """CCYYMMDD, or '' for none."""
    return f"{day.year:04d}{day.month:02d}{day.day:02d}" if day else ""


def format_time(moment: time | None) -> str:
    """HHMM, or HHMMSS where there are seconds, or '' for none."""
    if moment is None:
        return ""
    return f"{moment:%H%M%S}" if moment.second else f"{moment:%H%M}"


def fold_text(text: str) -> str:
    """A person's or place's name in the characters every payer takes: accents dropped, controls and delimiters blanked.

    Lossy by design, so it is the caller's decision; writers never fold by themselves, they refuse.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return " ".join(re.sub(r"[*:^~|>\x00-\x1f\x7f]", " ", plain).split())


def read_date(text: str) -> date | None:
    """A date where the text is one, else None: for places where a wrong date decides nothing."""
    try:
        return parse_date(text)
    except ValueError:
        return None


def read_time(text: str) -> time | None:
    """A time where the text is one, else None."""
    try:
        return parse_time(text)
    except ValueError:
        return None
