"""What a payer allowed for each line, held against its contract, with the arithmetic shown."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import pytest

from processors.remittances.contract_checking import check_contract, keys_of_contracts
from schemas.codesets import FeeScheduleRow
from schemas.event import Body
from schemas.events import WorkItemClosed, WorkItemOpened
from schemas.reference import ContractRow, LocalityRow, Reference
from schemas.x12.x835_005010x221a1 import Adjustment
from tests.processors.builders import DAY, PAYER, adjust, claim_payment, remitted
from tests.processors.desk import Desk, pick


def row(value: str = "90.00", method: str = "flat", **changes: object) -> ContractRow:
    values: dict[str, object] = {"payer": PAYER, "procedure": "99213", "effective": date(2026, 1, 1)}
    return ContractRow.model_validate({**values, "value": Decimal(value), "method": method, **changes})


def open_desk(shipped: Reference, *rows: ContractRow) -> Desk:
    newest_first = tuple(sorted(rows, key=lambda row: row.effective, reverse=True))
    return Desk(keys_of_contracts, check_contract, replace(shipped, contracts={PAYER.lower(): newest_first}))


def answer(desk: Desk, paid: str, *adjustments: Adjustment, status: str = "1", on: date = DAY) -> tuple[Body, ...]:
    """One unit of 99213 at 100.00."""
    claim = claim_payment(paid, *adjustments, status=status)
    services = tuple(replace(service, service_date=on) for service in claim.services)
    return desk.take(remitted(replace(claim, services=services, facility_code="11")))


def test_a_shortfall_is_work_with_its_arithmetic(shipped: Reference) -> None:
    desk = open_desk(shipped, row("90.00"))
    (item,) = pick(answer(desk, "64.00", adjust("CO", "45", "20.00"), adjust("PR", "2", "16.00")), WorkItemOpened)

    assert (item.queue, item.reason, item.amount) == ("underpayments", "underpaid 99213", Decimal("10.00"))
    for wanted in ("allowed 80.00 (64.00 paid + 16.00 patient share)", "flat 90.00 x 1 units", "Short by 10.00"):
        assert wanted in item.next_action


def test_what_was_agreed_is_no_work(shipped: Reference) -> None:
    desk = open_desk(shipped, row("80.00"))

    assert answer(desk, "64.00", adjust("CO", "45", "20.00"), adjust("PR", "2", "16.00")) == ()
    assert desk.states == {}


def test_sequestration_is_part_of_what_was_allowed(shipped: Reference) -> None:
    desk = open_desk(shipped, row("80.00"))

    assert answer(desk, "78.40", adjust("CO", "45", "20.00"), adjust("CO", "253", "1.60")) == ()


@pytest.mark.parametrize(("threshold", "is_work"), [("10.00", False), ("9.99", True)])
def test_a_shortfall_within_the_threshold_is_not_pursued(shipped: Reference, threshold: str, is_work: bool) -> None:
    desk = open_desk(shipped, row("90.00", threshold_amount=Decimal(threshold)))

    assert bool(answer(desk, "80.00", adjust("CO", "45", "20.00"))) == is_work


def test_a_percentage_of_the_charge(shipped: Reference) -> None:
    (item,) = pick(answer(open_desk(shipped, row("85", "percent_of_charge")), "80.00", adjust("CO", "45", "20.00")),
                   WorkItemOpened)  # fmt: skip

    assert item.amount == Decimal("5.00") and "85 % of the charge of 100.00" in item.next_action


@dataclass(frozen=True)
class Fees:
    """A fee schedule of one row."""

    row: FeeScheduleRow | None

    def fee_schedule(self, code: str, modifier: str, on: date) -> FeeScheduleRow | None:
        return self.row


def test_a_percentage_of_medicares_fee(shipped: Reference) -> None:
    """(1.00 x 1.05 + 1.20 x 0.90 + 0.10 x 0.50) x 40.00 = 87.20; 110 % of it is 95.92."""
    fees = FeeScheduleRow(
        "99213", "", "A", "0", "XXX", "0", "0", False, False, "2026 Q1", Decimal("1.00"), Decimal("1.20"),
        Decimal("0.50"), Decimal("0.10"), Decimal("40.0000"),
    )  # fmt: skip
    place = LocalityRow(
        locality="CHICAGO", effective=date(2026, 1, 1), work=Decimal("1.05"), practice_expense=Decimal("0.90"),
        malpractice=Decimal("0.50"),
    )  # fmt: skip
    desk = open_desk(shipped, row("110", "percent_of_medicare", locality="CHICAGO"))
    desk.reference = replace(desk.reference, codesets=Fees(fees), localities={"CHICAGO": (place,)})  # type: ignore[arg-type]
    (item,) = pick(answer(desk, "90.00", adjust("CO", "45", "10.00")), WorkItemOpened)

    assert item.amount == Decimal("5.92")
    assert "Medicare's 87.20 in CHICAGO = (1.00 x 1.05 + 1.20 x 0.90 + 0.10 x 0.50) x 40.0000" in item.next_action

    desk.reference = replace(desk.reference, codesets=Fees(None))  # type: ignore[arg-type]
    assert pick(answer(desk, "10.00", adjust("CO", "45", "90.00")), WorkItemOpened) == [], "no fee, no claim of one"


def test_no_more_than_the_charge_is_expected(shipped: Reference) -> None:
    assert answer(open_desk(shipped, row("250.00")), "100.00") == ()


def test_the_row_of_the_day_decides(shipped: Reference) -> None:
    rows = (row("70.00", termination=date(2026, 2, 28)), row("90.00", effective=date(2026, 3, 1)))
    paid = ("80.00", adjust("CO", "45", "20.00"))

    assert answer(open_desk(shipped, *rows), *paid, on=date(2026, 2, 27)) == ()
    assert answer(open_desk(shipped, *rows), *paid, on=date(2026, 3, 1)) != ()
    assert answer(open_desk(shipped, *rows), *paid, on=date(2025, 12, 31)) == (), "no contract was in force"


@pytest.mark.parametrize("status", ["2", "22", "25", "4"])
def test_only_first_payers_decisions_are_checked(shipped: Reference, status: str) -> None:
    assert answer(open_desk(shipped, row("90.00")), "80.00", adjust("CO", "45", "20.00"), status=status) == ()


def test_a_denied_line_is_worked_as_a_denial(shipped: Reference) -> None:
    assert answer(open_desk(shipped, row("90.00")), "0.00", adjust("CO", "197", "100.00")) == ()


def test_a_correction_that_allows_the_price_closes_the_item(shipped: Reference) -> None:
    desk = open_desk(shipped, row("90.00"))
    (item,) = pick(answer(desk, "80.00", adjust("CO", "45", "20.00")), WorkItemOpened)
    (closed,) = answer(desk, "90.00", adjust("CO", "45", "10.00"))

    assert isinstance(closed, WorkItemClosed) and closed.item_id == item.item_id
    assert answer(desk, "90.00", adjust("CO", "45", "10.00")) == ()


def test_any_procedure_and_a_modifier_of_its_own(shipped: Reference) -> None:
    rows = (row("50.00", procedure="*"), row("70.00", modifier="25"), row("90.00"))
    desk = open_desk(shipped, *rows[:1])
    assert answer(desk, "49.00", adjust("CO", "45", "51.00")) != (), "any procedure"

    claim = claim_payment("75.00", adjust("CO", "45", "25.00"))
    services = tuple(replace(service, service_date=DAY, modifiers=("25",)) for service in claim.services)
    assert open_desk(shipped, *rows).take(remitted(replace(claim, services=services))) == (), "99213-25 is 70.00"
