"""What every report is: a declared model that answers a question, for `--json`, screens and pages alike."""

from decimal import Decimal
from typing import Annotated

from pydantic import ConfigDict, Field

from schemas.base import PHI, Frozen
from schemas.money import from_cents

Instant = Annotated[str, Field(json_schema_extra={"format": "date-time"})]  # as the store has it: ISO 8601, UTC
PhiWords = Annotated[str, Field(json_schema_extra=PHI)]


class Report(Frozen):
    """An answer as data. It is a contract: keys may be added, never renamed, and keep their order."""

    # Of keys that are no names in Python, such as `from`, the alias is printed.
    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)


def money(cents: int | None) -> Decimal:
    """Integer cents of the store as dollars with two decimals; nothing is 0.00."""
    return from_cents(int(cents or 0))
