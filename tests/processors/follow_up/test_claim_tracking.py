"""A rejected claim goes back to a person, and silence is followed up by the clock. A rejection is not a denial."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import permutations

import pytest

from processors.follow_up.claim_tracking import keys_of_tracking, track_claim
from schemas.event import Body
from schemas.events import (
    ClaimStatusReported,
    ClaimStatusRequested,
    ClockSetBack,
    PayerDecided,
    WorkItemClosed,
    WorkItemOpened,
)
from schemas.reference import Reference
from tests.processors.builders import (
    ACCOUNT,
    FILE,
    PARTNER,
    acknowledged,
    adjust,
    claim_payment,
    number_claim,
    remitted,
    submitted,
)
from tests.processors.desk import NOON, Desk, name_types, pick


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

    *_, opened = pick(outputs, WorkItemOpened)
    (closed,) = pick(outputs, WorkItemClosed)
    assert {item.item_id for item in pick(outputs, WorkItemOpened)} == {closed.item_id}
    assert outputs.index(opened) < outputs.index(closed)


def test_a_rejection_seen_before_the_claim_stays_open_and_learns_what_it_is_about(desk: Desk) -> None:
    before, after = pick(desk.take(acknowledged(version=1), submitted(version=1)), WorkItemOpened)

    assert before.item_id == after.item_id
    assert (before.deadline, before.encounter_id) == (None, None)
    assert (after.deadline, after.amount) == (date(2026, 8, 29), Decimal("100.00")), "180 days from the service"


def test_each_rejected_version_has_an_item_of_its_own(desk: Desk) -> None:
    outputs = desk.take(submitted(version=1), acknowledged(version=1), submitted(version=2), acknowledged(version=2))

    assert name_types(outputs) == ["WorkItemOpened", "WorkItemClosed", "WorkItemOpened"]
    assert len({item.item_id for item in pick(outputs, WorkItemOpened)}) == 2


def test_a_rejection_of_a_claim_that_is_not_ours_still_reaches_a_person(desk: Desk) -> None:
    (item,) = pick(
        desk.take(acknowledged().model_copy(update={"patient_control_number": "THEIR-CLAIM-7"})), WorkItemOpened
    )

    assert item.claim_id is None


# --- who mends a rejection, and what the senders said


@pytest.mark.parametrize(
    ("codes", "queue", "owner"),
    [
        (("A7:33:IL",), "eligibility", "front desk"),
        (("A7:254",), "coding", "coder"),
        (("A8:562:85",), "provider enrollment", "enrollment"),
        (("A3:21",), "rejections", "biller"),
        (("A3:21", "A7:453"), "coding", "coder"),
    ],
)
def test_a_rejection_goes_to_who_can_mend_it(desk: Desk, codes: tuple[str, ...], queue: str, owner: str) -> None:
    desk.take(submitted())
    (item,) = pick(desk.take(acknowledged().model_copy(update={"codes": codes})), WorkItemOpened)

    assert (item.queue, item.owner) == (queue, owner)
    assert "The filing clock runs until 2026-08-29" in item.next_action


def test_a_later_rejection_by_the_payer_overrides_the_clearinghouse_that_accepted(desk: Desk) -> None:
    desk.take(submitted(), acknowledged(outcome="accepted"))
    (item,) = pick(desk.take(acknowledged().model_copy(update={"sender": "PAYER"})), WorkItemOpened)

    assert f"{PARTNER} had accepted it (A2:20)" in item.next_action


def test_a_remittance_for_a_rejected_claim_closes_the_rejection(desk: Desk) -> None:
    desk.take(submitted(), acknowledged())
    (closed,) = pick(desk.take(remitted(claim_payment("100.00"))), WorkItemClosed)

    assert closed.reason == "the payer decided it after all"


# --- silence

SENT = NOON.date()  # 3 March 2026; the service was on the 2nd


def after(days: int) -> date:
    return SENT + timedelta(days=days)


def list_silences(desk: Desk, *days: int) -> list[tuple[int, str]]:
    """What the ticks of these days open: (day, reason)."""
    return [(day, item.reason) for day in days for item in pick(desk.tick(after(day)), WorkItemOpened)]


def test_a_claim_that_nobody_answers_is_asked_about_three_times(desk: Desk) -> None:
    desk.take(submitted())

    assert list_silences(desk, *range(200)) == [
        (3, "no_277CA"),  # two full days after the day of submission
        (46, "no_835"),  # the floor of 45 days
        (76, "no_835"),  # again after 30
        (106, "no_835"),
        (136, "no_835"),
        (149, "timely_filing_near"),  # 30 days before the 180th day after the service
        (166, "no_835"),
        (196, "no_835"),
    ]


def test_an_acknowledgement_and_a_remittance_end_the_waiting(desk: Desk) -> None:
    desk.take(submitted())
    desk.tick(after(3))
    (heard,) = pick(desk.take(acknowledged(outcome="accepted")), WorkItemClosed)
    assert heard.reason == "answered by 277CA"
    (late,) = pick(desk.tick(after(46)), WorkItemOpened)
    (paid,) = pick(desk.take(remitted(claim_payment("100.00"))), WorkItemClosed)
    assert (paid.item_id, paid.reason) == (late.item_id, "the remittance came")
    assert list_silences(desk, *range(47, 400)) == []


def test_a_remittance_that_came_before_its_claim_leaves_nothing_to_wait_for(desk: Desk) -> None:
    desk.take(remitted(claim_payment("100.00")), submitted())

    assert list_silences(desk, *range(0, 400)) == []


def test_a_reversal_or_a_predetermination_decides_nothing(desk: Desk) -> None:
    desk.take(submitted(), acknowledged(outcome="accepted"))
    desk.take(remitted(claim_payment("0.00", adjust("CO", "45", "100.00"), status="25")))
    desk.take(remitted(claim_payment("-100.00", status="22", charge="-100.00"), index=1))

    assert list_silences(desk, 46) == [(46, "no_835")]


def test_a_rejected_claim_waits_for_nobody_but_its_filing_clock(desk: Desk) -> None:
    (rejection,) = pick(desk.take(submitted(), acknowledged()), WorkItemOpened)

    assert list_silences(desk, *range(149)) == []
    (urgent,) = pick(desk.tick(after(149)), WorkItemOpened)
    assert (urgent.item_id, urgent.priority) == (rejection.item_id, 1)
    assert urgent.next_action.startswith("30 days are left.")


def test_a_rejection_that_comes_after_the_time_to_file_says_so(desk: Desk) -> None:
    desk.take(submitted(), acknowledged(), at=NOON + timedelta(days=190))
    (late,) = pick(desk.tick(after(192)), WorkItemOpened)

    assert late.next_action.startswith("The time to file ended 13 days ago.")


def test_sending_again_starts_the_waiting_again(desk: Desk) -> None:
    desk.take(submitted(version=1))
    (opened,) = pick(desk.tick(after(3)), WorkItemOpened)
    (closed,) = pick(desk.take(submitted(version=2), at=NOON + timedelta(days=10)), WorkItemClosed)

    assert closed.item_id == opened.item_id
    assert list_silences(desk, *range(4, 20)) == [(13, "no_277CA")]


def test_medicare_takes_a_claim_for_a_year_and_answers_in_thirty_days(desk: Desk) -> None:
    desk.take(submitted(filing_indicator="MB"), acknowledged(outcome="accepted"))

    assert list_silences(desk, *range(61)) == [(31, "no_835")]
    assert list_silences(desk, 333, 334) == [(333, "no_835"), (334, "timely_filing_near")]


def test_what_a_payer_usually_takes_is_learned_from_its_answers(desk: Desk) -> None:
    for claim in range(1, 21):
        sent = NOON + timedelta(days=claim)
        desk.take(submitted(claim), at=sent)
        days = 60 if claim % 5 == 0 else 10
        payment = remitted(claim_payment("100.00", number=number_claim(claim)), remittance_id=f"remittance-{claim}")
        (decided,) = pick(desk.take(payment, at=sent + timedelta(days=days)), PayerDecided)
        assert decided.days == days
        desk.take(decided)
    desk.take(submitted(99), acknowledged(99, outcome="accepted"))

    assert list_silences(desk, *range(62)) == [(61, "no_835")], "nine of ten answers came within 60 days"


# --- 276 and 277


def report(*codes: str, **values: object) -> ClaimStatusReported:
    fields: dict[str, object] = {
        "account_key": ACCOUNT,
        "patient_control_number": number_claim(),
        "sender": "PAYER",
        "codes": codes,
        "document": FILE,
    }
    return ClaimStatusReported.model_validate({**fields, **values})


def test_the_unpaid_of_a_day_are_asked_for_in_one_request(desk: Desk) -> None:
    known = acknowledged(1, outcome="accepted").model_copy(update={"payer_claim_control_number": "ICN1"})
    desk.take(submitted(1), submitted(2), known, acknowledged(2, outcome="accepted"))
    (request,) = pick(desk.tick(after(46)), ClaimStatusRequested)

    assert request.trading_partner == PARTNER
    assert {asked.patient_control_number: asked.payer_claim_control_number for asked in request.claims} == {
        number_claim(1): "ICN1",
        number_claim(2): "",
    }
    assert {asked.document for asked in request.claims} == {FILE.sha256}, "the 837 that says who the patient is"


@pytest.mark.parametrize(
    ("codes", "says", "priority"),
    [
        (("F1:65",), "paid 82.40 by EFT7 on 2026-04-01. Find the 835", 2),
        (("R4:294",), "wants more information (R4:294)", 1),
        (("D0:35",), "does not find the claim (D0:35): file it again before 2026-08-29", 1),
        (("E1:0",), "says neither paid nor pending", 2),
    ],
)
def test_what_the_payer_answers_is_the_next_step(desk: Desk, codes: tuple[str, ...], says: str, priority: int) -> None:
    desk.take(submitted(), acknowledged(outcome="accepted"))
    (asked,) = pick(desk.tick(after(46)), WorkItemOpened)
    paid = {"paid_amount": "82.40", "check_number": "EFT7", "payment_date": date(2026, 4, 1)}
    (item,) = pick(desk.take(report(*codes, **(paid if codes == ("F1:65",) else {}))), WorkItemOpened)

    assert (item.item_id, item.priority) == (asked.item_id, priority)
    assert says in item.next_action


def test_a_pending_claim_asks_nothing_until_it_is_asked_for_again(desk: Desk) -> None:
    desk.take(submitted(), acknowledged(outcome="accepted"))
    (asked,) = pick(desk.tick(after(46)), WorkItemOpened)
    (closed,) = pick(desk.take(report("P1:20")), WorkItemClosed)

    assert closed.item_id == asked.item_id
    assert list_silences(desk, *range(47, 80)) == [(76, "no_835")]


def test_what_was_asked_for_in_a_future_that_is_taken_back_is_asked_for_again_in_time(desk: Desk) -> None:
    desk.take(submitted(), acknowledged(outcome="accepted"))
    assert pick(desk.tick(after(400)), WorkItemOpened)
    back = ClockSetBack(
        business_date=after(50), stood_at=after(400), setting=1, action_id="a", who="Pat Moore", why="mistyped"
    )
    assert desk.take(back) == (), "nothing that was told is taken back"
    desk.take(report("P1:20"))

    assert list_silences(desk, *range(51, 120)) == [(80, "no_835"), (110, "no_835")]


def test_a_status_of_an_earlier_version_or_of_nobody_we_know_changes_nothing(desk: Desk) -> None:
    desk.take(submitted(version=2))
    assert desk.take(report("D0:35"), report("F1:65", patient_control_number="THEIR-CLAIM-7")) == ()


def test_a_tick_is_pure_of_the_hour(desk: Desk) -> None:
    desk.take(submitted(), at=datetime(2026, 3, 3, 23, 59, tzinfo=NOON.tzinfo))

    assert list_silences(desk, *range(4)) == [(3, "no_277CA")]
