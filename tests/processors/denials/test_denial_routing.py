"""A denial goes to the team that can mend it, with a next action and a deadline, by the money that it may bring."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from processors.denials.denial_routing import keys_of_denial, route_denial
from schemas.codesets import PtpEdit
from schemas.events import WorkItemClosed, WorkItemOpened
from schemas.reference import Reference
from tests.processors.builders import DAY, number_claim
from tests.processors.denial_events import appealed, denied, deny, resolved, route
from tests.processors.desk import Desk, pick


@pytest.fixture
def desk(shipped: Reference) -> Desk:
    return Desk(keys_of_denial, route_denial, shipped)


def test_a_carc_has_its_team_action_and_deadline(desk: Desk) -> None:
    item = route(desk, deny("197"))

    assert (item.category, item.queue, item.reason) == ("authorization", "authorization", "denied CO-197")
    assert (item.claim_id, item.amount) == (number_claim()[:16], Decimal("100.00"))
    assert item.deadline == date(2026, 6, 30), "120 days after the payment of 2 March"


def test_a_remark_code_that_knows_better_decides(desk: Desk) -> None:
    assert (route(desk, deny("16")).category, route(desk, deny("16")).queue) == ("billing data", "billing")
    item = route(desk, deny("16", "N130", "M51"))

    assert (item.category, item.next_action) == ("coding", "Correct the procedure code.")


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
    (closed,) = pick(desk.take(resolved()), WorkItemClosed)

    assert (closed.item_id, closed.reason) == (item.item_id, "paid 80.00")


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


# --- rights: the plan's levels, and what may not be appealed


def test_medicare_is_appealed_within_120_days_of_the_receipt_presumed_five_days_after_the_notice(desk: Desk) -> None:
    (item,) = pick(desk.take(denied(deny("50"), filing_indicator="MB")), WorkItemOpened)

    assert (item.appeal_level, item.appeal_name) == (1, "redetermination")
    assert item.deadline == DAY + timedelta(days=125)
    assert item.next_action.endswith("Appeal: redetermination by 2026-07-05.")


def test_medicare_advantage_leaves_65_days_from_the_notice(desk: Desk) -> None:
    (item,) = pick(desk.take(denied(deny("50"), filing_indicator="16")), WorkItemOpened)

    assert item.deadline == DAY + timedelta(days=65)


def test_a_commercial_plan_is_appealed_by_its_contract(desk: Desk) -> None:
    item = route(desk, deny("50"))

    assert (item.appeal_level, item.deadline) == (1, DAY + timedelta(days=120)), "the routing table's days"
    assert "by the contract" in item.next_action


def test_an_untimely_medicare_denial_is_not_appealed_and_a_commercial_one_may_be(desk: Desk) -> None:
    (medicare,) = pick(desk.take(denied(deny("29"), filing_indicator="MB")), WorkItemOpened)
    (other,) = pick(desk.take(denied(deny("29"), filing_indicator="CI")), WorkItemOpened)

    assert medicare.appeal_level == 0 and "cannot be appealed" in medicare.next_action
    assert other.appeal_level == 1


class PtpBook:
    """Code sets in which one pair of procedures never goes together."""

    def ptp(self, setting: str, column1: str, column2: str, on: date) -> PtpEdit | None:
        indicator = {("99214", "99213"): "0", ("99215", "99213"): "1"}.get((column1, column2))
        return PtpEdit(column1, column2, date(2020, 1, 1), None, indicator, "", "") if indicator else None  # type: ignore[arg-type]


@pytest.mark.parametrize(("beside", "level"), [("99214", 0), ("99215", 1), ("99216", 1)])
def test_procedures_that_never_go_together_are_not_appealed(
    desk: Desk, shipped: Reference, beside: str, level: int
) -> None:
    with_ptp = replace(desk, reference=replace(shipped, codesets=PtpBook()))  # type: ignore[arg-type]
    fact = denied(deny("236"), procedures=("99213", beside), service_date=DAY)
    (item,) = pick(with_ptp.take(fact), WorkItemOpened)

    assert item.appeal_level == level
    assert ("99214 and 99213 never go together" in item.next_action) == (level == 0)


def test_a_hearing_needs_the_amount_in_controversy_of_its_year(desk: Desk) -> None:
    fact = denied(deny("50", amount="199.99"), filing_indicator="MB")
    (item,) = pick(desk.take(fact), WorkItemOpened)
    desk.take(appealed(item, 2))
    (again,) = pick(desk.take(fact.model_copy(update={"remittance_id": "remittance-3"})), WorkItemOpened)

    assert again.appeal_level == 0
    assert "The hearing needs 200.00 in dispute" in again.next_action


def test_the_item_names_the_root_cause_and_the_edit_that_would_have_caught_it(desk: Desk) -> None:
    item = route(desk, deny("50"))

    assert item.edits == ("necessity_not_covered",)
    assert item.root_cause == "record or diagnosis does not show necessity"
    assert route(desk, deny("197")).edits == (), "no edit of ours knows of approvals"


def test_a_row_of_the_teams_own_for_one_payer_from_a_day_on(desk: Desk, shipped: Reference) -> None:
    (general,) = (row for row in shipped.denial_routes["197"] if not row.remark)
    own = general.model_copy(update={"payer": "PAY1", "team": "night shift", "effective_from": DAY})
    routes = {**shipped.denial_routes, "197": (general, own)}
    desk = replace(desk, reference=replace(shipped, denial_routes=routes))

    def team(payer: str, on: date) -> str:
        (item,) = pick(desk.take(denied(deny("197"), payment_date=on, payer_identifier=payer)), WorkItemOpened)
        return item.queue

    assert team("PAY1", DAY) == "night shift"
    assert team("PAY1", DAY - timedelta(days=1)) == team("PAY2", DAY) == "authorization"
