"""How far values go, at every door alike: files, Kafka, people's acts, and what steps tell each other.

A value beyond its bound is refused where it comes in, by the field's name: what is inside never meets one, so that no
date runs off the calendar, no sum off the store's 64 bits, and no count off its document.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

# Dates of service and of business. Coverage may say "until 9999": such dates are compared, never counted on.
DAY_MIN, DAY_MAX = date(1900, 1, 1), date(2100, 12, 31)
Day = Annotated[date, Field(ge=DAY_MIN, le=DAY_MAX)]

AMOUNT_MAX = Decimal("9999999999.99")  # one amount of a document or an act: millions of them fit 64-bit cents
CHARGE_MAX = Decimal("99999999.99")  # one line of a claim, which has fifty: their sum is an amount
TOTAL_MAX = Decimal("999999999999.99")  # what a step says of many amounts
SUM_MAX = Decimal("999999999999999.99")  # what is remembered, or booked, of many totals: cents fit 64 bits many times

INDEX_MAX = 99_999_999  # places in a file of at most 2 GB: its segments are fewer
Offset = Annotated[int, Field(ge=0, le=2_000_000_000)]  # bytes into such a file
Index = Annotated[int, Field(ge=0, le=INDEX_MAX)]
Count = Annotated[int, Field(ge=0, le=INDEX_MAX)]
PART_CLAIMS = 200  # of a remittance, that one transaction carries
Revision = Annotated[int, Field(ge=1, le=999_999_999)]  # decisions about one encounter
Days = Annotated[int, Field(ge=0, le=99_999)]  # between two days in bounds
ControlNumber = Annotated[int, Field(ge=1, le=999_999_999)]  # ISA13, GS06

BODY_BYTES_MAX = 8_000_000  # of one event as JSON, on both engines: what a Kafka topic takes

NO_NUL = r"^[^\x00]*$"  # Postgres keeps no NUL in a text
NO_CONTROLS = r"^[^\x00-\x1f\x7f]*$"
Code = Annotated[str, StringConstraints(max_length=60, pattern=NO_CONTROLS)]  # of a table or a document, as sent


def _require_calendar(at: datetime) -> datetime:
    if not is_in_calendar(at.date()):
        raise ValueError("an instant outside of the years 1900 to 2100")
    return at


Instant = Annotated[datetime, AfterValidator(_require_calendar)]


def is_in_calendar(day: date) -> bool:
    """Whether a day is within DAY_MIN and DAY_MAX."""
    return DAY_MIN <= day <= DAY_MAX
