"""ICD-10-CM candidates for a documented SNOMED CT concept, by the rules of the NLM map.

Within a map group the rows are tried in the order of their priority, and the first whose rule holds gives the target
(SNOMED CT to ICD-10-CM map, technical guide). A row whose rule cannot be decided stops its group: nothing is assigned
without a rule that says so, and the coder sees every candidate.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from schemas.codesets import MapRow

FEMALE, MALE, AGE_AT_ONSET = "248152002", "248153007", "445518008"
_TRUE, _OTHERWISE = "TRUE", "OTHERWISE TRUE"
_IFA = re.compile(
    r"IFA (\d{6,18}) \|[^|]*\|\s*(?:(<=|>=|<|>) (\d{1,3}(?:\.\d)?) (years|months|weeks|days?))?", re.ASCII
)
_PER_YEAR = {"years": 1, "months": 12, "weeks": 52, "days": 365, "day": 365}


@dataclass(frozen=True, slots=True)
class MapCandidate:
    """One row of the map for this patient. `holds` is None when the rule cannot be decided; `is_chosen` marks the one
    row of its group that the rules choose. A target that ends in "?" lacks characters that the coder must add."""

    group: int
    priority: int
    target: str
    holds: bool | None
    is_chosen: bool
    rule: str
    advice: str


def rank_candidates(
    rows: Sequence[MapRow], *, sex: str, age_years: Decimal | None, documented: Collection[str]
) -> tuple[MapCandidate, ...]:
    """Every candidate, by group and priority. `documented` are the concepts of the record; sex is F, M or U."""
    found = []
    settled: dict[int, bool] = {}  # group: whether a row was chosen, or one could not be decided
    for row in sorted(rows, key=lambda row: (row.group, row.priority)):
        holds = _decide(row.rule, sex, age_years, documented)
        is_first = not settled.get(row.group, False)
        if holds is not False:
            settled[row.group] = True
        is_chosen = holds is True and is_first and bool(row.target) and not row.target.endswith("?")
        found.append(MapCandidate(row.group, row.priority, row.target, holds, is_chosen, row.rule, row.advice))
    return tuple(found)


def _decide(rule: str, sex: str, age_years: Decimal | None, documented: Collection[str]) -> bool | None:
    """TRUE and OTHERWISE TRUE hold; of several conditions all must. An unknown kind of rule cannot be decided."""
    if rule.strip() in (_TRUE, _OTHERWISE):
        return True
    verdicts = [_decide_one(part.strip(), sex, age_years, documented) for part in rule.split(" AND ")]
    if False in verdicts:
        return False
    return None if None in verdicts else True


def _decide_one(condition: str, sex: str, age_years: Decimal | None, documented: Collection[str]) -> bool | None:
    match = _IFA.fullmatch(condition)
    if not match:
        return None
    concept, comparison, number, unit = match.groups()
    if concept in (FEMALE, MALE):
        return None if sex == "U" else (sex == "F") == (concept == FEMALE)
    if concept == AGE_AT_ONSET and comparison:
        if age_years is None:
            return None
        limit = Decimal(number) / _PER_YEAR[unit]
        return {
            "<": age_years < limit, "<=": age_years <= limit, ">": age_years > limit, ">=": age_years >= limit,
        }[comparison]  # fmt: skip
    return None if comparison else concept in documented
