"""Money: Decimal dollars with at most two decimals that matter; text on the wire, integer cents in the store.

Money is one amount of a document or an act, Total what a step says of many, Sum what is remembered of many totals:
each has room for thousands of the one before it, so that no sum leaves the store's 64 bits.
"""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Annotated

from pydantic import Field, PlainSerializer, PlainValidator, WithJsonSchema

from schemas.bounds import AMOUNT_MAX, CHARGE_MAX, SUM_MAX, TOTAL_MAX

# X12 type R suppresses leading zeros: ".47", "-.06" and "5." are legal (domain rules, section 1). ASCII digits only:
# Decimal() by itself would take "NaN", "1_000", "1e5" and full-width digits.
AMOUNT = re.compile(r"-?(?:[0-9]{1,18}(?:\.[0-9]*)?|\.[0-9]+)")
DIGITS_MAX = 18
CENT = Decimal("0.01")
ZERO = Decimal("0.00")


@lru_cache(maxsize=16384)
def _parse_text(text: str) -> Decimal:
    if len(text) > 40 or not AMOUNT.fullmatch(text):
        raise ValueError("not an amount: write digits with at most two decimals, such as 125.00")
    amount = Decimal(text)
    cents = amount.quantize(CENT)
    if cents != amount:
        raise ValueError("an amount finer than one cent: round it at its source")
    return cents + ZERO  # "-0" becomes "0.00"


def parse_money(value: object) -> Decimal:
    """The one constructor of money: text or Decimal or int dollars to a Decimal with two decimals.

    Raises ValueError for floats, exponents, NaN, more than two decimals that matter, and beyond AMOUNT_MAX.
    """
    return _parse(value, AMOUNT_MAX)


def _parse_total(value: object) -> Decimal:
    return _parse(value, TOTAL_MAX)


def _parse_sum(value: object) -> Decimal:
    return _parse(value, SUM_MAX)


def _parse(value: object, largest: Decimal) -> Decimal:
    if type(value) is str:
        amount = _parse_text(value)
    elif isinstance(value, Decimal):
        if not value.is_finite() or abs(value.adjusted()) > DIGITS_MAX:
            raise ValueError("not an amount: a finite number of dollars and cents is needed")
        amount = _parse_text(format(value, "f"))
    elif isinstance(value, int) and not isinstance(value, bool):
        amount = _parse_text(str(value))
    else:
        raise ValueError("money is text such as '125.00', never a floating-point number")
    if abs(amount) > largest:
        raise ValueError(f"an amount beyond {largest} dollars: check the decimal point")
    return amount


@lru_cache(maxsize=16384)  # the amounts of one document are told again by every step
def format_money(amount: Decimal) -> str:
    """Dollars with two decimals, the form of every JSON document: Decimal('5') -> '5.00'."""
    return format(amount.quantize(CENT) + ZERO, "f")


def to_cents(amount: Decimal) -> int:
    """Dollars to integer cents, exact (parse_money made sure)."""
    return int(amount.scaleb(2))


def from_cents(cents: int) -> Decimal:
    """Integer cents to dollars with two decimals."""
    return Decimal(cents).scaleb(-2)


def _describe(digits: int) -> WithJsonSchema:
    pattern = rf"^-?\d{{1,{digits}}}\.\d{{2}}$"
    return WithJsonSchema({"type": "string", "pattern": pattern, "description": "US dollars and cents"})


_as_text = PlainSerializer(format_money, return_type=str)
Money = Annotated[Decimal, PlainValidator(parse_money), _as_text, _describe(10)]
Charge = Annotated[Money, Field(ge=-CHARGE_MAX, le=CHARGE_MAX)]
Total = Annotated[Decimal, PlainValidator(_parse_total), _as_text, _describe(12)]
Sum = Annotated[Decimal, PlainValidator(_parse_sum), _as_text, _describe(15)]
