"""Files of the bank and the front desk: what is read, what is left out, what is refused and at which line."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.bank import detect_bank_kind, read_bank_file
from schemas.events import DepositReceived, PatientPaymentReceived
from tests.processors.builders import ACCOUNT, number_claim

NOW = datetime(2026, 3, 18, 9, tzinfo=UTC)
BANK_DAY = """\
01,021000018,CLINIC,260318,0600,1,,,2/
02,CLINIC,021000018,1,260317,,USD,2/
03,0000123456789,USD,010,500000,,,100,225050,3,/
16,142,125000,0,BR1,,LAKESHORE HCCLAIMPMT
88,TRN*1*EFT0012345*1512345678\\
16,115,100000,S,0,100000,0,BR2,88123,LOCKBOX 7/
16,165,50,,BR3,,SMALL/
16,475,20000,,BR4,,CHECK PAID/
49,970100,7/
98,970100,1,9/
99,970100,1,11/
"""


def read_deposits(text: str, kind: str = "BAI2") -> list[DepositReceived]:
    data = text.encode()
    events = read_bank_file(kind, data, NOW).events
    return [event.body for event in events if isinstance(event.body, DepositReceived)]


def test_credits_become_deposits_with_their_traces() -> None:
    ach, lockbox, small = read_deposits(BANK_DAY)

    assert (ach.amount, ach.trace_number, ach.payer_identifier) == (Decimal("1250.00"), "EFT0012345", "1512345678")
    assert (ach.deposited_on, ach.account_suffix) == (date(2026, 3, 17), "6789")
    assert (lockbox.amount, lockbox.trace_number) == (Decimal("1000.00"), "88123"), "the check's number"
    assert (small.amount, small.trace_number) == (Decimal("0.50"), "")


def test_what_is_no_deposit_is_named() -> None:
    data = BANK_DAY.encode()
    (finding,) = read_bank_file("BAI2", data, NOW).findings

    assert finding.severity == "warn" and "475 (1)" in finding.what


def test_the_same_day_in_another_file_is_the_same_deposits() -> None:
    again = BANK_DAY.replace("260318,0600,1", "260319,0700,2")

    assert [d.deposit_id for d in read_deposits(again)] == [d.deposit_id for d in read_deposits(BANK_DAY)]


def test_two_equal_credits_of_one_day_are_two() -> None:
    twice = BANK_DAY.replace("16,165,50,,BR3,,SMALL/\n", "16,165,50,,BR3,,SMALL/\n" * 2)
    for right, wrong in (("970100", "970150"), (",7/", ",8/"), (",1,9/", ",1,10/"), (",1,11/", ",1,12/")):
        twice = twice.replace(right, wrong)
    ids = [deposit.deposit_id for deposit in read_deposits(twice)]

    assert len(ids) == len(set(ids)) == 4


def test_a_payers_debit_is_below_zero_and_a_check_of_ours_is_left_out() -> None:
    debit = BANK_DAY.replace(
        "16,475,20000,,BR4,,CHECK PAID/", "16,451,20000,,BR4,,LAKESHORE HCCLAIMPMT\n88,TRN*1*EFT9*1512345678\\"
    )
    for right, wrong in ((",7/", ",8/"), (",1,9/", ",1,10/"), (",1,11/", ",1,12/")):
        debit = debit.replace(right, wrong)
    *_, taken = read_deposits(debit)

    assert (taken.amount, taken.trace_number, taken.payer_identifier) == (Decimal("-200.00"), "EFT9", "1512345678")
    assert read_bank_file("BAI2", debit.encode(), NOW).findings == ()


def test_a_line_of_a_csv_below_zero_is_a_debit_and_one_of_zero_nothing() -> None:
    text = "deposited_on,amount\n2026-03-17,-60.00\n2026-03-17,0.00\n"

    assert [deposit.amount for deposit in read_deposits(text, "deposits")] == [Decimal("-60.00")]
    assert [finding.where for finding in read_bank_file("deposits", text.encode(), NOW).findings] == ["line 3"]


@pytest.mark.parametrize(
    ("right", "wrong", "line"),
    [
        ("16,142,125000", "16,142,125001", "line 9"),
        ("16,142,125000", "16,142,1_25000", "line 4"),
        ("49,970100,7/", "49,970100,9/", "line 9"),
        ("98,970100,1,9/", "98,970100,2,9/", "line 10"),
        ("99,970100,1,11/\n", "", "line 0"),
        (",260317,", ",261317,", "line 2"),
        ("16,165", "17,165", "line 7"),
    ],
    ids=["an amount", "an underscore", "records", "accounts", "cut short", "a date", "a record code"],
)
def test_a_file_that_does_not_agree_with_itself_is_refused_whole(right: str, wrong: str, line: str) -> None:
    assert right in BANK_DAY
    data = BANK_DAY.replace(right, wrong, 1).encode()
    read = read_bank_file("BAI2", data, NOW)

    assert read.events == ()
    assert [(finding.severity, finding.where) for finding in read.findings] == [("reject", line)]


@given(st.integers(min_value=0, max_value=len(BANK_DAY) - 1), st.characters(codec="ascii"))
def test_no_byte_of_a_bai2_file_can_break_the_reader(place: int, character: str) -> None:
    data = (BANK_DAY[:place] + character + BANK_DAY[place + 1 :]).encode()
    read = read_bank_file("BAI2", data, NOW)

    total = sum(body.amount for e in read.events if isinstance(body := e.body, DepositReceived))
    assert read.events == () or total <= Decimal("99999999.99")


def test_deposits_as_csv() -> None:
    text = "Deposited_on,Amount,Trace_number,Description\n2026-03-17,1250.00,EFT1,LAKESHORE\n2026-03-17,ten,,\n"
    data = text.encode()
    read = read_bank_file("deposits", data, NOW)

    (deposit,) = read_deposits(text, "deposits")
    assert (deposit.amount, deposit.trace_number) == (Decimal("1250.00"), "EFT1")
    assert [finding.where for finding in read.findings] == ["line 3"]


def test_patient_payments_as_csv() -> None:
    number = number_claim()
    text = (
        "received_on,amount,reference,patient_control_number,account_key,method\n"
        f"2026-04-01,25.00,R1,{number},,card\n2026-04-01,10.00,R2,,{ACCOUNT},\n2026-04-01,10.00,R3,SOMEBODY,,\n"
    )
    data = text.encode()
    read = read_bank_file("patient_payments", data, NOW)

    bodies = [event.body for event in read.events if isinstance(event.body, PatientPaymentReceived)]
    assert [(b.claim_id, b.account_key, b.method) for b in bodies] == [
        (number[:16], ACCOUNT, "card"), (None, ACCOUNT, "other"),
    ]  # fmt: skip
    assert [finding.where for finding in read.findings] == ["line 4"]


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (BANK_DAY, "BAI2"),
        ("deposited_on,amount\n", "deposits"),
        ("\ufeffreceived_on,amount,reference\n", "patient_payments"),
        ("code,price\n", ""),
        ("01/02/2026 a note", ""),
    ],
)
def test_a_file_is_known_by_its_first_line(head: str, kind: str) -> None:
    assert detect_bank_kind(head.encode()) == kind
