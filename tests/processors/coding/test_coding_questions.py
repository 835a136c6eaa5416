"""Questions to the provider, and warnings that somebody vouches for."""

from dataclasses import replace

import pytest

from processors.coding.coding_validation import keys_of_encounter, validate_coding
from processors.coding.edits import RELEASABLE, list_edits
from processors.coding.state import EncounterState
from schemas.event import Body
from schemas.events import (
    ActRefused,
    EncounterCoded,
    EncounterHeld,
    FindingOverridden,
    WorkItemClosed,
    WorkItemOpened,
)
from schemas.reference import Installation, Reference
from tests.processors.acts import HEADER, answer, ask, correct, override
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


# --- questions to the provider


def test_a_question_keeps_the_encounter_held_until_a_coder_has_read_the_answer(desk: Desk) -> None:
    desk.take(encounter(diagnoses=HEADER))
    asked = desk.take(ask())
    corrected = desk.take(correct("a1", diagnoses=(diagnosis("E11.9"),)))
    answered = desk.take(answer())
    confirmed = desk.take(correct("a2"))

    assert {item.queue for item in pick(asked, WorkItemOpened)} == {"coding", "provider queries"}
    assert [finding.code for finding in pick(corrected, EncounterHeld)[0].findings] == ["provider_query_open"]
    assert [finding.code for finding in pick(answered, EncounterHeld)[0].findings] == ["provider_query_answered"]
    assert name_types(confirmed) == ["EncounterCoded", "WorkItemClosed"]
    assert not recall(desk).open_items and not recall(desk).queries


def test_a_question_about_a_coded_encounter_takes_no_claim_back(desk: Desk) -> None:
    desk.take(encounter())
    (question,) = desk.take(ask())
    closed, to_read = desk.take(answer())
    again = desk.take(encounter("2"))
    confirmed = desk.take(correct("a1", version="2"))

    assert isinstance(question, WorkItemOpened) and question.queue == "provider queries"
    assert isinstance(closed, WorkItemClosed) and closed.item_id == question.item_id
    assert isinstance(to_read, WorkItemOpened) and to_read.queue == "coding"
    assert name_types(again) == ["EncounterCoded"], "the answer still waits to be read"
    assert [item.item_id for item in pick(confirmed, WorkItemClosed)] == [to_read.item_id]


def test_a_question_outlives_a_newer_version(desk: Desk) -> None:
    desk.take(encounter("1", diagnoses=HEADER), ask())
    held = desk.take(encounter("2"))[0]

    assert isinstance(held, EncounterHeld)
    assert [finding.code for finding in held.findings] == ["provider_query_open"]
    assert name_types(desk.take(answer(version="2")))[0] == "EncounterHeld"


@pytest.mark.parametrize("query_id", ["q1", "q9"])
def test_an_answer_to_nothing_that_is_open_is_shown_to_a_coder(desk: Desk, query_id: str) -> None:
    desk.take(encounter(diagnoses=HEADER), ask(), answer())
    refused, item = desk.take(answer(query_id, "n2"))

    assert isinstance(refused, ActRefused) and isinstance(item, WorkItemOpened)


# --- overrides

FREE = (service(charge_amount="0.00"), service("97110", line_id="L2", charge_amount="0.00"))


def test_an_override_sets_one_warning_aside_and_nothing_else(desk: Desk) -> None:
    (before,) = desk.take(encounter(services=FREE))
    (done,) = desk.take(override(where="line 2 97110"))
    (after,) = desk.take(correct())

    assert isinstance(before, EncounterCoded) and isinstance(after, EncounterCoded)
    assert isinstance(done, FindingOverridden)
    assert (done.overridden.who, done.overridden.role, done.overridden.why) == ("lee", "coding_lead", "reported only")
    assert {*after.findings, done.overridden.finding} == {*before.findings}
    assert after.overridden == (done.overridden,)


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (override(role="coder"), "the role coder may not override; coding_lead, compliance may"),
        (override("charge_zero"), "several places"),
        (override("charge_zero", "line 7 99213"), "no finding charge_zero at line 7"),
        (override("icd10_not_billable"), "only a warning can be overridden"),
    ],
)
def test_an_override_that_may_not_be_is_refused_with_the_reason(desk: Desk, act: Body, why: str) -> None:
    desk.take(encounter(diagnoses=HEADER, services=FREE))
    (refused,) = desk.take(act)

    assert isinstance(refused, ActRefused)
    assert why in refused.because


def test_an_override_belongs_to_the_version_that_it_was_made_on(desk: Desk) -> None:
    desk.take(encounter("1", services=FREE), override(where="line 2 97110"))
    (coded,) = desk.take(encounter("2", services=FREE))

    assert isinstance(coded, EncounterCoded) and not coded.overridden


@pytest.mark.parametrize(
    ("who", "why"), [("jane\u200b", "cannot be seen"), ("j\u0430ne", "one script"), ("\u0458\u0430\u043f", "not among")]
)
def test_nobody_has_a_role_by_a_name_that_looks_like_anothers(shipped: Reference, who: str, why: str) -> None:
    desk = Desk(
        keys_of_encounter, validate_coding, replace(shipped, installation=Installation(people={"jane": "coder"}))
    )
    desk.take(encounter(services=FREE))
    refused = desk.take(correct(who=who))[0]

    assert isinstance(refused, ActRefused) and why in refused.because


@pytest.mark.parametrize("names", [("jane", "JANE"), ("cox", "\u0441\u043e\u0445"), ("ja\u200bne",)])
def test_people_who_cannot_be_told_apart_are_not_named(names: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"look like one person|cannot be seen"):
        Installation(people=dict.fromkeys(names, "coder"))


def test_where_people_are_named_the_role_is_theirs_and_not_what_they_say(shipped: Reference) -> None:
    staff = Installation(people={"jane": "coder", "lee": "coder"})
    desk = Desk(keys_of_encounter, validate_coding, replace(shipped, installation=staff))
    desk.take(encounter(services=FREE))

    (claimed,) = desk.take(override(where="line 2 97110"))
    assert isinstance(claimed, ActRefused) and "gives the person the role coder" in claimed.because
    stranger = desk.take(correct(who="mallory"))[0]
    assert isinstance(stranger, ActRefused) and "not among [people]" in stranger.because
    assert name_types(desk.take(correct(who="Jane"))) == ["EncounterCoded", "WorkItemClosed"]


# --- releases of a payer's policy

TWICE = (service(), service(line_id="L2"))  # a duplicate, which a payer would deny


def test_a_hold_of_a_payers_policy_is_released_and_the_release_travels_with_the_claim(desk: Desk) -> None:
    held, item = desk.take(encounter(services=TWICE))
    done, coded, closed = desk.take(override("duplicate_line", document="operative note 7"))

    assert isinstance(held, EncounterHeld) and isinstance(item, WorkItemOpened)
    assert isinstance(done, FindingOverridden) and done.overridden.document_name == "operative note 7"
    assert done.describe() == "hold duplicate_line at line 2 99213 released by lee"
    assert isinstance(coded, EncounterCoded) and coded.overridden == (done.overridden,) and not coded.findings
    assert isinstance(closed, WorkItemClosed) and closed.item_id == item.item_id


def test_a_release_leaves_every_other_hold(desk: Desk) -> None:
    desk.take(encounter(diagnoses=HEADER, services=TWICE))
    _, held, *_ = desk.take(override("duplicate_line"))

    assert isinstance(held, EncounterHeld)
    assert [finding.code for finding in held.findings] == ["icd10_not_billable"]


def test_a_release_stays_when_the_encounter_is_confirmed_and_ends_when_it_changes(desk: Desk) -> None:
    desk.take(encounter(services=TWICE), override("duplicate_line"))
    (confirmed,) = desk.take(correct("a1"))
    changed = desk.take(correct("a2", diagnoses=(diagnosis("E11.65"),)))[0]

    assert isinstance(confirmed, EncounterCoded) and confirmed.overridden
    assert isinstance(changed, EncounterHeld)
    assert [finding.code for finding in changed.findings] == ["duplicate_line"]


def test_a_release_ends_with_its_version(desk: Desk) -> None:
    desk.take(encounter("1", services=TWICE), override("duplicate_line"))
    held = desk.take(encounter("2", services=(*TWICE, service("97110", line_id="L3"))))[0]

    assert isinstance(held, EncounterHeld)


def test_what_holds_at_one_place_for_several_reasons_is_released_at_once(desk: Desk) -> None:
    desk.take(encounter(services=(*TWICE, service(line_id="L3"))))
    (several,) = desk.take(override("duplicate_line"))
    _, held, *_ = desk.take(override("duplicate_line", "line 2 99213", action_id="o2"))

    assert isinstance(several, ActRefused) and "several places" in several.because
    assert isinstance(held, EncounterHeld)
    assert [finding.where for finding in held.findings] == ["line 3 99213"]


@pytest.mark.parametrize("code", sorted({edit.id for edit, _ in list_edits() if edit.severity == "hold"} - RELEASABLE))
def test_what_cannot_be_written_is_never_a_policy(code: str) -> None:
    assert code.endswith(CANNOT_BE_WRITTEN) or code in MENDED_ALONE


CANNOT_BE_WRITTEN = ("_unknown", "_missing", "_invalid", "_shape", "_reversed", "_in_force", "_incomplete", "_negative")
MENDED_ALONE = {
    "icd10_missing_7th_character", "icd10_not_billable", "icd10_duplicate", "icd10_external_cause_first",
    "icd10_too_many", "icd10_manifestation_first", "procedure_wrong_code_system", "modifier_duplicate",
    "modifier_conflict", "modifier_26_with_tc",
    "pointer_dangling", "service_outside_encounter", "service_in_future", "ncci_ptp_not_allowed",
    "mue_day_absolute", "coverage_inactive", "service_outside_statement", "type_of_bill_against_class",
    "patient_status_against_bill",
}  # fmt: skip
