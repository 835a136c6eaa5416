"""A denial is followed to its end: appealed, corrected, written off, recovered; and what was learned of it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from processors.denials.denial_routing import keys_of_denial, route_denial
from schemas.events import DenialConcluded, DenialResolved, WorkItemOpened, WorkItemResolved
from schemas.reference import Reference
from tests.processors.builders import submitted
from tests.processors.denial_events import BY_KIM, CLAIM_ID, appealed, denied, deny, resolved, route, written_off
from tests.processors.desk import NOON, Desk, pick


@pytest.fixture
def desk(shipped: Reference) -> Desk:
    return Desk(keys_of_denial, route_denial, shipped)


def conclude(desk: Desk, fact: DenialResolved) -> DenialConcluded:
    (concluded,) = pick(desk.take(fact, at=NOON + timedelta(days=30)), DenialConcluded)
    return concluded


def test_a_recovery_goes_back_to_its_denial(desk: Desk) -> None:
    item = route(desk, deny("197"))
    concluded = conclude(desk, resolved("80.00"))

    assert (concluded.item_id, concluded.denied_remittance_id, concluded.denied_claim_index) == (
        item.item_id,
        "remittance-1",
        0,
    )
    assert (concluded.outcome, concluded.recovered_amount, concluded.remittance_id) == (
        "recovered",
        Decimal("80.00"),
        "remittance-2",
    )
    assert (concluded.answered_by, concluded.days) == ("payer", 30)


def test_more_than_was_denied_is_not_recovered(desk: Desk) -> None:
    route(desk, deny("197"))

    assert conclude(desk, resolved("250.00")).recovered_amount == Decimal("100.00")


def test_an_appeal_waits_for_its_decision_and_is_what_recovered_the_money(desk: Desk) -> None:
    item = route(desk, deny("197"))
    (waiting,) = pick(desk.take(appealed(item)), WorkItemOpened)

    assert (waiting.item_id, waiting.deadline, waiting.appeal_level) == (item.item_id, date(2026, 5, 9), 0)
    assert waiting.next_action.startswith("Appeal filed on 2026-03-10 by Kim Lee (redetermination)")
    assert conclude(desk, resolved()).answered_by == "appeal"


def test_a_lost_appeal_opens_the_next_level(desk: Desk) -> None:
    fact = denied(deny("50", amount="500.00"), filing_indicator="MB")
    (item,) = pick(desk.take(fact), WorkItemOpened)
    desk.take(appealed(item))
    again = fact.model_copy(update={"remittance_id": "remittance-2", "payment_date": date(2026, 5, 4)})
    (second,) = pick(desk.take(again), WorkItemOpened)

    assert (second.item_id, second.appeal_level, second.appeal_name) == (item.item_id, 2, "reconsideration")
    assert second.deadline == date(2026, 5, 4) + timedelta(days=185)
    assert "Denied again after 1 appeals" in second.next_action


def test_a_corrected_claim_is_waited_for_and_is_what_recovered_the_money(desk: Desk) -> None:
    item = route(desk, deny("11"))
    (waiting,) = pick(desk.take(submitted(version=2)), WorkItemOpened)

    assert (waiting.item_id, waiting.priority) == (item.item_id, 4)
    assert "A corrected claim" in waiting.next_action and "2026-03-03" in waiting.next_action
    assert conclude(desk, resolved()).answered_by == "corrected_claim"


def test_the_same_claim_again_is_no_correction(desk: Desk) -> None:
    desk.take(submitted(version=1))
    route(desk, deny("11"))

    assert desk.take(submitted(version=1)) == ()


def test_a_write_off_is_concluded_as_one(desk: Desk) -> None:
    item = route(desk, deny("29"))
    assert desk.take(written_off(item)) == (), "the ledger says when nothing is open any more"
    concluded = conclude(desk, resolved("0.00", remittance_id=None))

    assert (concluded.outcome, concluded.answered_by) == ("written_off", "write_off")


@pytest.mark.parametrize(
    "approver",
    ["KIM LEE", "Kim  Lee", "Kim\u200b Lee", "K\u0456m Lee", "\uff2bim Lee", "Kím Lee", "Kim Lee."],
)
def test_nobody_approves_a_write_off_of_their_own(desk: Desk, approver: str) -> None:
    """Whatever letters they write their name in: no second person comes of it."""
    item = route(desk, deny("29"))
    assert written_off(item, approved_by="Tim Lee")
    with pytest.raises(ValueError, match=r"somebody else than who decided it|names two people"):
        written_off(item, approved_by=approver)


def test_money_that_moved_on_without_a_payment_settles_a_denial(desk: Desk) -> None:
    route(desk, deny("197"))

    assert conclude(desk, resolved("0.00")).outcome == "settled"


def test_a_second_denial_reopens_the_item_and_a_concluded_one_is_told_once(desk: Desk) -> None:
    item = route(desk, deny("197"))
    desk.take(resolved())
    assert desk.take(resolved()) == ()
    (again,) = pick(desk.take(denied(deny("197"), remittance_id="remittance-3")), WorkItemOpened)

    assert again.item_id == item.item_id
    assert conclude(desk, resolved()).denied_remittance_id == "remittance-3"


# --- priority


def teach(desk: Desk, paid_amount: str, times: int) -> None:
    """So many denials for CO-197 of this payer that ended so."""
    for _ in range(times):
        desk.take(denied(deny("197")))
        desk.take(conclude(desk, resolved(paid_amount)))


def test_what_was_often_overturned_comes_sooner_and_what_never_was_later(shipped: Reference) -> None:
    hopeful = Desk(keys_of_denial, route_denial, shipped)
    hopeless = Desk(keys_of_denial, route_denial, shipped)
    teach(hopeful, "80.00", 10)
    teach(hopeless, "0.00", 10)

    assert route(Desk(keys_of_denial, route_denial, shipped), deny("197", amount="200.00")).priority == 3
    assert route(hopeful, deny("197", amount="200.00")).priority == 2
    assert route(hopeless, deny("197", amount="200.00")).priority == 4
    assert route(hopeless, deny("198", amount="200.00")).priority == 3, "another reason has its own history"


def test_a_near_deadline_makes_an_item_more_urgent_once(desk: Desk) -> None:
    item = route(desk, deny("197", amount="60.00"))
    assert item.deadline == date(2026, 6, 30)
    assert desk.tick(date(2026, 6, 15)) == ()
    (urgent,) = pick(desk.tick(date(2026, 6, 16)), WorkItemOpened)

    assert (urgent.item_id, urgent.priority) == (item.item_id, item.priority - 1)
    assert desk.tick(date(2026, 6, 17)) == ()


def test_a_denial_that_came_late_is_urgent_from_the_start(desk: Desk) -> None:
    (item,) = pick(desk.take(denied(deny("197")), at=NOON + timedelta(days=110)), WorkItemOpened)

    assert item.priority == 2, "nine days are left, and 100.00 alone would be 3"


def test_what_a_person_closed_is_not_brought_back_by_the_clock(desk: Desk) -> None:
    item = route(desk, deny("197"))
    done = WorkItemResolved.model_validate({**BY_KIM, "item_id": item.item_id, "claim_id": CLAIM_ID, "why": "done"})
    desk.take(done)

    assert desk.tick(date(2026, 6, 20)) == ()
