"""What is known of an interchange adds up, in whatever order it is heard."""

from datetime import UTC, date, datetime
from itertools import permutations

import pytest

from processors.submission.interchange_tracking import keys_of_interchange, track_interchange
from schemas.event import Body
from schemas.events import (
    ClaimAcknowledged,
    ClaimSubmitted,
    ClockSetBack,
    InterchangeAcknowledged,
    InterchangeBuilt,
    InterchangeClaim,
    InterchangeWritten,
    WorkItemClosed,
    WorkItemOpened,
)
from schemas.ledger import DocumentPlace
from schemas.reference import Reference
from tests.processors.builders import PARTNER, built, number_claim
from tests.processors.desk import Desk, pick

SHA256 = "a" * 64
BUILT = InterchangeBuilt(
    trading_partner=PARTNER,
    control_number=1,
    built_at=datetime(2026, 3, 3, 18, tzinfo=UTC),
    sha256=SHA256,
    file_name="1.837",
    claims=tuple(InterchangeClaim(summary=claim.summary, claim=claim.claim) for claim in map(built, (1, 2))),
)
WRITTEN = InterchangeWritten(trading_partner=PARTNER, control_number=1, sha256=SHA256, file_name="1.837")
BOTH = sorted([number_claim(1), number_claim(2)])


def answer(outcome: str, source: str = "999") -> InterchangeAcknowledged:
    return InterchangeAcknowledged.model_validate(
        {
            "trading_partner": PARTNER,
            "control_number": 1,
            "source": source,
            "outcome": outcome,
            "codes": ("R",),
            "document": DocumentPlace(sha256="b" * 64, segment=3),
        }
    )


@pytest.fixture
def desk(shipped: Reference) -> Desk:
    return Desk(keys_of_interchange, track_interchange, shipped)


def list_submitted(outputs: tuple[Body, ...]) -> list[str]:
    return sorted(claim.summary.patient_control_number for claim in pick(outputs, ClaimSubmitted))


def list_rejected(outputs: tuple[Body, ...]) -> list[str]:
    return sorted(claim.patient_control_number for claim in pick(outputs, ClaimAcknowledged))


def test_a_claim_is_submitted_when_its_file_is_written_and_not_before(desk: Desk) -> None:
    assert desk.take(BUILT) == ()

    outputs = desk.take(WRITTEN)
    assert list_submitted(outputs) == BOTH
    assert {claim.document.sha256 for claim in pick(outputs, ClaimSubmitted)} == {SHA256}


@pytest.mark.parametrize("order", list(permutations([BUILT, WRITTEN, answer("rejected")])))
def test_a_rejected_interchange_rejects_its_claims_once_in_any_order(desk: Desk, order: tuple[Body, ...]) -> None:
    outputs = desk.take(*order)

    assert list_submitted(outputs) == BOTH
    assert list_rejected(outputs) == BOTH
    assert {claim.outcome for claim in pick(outputs, ClaimAcknowledged)} == {"rejected"}


@pytest.mark.parametrize("outcome", ["accepted", "partly_accepted"])
@pytest.mark.parametrize("place", range(3))
def test_an_interchange_that_is_not_wholly_rejected_rejects_no_claim(desk: Desk, outcome: str, place: int) -> None:
    facts: list[Body] = [BUILT, WRITTEN]
    facts.insert(place, answer(outcome))
    outputs = desk.take(*facts)

    assert list_submitted(outputs) == BOTH
    assert list_rejected(outputs) == []


def test_a_second_rejection_of_the_same_interchange_adds_nothing(desk: Desk) -> None:
    desk.take(BUILT, WRITTEN, answer("rejected", source="TA1"))

    assert desk.take(answer("rejected", source="999")) == ()


def test_an_answer_to_another_interchange_touches_nothing_here(desk: Desk) -> None:
    desk.take(BUILT, WRITTEN)

    (asked,) = desk.take(answer("rejected").model_copy(update={"control_number": 2}))
    assert isinstance(asked, WorkItemOpened) and asked.reason == "refusal_unmatched"


def test_a_file_that_nobody_acknowledges_in_a_full_day_becomes_work_until_somebody_does(desk: Desk) -> None:
    desk.take(BUILT, WRITTEN)  # at noon of 3 March

    assert desk.tick(date(2026, 3, 4)) == ()
    (item,) = pick(desk.tick(date(2026, 3, 5)), WorkItemOpened)
    assert (item.queue, item.reason) == ("operations", "no_TA1_or_999")
    assert "interchange 1 (1.837)" in item.next_action
    assert desk.tick(date(2026, 3, 6)) == (), "once is enough"
    (closed,) = pick(desk.take(answer("accepted")), WorkItemClosed)
    assert closed.item_id == item.item_id


@pytest.mark.parametrize("order", list(permutations([BUILT, WRITTEN, answer("accepted", "TA1")])))
def test_an_acknowledged_file_is_never_waited_for(desk: Desk, order: tuple[Body, ...]) -> None:
    desk.take(*order)

    assert desk.tick(date(2026, 3, 9)) == ()


def test_a_file_written_in_a_future_that_is_taken_back_is_waited_for_from_today(desk: Desk) -> None:
    desk.take(BUILT, WRITTEN, at=datetime(2027, 3, 3, tzinfo=UTC))
    back = ClockSetBack(
        business_date=date(2026, 3, 3), stood_at=date(2027, 3, 3), setting=1, action_id="a", who="Pat", why="mistyped"
    )
    assert desk.take(back) == () and desk.tick(date(2026, 3, 4)) == ()

    (item,) = pick(desk.tick(date(2026, 3, 5)), WorkItemOpened)
    assert item.reason == "no_TA1_or_999"


@pytest.mark.parametrize("source", ["TA1", "999"])
def test_a_refusal_of_what_was_never_sent_is_told_to_a_person_until_it_is_known(desk: Desk, source: str) -> None:
    assert desk.take(answer("accepted", source)) == ()
    (opened,) = desk.take(answer("rejected", source))
    assert isinstance(opened, WorkItemOpened)
    assert (opened.queue, opened.reason) == ("operations", "refusal_unmatched")
    assert source in opened.next_action and PARTNER in opened.next_action
    assert desk.take(answer("rejected", source)) == ()

    outputs = desk.take(BUILT, WRITTEN)
    assert [closed.item_id for closed in pick(outputs, WorkItemClosed)] == [opened.item_id]
    assert list_rejected(outputs) == BOTH
