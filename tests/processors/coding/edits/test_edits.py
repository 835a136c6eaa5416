"""Every edit by example, and what holds for all of them together."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.coding.edits import judge_encounter, list_edits
from processors.coding.edits.explanation import EditResult, explain_encounter
from schemas.codesets import Mue
from schemas.history import PatientHistory
from tests.processors.coding.edits import (
    rules_companions,
    rules_diagnosis,
    rules_encounter,
    rules_procedure,
    rules_quantities,
    rules_visits,
)
from tests.processors.coding.edits.builders import Rule, Situation, Tables, encounter, fee, line, ptp

RULES: list[Rule] = [
    rule
    for module in (rules_diagnosis, rules_procedure, rules_visits, rules_quantities, rules_companions, rules_encounter)
    for rule in module.RULES
]
# Edits that ask for a companion: adding the right line is how they are mended.
COMPANIONS = {"add_on_without_primary"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.edit}: {rule.says}")
def test_edit_by_example(rule: Rule) -> None:
    broken = [finding for finding in rule.breaks.judge() if finding.code == rule.edit]

    assert broken, "the situation that breaks the rule is found"
    assert rule.where in {"", *(finding.where for finding in broken)}
    assert not [finding for finding in rule.keeps.judge() if finding.code == rule.edit]


def test_every_edit_has_an_example() -> None:
    assert {edit.id for edit, _ in list_edits()} == {rule.edit for rule in RULES}


def test_a_clean_visit_has_no_finding() -> None:
    assert Situation().judge() == ()


def test_every_edit_says_who_mends_it_and_where_it_is_written() -> None:
    for edit, _ in list_edits():
        assert edit.remedy and edit.citation and edit.owner in ("coder", "biller", "front desk")


def test_what_is_not_loaded_is_not_checked_and_said_so() -> None:
    unloaded = Situation(encounter("Q000Q"), Tables(kinds=frozenset()))

    assert "icd10_unknown" not in {finding.code for finding in unloaded.judge()}
    outcomes = explain(unloaded)
    assert outcomes["diagnosis 1 Q000Q", "icd10_unknown"].outcome == "not checked"
    assert outcomes["diagnosis 1 Q000Q", "icd10_unknown"].needs == ("icd10cm",)
    assert outcomes["encounter", "npi_invalid"].outcome == "passed"


def explain(situation: Situation) -> dict[tuple[str, str], EditResult]:
    """Each edit's outcome by the place that it was asked of."""
    asked = (situation.encounter, situation.history, situation.tables)
    found = explain_encounter(*asked, as_of=situation.as_of, terms=situation.terms)
    return {(subject.where, result.edit): result for subject in found for result in subject.results}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.edit}: {rule.says}")
def test_an_explanation_says_what_the_judgement_says(rule: Rule) -> None:
    for situation in (rule.breaks, rule.keeps):
        outcomes = explain(situation)
        told = [finding for result in outcomes.values() for finding in result.findings]
        assert sorted(map(str, told)) == sorted(map(str, situation.judge()))
        assert all((result.outcome == "failed") == bool(result.findings) for result in outcomes.values())


def test_an_explanation_shows_the_row_that_decided() -> None:
    tables = Tables(pairs=(ptp("20610", "76942", "1"),), mues={"76942": Mue("76942", 2, "3", "policy", "2026 Q4")})
    outcomes = explain(Situation(encounter("E1165", line("20610"), line("76942", 2)), tables))

    failed = outcomes["line 2 76942", "ncci_ptp_modifier_missing"]
    assert failed.outcome == "failed"
    assert failed.rows == ("NCCI PTP v323 f1: column 1 20610, column 2 76942, indicator 1, 2015-01-01 to now",)
    passed = outcomes["line 2 76942", "mue_day"]
    assert (passed.outcome, passed.rows) == ("passed", ("MUE 2026 Q4: 76942, 2 units, MAI 3, policy",))
    assert outcomes["line 1 20610", "mue_day"].rows == (), "no row, which is not no limit"


def test_a_visit_beside_services_has_one_finding_and_one_remedy() -> None:
    for others in (("90479",), ("17110",), ("90479", "17110", "90479")):
        codes = [finding.code for finding in rules_visits.beside("", *others).judge() if "line 1" in finding.where]
        assert codes == ["modifier_25_missing"]


@pytest.mark.parametrize(("modifier", "indicator"), [("80", "0"), ("62", "1"), ("66", "1")])
def test_a_second_surgeon_whom_documents_may_bear_out_warns(modifier: str, indicator: str) -> None:
    found = rules_procedure.second(modifier, indicator).judge()
    assert ("modifier_surgeon_not_allowed", "warn") in {(finding.code, finding.severity) for finding in found}


def test_an_earlier_visit_holds_no_procedure() -> None:
    for procedure in ("17110", "27447"):
        found = rules_visits.on_another_encounter("99213", procedure).judge()
        assert [finding.severity for finding in found] == ["warn"]


def test_units_of_a_day_are_told_once() -> None:
    found = rules_quantities.limited("3", 4, "3", "3", "3").judge()
    assert [(finding.code, finding.where) for finding in found] == [("mue_day", "line 1 97110")]


def test_an_edit_of_hospital_claims_is_not_asked_of_an_office_visit() -> None:
    assert not [edit for _, edit in explain(Situation()) if edit.startswith(("revenue_code", "poa", "stay"))]


def test_a_payer_is_judged_by_what_its_table_says() -> None:
    tables = Tables(fees={"99358": fee("99358", status="I")}, mues={"99358": Mue("99358", 1, "3", "", "2026 Q4")})
    visit = encounter("E1165", line("99358", units="2"))
    by_itself = judge_encounter(visit, PatientHistory(), tables)
    exceptions = (("procedure_status_not_payable", True), ("mue_day", False))

    assert [finding.code for finding in by_itself] == ["mue_day"]
    assert [finding.code for finding in judge_encounter(visit, PatientHistory(), tables, exceptions=exceptions)] == [
        "procedure_status_not_payable"
    ]
    explained = explain_encounter(visit, PatientHistory(), tables, exceptions=exceptions)
    asked = {result.edit for subject in explained for result in subject.results}
    assert "procedure_status_not_payable" in asked and "mue_day" not in asked


def test_findings_name_no_patient() -> None:
    for rule in RULES:
        for finding in rule.breaks.judge():
            assert "DOE" not in finding.what and "JANE" not in finding.what and "2026-10-14" not in finding.what


CODES = st.sampled_from(["99213", "99203", "20610", "76942", "17110", "97110", "11045", "G0001"])
BUSY = Tables(
    pairs=(ptp("20610", "76942", "1"), ptp("17110", "99213", "0")),
    mues={"97110": Mue("97110", 2, "3", "policy", "2026 Q4"), "20610": Mue("20610", 1, "1", "policy", "2026 Q4")},
    fees={"17110": fee("17110", global_days="010")},
)
SERVICES = st.lists(st.tuples(CODES, st.sampled_from(["", "25", "59", "76"]), st.sampled_from(["1", "3"])), max_size=4)


@given(services=SERVICES)
def test_the_order_of_lines_changes_no_finding(services: list[tuple[str, str, str]]) -> None:
    made = [line(code, number, modifiers, units) for number, (code, modifiers, units) in enumerate(services, 1)]
    expected = Situation(encounter("E1165", *made), BUSY).judge()

    for order in list(permutations(made))[:6]:
        assert Situation(encounter("E1165", *order), BUSY).judge() == expected


@given(services=SERVICES, more=st.tuples(CODES, st.sampled_from(["", "59"]), st.sampled_from(["1", "3"])))
def test_another_line_hides_no_finding(services: list[tuple[str, str, str]], more: tuple[str, str, str]) -> None:
    made = [line(code, number, modifiers, units) for number, (code, modifiers, units) in enumerate(services, 1)]
    before = {
        (finding.code, finding.where)
        for finding in (Situation(encounter("E1165", *made), BUSY).judge() if made else ())
        if finding.code not in COMPANIONS
    }
    code, modifiers, units = more
    after = Situation(encounter("E1165", *made, line(code, len(made) + 1, modifiers, units)), BUSY).judge()

    assert before <= {(finding.code, finding.where) for finding in after}
