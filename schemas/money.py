"""Money: Decimal dollars with at most two decimals that matter; text on the wire, integer cents in the store."""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Annotated

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

# X12 type R suppresses leading zeros: ".47", "-.06" and "5." are legal (domain rules, section 1). ASCII digits only:
# Decimal() by itself would take "NaN", "1_000", "1e5" and full-width digits.
AMOUNT = re.compile(r"-?(?:[0-9]{1,18}(?:\.[0-9]*)?|\.[0-9]+)")
CENT = Decimal("0.01")
ZERO = Decimal("0.00")
MAX_CENTS = 2**63 - 1  # the store keeps signed 64-bit cents


@lru_cache(maxsize=16384)
def _parse_text(text: str) -> Decimal:
    if len(text) > 40 or not AMOUNT.fullmatch(text):
        raise ValueError("not an amount: write digits with at most two decimals, such as 125.00")
    amount = Decimal(text)
    cents = amount.quantize(CENT)
    if cents != amount:
        raise ValueError("an amount finer than one cent: round it at its source")
    if abs(cents) * 100 > MAX_CENTS:
        raise ValueError("an amount beyond 92 quadrillion dollars: check the decimal point")
    return cents + ZERO  # "-0" becomes "0.00"


def parse_money(value: object) -> Decimal:
    """The one constructor of money: text or Decimal or int dollars to a Decimal with two decimals.

    Raises ValueError for floats, exponents, NaN, more than two decimals that matter, and sums beyond 64-bit cents.
    """
    if type(value) is str:
        return _parse_text(value)
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError("not an amount: a finite number of dollars and cents is needed")
        return _parse_text(format(value, "f"))
    if isinstance(value, int) and not isinstance(value, bool):
        return _parse_text(str(value))
    raise ValueError("money is text such as '125.00', never a floating-point number")


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


Money = Annotated[
    Decimal,
    PlainValidator(parse_money),
    PlainSerializer(format_money, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^-?\d{1,17}\.\d{2}$", "description": "US dollars and cents"}),
]
