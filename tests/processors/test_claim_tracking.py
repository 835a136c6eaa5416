"""A rejected claim goes back to a person, until it is sent again. A rejection is not a denial."""

from itertools import permutations

import pytest

from processors.claim_tracking import keys_of_tracking, track_claim
from schemas.event import Body
from schemas.events import WorkItemClosed, WorkItemOpened
from schemas.reference import Reference
from tests.processors.builders import acknowledged, number_claim, submitted
from tests.processors.desk import Desk, name_types, pick


@pytest.fixture
def desk(shipped: Reference) -> Desk:
    return Desk(keys_of_tracking, track_claim, shipped)


def test_a_rejection_opens_an_item_and_sending_again_closes_it(desk: Desk) -> None:
    desk.take(submitted(version=1))
    (item,) = pick(desk.take(acknowledged(version=1)), WorkItemOpened)
    (closed,) = pick(desk.take(submitted(version=2)), WorkItemClosed)

    assert (item.queue, item.reason, item.claim_id) == ("rejections", "rejected_277CA", number_claim()[:16])
    assert "A3:21" in item.next_action and "filing clock" in item.next_action
    assert closed.item_id == item.item_id


def test_an_accepted_claim_asks_nothing_of_anybody(desk: Desk) -> None:
    assert desk.take(submitted(), acknowledged(outcome="accepted")) == ()


def test_a_rejection_told_twice_is_one_item(desk: Desk) -> None:
    outputs = desk.take(submitted(), acknowledged(), acknowledged())

    assert name_types(outputs) == ["WorkItemOpened"]


@pytest.mark.parametrize(
    "order", list(permutations([submitted(version=1), acknowledged(version=1), submitted(version=2)]))
)
def test_in_any_order_the_item_of_a_claim_that_was_sent_again_ends_closed(desk: Desk, order: tuple[Body, ...]) -> None:
    outputs = desk.take(*order)

    (opened,) = pick(outputs, WorkItemOpened)
    (closed,) = pick(outputs, WorkItemClosed)
    assert opened.item_id == closed.item_id
    assert outputs.index(opened) < outputs.index(closed)


def test_a_rejection_seen_before_the_claim_stays_open_when_the_claim_comes(desk: Desk) -> None:
    assert name_types(desk.take(acknowledged(version=1), submitted(version=1))) == ["WorkItemOpened"]


def test_each_rejected_version_has_an_item_of_its_own(desk: Desk) -> None:
    outputs = desk.take(submitted(version=1), acknowledged(version=1), submitted(version=2), acknowledged(version=2))

    assert name_types(outputs) == ["WorkItemOpened", "WorkItemClosed", "WorkItemOpened"]
    assert len({item.item_id for item in pick(outputs, WorkItemOpened)}) == 2


def test_a_rejection_of_a_claim_that_is_not_ours_still_reaches_a_person(desk: Desk) -> None:
    (item,) = pick(
        desk.take(acknowledged().model_copy(update={"patient_control_number": "THEIR-CLAIM-7"})), WorkItemOpened
    )

    assert item.claim_id is None
