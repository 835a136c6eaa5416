"""Files of the bank and the front desk: what is read, what is left out, what is refused and at which line."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.events import DepositReceived, PatientPaymentReceived
from schemas.identifiers import make_id
from tests.processors.builders import ACCOUNT, number_claim
from tests.receiving import find_kind, read_as

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
    events = read_as(kind, data).events
    return [event.body for event in events if isinstance(event.body, DepositReceived)]


def test_credits_become_deposits_with_their_traces() -> None:
    ach, lockbox, small = read_deposits(BANK_DAY)

    assert (ach.amount, ach.trace_number, ach.payer_identifier) == (Decimal("1250.00"), "EFT0012345", "1512345678")
    assert (ach.deposited_on, ach.account_suffix) == (date(2026, 3, 17), "6789")
    assert (lockbox.amount, lockbox.trace_number) == (Decimal("1000.00"), "88123"), "the check's number"
    assert (small.amount, small.trace_number) == (Decimal("0.50"), "")


def test_what_is_no_deposit_is_named() -> None:
    data = BANK_DAY.encode()
    (finding,) = read_as("BAI2", data).findings

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
    assert read_as("BAI2", debit.encode()).findings == ()


def test_a_line_of_a_csv_below_zero_is_a_debit_and_one_of_zero_nothing() -> None:
    text = "deposited_on,amount\n2026-03-17,-60.00\n2026-03-17,0.00\n"

    assert [deposit.amount for deposit in read_deposits(text, "deposits")] == [Decimal("-60.00")]
    assert [finding.where for finding in read_as("deposits", text.encode()).findings] == ["line 3"]


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
    read = read_as("BAI2", data)

    assert read.events == ()
    assert [(finding.severity, finding.where) for finding in read.findings] == [("reject", line)]


SMALL_FILE = """\
01,S,R,260401,1200,1,80,,2/
02,R,S,1,260401,,USD,2/
03,1234567,USD,,,,/
16,165,5000,,B1,C1,TRN*1*T1*1512345678/
49,5000,3/
98,5000,1,5/
99,5000,1,7/
"""


@pytest.mark.parametrize(
    ("right", "wrong", "line"),
    [
        ("16,165,5000,,B1,C1,TRN*1*T1*1512345678/\n49,5000,3/\n", "49,0,2/\n16,165,5000,,B1,C1,T/\n", "line 5"),
        ("98,5000,1,5/\n99,5000,1,7/", "99,0,0,6/", "line 6"),
        ("49,5000,3/\n98,5000,1,5/\n99,5000,1,7/", "98,0,1,4/\n99,0,1,6/", "line 5"),
        ("03,1234567,USD,,,,/\n", "", "line 3"),
        ("49,5000,3/\n", "49,5000,3/\n49,5000,3/\n", "line 6"),
        ("99,5000,1,7/\n", "99,5000,1,7/\n99,5000,1,7/\n", "line 8"),
        ("99,5000,1,7/\n", "99,5000,1,7/\n16,165,5000,,B1,C1,T/\n", "line 8"),
        ("99,5000,1,7/\n", "99,5000,1,7/\n01,S,R,260401,1200,1,80,,2/\n", "line 0"),
        ("01,S,R,260401,1200,1,80,,2/\n", "01,S,R,260401,1200,1,80,,2/\n" * 2, "line 2"),
        ("99,5000,1,7/", "99,5000,1,8/", "line 7"),
        ("99,5000,1,7/", "99,5000,2,7/", "line 7"),
        ("98,5000,1,5/", "98,5000,1/", "line 6"),
    ],
    ids=[
        "16 behind 49", "no 98", "no 49", "no 03", "49 twice", "99 twice", "16 behind 99", "a second file cut short",
        "01 twice", "records of a file", "groups of a file", "no count of records",
    ],
)  # fmt: skip
def test_no_money_stands_where_no_control_total_covers_it(right: str, wrong: str, line: str) -> None:
    assert right in SMALL_FILE
    read = read_as("BAI2", SMALL_FILE.replace(right, wrong, 1).encode())

    assert read.events == ()
    assert [(finding.severity, finding.where) for finding in read.findings] == [("reject", line)]


@pytest.mark.parametrize(
    ("right", "wrong", "what", "ask_for"),
    [
        ("02,R,S,1,", "02,R,S,2,", "2 (deletion)", "an update"),
        ("02,R,S,1,", "02,R,S,3,", "3 (correction)", "an update"),
        ("02,R,S,1,", "02,R,S,4,", "4 (test only)", "an update"),
        ("02,R,S,1,", "02,R,S,,", "status unknown", "an update"),
        ("260401,,USD", "260401,,CAD", "currency", "accounts in USD"),
        ("1234567,USD", "1234567,EUR", "currency", "accounts in USD"),
        (",80,,2/", ",80,,3/", "version 3", "version 2"),
        (",80,,2/", ",80/", "no version", "version 2"),
    ],
)
def test_only_updates_in_dollars_of_version_2_are_booked(right: str, wrong: str, what: str, ask_for: str) -> None:
    assert right in SMALL_FILE
    read = read_as("BAI2", SMALL_FILE.replace(right, wrong, 1).encode())

    assert read.events == ()
    (finding,) = read.findings
    assert finding.severity == "reject" and what in finding.what and ask_for in finding.remedy


def test_a_blank_currency_is_dollars() -> None:
    assert len(read_deposits(SMALL_FILE.replace("USD", ""))) == 1


def test_several_files_groups_and_accounts_in_one_document() -> None:
    account = "".join(SMALL_FILE.splitlines(keepends=True)[2:5])
    group = f"02,R,S,1,260402,,USD,2/\n{account}{account.replace('1234567', '7654321')}98,10000,2,8/\n"
    second = f"01,S,R,260402,1200,2,80,,2/\n{group}{group.replace('260402', '260403')}99,20000,2,18/\n"
    deposits = read_deposits(SMALL_FILE + second)

    assert [(deposit.deposited_on.day, deposit.account_suffix) for deposit in deposits] == [
        (1, "4567"), (2, "4567"), (2, "4321"), (3, "4567"), (3, "4321"),
    ]  # fmt: skip


def test_the_same_credit_in_two_files_of_one_document_is_one() -> None:
    assert read_deposits(SMALL_FILE * 2) == read_deposits(SMALL_FILE)


@given(st.integers(min_value=0, max_value=len(BANK_DAY) - 1), st.characters(codec="ascii"))
def test_no_byte_of_a_bai2_file_can_break_the_reader(place: int, character: str) -> None:
    data = (BANK_DAY[:place] + character + BANK_DAY[place + 1 :]).encode()
    read = read_as("BAI2", data)

    total = sum(body.amount for e in read.events if isinstance(body := e.body, DepositReceived))
    assert read.events == () or total <= Decimal("99999999.99")


def test_deposits_as_csv() -> None:
    text = "Deposited_on,Amount,Trace_number,Description\n2026-03-17,1250.00,EFT1,LAKESHORE\n2026-03-17,ten,,\n"
    data = text.encode()
    read = read_as("deposits", data)

    (deposit,) = read_deposits(text, "deposits")
    assert (deposit.amount, deposit.trace_number) == (Decimal("1250.00"), "EFT1")
    assert [finding.where for finding in read.findings] == ["line 3"]


def test_a_line_of_a_csv_is_known_by_its_values_however_they_are_written() -> None:
    (known,) = read_deposits("account,deposited_on,amount\n1234,2026-03-17,100.00\n", "deposits")
    spellings = [
        "account,deposited_on,amount\n1234,2026-03-17,100\n",
        "account,deposited_on,amount\n 1234 ,2026-03-17 , 0100.0\n",
        "amount,deposited_on,branch,account\n100.,2026-03-17,North,1234\n",
        "amount,deposited_on,trace_number,account\n100.000,2026-03-17,,1234\n",
    ]

    assert known.deposit_id == make_id("deposit", "1234", "2026-03-17", "100.00", "", "", "", 1), "as ever"
    for text in spellings:
        assert read_deposits(text, "deposits") == [known]


def test_equal_amounts_of_a_csv_are_told_apart_by_their_traces_in_any_order() -> None:
    head, first, second = "deposited_on,amount,trace_number\n", "2026-03-17,100,T1\n", "2026-03-17,100.00,T2\n"
    both = read_deposits(head + first + second, "deposits")

    assert read_deposits(head + second, "deposits") == both[1:]
    assert read_deposits(head + second + first, "deposits") == both[::-1]


def test_patient_payments_as_csv() -> None:
    number = number_claim()
    text = (
        "received_on,amount,reference,patient_control_number,account_key,method\n"
        f"2026-04-01,25.00,R1,{number},,card\n2026-04-01,10.00,R2,,{ACCOUNT},\n2026-04-01,10.00,R3,SOMEBODY,,\n"
    )
    data = text.encode()
    read = read_as("patient_payments", data)

    bodies = [event.body for event in read.events if isinstance(event.body, PatientPaymentReceived)]
    assert [(b.claim_id, b.account_key, b.method) for b in bodies] == [
        (number[:16], ACCOUNT, "card"), (None, ACCOUNT, "other"),
    ]  # fmt: skip
    assert [finding.where for finding in read.findings] == ["line 4"]


CSV = "deposited_on,amount,description\n2026-03-17,100.00,LAKESHORE\n"
CSV_FORMS = {
    "semicolons": CSV.replace(",", ";"),
    "tabs": CSV.replace(",", "\t"),
    "bars": CSV.replace(",", "|"),
    "Excel's first line": "sep=;\r\n" + CSV.replace(",", ";"),
    "quotes": '"deposited_on","amount","description"\r\n"2026-03-17","100.00","LAKESHORE"\r\n',
    "a mark and quotes": '\ufeff"deposited_on";"amount";"description"\r\n"2026-03-17";"100.00";"LAKESHORE"\r\n',
    "CR": CSV.replace("\n", "\r"),
    "blank lines": "\n \n" + CSV.replace("\n", "\n\n"),
    "empty rows of a spreadsheet": CSV + ",,\n,,\n",
    "capitals and space": CSV.replace("amount", " Amount "),
}


@pytest.mark.parametrize("form", CSV_FORMS)
def test_a_csv_is_read_in_every_form(form: str) -> None:
    data = CSV_FORMS[form].encode()
    assert find_kind(data) == "deposits"
    assert read_as("deposits", data).findings == ()
    assert read_deposits(CSV_FORMS[form], "deposits") == read_deposits(CSV, "deposits")


def test_a_comma_within_a_cell_of_semicolons_is_no_cents() -> None:
    (finding,) = read_as("deposits", b"deposited_on;amount\n2026-03-17;5,00\n").findings
    assert finding.where == "line 2" and "amount" in finding.what


def test_one_mistake_of_many_lines_is_one_finding() -> None:
    read = read_as("deposits", CSV.encode() + b"17.03.2026,5.00,A\n" * 300 + b"2026-03-17,ten,A\n2026-03-18,6.00,A\n")
    assert len(read.events) == 2
    assert [finding.where for finding in read.findings] == ["line 3", "line 303"]
    assert "(in 299 lines more, too)" in read.findings[0].what


def test_a_csv_of_bad_lines_is_given_up_after_some() -> None:
    read = read_as("deposits", CSV.encode() + b"17.03.2026,5.00,A\n" * 5000)
    assert [finding.where for finding in read.findings] == ["line 3", "line 1002"]


BAI2_FORMS = {
    "CR LF and padding to 80": "".join(f"{line:<80}\r\n" for line in BANK_DAY.splitlines()),
    "CR": BANK_DAY.replace("\n", "\r"),
    "no slash behind the header": BANK_DAY.replace("1,,,2/\n02", "1,,,2\n02"),
    "a mark": "\ufeff" + BANK_DAY,
    "an end of file of DOS": BANK_DAY + "\x1a",
    "NULs behind it": BANK_DAY + "\0" * 100,
}


@pytest.mark.parametrize("form", BAI2_FORMS)
def test_a_bai2_file_is_read_in_every_form(form: str) -> None:
    assert find_kind(BAI2_FORMS[form].encode()) == "BAI2"
    assert [d.deposit_id for d in read_deposits(BAI2_FORMS[form])] == [d.deposit_id for d in read_deposits(BANK_DAY)]


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (BANK_DAY, "BAI2"),
        ("deposited_on,amount\n", "deposits"),
        ("\ufeffreceived_on,amount,reference\n", "patient_payments"),
        ("code,price\n", "unknown"),
        ("01/02/2026 a note", "unknown"),
    ],
)
def test_a_file_is_known_by_its_first_line(head: str, kind: str) -> None:
    assert find_kind(head.encode()) == kind
