"""What the patient owes, when it may be asked for, what they pay, and what they get back."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.patients.account import PatientAccount
from processors.patients.patient_billing import bill_patient, keys_of_patient
from schemas.event import Body
from schemas.events import (
    ChargesPosted,
    PatientBalanceChanged,
    PatientCreditMoved,
    PatientPaymentMoved,
    PatientPaymentPosted,
    PatientPaymentReceived,
    PatientRefundIssued,
    PatientRefundPosted,
    PaymentPosted,
    ResponsibilityMoved,
    SmallBalanceWrittenOff,
    WorkItemClosed,
    WorkItemOpened,
    WriteOffPosted,
)
from schemas.identifiers import make_account_key, make_encounter_id, make_id
from schemas.ledger import JournalEntry, Mover
from schemas.money import ZERO
from schemas.reference import Installation, Reference
from tests.processors.builders import ACCOUNT, number_claim, submitted
from tests.processors.desk import Desk, pick, sides


@pytest.fixture
def desk(shipped: Reference) -> Desk:
    return Desk(keys_of_patient, bill_patient, shipped)


def charges(claim: int = 1, amount: str = "100.00") -> ChargesPosted:
    mover = Mover()
    mover.move(Decimal(amount), ("insurance_receivable", "A PAYER"), ("gross_charges", ""))
    claim_id = number_claim(claim)[:16]
    encounter_id = make_encounter_id("ehr", f"visit-{claim}")
    entry = JournalEntry(entry_id=make_id("c", claim), claim_id=claim_id, lines=mover.lines())
    return ChargesPosted(
        account_key=ACCOUNT, encounter_id=encounter_id, claim_id=claim_id, charge_amount=Decimal(amount), entry=entry
    )


def posted(claim: int = 1, *, paid: str = "0.00", patient: str = "0.00", index: int = 0) -> PaymentPosted:
    """A payer's answer in the ledger: what it paid, and what it left to the patient."""
    mover = Mover()
    mover.move(Decimal(paid), ("remittance_clearing", ""), ("insurance_receivable", "A PAYER"))
    mover.move(Decimal(patient), ("patient_receivable", ""), ("insurance_receivable", "A PAYER"))
    claim_id = number_claim(claim)[:16]
    return PaymentPosted(
        remittance_id="remittance-1", account_key=ACCOUNT, claim_index=index,
        patient_control_number=number_claim(claim), claim_id=claim_id,
        encounter_id=make_encounter_id("ehr", f"visit-{claim}"), paid_amount=Decimal(paid),
        patient_amount=Decimal(patient),
        entry=JournalEntry(entry_id=make_id("p", claim, index), claim_id=claim_id, lines=mover.lines()),
    )  # fmt: skip


def pays(amount: str, claim: int | None = None, source_id: str = "receipt 1") -> PatientPaymentReceived:
    return PatientPaymentReceived(
        account_key=ACCOUNT, source_id=source_id, claim_id=number_claim(claim)[:16] if claim else None,
        amount=Decimal(amount), received_on=date(2026, 4, 1), method="check",
    )  # fmt: skip


def last_balance(outputs: tuple[Body, ...]) -> tuple[str, str]:
    balance = pick(outputs, PatientBalanceChanged)[-1]
    return balance.status, str(balance.balance_amount)


def test_the_share_is_owed_once_no_payer_owes_any_more(desk: Desk) -> None:
    assert desk.take(charges()) == (), "nothing to say to the patient yet"
    outputs = desk.take(posted(paid="80.00", patient="20.00"))

    assert last_balance(outputs) == ("owed", "20.00")


def test_nothing_is_asked_for_while_a_payer_may_still_owe(desk: Desk) -> None:
    """30.00 were denied and are being worked, or wait for the second payer."""
    outputs = desk.take(charges(), posted(paid="50.00", patient="20.00"))
    assert last_balance(outputs) == ("waiting_for_insurance", "20.00")

    assert last_balance(desk.take(posted(paid="30.00", index=1))) == ("owed", "20.00")


def test_a_denial_written_off_leaves_only_the_patients_part(desk: Desk) -> None:
    """30.00 were denied; nobody owes them once they are accepted as a loss."""
    desk.take(charges(), posted(paid="50.00", patient="20.00"))
    mover = Mover()
    mover.move(Decimal("30.00"), ("denial_write_offs", ""), ("insurance_receivable", "A PAYER"))
    claim_id = number_claim()[:16]
    loss = WriteOffPosted(
        account_key=ACCOUNT, claim_id=claim_id, encounter_id=make_encounter_id("ehr", "visit-1"), item_id="item",
        amount=Decimal("30.00"), adjusted_amount=ZERO,
        entry=JournalEntry(entry_id=make_id("w", 1), claim_id=claim_id, lines=mover.lines()),
    )  # fmt: skip

    assert last_balance(desk.take(loss)) == ("owed", "20.00")


def test_a_qmb_patient_is_never_asked(desk: Desk) -> None:
    """Posting keeps such a share with the payer; should it ever reach the patient, it is not asked for either."""
    qmb = ResponsibilityMoved(
        account_key=ACCOUNT, encounter_id=make_encounter_id("ehr", "visit-1"), claim_id=number_claim()[:16],
        patient_amount=Decimal("20.00"), patient_may_be_billed=False, payers=(),
    )  # fmt: skip
    outputs = desk.take(charges(), qmb, posted(paid="80.00", patient="20.00"))

    assert last_balance(outputs) == ("not_billable", "20.00")


def test_a_payment_settles_what_is_owed(desk: Desk) -> None:
    desk.take(charges(), posted(paid="80.00", patient="20.00"))
    outputs = desk.take(pays("20.00"))

    (payment,) = pick(outputs, PatientPaymentPosted)
    assert sides(payment.entry) == {"bank": "20.00", "patient_receivable": "-20.00"}
    assert payment.claim_id == number_claim()[:16]
    assert last_balance(outputs) == ("settled", "0.00")


def test_a_payment_without_a_claim_goes_to_the_oldest_first(desk: Desk) -> None:
    desk.take(charges(1), posted(1, paid="80.00", patient="20.00"))
    desk.take(charges(2), posted(2, paid="70.00", patient="30.00"))
    payments = pick(desk.take(pays("35.00")), PatientPaymentPosted)

    assert [(p.claim_id, str(p.amount)) for p in payments] == [
        (number_claim(1)[:16], "20.00"), (number_claim(2)[:16], "15.00"),
    ]  # fmt: skip


def test_what_no_claim_takes_waits_and_is_applied_when_something_is_owed(desk: Desk) -> None:
    (early,) = pick(desk.take(pays("50.00")), PatientPaymentPosted)
    assert sides(early.entry) == {"bank": "50.00", "unapplied_payments": "-50.00"}

    (applied,) = pick(desk.take(charges(), posted(paid="80.00", patient="20.00")), PatientPaymentPosted)
    assert sides(applied.entry) == {"patient_receivable": "-20.00", "unapplied_payments": "20.00"}


def test_a_copayment_at_the_visit_waits_on_its_claim(desk: Desk) -> None:
    (copay,) = pick(desk.take(submitted(patient_paid_amount=Decimal("25.00"))), PatientPaymentPosted)
    assert sides(copay.entry) == {"bank": "25.00", "patient_receivable": "-25.00"}
    assert desk.take(submitted(version=2, patient_paid_amount=Decimal("25.00"))) == (), "the same claim again"

    assert last_balance(desk.take(charges(), posted(paid="60.00", patient="40.00"))) == ("owed", "15.00")


def test_more_than_is_owed_is_a_refund_for_a_person_to_send(desk: Desk) -> None:
    desk.take(submitted(patient_paid_amount=Decimal("25.00")))
    outputs = desk.take(charges(), posted(paid="90.00", patient="10.00"))

    (credit,) = pick(outputs, PatientCreditMoved)
    assert sides(credit.entry) == {"patient_receivable": "15.00", "refunds_payable": "-15.00"}
    (item,) = pick(outputs, WorkItemOpened)
    assert (item.queue, item.reason, str(item.amount)) == ("refunds", "patient_refund", "15.00")
    assert last_balance(outputs) == ("refund_due", "0.00")

    outputs = desk.take(refund("15.00"))
    assert sides(pick(outputs, PatientRefundPosted)[0].entry) == {"refunds_payable": "15.00", "bank": "-15.00"}
    assert pick(outputs, WorkItemClosed)[0].item_id == item.item_id
    assert last_balance(outputs) == ("settled", "0.00")


def refund(amount: str) -> PatientRefundIssued:
    return PatientRefundIssued(
        account_key=ACCOUNT, action_id="refund 1", who="M. Biller", claim_id=number_claim()[:16], amount=Decimal(amount)
    )


def test_a_refund_that_is_not_due_moves_no_money(desk: Desk) -> None:
    desk.take(charges(), posted(paid="80.00", patient="20.00"))
    (item,) = desk.take(refund("5.00"))

    assert isinstance(item, WorkItemOpened) and item.reason == "refund_not_due"


def test_a_correction_after_payment_gives_the_money_back_and_another_takes_it_again(desk: Desk) -> None:
    desk.take(charges(), posted(paid="80.00", patient="20.00"), pays("20.00"))
    outputs = desk.take(posted(paid="20.00", patient="-20.00", index=1))
    assert last_balance(outputs) == ("refund_due", "0.00")

    outputs = desk.take(posted(paid="-5.00", patient="5.00", index=2))
    assert pick(outputs, PatientCreditMoved)[0].amount == Decimal("-5.00")
    assert last_balance(outputs) == ("refund_due", "0.00")
    assert pick(outputs, WorkItemOpened)[0].amount == Decimal("15.00")


@pytest.mark.parametrize(("limit", "written_off"), [("0.00", False), ("4.99", False), ("5.00", True)])
def test_a_small_balance_is_written_off_by_policy_only(desk: Desk, limit: str, written_off: bool) -> None:
    desk.reference = replace(desk.reference, installation=Installation(small_balance_amount=Decimal(limit)))
    outputs = desk.take(charges(), posted(paid="95.00", patient="5.00"))

    found = pick(outputs, SmallBalanceWrittenOff)
    assert bool(found) == written_off
    if found:
        assert sides(found[0].entry) == {"other_write_offs": "5.00", "patient_receivable": "-5.00"}
        assert found[0].limit_amount == Decimal("5.00")


def test_a_write_off_is_taken_back_when_the_balance_grows(desk: Desk) -> None:
    desk.reference = replace(desk.reference, installation=Installation(small_balance_amount=Decimal("5.00")))
    desk.take(charges(), posted(paid="95.00", patient="5.00"))
    outputs = desk.take(posted(paid="-20.00", patient="20.00", index=1))

    assert pick(outputs, SmallBalanceWrittenOff)[0].amount == Decimal("-5.00")
    assert last_balance(outputs) == ("owed", "25.00")


# --- money that no claim takes

SISTER = make_account_key(Installation().secret, "ehr", "patient-2")


def give(amount: str, *, to: str = SISTER, claim: int | None = None, action_id: str = "move 1") -> PatientPaymentMoved:
    return PatientPaymentMoved(
        account_key=ACCOUNT, action_id=action_id, who="M. Biller", why="the sister's", amount=Decimal(amount),
        to_account_key=to, claim_id=number_claim(claim)[:16] if claim else None,
    )  # fmt: skip


CENTS = st.integers(min_value=0, max_value=10_000)


@given(
    shares=st.lists(CENTS, min_size=1, max_size=3),
    payments=st.lists(st.integers(min_value=1, max_value=10_000), max_size=4),
    gifts=st.lists(st.integers(min_value=1, max_value=10_000), max_size=2),
    order=st.randoms(use_true_random=False),
)
def test_every_cent_of_every_payment_is_somewhere(
    shipped: Reference, shares: list[int], payments: list[int], gifts: list[int], order: object
) -> None:
    """Any order of charges, answers, payments and moves to a sister who owes nothing: bank = applied + unapplied +
    refunds, no balance below zero, and what accounts remember as unapplied is what the ledger holds."""
    desk = Desk(keys_of_patient, bill_patient, shipped)
    bodies: list[Body] = []
    for claim, share in enumerate(shares, 1):
        bodies += [charges(claim), posted(claim, paid=f"{(10_000 - share) / 100:.2f}", patient=f"{share / 100:.2f}")]
    bodies += [pays(f"{cents / 100:.2f}", source_id=f"receipt {n}") for n, cents in enumerate(payments)]
    bodies += [give(f"{cents / 100:.2f}", action_id=f"move {n}") for n, cents in enumerate(gifts)]
    order.shuffle(bodies)  # type: ignore[attr-defined]
    outputs = desk.take(*bodies)

    moved: dict[str, Decimal] = {}
    for output in outputs:
        entry = getattr(output, "entry", None)
        for line in entry.lines if entry else ():
            moved[line.account] = moved.get(line.account, ZERO) + line.debit - line.credit
    assert sum(moved.values(), ZERO) == 0
    assert moved.get("bank", ZERO) == Decimal(sum(payments)) / 100
    assert moved.get("refunds_payable", ZERO) <= 0
    left = {b.claim_id: b.balance_amount for b in pick(outputs, PatientBalanceChanged)}
    assert all(balance >= 0 for balance in left.values())
    accounts = {key: state for key, state in desk.states.items() if isinstance(state, PatientAccount)}
    waiting = sum((account.unapplied_amount for account in accounts.values()), ZERO)
    assert moved.get("unapplied_payments", ZERO) == -waiting
    moved_away = accounts.get(f"account:{SISTER}", PatientAccount()).unapplied_amount
    assert sum(left.values(), ZERO) == max(Decimal(sum(shares) - sum(payments)) / 100 + moved_away, ZERO)
    entries = [output.entry.entry_id for output in outputs if getattr(output, "entry", None)]  # type: ignore[attr-defined]
    assert len(entries) == len(set(entries))
