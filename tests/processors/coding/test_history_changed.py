"""Encounters that others of the patient hold: judged again when one of those is withdrawn or changed."""

import pytest

from processors.coding.coding_validation import keys_of_encounter, validate_coding
from schemas.event import Body
from schemas.events import EncounterCoded, EncounterHeld, EncounterReceived, HistoryChanged, WorkItemClosed
from schemas.identifiers import make_encounter_id
from schemas.reference import Reference
from tests.processors.builders import encounter, service
from tests.processors.desk import Desk, name_types, pick

SAME_DAY_AGAIN = "duplicate_of_earlier_claim"


@pytest.fixture
def desk(shipped: Reference) -> Desk:
    return Desk(keys_of_encounter, validate_coding, shipped)


def visit(name: str, version: str = "1", **changes: object) -> EncounterReceived:
    return encounter(version, **{"source_id": name, **changes})


def settle(desk: Desk, *bodies: Body) -> tuple[Body, ...]:
    """As the step does: what it tells itself comes back in."""
    outputs: list[Body] = []
    waiting = list(bodies)
    while waiting:
        made = desk.take(waiting.pop(0))
        outputs.extend(made)
        waiting.extend(pick(made, HistoryChanged))
    return tuple(outputs)


def test_a_duplicate_is_released_when_the_first_one_is_withdrawn(desk: Desk) -> None:
    settle(desk, visit("first"))
    (held,) = pick(settle(desk, visit("second")), EncounterHeld)
    outputs = settle(desk, visit("first", "2", status="entered-in-error"))

    assert [finding.code for finding in held.findings] == [SAME_DAY_AGAIN]
    assert name_types(outputs) == ["EncounterWithdrawn", "HistoryChanged", "EncounterCoded", "WorkItemClosed"]
    assert pick(outputs, EncounterCoded)[0].encounter_id == make_encounter_id("ehr", "second")
    assert pick(outputs, WorkItemClosed)[0].reason == "another encounter of the patient changed"


def test_of_two_duplicates_one_is_released_and_the_other_now_waits_for_it(desk: Desk) -> None:
    settle(desk, visit("first"), visit("second"), visit("third"))
    outputs = settle(desk, visit("first", "2", services=(service("99214"),)))

    released = pick(outputs, EncounterCoded)[1:]
    held = pick(outputs, EncounterHeld)
    assert len(released) == len(held) == 1
    assert {released[0].encounter_id, held[0].encounter_id} == {
        make_encounter_id("ehr", name) for name in ("second", "third")
    }


def test_who_is_held_for_reasons_of_their_own_waits_for_nobody(desk: Desk) -> None:
    settle(desk, visit("first"), visit("second", services=(service("97110"),), coverages=()))

    assert name_types(settle(desk, visit("first", "2", status="entered-in-error"))) == ["EncounterWithdrawn"]


def test_the_same_encounter_again_tells_nobody(desk: Desk) -> None:
    settle(desk, visit("first"), visit("second"))

    assert name_types(settle(desk, visit("first", "2"))) == ["EncounterCoded"]


def test_who_was_withdrawn_waits_no_more(desk: Desk) -> None:
    settle(desk, visit("first"), visit("second"), visit("second", "2", status="entered-in-error"))

    assert name_types(settle(desk, visit("first", "2", status="entered-in-error"))) == ["EncounterWithdrawn"]


def test_a_change_that_comes_late_does_nothing_to_a_coded_encounter(desk: Desk) -> None:
    first, second = visit("first"), visit("second")
    settle(desk, first, second)
    (told,) = pick(desk.take(visit("first", "2", status="entered-in-error")), HistoryChanged)
    settle(desk, visit("second", "2", services=(service("97110"),)))

    assert desk.take(told) == ()
