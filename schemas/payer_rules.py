"""Payer rules as data: what billers write in TOML files, and the pack of them that judges encounters.

A rule looks at one service line at a time. Every condition that is given must hold; one that is left out holds always.
"""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from schemas.base import Frozen, Identifier, LongText
from schemas.code_ranges import is_same_class
from schemas.encounter import Modifier


def _require_range(codes: str) -> str:
    """A range holds codes of one class: what lies between two classes nobody can say."""
    low, _, high = codes.partition("-")
    if high and not is_same_class(low, high):
        raise ValueError(f"{codes} joins two classes of code, such as 99213 and 0042T: write a range for each")
    if high and high < low:
        raise ValueError(f"{codes} ends before it begins")
    return codes


CodeRange = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{5}(-[0-9A-Z]{5})?$"), AfterValidator(_require_range)]
DiagnosisPrefix = Annotated[str, StringConstraints(pattern=r"^[A-Z][0-9A-Z]{0,6}$")]
Words = Annotated[tuple[Annotated[str, StringConstraints(min_length=1, max_length=80)], ...], Field(max_length=500)]
CheckedField = Literal["prior_authorization_number", "clia_number", "ndc", "referring_provider", "note"]
SetField = Literal["place_of_service", "revenue_code", "modifier"]
_SET_SHAPES: dict[str, str] = {
    "place_of_service": r"[0-9]{2}",
    "revenue_code": r"[0-9]{4}",
    "modifier": r"[A-Z0-9]{2}",
}


class RuleConditions(Frozen):
    """When a rule applies. Codes are `99202-99215` or one code; diagnoses match by their first characters."""

    payers: Words = ()
    plans: Words = ()
    filing_indicators: Words = ()
    codes: Annotated[tuple[CodeRange, ...], Field(max_length=500)] = ()
    modifiers_any: tuple[Modifier, ...] = ()
    modifiers_none: tuple[Modifier, ...] = ()
    places: Words = ()
    specialties: Words = ()
    diagnoses_any: tuple[DiagnosisPrefix, ...] = ()
    diagnoses_none: tuple[DiagnosisPrefix, ...] = ()
    age_min: Annotated[int, Field(ge=0, le=130)] | None = None
    age_max: Annotated[int, Field(ge=0, le=130)] | None = None
    units_above: Annotated[Decimal, Field(ge=0)] | None = None
    missing: tuple[CheckedField, ...] = ()


class RuleExample(Frozen):
    """One line as an example beside a rule; what is left out is empty or unknown."""

    payer: str = ""
    plan: str = ""
    filing_indicator: str = "CI"
    code: str = ""
    modifiers: tuple[Modifier, ...] = ()
    place: str = ""
    specialty: str = ""
    diagnoses: tuple[str, ...] = ()
    age: int | None = None
    units: Decimal = Decimal(1)
    on: date | None = None
    present: tuple[CheckedField, ...] = ()


class PayerRule(Frozen):
    """One rule. `set` gives the field's new value; a modifier is added behind those that stand."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{1,79}$")]
    action: Literal["hold", "warn", "set"]
    message: LongText
    remedy: LongText
    owner: Literal["coder", "biller", "front desk"] = "biller"
    effective_from: date
    effective_to: date | None = None
    when: RuleConditions
    set: dict[SetField, str] = Field(default_factory=dict)
    matches: Annotated[tuple[RuleExample, ...], Field(min_length=1)]
    misses: Annotated[tuple[RuleExample, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _require_one_effect(self) -> "PayerRule":
        if (self.action == "set") != bool(self.set):
            raise ValueError("a rule whose action is set needs a [rule.set] table, and no other rule has one")
        for name, value in self.set.items():
            if not re.fullmatch(_SET_SHAPES[name], value):
                raise ValueError(f"{name} cannot be {value[:20]!r}")
        if self.when == RuleConditions():
            raise ValueError("a rule needs at least one condition in [rule.when]")
        if self.effective_to is not None and self.effective_to < self.effective_from:
            raise ValueError("effective_to lies before effective_from")
        return self


class RulePack(Frozen):
    """Every rule of a folder, by id; `version` is the sha256 of its files and travels in events."""

    version: Identifier
    rules: tuple[PayerRule, ...] = ()
