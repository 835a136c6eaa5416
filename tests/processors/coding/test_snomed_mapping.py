"""SNOMED CT to ICD-10-CM: the map's rules choose, or the coder does."""

from decimal import Decimal

import pytest

from processors.coding.snomed_mapping import rank_candidates
from schemas.codesets import MapRow

FEMALE = "IFA 248152002 | Female (finding) |"
ADULT = "IFA 445518008 | Age at onset of clinical finding (observable entity) | >= 18.0 years"
NEWBORN = "IFA 445518008 | Age at onset of clinical finding (observable entity) | < 28.0 days"
PREGNANT = "IFA 77386006 | Pregnancy (finding) |"


def row(priority: int, rule: str, target: str, group: int = 1) -> MapRow:
    return MapRow(group, priority, rule, target, "")


def choose(*rows: MapRow, sex: str = "F", age: str | None = "30", documented: tuple[str, ...] = ()) -> list[str]:
    age_years = Decimal(age) if age else None
    return [c.target for c in rank_candidates(rows, sex=sex, age_years=age_years, documented=documented) if c.is_chosen]


@pytest.mark.parametrize(
    ("rule", "circumstances", "holds"),
    [
        (FEMALE, {"sex": "F"}, True),
        (FEMALE, {"sex": "M"}, False),
        (ADULT, {"age": "18"}, True),
        (ADULT, {"age": "17.9"}, False),
        (NEWBORN, {"age": "0.01"}, True),
        (PREGNANT, {"documented": ("77386006",)}, True),
        (PREGNANT, {}, False),
        (f"{FEMALE} AND {ADULT}", {"age": "17"}, False),
        (f"{FEMALE} AND {ADULT}", {"age": "40"}, True),
    ],
)
def test_the_first_row_whose_rule_holds_gives_the_target(
    rule: str, circumstances: dict[str, object], holds: bool
) -> None:
    chosen = choose(row(1, rule, "A1"), row(2, "OTHERWISE TRUE", "B1"), **circumstances)  # type: ignore[arg-type]

    assert chosen == (["A1"] if holds else ["B1"])


def test_every_group_gives_its_own_target() -> None:
    assert choose(row(1, "TRUE", "E1165"), row(1, "TRUE", "H3500", group=2)) == ["E1165", "H3500"]


@pytest.mark.parametrize(
    ("rule", "circumstances"),
    [(FEMALE, {"sex": "U"}), (ADULT, {"age": None}), ("IFA something new", {}), ("IFA 123456 | x | > 3 things", {})],
)
def test_a_rule_that_cannot_be_decided_leaves_its_group_to_the_coder(
    rule: str, circumstances: dict[str, object]
) -> None:
    assert choose(row(1, rule, "A1"), row(2, "OTHERWISE TRUE", "B1"), **circumstances) == []  # type: ignore[arg-type]


def test_no_target_and_a_target_that_lacks_characters_are_shown_and_not_assigned() -> None:
    rows = [row(1, "TRUE", ""), row(1, "TRUE", "S52501?", group=2)]

    candidates = rank_candidates(rows, sex="F", age_years=None, documented=())

    assert [(c.target, c.holds, c.is_chosen) for c in candidates] == [("", True, False), ("S52501?", True, False)]
