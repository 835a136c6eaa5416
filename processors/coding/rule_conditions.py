"""The conditions of payer rules: each name of `RuleConditions` and what it asks of a line. A new one is a line here."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from schemas.code_ranges import is_between
from schemas.payer_rules import RuleConditions


@dataclass(frozen=True, slots=True)
class Facts:
    """What conditions ask of a line; `age` is None when the birth date is unknown."""

    on: date
    payer: str
    plan: str
    filing_indicator: str
    code: str
    modifiers: frozenset[str]
    place: str
    specialty: str
    diagnoses: tuple[str, ...]
    age: int | None
    units: Decimal
    present: frozenset[str]


def _lies_in(code: str, codes: str) -> bool:
    low, _, high = codes.partition("-")
    return is_between(code, (low, high or low))


# The condition's value and the line's facts: whether it holds; None when only an unknown age stands in the way.
PREDICATES: dict[str, Callable[[Any, Facts], bool | None]] = {
    "payers": lambda payers, facts: facts.payer in payers,
    "plans": lambda plans, facts: facts.plan in plans,
    "filing_indicators": lambda indicators, facts: facts.filing_indicator in indicators,
    "codes": lambda ranges, facts: any(_lies_in(facts.code, codes) for codes in ranges),
    "modifiers_any": lambda modifiers, facts: not facts.modifiers.isdisjoint(modifiers),
    "modifiers_none": lambda modifiers, facts: facts.modifiers.isdisjoint(modifiers),
    "places": lambda places, facts: facts.place in places,
    "specialties": lambda specialties, facts: facts.specialty in specialties,
    "diagnoses_any": lambda prefixes, facts: any(code.startswith(prefixes) for code in facts.diagnoses),
    "diagnoses_none": lambda prefixes, facts: not any(code.startswith(prefixes) for code in facts.diagnoses),
    "age_min": lambda years, facts: None if facts.age is None else facts.age >= years,
    "age_max": lambda years, facts: None if facts.age is None else facts.age <= years,
    "units_above": lambda units, facts: facts.units > units,
    "missing": lambda names, facts: facts.present.isdisjoint(names),
}


def judge_conditions(when: RuleConditions, facts: Facts) -> bool | None:
    """Whether all conditions that are given hold; None when only an unknown age stands in the way."""
    holds: bool | None = True
    for name, predicate in PREDICATES.items():
        value = getattr(when, name)
        if value is None or value == ():
            continue
        verdict = predicate(value, facts)
        if verdict is False:
            return False
        if verdict is None:
            holds = None
    return holds
