"""The bank's deposits meet the remittances that they are the money of."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from processors.remittances.deposit_matching import SameAmount, keys_of_deposits, match_deposits
from schemas.event import Body, Event
from schemas.events import (
    ClockTicked,
    DepositMatchDecided,
    DepositMatched,
    DepositReceived,
    RemittanceAccepted,
    RemittanceShare,
    WorkItemClosed,
    WorkItemOpened,
)
from schemas.identifiers import make_id
from schemas.reference import Installation, Reference
from tests.processors.builders import FILE
from tests.processors.desk import NOON, Desk, pick, sides

PAID_ON = date(2026, 3, 16)


@pytest.fixture
def desk(shipped: Reference) -> Desk:
    return Desk(keys_of_deposits, match_deposits, replace(shipped, installation=Installation(has_bank_files=True)))


def remits(amount: str, trace: str = "EFT1", name: str = "r1", paid_on: date = PAID_ON) -> RemittanceAccepted:
    return RemittanceAccepted(
        remittance_id=name, document=FILE, payer_name="LAKESHORE", payer_identifier="1512345678", trace_number=trace,
        payment_date=paid_on, payment_amount=Decimal(amount), claim_count=1, provider_adjustments=(),
    )  # fmt: skip


def deposit(
    amount: str, trace: str = "", name: str = "d1", on: date = date(2026, 3, 17), payer: str = ""
) -> DepositReceived:
    return DepositReceived(
        deposit_id=name, amount=Decimal(amount), deposited_on=on, trace_number=trace, payer_identifier=payer,
    )  # fmt: skip


def tick(desk: Desk, on: date) -> tuple[Body, ...]:
    """A tick, given the states that are due as the step gives them."""
    event = Event(
        make_id("tick", on.isoformat()), on.isoformat(), NOON, "clock", None, "", ClockTicked(business_date=on)
    )
    due = {
        key: state
        for key, state in desk.states.items()
        if isinstance(state, SameAmount) and state.due_on and state.due_on <= on
    }
    outcome = match_deposits(due, event, desk.reference)
    desk.states.update(outcome.states)
    return outcome.outputs


@pytest.mark.parametrize("bank_first", [False, True])
def test_the_trace_brings_them_together_whoever_comes_first(desk: Desk, bank_first: bool) -> None:
    bodies = [remits("1250.00"), deposit("1250.00", "EFT1", payer="1512345678", on=date(2026, 5, 1))]
    (matched,) = pick(desk.take(*(reversed(bodies) if bank_first else bodies)), DepositMatched)

    assert (matched.remittance_ids, matched.matched_by) == (("r1",), "trace")
    assert sides(matched.entry) == {"bank": "1250.00", "remittance_clearing": "-1250.00"}


def test_leading_zeros_of_a_trace_are_the_banks(desk: Desk) -> None:
    assert pick(desk.take(remits("10.00", "123"), deposit("10.00", "000123")), DepositMatched)


@pytest.mark.parametrize(
    "other",
    [deposit("1249.99", "EFT1"), deposit("1250.00", "EFT2"), deposit("1250.00", "EFT1", payer="1999999999")],
    ids=["another amount", "another trace", "another payer"],
)
def test_what_differs_does_not_match(desk: Desk, other: DepositReceived) -> None:
    assert desk.take(remits("1250.00"), other) == ()


def test_without_a_trace_amount_and_date_must_leave_no_choice(desk: Desk) -> None:
    (matched,) = pick(desk.take(remits("80.00"), deposit("80.00")), DepositMatched)
    assert matched.matched_by == "amount_and_date"

    assert desk.take(remits("90.00"), deposit("90.00", on=date(2026, 3, 22), name="d2")) == (), "six days apart"


def test_two_that_look_alike_are_not_guessed(desk: Desk) -> None:
    assert desk.take(remits("80.00", "A", "r1"), remits("80.00", "B", "r2"), deposit("80.00")) == ()

    (matched,) = pick(desk.take(deposit("80.00", "A", name="d2")), DepositMatched)
    assert matched.remittance_ids == ("r1",), "a trace decides, and what is left is no choice any more"


def test_what_waits_too_long_is_asked_about_once_and_closed_when_it_comes(desk: Desk) -> None:
    desk.take(deposit("80.00", "A"))
    assert tick(desk, date(2026, 3, 23)) == ()
    (item,) = pick(tick(desk, date(2026, 3, 24)), WorkItemOpened)
    assert (item.reason, item.queue, item.amount) == ("deposit_unmatched", "payments", Decimal("80.00"))
    assert tick(desk, date(2026, 3, 25)) == ()

    outputs = desk.take(remits("80.00", "A"))
    assert pick(outputs, DepositMatched) and pick(outputs, WorkItemClosed)[0].item_id == item.item_id


def test_money_that_the_bank_does_not_show_is_missed(desk: Desk) -> None:
    desk.take(remits("80.00"))
    (item,) = pick(tick(desk, date(2026, 3, 23)), WorkItemOpened)

    assert (item.reason, item.remittance_id) == ("deposit_missing", "r1")


def test_nothing_is_missed_where_no_bank_file_is_loaded(desk: Desk) -> None:
    desk.reference = replace(desk.reference, installation=Installation())
    desk.take(remits("80.00"))

    assert tick(desk, date(2027, 1, 1)) == ()


def test_a_remittance_without_a_payment_awaits_none(desk: Desk) -> None:
    assert desk.take(remits("0.00")) == () and desk.states == {}


# --- debits


@pytest.mark.parametrize("trace", ["EFT1", ""], ids=["by trace", "by amount and date"])
def test_a_debit_is_the_money_of_a_remittance_that_takes_back(desk: Desk, trace: str) -> None:
    desk.take(remits("60.00", name="paid"))

    (matched,) = pick(desk.take(remits("-60.00"), deposit("-60.00", trace)), DepositMatched)

    assert (matched.remittance_ids, matched.amount) == (("r1",), Decimal("-60.00"))
    assert sides(matched.entry) == {"bank": "-60.00", "remittance_clearing": "60.00"}


def test_a_debit_that_nothing_takes_back_is_asked_about_and_closed_when_its_835_comes(desk: Desk) -> None:
    desk.take(deposit("-60.00", "A"))
    (item,) = pick(tick(desk, date(2026, 3, 24)), WorkItemOpened)
    assert (item.reason, item.amount) == ("deposit_unmatched", Decimal("-60.00"))
    assert "The bank took 60.00 on 2026-03-17" in item.next_action

    outputs = desk.take(remits("-60.00", "A"))
    assert pick(outputs, DepositMatched) and pick(outputs, WorkItemClosed)[0].item_id == item.item_id


def test_a_takeback_that_the_bank_does_not_show_is_asked_about(desk: Desk) -> None:
    desk.take(remits("-12.00"))
    (item,) = pick(tick(desk, date(2026, 3, 23)), WorkItemOpened)

    assert "takes back 12.00" in item.next_action and "keeps it from a later check" in item.next_action


def test_a_person_matches_a_deposit_that_is_net_of_a_takeback(desk: Desk) -> None:
    desk.take(remits("100.00", "A", "r1"), remits("-40.00", "B", "r2"), deposit("60.00"))
    (matched,) = pick(desk.take(decide("60.00", ("r1", "100.00"), ("r2", "-40.00"))), DepositMatched)

    assert sides(matched.entry) == {"bank": "60.00", "remittance_clearing": "-60.00"}


def decide(total: str, *shares: tuple[str, str]) -> DepositMatchDecided:
    return DepositMatchDecided(
        deposit_id="d1", action_id="a1", who="M. Biller", deposit_amount=Decimal(total),
        remittances=tuple(RemittanceShare(remittance_id=name, amount=Decimal(amount)) for name, amount in shares),
    )  # fmt: skip


def test_a_person_says_that_a_lockbox_deposit_is_two_checks(desk: Desk) -> None:
    desk.take(remits("50.00", "1", "r1"), remits("30.00", "2", "r2"), deposit("80.00"))
    (matched,) = pick(desk.take(decide("80.00", ("r1", "50.00"), ("r2", "30.00"))), DepositMatched)

    assert (matched.remittance_ids, matched.matched_by) == (("r1", "r2"), "person")
    assert sides(matched.entry) == {"bank": "80.00", "remittance_clearing": "-80.00"}
    again = decide("80.00", ("r1", "50.00"), ("r2", "30.00")).model_copy(update={"action_id": "a2"})
    assert pick(desk.take(again), WorkItemOpened)[0].reason == "deposit_match_refused", "nothing is booked twice"


def test_a_match_whose_sums_differ_is_not_booked(desk: Desk) -> None:
    desk.take(remits("50.00", "1", "r1"), deposit("80.00"))
    (item,) = desk.take(decide("80.00", ("r1", "50.00")))

    assert isinstance(item, WorkItemOpened) and item.reason == "deposit_match_refused"
