"""A denial goes to the team that can mend it, with a next action and a deadline."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from processors.denial_routing import keys_of_denial, route_denial
from schemas.events import ClaimDenied, DenialResolved, DeniedAdjustment, WorkItemClosed, WorkItemOpened
from schemas.reference import Reference
from tests.processors.builders import ACCOUNT, DAY, FILE, PAYER, number_claim
from tests.processors.desk import Desk, pick


@pytest.fixture
def desk(shipped: Reference) -> Desk:
    return Desk(keys_of_denial, route_denial, shipped)


def deny(
    reason: str, *remarks: str, amount: str = "100.00", line: int | None = 1, control: str = "L0001"
) -> DeniedAdjustment:
    return DeniedAdjustment(
        line=line,
        line_key=control if line else "claim",
        line_control_number=control if line else "",
        procedure="99213",
        group="CO",
        reason=reason,
        remarks=remarks,
        amount=Decimal(amount),
        segment=9,
    )


def denied(*denials: DeniedAdjustment, payment_date: date | None = DAY, number: str = "") -> ClaimDenied:
    return ClaimDenied(
        account_key=ACCOUNT,
        remittance_id="remittance-1",
        claim_index=0,
        patient_control_number=number or number_claim(),
        claim_id=None if number else number_claim()[:16],
        status_code="1",
        payer_name=PAYER,
        payer_identifier="PAY1",
        payment_date=payment_date,
        document=FILE,
        denials=denials,
    )


def route(desk: Desk, *denials: DeniedAdjustment) -> WorkItemOpened:
    (item,) = pick(desk.take(denied(*denials)), WorkItemOpened)
    return item


def test_a_carc_has_its_team_action_and_deadline(desk: Desk) -> None:
    item = route(desk, deny("197"))

    assert (item.category, item.queue, item.reason) == ("authorization", "authorization", "denied CO-197")
    assert (item.claim_id, item.amount) == (number_claim()[:16], Decimal("100.00"))
    assert item.deadline == date(2026, 6, 30), "120 days after the payment of 2 March"


def test_a_remark_code_that_knows_better_decides(desk: Desk) -> None:
    assert (route(desk, deny("16")).category, route(desk, deny("16")).queue) == ("billing data", "billing")
    item = route(desk, deny("16", "N130", "M51"))

    assert (item.category, item.next_action) == ("coding", "Correct the procedure code")


def test_a_remark_code_that_says_nothing_of_this_carc_leaves_the_carcs_row(desk: Desk) -> None:
    assert route(desk, deny("197", "M51")).category == "authorization"


def test_ma130_leaves_no_appeal(desk: Desk) -> None:
    item = route(desk, deny("16", "M51", "MA130"))

    assert item.next_action.startswith("No appeal rights (MA130)")
    assert item.category == "coding", "who mends it is still for the table to say"


def test_a_reason_in_no_table_is_reviewed_by_a_person(desk: Desk, shipped: Reference) -> None:
    nothing_known = replace(desk, reference=replace(shipped, denial_routes={}))
    item = route(nothing_known, deny("197"))

    assert (item.category, item.queue) == ("review", "billing")
    assert "denial_routes.csv" in item.next_action


def test_each_denied_line_has_an_item_of_its_own(desk: Desk) -> None:
    first, second, whole = pick(
        desk.take(denied(deny("197"), deny("11", line=2, control="L0002"), deny("29", line=None))), WorkItemOpened
    )

    assert [first.category, second.category, whole.category] == ["authorization", "coding", "timely filing"]
    assert len({first.item_id, second.item_id, whole.item_id}) == 3


def test_several_reasons_of_one_line_share_an_item_and_the_largest_leads(desk: Desk) -> None:
    item = route(desk, deny("11", amount="10.00"), deny("197", amount="90.00"))

    assert (item.category, item.amount, item.reason) == ("authorization", Decimal("100.00"), "denied CO-11 CO-197")


def test_a_line_denied_again_is_the_same_item(desk: Desk) -> None:
    assert route(desk, deny("197")).item_id == route(desk, deny("11")).item_id


def test_a_denied_line_of_which_nothing_is_open_any_more_closes_its_item(desk: Desk) -> None:
    item = route(desk, deny("197"))
    (closed,) = desk.take(
        DenialResolved(
            account_key=ACCOUNT,
            claim_id=number_claim()[:16],
            encounter_id="visit",
            patient_control_number=number_claim(),
            line_key="L0001",
            denied_amount=Decimal("100.00"),
            paid_amount=Decimal("80.00"),
            remittance_id="remittance-2",
            open_denials=0,
        )
    )

    assert isinstance(closed, WorkItemClosed)
    assert (closed.item_id, closed.reason) == (item.item_id, "paid")


@pytest.mark.parametrize(
    ("amount", "priority"),
    [("1000.00", 1), ("999.99", 2), ("250.00", 2), ("249.99", 3), ("50.00", 3), ("49.99", 4), ("0.01", 4)],
)
def test_more_money_comes_first(desk: Desk, amount: str, priority: int) -> None:
    assert route(desk, deny("197", amount=amount)).priority == priority


def test_without_a_payment_date_nobody_invents_a_deadline(desk: Desk) -> None:
    (item,) = pick(desk.take(denied(deny("197"), payment_date=None)), WorkItemOpened)

    assert item.deadline is None


def test_a_denial_of_a_claim_that_is_not_ours_still_reaches_a_person(desk: Desk) -> None:
    (item,) = pick(desk.take(denied(deny("197"), number="THEIR-CLAIM-7")), WorkItemOpened)

    assert item.claim_id is None
