"""A journal entry balances, on positive sides, or it does not exist."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.ledger import AccountPart, JournalEntry, LedgerLine, Mover

CASH: AccountPart = ("remittance_clearing", "")
OWED: AccountPart = ("insurance_receivable", "PAYER")
PATIENT: AccountPart = ("patient_receivable", "")


def enter(*lines: tuple[AccountPart, str, str]) -> JournalEntry:
    """An entry of (account, debit, credit)."""
    made = tuple(
        LedgerLine(account=part[0], qualifier=part[1], debit=Decimal(debit), credit=Decimal(credit))
        for part, debit, credit in lines
    )
    return JournalEntry(entry_id="entry", lines=made)


def test_an_entry_whose_debits_equal_its_credits_stands() -> None:
    entry = enter((CASH, "80.00", "0"), (PATIENT, "20.00", "0"), (OWED, "0", "100.00"))

    assert [line.account for line in entry.lines] == [
        "remittance_clearing",
        "patient_receivable",
        "insurance_receivable",
    ]


def test_an_entry_that_is_off_by_a_cent_is_refused() -> None:
    with pytest.raises(ValidationError, match="debits and credits"):
        enter((CASH, "80.00", "0"), (OWED, "0", "80.01"))


def test_a_negative_side_is_refused_though_the_sums_agree() -> None:
    with pytest.raises(ValidationError, match="swap the sides"):
        enter((CASH, "-80.00", "0"), (OWED, "0", "-80.00"))


def test_an_entry_without_lines_is_refused() -> None:
    with pytest.raises(ValidationError, match="at least 1 item"):
        enter()


def test_an_account_that_is_not_in_the_plan_is_refused() -> None:
    with pytest.raises(ValidationError, match="account"):
        LedgerLine.model_validate({"account": "petty_cash", "debit": "1.00"})


def test_a_negative_movement_swaps_the_sides_and_a_zero_leaves_no_line() -> None:
    mover = Mover()
    mover.move(Decimal("-30.00"), CASH, OWED)
    mover.move(Decimal("0.00"), PATIENT, OWED)

    assert mover.lines() == (
        LedgerLine(account="insurance_receivable", qualifier="PAYER", debit=Decimal("30.00")),
        LedgerLine(account="remittance_clearing", credit=Decimal("30.00")),
    )


def test_movements_that_cancel_leave_nothing_to_enter() -> None:
    mover = Mover()
    mover.move(Decimal("30.00"), CASH, OWED)
    mover.move(Decimal("30.00"), OWED, CASH)

    assert mover.lines() == ()


parts = st.sampled_from([CASH, OWED, PATIENT])
cents = st.integers(-(10**12), 10**12)


@given(st.lists(st.tuples(cents, parts, parts), max_size=30))
def test_any_movements_make_one_balanced_entry(movements: list[tuple[int, AccountPart, AccountPart]]) -> None:
    mover = Mover()
    balances = {CASH: 0, OWED: 0, PATIENT: 0}
    for moved, debit, credit in movements:
        mover.move(Decimal(moved).scaleb(-2), debit, credit)
        balances[debit] += moved
        balances[credit] -= moved
    lines = mover.lines()

    if lines:
        JournalEntry(entry_id="entry", lines=lines)
    found = {(line.account, line.qualifier): int((line.debit - line.credit).scaleb(2)) for line in lines}
    assert found == {part: balance for part, balance in balances.items() if balance}
