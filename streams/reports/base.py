"""What every report shares."""

from typing import Any

from schemas.money import format_money, from_cents

Json = dict[str, Any]


def money(cents: int | None) -> str:
    """Integer cents as the contract's text with two decimals."""
    return format_money(from_cents(cents or 0))
