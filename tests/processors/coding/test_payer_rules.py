"""Payer rules: conditions, effects, examples and conflicts."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from processors.coding.payer_rules import apply_payer_rules, check_rules
from processors.coding.rule_conditions import PREDICATES
from schemas.encounter import CodedEncounter
from schemas.payer_rules import PayerRule, RuleConditions, RulePack
from tests.processors.coding.edits.builders import DAY, coverage, encounter, line, patient

AUTHORISATION: dict[str, Any] = {
    "id": "acme-imaging-authorisation",
    "action": "hold",
    "message": "ACME wants an authorisation for imaging.",
    "remedy": "Ask ACME for one.",
    "effective_from": date(2026, 1, 1),
    "when": {"payers": ("ACME",), "codes": ("70010-79999",), "missing": ("prior_authorization_number",)},
    "matches": ({"payer": "ACME", "code": "73721"},),
    "misses": ({"payer": "ACME", "code": "73721", "present": ("prior_authorization_number",)},),
}


def rule(**changes: Any) -> PayerRule:
    return PayerRule.model_validate(AUTHORISATION | changes)


def pack(*rules: PayerRule) -> RulePack:
    return RulePack(version="v", rules=rules)


def telehealth(rule_id: str, place: str, **changes: Any) -> PayerRule:
    return rule(
        id=rule_id, action="set", when={"payers": ("ACME",), "modifiers_any": ("95",)}, set={"place_of_service": place},
        matches=({"payer": "ACME", "modifiers": ("95",)},), misses=({"payer": "ACME"},), **changes,
    )  # fmt: skip


def visit(code: str = "73721", modifiers: str = "", **changes: Any) -> CodedEncounter:
    return encounter(
        "E1165", line(code, modifiers=modifiers), **({"coverages": (coverage(payer_id="ACME"),)} | changes)
    )


@pytest.mark.parametrize(
    ("changes", "is_held"),
    [
        ({}, True),
        ({"prior_authorization_number": "A1"}, False),
        ({"code": "99213"}, False),
        ({"coverages": (coverage(payer_id="OTHER"),)}, False),
        ({"coverages": ()}, False),
    ],
)
def test_every_condition_must_hold(changes: dict[str, Any], is_held: bool) -> None:
    outcome = apply_payer_rules(visit(**changes), pack(rule()))

    assert [finding.code for finding in outcome.findings] == ["payer_rule:acme-imaging-authorisation"] * is_held
    assert outcome.applied == ("acme-imaging-authorisation",) * is_held


@pytest.mark.parametrize(
    ("first", "last", "applies"),
    [(DAY, DAY, True), (DAY.replace(day=15), None, False), (date(2026, 1, 1), DAY.replace(day=13), False)],
)
def test_the_date_of_service_decides_which_rules_are_in_force(first: date, last: date | None, applies: bool) -> None:
    outcome = apply_payer_rules(visit(), pack(rule(effective_from=first, effective_to=last)))

    assert bool(outcome.findings) is applies


# Of the visit above: each condition by itself, once so that it holds and once so that it does not.
CONDITIONS: list[tuple[str, Any, Any]] = [
    ("payers", ("ACME",), ("OTHER",)),
    ("plans", ("GOLD",), ("SILVER",)),
    ("filing_indicators", ("CI",), ("MB",)),
    ("codes", ("73700-73799",), ("73720",)),
    ("modifiers_any", ("RT", "LT"), ("LT",)),
    ("modifiers_none", ("26",), ("26", "RT")),
    ("places", ("11",), ("22",)),
    ("specialties", ("207Q00000X",), ("2085R0202X",)),
    ("diagnoses_any", ("E11",), ("E10",)),
    ("diagnoses_none", ("E10",), ("E11",)),
    ("age_min", 46, 65),
    ("age_max", 46, 45),
    ("units_above", Decimal(0), Decimal(1)),
    ("missing", ("ndc",), ("ndc", "prior_authorization_number")),
]


def test_every_condition_has_a_predicate_and_is_tried() -> None:
    assert set(PREDICATES) == set(RuleConditions.model_fields)
    assert {name for name, _, _ in CONDITIONS} == set(PREDICATES)


@pytest.mark.parametrize(("name", "that_holds", "that_does_not"), CONDITIONS)
def test_conditions_by_themselves(name: str, that_holds: Any, that_does_not: Any) -> None:
    known = visit(
        modifiers="RT",
        prior_authorization_number="A1",
        coverages=(coverage(payer_id="ACME", plan_name="GOLD", filing_indicator="CI"),),
    )

    assert apply_payer_rules(known, pack(rule(when={name: that_holds}))).applied
    assert not apply_payer_rules(known, pack(rule(when={name: that_does_not}))).applied


def test_a_rule_sets_a_field_and_adds_a_modifier() -> None:
    adds = rule(id="adds", action="set", when={"payers": ("ACME",)}, set={"modifier": "GT"})

    outcome = apply_payer_rules(visit(modifiers="95"), pack(adds, telehealth("tele", "02")))

    changed = outcome.encounter.lines[0]
    assert (changed.modifiers, changed.place_of_service, outcome.findings) == (("95", "GT"), "02", ())
    assert apply_payer_rules(outcome.encounter, pack(adds)).encounter == outcome.encounter


def test_a_rule_that_cannot_be_decided_or_applied_holds() -> None:
    unknown_age = apply_payer_rules(visit(patient=patient(birth_date=None)), pack(rule(when={"age_min": 65})))
    no_room = apply_payer_rules(
        visit(modifiers="95 25 59 RT"), pack(rule(action="set", when={"payers": ("ACME",)}, set={"modifier": "GT"}))
    )
    disagreeing = apply_payer_rules(visit(modifiers="95"), pack(telehealth("one", "02"), telehealth("two", "10")))

    for outcome in (unknown_age, no_room, disagreeing):
        assert [(finding.code, finding.severity) for finding in outcome.findings] == [("payer_rule_failed", "hold")]
    assert disagreeing.encounter.lines[0].place_of_service == "11"


def test_rules_are_checked_by_their_examples() -> None:
    assert check_rules(pack(rule())) == ()

    wrong = rule(matches=({"payer": "OTHER", "code": "73721"},), misses=({"payer": "ACME", "code": "73721"},))
    assert [finding.where for finding in check_rules(pack(wrong))] == [
        "acme-imaging-authorisation matches[1]", "acme-imaging-authorisation misses[1]",
    ]  # fmt: skip


def test_rules_that_disagree_on_one_line_are_explained() -> None:
    conflicts = check_rules(pack(telehealth("one", "02"), telehealth("two", "10")))

    assert [(finding.code, finding.where) for finding in conflicts] == [
        ("payer_rule_conflict", "one"), ("payer_rule_conflict", "two"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"action": "set"}, "needs a .rule.set. table"),
        ({"set": {"modifier": "25"}}, "no other rule has one"),
        ({"when": {}}, "at least one condition"),
        ({"effective_to": date(2025, 1, 1)}, "lies before"),
        ({"matches": ()}, "at least 1 item"),
        ({"action": "set", "set": {"place_of_service": "office"}}, "place_of_service cannot be 'office'"),
        ({"when": {"payer": ("ACME",)}}, "Extra inputs"),
        ({"when": {"days_since_service_above": 180}}, "Extra inputs"),  # filing limits are payer_terms.csv's
        ({"when": {"codes": ("7001",)}}, "pattern"),
        ({"when": {"codes": ("00100-0999U",)}}, "two classes"),
        ({"when": {"codes": ("79999-70010",)}}, "ends before it begins"),
    ],
)
def test_a_rule_that_says_nothing_or_two_things_is_refused(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        rule(**changes)
