"""Corrections of an encounter, beside newer versions, repeats, reorders and withdrawal."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.coding.coding_validation import keys_of_encounter, validate_coding
from processors.coding.state import EncounterState
from schemas.event import Body
from schemas.events import (
    ActRefused,
    EncounterCoded,
    EncounterHeld,
    LineChange,
    WorkItemClosed,
    WorkItemOpened,
)
from schemas.reference import Reference
from tests.processors.acts import HEADER, SENT, ask, correct
from tests.processors.builders import ENCOUNTER_ID, diagnosis, encounter, service
from tests.processors.desk import Desk, name_types, pick


@pytest.fixture
def desk(shipped: Reference) -> Desk:
    return Desk(keys_of_encounter, validate_coding, shipped)


def recall(desk: Desk) -> EncounterState:
    state = desk.states[f"encounter:{ENCOUNTER_ID}"]
    assert isinstance(state, EncounterState)
    return state


def codes_of(coded: Body) -> list[str]:
    assert isinstance(coded, EncounterCoded)
    return [item.code for item in coded.encounter.diagnoses]


# --- corrections


def test_a_correction_releases_a_held_encounter_and_closes_its_item(desk: Desk) -> None:
    _, item = desk.take(encounter(diagnoses=HEADER))
    coded, closed = desk.take(correct(diagnoses=(diagnosis("E11.9"),)))

    assert codes_of(coded) == ["E119"]
    assert isinstance(coded, EncounterCoded) and coded.revision == 2
    assert isinstance(item, WorkItemOpened) and isinstance(closed, WorkItemClosed)
    assert closed.item_id == item.item_id


def test_a_correction_that_is_not_enough_holds_again_with_what_is_left(desk: Desk) -> None:
    desk.take(encounter(diagnoses=HEADER, services=(service(units=Decimal(0)),)))
    held = desk.take(correct(diagnoses=(diagnosis("E11.9"),)))[0]

    assert isinstance(held, EncounterHeld)
    assert {finding.code for finding in held.findings} == {"units_invalid"}


def test_a_correction_amends_code_modifiers_units_and_pointers_of_the_line_that_it_names(desk: Desk) -> None:
    desk.take(encounter(diagnoses=SENT, services=(service(), service("97110", line_id="L2"))))
    change = LineChange.model_validate(
        {"line_id": "L2", "code": "97112", "modifiers": ("GP",), "units": Decimal(2), "diagnosis_pointers": (2,)}
    )
    (coded,) = desk.take(correct(lines=(change,)))

    assert isinstance(coded, EncounterCoded)
    first, second = coded.encounter.lines
    assert (first.code, first.modifiers, first.diagnosis_pointers) == ("99213", (), (1, 2))
    assert (second.code, second.modifiers, str(second.units), second.diagnosis_pointers) == (
        "97112",
        ("GP",),
        "2",
        (2,),
    )
    assert second.charge_amount == first.charge_amount, "what a correction does not name stays"


def test_lines_are_added_and_removed(desk: Desk) -> None:
    desk.take(encounter(services=(service(), service("97110", line_id="L2"))))
    (coded,) = desk.take(correct(removed_lines=("L1",), added_services=(service("97112", line_id="L3"),)))

    assert isinstance(coded, EncounterCoded)
    assert [(line.number, line.code) for line in coded.encounter.lines] == [(1, "97110"), (2, "97112")]


@pytest.mark.parametrize(
    ("after", "pointers"),
    [
        (("I10", "E11.9"), (2, 1)),  # each pointer follows its code
        (("E11.65", "I10"), (1, 2)),  # replaced in its place
        (("I10",), (1,)),  # the other one is gone
        (("I10", "E11.9", "J06.9"), (2, 1)),
    ],
)
def test_pointers_follow_their_diagnosis(desk: Desk, after: tuple[str, ...], pointers: tuple[int, ...]) -> None:
    desk.take(encounter(diagnoses=SENT, services=(service(diagnosis_pointers=(1, 2)),)))
    coded = desk.take(correct(diagnoses=tuple(diagnosis(code) for code in after)))[0]

    assert isinstance(coded, EncounterCoded)
    assert coded.encounter.lines[0].diagnosis_pointers == pointers


def test_a_line_whose_only_diagnosis_is_removed_points_nowhere_and_is_held(desk: Desk) -> None:
    desk.take(encounter(diagnoses=SENT, services=(service(diagnosis_pointers=(1,)),)))
    held = desk.take(correct(diagnoses=(diagnosis("I10"),)))[0]

    assert isinstance(held, EncounterHeld)
    assert [finding.code for finding in held.findings] == ["pointer_dangling"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"lines": (LineChange(line_id="L9", code="99214"),)},
        {"removed_lines": ("L9",)},
        {"added_services": (service("97110", line_id="L1"),)},
        {"patient_id": "patient-2"},
        {"version": "0"},
        {"role": "janitor"},
    ],
)
def test_a_correction_that_does_not_fit_changes_nothing_and_is_shown_to_a_coder(desk: Desk, wrong: Any) -> None:
    desk.take(encounter(diagnoses=HEADER))
    before = recall(desk)
    refused, item = desk.take(correct(**wrong))

    assert isinstance(refused, ActRefused) and refused.because and refused.remedy
    assert isinstance(item, WorkItemOpened) and item.reason == "correct_refused"
    assert recall(desk).model_copy(update={"open_items": before.open_items}) == before


# --- newer versions, repeats, reorders, withdrawal


def test_a_newer_version_with_other_codes_holds_and_says_that_corrections_were_not_carried_over(desk: Desk) -> None:
    desk.take(encounter("1", diagnoses=SENT), correct(diagnoses=(diagnosis("E11.65"),)))
    held, item = desk.take(encounter("2", diagnoses=SENT))

    assert isinstance(held, EncounterHeld) and isinstance(item, WorkItemOpened)
    assert [finding.code for finding in held.findings] == ["corrections_not_carried_over"]
    assert item.queue == "coding"

    confirmed = desk.take(correct("a2", version="2"))
    assert name_types(confirmed) == ["EncounterCoded", "WorkItemClosed"], "a correction without a change confirms"
    assert codes_of(confirmed[0]) == ["E119", "I10"]


def test_a_newer_version_that_has_the_corrections_goes_through(desk: Desk) -> None:
    mended = (diagnosis("E11.65"),)
    desk.take(encounter("1", diagnoses=SENT), correct(diagnoses=mended))

    assert name_types(desk.take(encounter("2", diagnoses=mended))) == ["EncounterCoded"]


def test_a_confirmation_is_no_correction_to_lose(desk: Desk) -> None:
    desk.take(encounter("1"), correct())

    assert name_types(desk.take(encounter("2", diagnoses=SENT))) == ["EncounterCoded"]


def test_a_correction_that_comes_before_its_version_waits_for_it(desk: Desk) -> None:
    (waiting,) = desk.take(correct(diagnoses=(diagnosis("E11.9"),)))
    outputs = desk.take(encounter("1", diagnoses=HEADER))

    assert isinstance(waiting, WorkItemOpened) and waiting.reason == "correction_before_encounter"
    assert codes_of(pick(outputs, EncounterCoded)[0]) == ["E119"]
    opened = {item.item_id for item in (waiting, *pick(outputs, WorkItemOpened))}
    assert {item.item_id for item in pick(outputs, WorkItemClosed)} == opened, "nothing stays open"
    assert not recall(desk).early


def test_an_early_correction_of_a_version_that_never_stood_is_refused_when_a_newer_one_comes(desk: Desk) -> None:
    desk.take(correct(version="1", diagnoses=(diagnosis("I10"),)))
    outputs = desk.take(encounter("2"))

    assert codes_of(outputs[0]) == ["E119"]
    assert len(pick(outputs, ActRefused)) == 1


def test_a_correction_of_a_withdrawn_encounter_is_refused(desk: Desk) -> None:
    desk.take(encounter("1", diagnoses=HEADER), encounter("2", status="entered-in-error"))

    assert name_types(desk.take(correct(version="2"))) == ["ActRefused", "WorkItemOpened"]
    assert recall(desk).decision == "withdrawn"


def test_a_withdrawal_forgets_corrections_and_questions(desk: Desk) -> None:
    desk.take(encounter("1", diagnoses=HEADER), ask(), correct(diagnoses=SENT))
    desk.take(encounter("2", status="entered-in-error"))

    assert name_types(desk.take(encounter("3"))) == ["EncounterCoded"]


LINE_CHANGES = st.permutations(
    [
        correct("a1", lines=(LineChange(line_id="L1", code="99214"),)),
        correct("a2", lines=(LineChange(line_id="L2", modifiers=("GP",)),)),
        correct("a3", diagnoses=(diagnosis("E11.65"), diagnosis("I10"))),
        encounter("1", diagnoses=SENT, services=(service(), service("97110", line_id="L2"))),
    ]
)


@settings(max_examples=30)
@given(order=LINE_CHANGES)
def test_corrections_of_different_things_and_their_version_may_come_in_any_order(
    shipped: Reference, order: list[Body]
) -> None:
    desk = Desk(keys_of_encounter, validate_coding, shipped)
    outputs = desk.take(*order)

    last = pick(outputs, EncounterCoded)[-1].encounter
    assert [item.code for item in last.diagnoses] == ["E1165", "I10"]
    assert [(line.code, line.modifiers) for line in last.lines] == [("99214", ()), ("97110", ("GP",))]
    assert not recall(desk).open_items


def test_an_act_belongs_to_its_encounter_whatever_its_sender_says() -> None:
    assert correct().correlation() == encounter().correlation() == ENCOUNTER_ID
