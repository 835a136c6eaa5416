"""Payers' credits and debits of a BAI2 file (BAI, Cash Management Balance Reporting, version 2) as deposits.

The date of a deposit is the as-of date of its group (02). A file whose totals or counts do not agree, in which money
stands where no total covers it, or that is no update in US dollars, is refused whole: half a bank day is worse than
none. (The `bai2` package reads the same, but takes amounts such as 1_000, refuses a whole file for a type code that it
does not list, and names no line.)
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime

from pydantic import ValidationError

from connectors.bank.bai2_records import BadFileError, Record, read_cents, split_records
from connectors.content import Content
from schemas.bounds import AMOUNT_MAX
from schemas.event import Event, publish_at_edge
from schemas.events import DepositReceived
from schemas.findings import Finding
from schemas.identifiers import make_id
from schemas.inbound import Inbound, Receipt
from schemas.money import from_cents, to_cents
from schemas.validation import describe_validation

BAI2 = "BAI2"
_FILE_HEADER = re.compile(rb"01,[^,]*,[^,]*, *[0-9]{6} *,.*|01,.*/", re.DOTALL)
# Credits that a payer may have sent, by type code.
CREDITS = frozenset(
    [
        *("142", "143", "145", "164", "165", "166", "168", "169", "121"),  # ACH and EDI
        *("115", "116", "118", "171", "172", "173", "174", "175"),  # lockbox, checks
        *("191", "195", "206", "208", "108", "301", "399"),  # wires, deposits and credits of no named kind
    ]
)
# Debits by which a payer takes money back, or the bank what it had credited; our own checks and transfers are not here.
DEBITS = frozenset(
    [
        *("451", "455", "464", "469"),  # ACH and EDI
        *("468", "555", "557", "558"),  # returned or reversed items
    ]
)
# The 835's TRN as a CCD+ addenda record carries it: trace (TRN02) and the payer's identifier (TRN03).
ADDENDA = re.compile(r"TRN\*1\*([^*\\~ ]{1,50})\*([0-9A-Z]{10})")
CHECK_CODES = frozenset(["115", "116", "171", "172", "173", "174", "175"])
TYPE_CODE = re.compile(r"[0-9]{3}")
CODES_TOLD_MAX = 50
PAYERS_CODES = CREDITS | DEBITS
GROUP_STATUSES = {"2": "2 (deletion)", "3": "3 (correction)", "4": "4 (test only)"}  # besides 1, an update


@dataclass(frozen=True)
class _Transaction:
    """A transaction of a payer, as it stands in the file; the cents of a debit are below zero."""

    line: int
    account: str
    on: date
    code: str
    cents: int
    rest: list[str]  # bank reference, customer reference, text


@dataclass
class _Totals:
    """What a trailer must agree with."""

    cents: int = 0
    children: int = 0
    records: int = 0


@dataclass
class _Reading:
    """The file while it is read."""

    as_of: date = date.min  # until a group says its own
    account: str = ""
    file: _Totals = field(default_factory=_Totals)
    group: _Totals = field(default_factory=_Totals)
    section: _Totals = field(default_factory=_Totals)
    files: list[list[_Transaction]] = field(default_factory=list)  # payers' transactions of each 01 to 99
    ignored: Counter[str] = field(default_factory=Counter)


def detect_bai2(content: Content) -> str:
    """Whether a file header (01) is the first line: by the date in its fourth field, or the `/` at its end."""
    return BAI2 if _FILE_HEADER.fullmatch(content.first_line) else ""


def read_bai2(data: bytes, receipt: Receipt) -> Inbound:
    """One DepositReceived for each credit or debit; a finding names what was left out, or why the file is refused."""
    try:
        reading = _read(data)
        events = _make_deposits(reading.files, receipt.received_at)
    except BadFileError as error:
        remedy = f"ask the bank for {error.ask_for}; nothing of this one was booked"
        finding = Finding(
            code="bai2_unreadable", severity="reject", owner="biller", where=f"line {error.line}", what=error.what,
            remedy=remedy,
        )  # fmt: skip
        return Inbound((), (finding,))
    if not reading.ignored:
        return Inbound(events)
    listed = ", ".join(f"{code} ({count})" for code, count in sorted(reading.ignored.most_common(CODES_TOLD_MAX)))
    note = Finding(
        code="bai2_left_out", severity="warn", owner="biller", where="records 16",
        what=f"not deposits of payers, by their type codes: {listed}", remedy="none, unless one of them is a payment",
    )  # fmt: skip
    return Inbound(events, (note,))


def _read(data: bytes) -> _Reading:
    reading = _Reading()
    for record in split_records(data):
        _take(reading, record)
    return reading


def _take(reading: _Reading, record: Record) -> None:
    fields = record.fields
    reading.file.records += record.lines
    match record.code:
        case "01":
            _require_version(record, _tell(fields, 7))
            reading.file = _Totals(records=record.lines)
            reading.files.append([])
        case "02":
            _require_update(record, _tell(fields, 2))
            _require_dollars(record, _tell(fields, 5))
            reading.group = _Totals(records=record.lines)
            reading.as_of = _read_date(record, _tell(fields, 3))
            reading.file.children += 1
        case "03":
            _require_dollars(record, _tell(fields, 1))
            reading.account = fields[0]
            reading.section = _Totals(records=record.lines, cents=_sum_summaries(record, fields[2:]))
            reading.group.records += record.lines
            reading.group.children += 1
        case "16":
            reading.section.records += record.lines
            reading.group.records += record.lines
            _take_transaction(reading, record, fields)
        case "49":
            reading.section.records += record.lines
            reading.group.records += record.lines
            _compare(record, fields, (reading.section.cents, reading.section.records))
            reading.group.cents += reading.section.cents
        case "98":
            reading.group.records += record.lines
            _compare(record, fields, (reading.group.cents, reading.group.children, reading.group.records))
            reading.file.cents += reading.group.cents
        case "99":
            _compare(record, fields, (reading.file.cents, reading.file.children, reading.file.records))


def _tell(fields: list[str], place: int) -> str:
    return fields[place] if place < len(fields) else ""


def _require_version(record: Record, version: str) -> None:
    if version != "2":
        what = "version 3 (BTRS)" if version == "3" else "no version, or another than 2,"
        raise BadFileError(record.line, f"{what} in the file header (01), and only BAI2 is read", "BAI2, version 2")


def _require_update(record: Record, status: str) -> None:
    if status != "1":
        what = f"a group (02) of status {GROUP_STATUSES.get(status, 'unknown')}, and only updates are booked"
        raise BadFileError(record.line, what, "the whole day as an update (group status 1)")


def _require_dollars(record: Record, currency: str) -> None:
    if currency not in ("", "USD"):
        what = f"a currency other than USD in a record {record.code}, and the ledger is kept in dollars"
        raise BadFileError(record.line, what, "a file of the accounts in USD alone")


def _take_transaction(reading: _Reading, record: Record, fields: list[str]) -> None:
    if len(fields) < 3:
        raise BadFileError(record.line, "a transaction (16) without a type code, an amount and a funds type")
    code, cents = fields[0], read_cents(record, fields[1])
    reading.section.cents += cents
    if code not in PAYERS_CODES or cents <= 0:
        reading.ignored[code if TYPE_CODE.fullmatch(code) else "no type code"] += 1
        return
    if cents > to_cents(AMOUNT_MAX):
        raise BadFileError(record.line, f"an amount beyond {AMOUNT_MAX}")
    skipped = 3 + _count_availability(record, fields, 2)
    signed = -cents if code in DEBITS else cents
    reading.files[-1].append(_Transaction(record.line, reading.account, reading.as_of, code, signed, fields[skipped:]))


def _count_availability(record: Record, fields: list[str], place: int) -> int:
    """How many of the fields behind a funds type, which stands at a place, tell when the money can be used: S three
    amounts, V date and time, D pairs after their count."""
    kind, count = [*fields[place : place + 2], "", ""][:2]
    match kind.upper():
        case "S":
            return 3
        case "V":
            return 2
        case "D":
            pairs = read_cents(record, count)
            if not 0 <= pairs <= (len(fields) - place) // 2:
                raise BadFileError(record.line, "a funds type D whose count is not that of the pairs behind it")
            return 1 + 2 * pairs
    return 0


def _sum_summaries(record: Record, fields: list[str]) -> int:
    """Amounts of an account's summary: groups of type code, amount, item count, funds type and its availability."""
    total = place = 0
    while place + 1 < len(fields):
        total += read_cents(record, fields[place + 1]) if fields[place + 1] else 0
        place += 4 + _count_availability(record, fields, place + 3)
    return total


def _compare(record: Record, fields: list[str], expected: tuple[int, ...]) -> None:
    found = tuple(read_cents(record, cell) for cell in fields[: len(expected)])
    if found != expected:
        what = f"the trailer {record.code} says {found}, and the records before it come to {expected}"
        raise BadFileError(record.line, what)


def _read_date(record: Record, text: str) -> date:
    if re.fullmatch(r"[0-9]{6}", text):
        try:
            return date(2000 + int(text[:2]), int(text[2:4]), int(text[4:]))
        except ValueError:
            pass
    raise BadFileError(record.line, "the group's as-of date is not YYMMDD")


def _make_deposits(files: list[list[_Transaction]], received_at: datetime) -> tuple[Event, ...]:
    """The same in two files of the bank (of the day, and of the day before) is one; two alike in one file are two."""
    made: dict[str, Event] = {}
    for transactions in files:
        seen: Counter[tuple[str, ...]] = Counter()
        for item in transactions:
            event = _make_deposit(item, received_at, seen)
            made[event.key] = event
    return tuple(made.values())


def _make_deposit(item: _Transaction, received_at: datetime, seen: Counter[tuple[str, ...]]) -> Event:
    bank_reference, customer_reference, *text = [*item.rest, "", ""]
    words = ",".join(text).strip(" ,")
    addenda = ADDENDA.search(words)
    trace, payer = addenda.groups() if addenda else ("", "")
    if not trace and item.code in CHECK_CODES:
        trace = customer_reference  # the check's number
    day, cents = item.on.isoformat(), str(abs(item.cents))
    alike = (item.account, day, item.code, cents, bank_reference, customer_reference, words)
    seen[alike] += 1
    try:
        body = DepositReceived(
            deposit_id=make_id("deposit", *alike, seen[alike]),
            account_suffix=item.account[-4:],
            amount=from_cents(item.cents),
            deposited_on=item.on,
            trace_number=trace[:200],
            payer_identifier=payer,
            description=words[:200],
        )
    except ValidationError as error:
        raise BadFileError(item.line, describe_validation(error)) from None
    return publish_at_edge(body, body.deposit_id, received_at, body.deposit_id)
