"""Patients' money that belongs to no claim, to another, or that the bank gave back."""

from decimal import Decimal

import pytest

from processors.patients.patient_billing import bill_patient, keys_of_patient
from schemas.events import (
    PatientCreditMoved,
    PatientPaymentPosted,
    PatientPaymentReturned,
    PatientRefundIssued,
    PatientRefundPosted,
    WorkItemClosed,
    WorkItemOpened,
)
from schemas.reference import Reference
from tests.processors.builders import ACCOUNT, number_claim
from tests.processors.desk import Desk, pick, sides
from tests.processors.patients.test_patient_billing import SISTER, charges, give, last_balance, pays, posted


@pytest.fixture
def desk(shipped: Reference) -> Desk:
    return Desk(keys_of_patient, bill_patient, shipped)


def send_back(amount: str) -> PatientRefundIssued:
    """Of what no claim of the account takes."""
    return PatientRefundIssued(account_key=ACCOUNT, action_id="refund 2", who="M. Biller", amount=Decimal(amount))


def test_money_that_no_claim_takes_is_asked_about_once_no_payer_may_leave_more(desk: Desk) -> None:
    assert pick(desk.take(charges(), pays("50.00")), WorkItemOpened) == [], "a payer may still leave something"

    (item,) = pick(desk.take(posted(paid="80.00", patient="20.00")), WorkItemOpened)

    assert (item.reason, str(item.amount), item.claim_id) == ("patient_payment_unapplied", "30.00", None)
    assert "send it back" in item.next_action and "revcycle patient move" in item.next_action
    (more,) = pick(desk.take(pays("5.00", source_id="receipt 2")), WorkItemOpened)
    assert (more.item_id, str(more.amount)) == (item.item_id, "35.00"), "one item an account"


def test_it_is_sent_back_in_parts_and_the_item_closes(desk: Desk) -> None:
    (item,) = pick(desk.take(pays("50.00")), WorkItemOpened)

    outputs = desk.take(send_back("20.00"))
    assert sides(pick(outputs, PatientRefundPosted)[0].entry) == {"unapplied_payments": "20.00", "bank": "-20.00"}
    assert [(x.item_id, str(x.amount)) for x in pick(outputs, WorkItemOpened)] == [(item.item_id, "30.00")]

    (closed,) = pick(desk.take(send_back("30.00")), WorkItemClosed)
    assert closed.item_id == item.item_id
    (refused,) = desk.take(send_back("0.01"))
    assert isinstance(refused, WorkItemOpened) and refused.reason == "refund_not_due"


def test_it_is_given_to_the_account_that_it_is_for(desk: Desk) -> None:
    """The sister owes 20.00 of a visit; 30.00 came under the wrong account."""
    desk.take(
        *(b.model_copy(update={"account_key": SISTER}) for b in (charges(2), posted(2, paid="80.00", patient="20.00")))
    )
    (item,) = pick(desk.take(pays("30.00")), WorkItemOpened)

    outputs = desk.take(give("30.00"))

    (payment,) = pick(outputs, PatientPaymentPosted)
    assert sides(payment.entry) == {"unapplied_payments": "20.00", "patient_receivable": "-20.00"}
    assert (payment.account_key, payment.claim_id) == (SISTER, number_claim(2)[:16])
    assert [closed.item_id for closed in pick(outputs, WorkItemClosed)] == [item.item_id]
    (left,) = pick(outputs, WorkItemOpened)
    assert (left.account_key, left.reason, str(left.amount)) == (SISTER, "patient_payment_unapplied", "10.00")


def test_it_is_given_to_a_claim_of_the_same_account_that_waits_for_its_payer(desk: Desk) -> None:
    desk.take(pays("30.00"), charges())

    (payment,) = pick(desk.take(give("25.00", to=ACCOUNT, claim=1)), PatientPaymentPosted)

    assert (payment.claim_id, str(payment.amount)) == (number_claim()[:16], "25.00")
    assert last_balance(desk.take(posted(paid="60.00", patient="40.00"))) == ("owed", "10.00"), "30.00 in all"


def test_more_than_is_there_is_not_moved(desk: Desk) -> None:
    desk.take(pays("30.00"))
    (refused,) = desk.take(give("30.01"))

    assert isinstance(refused, WorkItemOpened) and refused.reason == "move_not_possible"


def comes_back(amount: str, claim: int | None = 1) -> PatientPaymentReturned:
    return PatientPaymentReturned(
        account_key=ACCOUNT, action_id="returned 1", who="M. Biller", why="insufficient funds", amount=Decimal(amount),
        claim_id=number_claim(claim)[:16] if claim else None, reference="check 77",
    )  # fmt: skip


def test_a_check_that_bounces_is_owed_again(desk: Desk) -> None:
    desk.take(charges(), posted(paid="80.00", patient="20.00"), pays("20.00", claim=1))
    outputs = desk.take(comes_back("20.00"))

    (payment,) = pick(outputs, PatientPaymentPosted)
    assert sides(payment.entry) == {"patient_receivable": "20.00", "bank": "-20.00"}
    assert (payment.amount, last_balance(outputs)) == (Decimal("-20.00"), ("owed", "20.00"))
    (refused,) = desk.take(comes_back("0.01"))
    assert isinstance(refused, WorkItemOpened) and refused.reason == "return_not_possible"


def test_a_check_that_bounces_takes_the_refund_of_its_excess_with_it(desk: Desk) -> None:
    desk.take(charges(), pays("25.00", claim=1), posted(paid="90.00", patient="10.00"))
    outputs = desk.take(comes_back("25.00"))

    assert pick(outputs, PatientCreditMoved)[0].amount == Decimal("-15.00")
    assert len(pick(outputs, WorkItemClosed)) == 1 and last_balance(outputs) == ("owed", "10.00")


def test_a_check_of_nobodys_claim_that_bounces_is_unapplied_no_more(desk: Desk) -> None:
    desk.take(pays("50.00"))
    outputs = desk.take(comes_back("50.00", claim=None))

    assert sides(pick(outputs, PatientPaymentPosted)[0].entry) == {"unapplied_payments": "50.00", "bank": "-50.00"}
    assert len(pick(outputs, WorkItemClosed)) == 1
