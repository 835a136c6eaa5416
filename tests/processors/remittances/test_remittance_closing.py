"""A remittance is closed when every CLP and PLB of it is posted: the clearing account moved by exactly BPR02."""

from decimal import Decimal
from itertools import permutations

import pytest

from processors.remittances.remittance_closing import close_remittance, keys_of_closing
from schemas.event import Body
from schemas.events import (
    PaymentPosted,
    ProviderAdjustmentsPosted,
    RemittanceAccepted,
    RemittancePosted,
    WorkItemClosed,
    WorkItemOpened,
)
from schemas.reference import Reference
from schemas.x12.x835_005010x221a1 import ProviderAdjustment
from tests.processors.builders import ACCOUNT, DAY, FILE, PAYER, number_claim
from tests.processors.desk import Desk, name_types, pick, sides


@pytest.fixture
def desk(shipped: Reference) -> Desk:
    return Desk(keys_of_closing, close_remittance, shipped)


def accepted(payment: str, claims: int, **plb: str) -> RemittanceAccepted:
    """An accepted remittance with PLB amounts by reason."""
    return RemittanceAccepted(
        remittance_id="remittance-1",
        document=FILE,
        payer_name=PAYER,
        payer_identifier="PAY1",
        trace_number="EFT1",
        payment_date=DAY,
        payment_amount=Decimal(payment),
        claim_count=claims,
        provider_adjustments=tuple(
            ProviderAdjustment(reason.lstrip("_"), "", Decimal(amount)) for reason, amount in plb.items()
        ),
    )


def posted(paid: str, index: int = 0) -> PaymentPosted:
    return PaymentPosted(
        remittance_id="remittance-1",
        account_key=ACCOUNT,
        claim_index=index,
        patient_control_number=number_claim(),
        claim_id=number_claim()[:16],
        encounter_id="an encounter",
        paid_amount=Decimal(paid),
        entry=None,
    )


def test_a_remittance_is_closed_with_its_last_claim(desk: Desk) -> None:
    assert desk.take(accepted("100.00", 2), posted("60.00", 0)) == ()
    (closed,) = desk.take(posted("40.00", 1))

    assert isinstance(closed, RemittancePosted)
    assert (closed.payment_amount, closed.posted_amount, closed.claim_count) == (
        Decimal("100.00"),
        Decimal("100.00"),
        2,
    )


@pytest.mark.parametrize(
    "order", list(permutations([accepted("95.00", 2, L6="5.00"), posted("60.00"), posted("40.00", 1)]))
)
def test_it_is_closed_once_in_any_order(desk: Desk, order: tuple[Body, ...]) -> None:
    outputs = desk.take(*order)

    assert sorted(name_types(outputs)) == ["ProviderAdjustmentsPosted", "RemittancePosted"]
    assert isinstance(outputs[-1], RemittancePosted)


@pytest.mark.parametrize(
    ("reason", "amount", "account"),
    [
        ("WO", "50.00", "provider_level_balances"),
        ("WO", "-50.00", "provider_level_balances"),
        ("FB", "-20.00", "provider_level_balances"),
        ("L6", "-1.23", "interest"),
        ("L6", "1.23", "interest"),
    ],
)
def test_a_positive_plb_reduces_the_payment_and_a_negative_one_increases_it(
    desk: Desk, reason: str, amount: str, account: str
) -> None:
    payment = str(Decimal("100.00") - Decimal(amount))
    (plb,) = pick(desk.take(accepted(payment, 1, **{reason: amount})), ProviderAdjustmentsPosted)

    assert plb.paid_amount == -Decimal(amount)
    assert sides(plb.entry) == {account: amount, "remittance_clearing": str(-Decimal(amount))}
    assert name_types(desk.take(posted("100.00"))) == ["RemittancePosted"]


def test_a_recovery_that_eats_the_whole_payment_closes_at_zero(desk: Desk) -> None:
    outputs = desk.take(accepted("0.00", 1, WO="100.00"), posted("100.00"))

    assert name_types(outputs) == ["ProviderAdjustmentsPosted", "WorkItemOpened", "RemittancePosted"]
    assert pick(outputs, RemittancePosted)[0].payment_amount == Decimal("0.00")


def test_a_remittance_of_nothing_but_plb_is_closed_at_once(desk: Desk) -> None:
    outputs = desk.take(accepted("-30.00", 0, IR="30.00"))

    assert name_types(outputs) == ["ProviderAdjustmentsPosted", "RemittancePosted"]


def test_a_remittance_that_paid_nothing_is_closed_without_an_entry(desk: Desk) -> None:
    assert name_types(desk.take(accepted("0.00", 1), posted("0.00"))) == ["RemittancePosted"]


def test_adjustments_that_cancel_are_two_entries(desk: Desk) -> None:
    """A refund that was sent already shows as +WO with -72 (domain rules, section 1)."""
    recovered, returned, closed = desk.take(accepted("0.00", 0, WO="40.00", _72="-40.00"))

    assert isinstance(recovered, ProviderAdjustmentsPosted) and isinstance(returned, ProviderAdjustmentsPosted)
    assert (recovered.reason, returned.reason) == ("WO", "72")
    assert sides(recovered.entry) == {"provider_level_balances": "40.00", "remittance_clearing": "-40.00"}
    assert sides(returned.entry) == {"remittance_clearing": "40.00", "provider_level_balances": "-40.00"}
    assert recovered.entry.entry_id != returned.entry.entry_id
    assert isinstance(closed, RemittancePosted)


# --- what a payer keeps, and what it had announced


def remits(name: str, **plb: str) -> RemittanceAccepted:
    """A remittance of provider-level adjustments only."""
    payment = -sum((Decimal(amount) for amount in plb.values()), Decimal("0.00"))
    return accepted(str(payment), 0, **plb).model_copy(update={"remittance_id": name})


def test_a_recovery_that_was_announced_asks_nothing_of_anybody(desk: Desk) -> None:
    """-WO beside the reversal, then the recovery in two checks, with a balance carried forward between them."""
    outputs = desk.take(remits("1", WO="-60.00"), remits("2", WO="60.00", FB="-20.00"), remits("3", FB="20.00"))

    assert pick(outputs, WorkItemOpened) == []


def test_what_a_payer_keeps_without_a_word_is_asked_about_until_it_is_explained(desk: Desk) -> None:
    (item,) = pick(desk.take(remits("1", WO="60.00")), WorkItemOpened)
    assert (item.reason, item.amount, item.remittance_id) == ("provider_level_unexplained", Decimal("60.00"), "1")
    assert "LAKESHORE HEALTH has kept 60.00" in item.next_action

    (more,) = pick(desk.take(remits("2", CS="5.00", _72="-15.00")), WorkItemOpened)
    assert (more.item_id, more.amount) == (item.item_id, Decimal("50.00")), "one item a payer"
    (closed,) = pick(desk.take(remits("3", WO="-50.00")), WorkItemClosed)
    assert closed.item_id == item.item_id


def test_interest_and_withholding_are_no_debt_of_a_payer(desk: Desk) -> None:
    assert pick(desk.take(remits("1", L6="5.00", IR="10.00", AP="20.00", J1="3.00")), WorkItemOpened) == []


def test_a_remittance_whose_sum_misses_bpr02_stays_open_and_somebody_asks(desk: Desk) -> None:
    """remittance_reading lets no such remittance pass: this would be a bug, or a message that nobody here sent."""
    (item,) = desk.take(accepted("100.00", 1), posted("99.99"))

    assert isinstance(item, WorkItemOpened)
    assert (item.reason, item.queue, item.priority) == ("remittance_not_closed", "operations", 1)
    assert "moved 99.99 where its BPR02 says 100.00" in item.next_action
