"""An encounter becomes billable, or waits for the people who can mend it."""

from dataclasses import replace

import pytest

from processors.coding.coding_validation import keys_of_encounter, validate_coding
from processors.coding.state import EncounterState, is_older
from schemas.events import (
    EncounterCoded,
    EncounterHeld,
    EncounterSuperseded,
    EncounterWithdrawn,
    WorkItemClosed,
    WorkItemOpened,
)
from schemas.history import PatientHistory
from schemas.reference import Installation, Reference
from tests.processors.builders import ACCOUNT, CLINIC, ENCOUNTER_ID, diagnosis, encounter, service
from tests.processors.desk import Desk, name_types, pick

BAD_BILLER = CLINIC.model_copy(update={"tax_id": "12345"})
BAD_NPI = CLINIC.model_copy(update={"npi": "1234567890"})


@pytest.fixture
def desk(shipped: Reference) -> Desk:
    return Desk(keys_of_encounter, validate_coding, shipped)


def recall(desk: Desk) -> tuple[EncounterState, PatientHistory]:
    """What the desk remembers of the one encounter and its patient."""
    state = desk.states[f"encounter:{ENCOUNTER_ID}"]
    (history,) = (value for key, value in desk.states.items() if key.startswith("patient:"))
    assert isinstance(state, EncounterState) and isinstance(history, PatientHistory)
    return state, history


def test_an_encounter_without_a_fault_is_coded(desk: Desk) -> None:
    (coded,) = desk.take(encounter())

    assert isinstance(coded, EncounterCoded)
    assert (coded.account_key, coded.encounter_id, coded.revision) == (ACCOUNT, ENCOUNTER_ID, 1)
    assert [diagnosis.code for diagnosis in coded.encounter.diagnoses] == ["E119"]


def test_an_encounter_with_faults_is_held_with_one_item_for_each_team(desk: Desk) -> None:
    held, *items = desk.take(encounter(diagnoses=(diagnosis("E11"),), coverages=(), billing_provider=BAD_BILLER))

    assert isinstance(held, EncounterHeld)
    assert {(finding.owner, finding.code) for finding in held.findings} >= {
        ("coder", "icd10_not_billable"),
        ("front desk", "coverage_missing"),
        ("biller", "billing_tax_id_invalid"),
    }
    opened = pick(tuple(items), WorkItemOpened)
    assert [(item.owner, item.queue, item.reason) for item in opened] == [
        ("biller", "billing", "billing_tax_id_invalid"),
        ("coder", "coding", "icd10_not_billable"),
        ("front desk", "front desk", "coverage_missing"),
    ]
    assert all(item.encounter_id == ENCOUNTER_ID and item.next_action for item in opened)
    assert all({finding.owner for finding in item.findings} == {item.owner} for item in opened)


def test_a_warning_goes_along_and_holds_nothing(desk: Desk) -> None:
    (coded,) = desk.take(encounter(services=(service(charge_amount="0.00"),)))

    assert isinstance(coded, EncounterCoded)
    assert ("charge_zero", "warn") in {(finding.code, finding.severity) for finding in coded.findings}


@pytest.mark.parametrize("code", ["", "Ottergrove", "knee of Ottergrove 2"])
def test_words_are_held_for_a_coder_and_stand_in_no_work_item(desk: Desk, code: str) -> None:
    documented = diagnosis(code, system="LOCAL", description="knee of Ottergrove")
    held, item = desk.take(encounter(diagnoses=(documented,)))
    assert isinstance(held, EncounterHeld) and isinstance(item, WorkItemOpened)
    assert held.uncoded[0].description == "knee of Ottergrove"
    assert "LOCAL words" in item.next_action and "Ottergrove" not in item.model_dump_json()


def test_what_no_table_maps_is_held_with_the_words_of_the_record(desk: Desk) -> None:
    unmapped = diagnosis("999000999", system="SNOMED", description="itching after swimming")
    held, item = desk.take(encounter(diagnoses=(diagnosis(), unmapped)))

    assert isinstance(held, EncounterHeld) and isinstance(item, WorkItemOpened)
    (uncoded,) = held.uncoded
    assert (uncoded.kind, uncoded.code, uncoded.description) == ("diagnosis", "999000999", "itching after swimming")
    assert item.reason == "needs_coding"
    assert "SNOMED 999000999" in item.next_action
    assert "itching" not in item.next_action, "words of the record stay in the one field that is marked as PHI"


def test_an_encounter_that_documents_no_service_is_held(desk: Desk) -> None:
    held = desk.take(encounter(services=()))[0]

    assert isinstance(held, EncounterHeld)
    assert held.findings[0].code == "nothing_to_bill"


def test_a_newer_version_closes_the_items_that_it_answers(desk: Desk) -> None:
    items = pick(desk.take(encounter("1", coverages=(), billing_provider=BAD_BILLER)), WorkItemOpened)
    still_held = desk.take(encounter("2", billing_provider=BAD_BILLER))
    mended = desk.take(encounter("3"))

    by_owner = {item.owner: item.item_id for item in items}
    assert [item.item_id for item in pick(still_held, WorkItemOpened)] == [by_owner["biller"]]
    assert [item.item_id for item in pick(still_held, WorkItemClosed)] == [by_owner["front desk"]]
    assert name_types(mended) == ["EncounterCoded", "WorkItemClosed"]
    assert [item.item_id for item in pick(mended, WorkItemClosed)] == [by_owner["biller"]]
    assert pick(mended, EncounterCoded)[0].revision == 3


def test_an_older_version_that_comes_late_is_recorded_and_nothing_follows(desk: Desk) -> None:
    desk.take(encounter("10", billing_provider=BAD_BILLER))
    before = dict(desk.states)
    (late,) = desk.take(encounter("9"))

    assert isinstance(late, EncounterSuperseded) and late.version == "9"
    assert desk.states == before


@pytest.mark.parametrize(
    ("first", "second"),
    [("9", "10"), ("0000000009", "10"), ("2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z"), ("a", "b"), ("1.9", "2.0")],
)
def test_versions_are_ordered_by_value_or_as_text(first: str, second: str) -> None:
    assert is_older(first, second)
    assert not is_older(second, first)
    assert not is_older(first, first)


def test_the_order_of_versions_may_be_told_apart_from_their_names(desk: Desk) -> None:
    desk.take(encounter("b", version_order="1"))

    assert name_types(desk.take(encounter("a", version_order="2"))) == ["EncounterCoded"]


def test_an_encounter_entered_in_error_is_withdrawn_and_its_items_closed(desk: Desk) -> None:
    desk.take(encounter("1", billing_provider=BAD_BILLER))
    withdrawn, closed = desk.take(encounter("2", status="entered-in-error"))

    assert isinstance(withdrawn, EncounterWithdrawn) and withdrawn.revision == 2
    assert isinstance(closed, WorkItemClosed)
    assert recall(desk)[0].decision == "withdrawn"


def test_a_withdrawal_may_be_the_first_that_is_heard_of_an_encounter(desk: Desk) -> None:
    assert name_types(desk.take(encounter(status="entered-in-error"))) == ["EncounterWithdrawn"]


def test_the_patients_history_holds_what_stands_and_nothing_else(desk: Desk) -> None:
    desk.take(encounter("1"))
    assert len(recall(desk)[1].encounters) == 1

    desk.take(encounter("2", services=(service("99214"),)))
    assert len(recall(desk)[1].encounters) == 1, "a newer version replaces the older one"

    desk.take(encounter("3", billing_provider=BAD_BILLER))
    assert len(recall(desk)[1].encounters) == 0


@pytest.mark.parametrize(
    ("is_test", "follows"), [(True, ["EncounterCoded"]), (False, ["EncounterHeld", "WorkItemOpened"])]
)
def test_a_wrong_npi_warns_in_a_test_installation_and_holds_in_production(
    shipped: Reference, is_test: bool, follows: list[str]
) -> None:
    desk = Desk(keys_of_encounter, validate_coding, replace(shipped, installation=Installation(is_test=is_test)))
    outputs = desk.take(encounter(billing_provider=BAD_NPI))

    assert name_types(outputs) == follows
    (judged,) = (output for output in outputs if isinstance(output, EncounterCoded | EncounterHeld))
    assert [(finding.code, finding.severity) for finding in judged.findings] == [
        ("npi_invalid", "warn" if is_test else "hold")
    ]


@pytest.mark.parametrize("status", ["finished", "entered-in-error"])
def test_a_version_that_a_file_and_a_topic_both_bring_is_decided_once(desk: Desk, status: str) -> None:
    told = encounter(status=status)
    assert desk.take(told)
    assert desk.take(told) == ()
    assert desk.take(encounter(status=status, version="2"))
