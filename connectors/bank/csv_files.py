"""Deposits and patients' payments as CSV with a header line, for banks and front desks that give no better.

Deposits: `deposited_on,amount` and, where known, `trace_number,payer_identifier,description,account`. Payments:
`received_on,amount,reference`, one of `patient_control_number` or `account_key`, and `method`. Cells are separated by
commas, or by semicolons, tabs or bars where the header line is. A line with a mistake is not taken, and the others
count; one mistake of many lines is one finding.
"""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from pydantic import ValidationError

from connectors.bank.bai2_records import BadFileError
from connectors.content import Content
from schemas.event import Body, Event, publish_at_edge
from schemas.events import DepositReceived, PatientPaymentReceived
from schemas.findings import Finding
from schemas.identifiers import account_key_of, billed_id_of, make_id
from schemas.inbound import Inbound, Receipt
from schemas.money import format_money
from schemas.validation import describe_validation

Row = Mapping[str, str]
BAD_LINES_MAX = 1_000
COLUMNS_MAX = 100
DEPOSIT_COLUMNS = ("account", "deposited_on", "amount", "trace_number", "payer_identifier", "description")
DELIMITERS = ",;\t|"
# The first line that is not blank, behind the one in which Excel names the delimiter.
_HEADER = re.compile(r"\s*+(?:sep=.\s++)?([^\r\n]*)", re.IGNORECASE)
DEPOSITS, PAYMENTS = "deposits", "patient_payments"
REQUIRED = {DEPOSITS: ("deposited_on", "amount"), PAYMENTS: ("received_on", "amount", "reference")}


def detect_deposits(content: Content) -> str:
    """Whether the first line names the columns that a deposit needs."""
    return DEPOSITS if _has_columns(content, DEPOSITS) else ""


def detect_payments(content: Content) -> str:
    """Whether the first line names the columns that a patient's payment needs."""
    return PAYMENTS if _has_columns(content, PAYMENTS) else ""


def _has_columns(content: Content, kind: str) -> bool:
    return bool(_find_delimiter(content.head.decode("latin-1"), kind))


def _find_delimiter(text: str, kind: str) -> str:
    """By what a text's header line is separated so that it names the columns of a kind; empty where it does not."""
    header = _HEADER.match(text)
    names = header[1] if header else ""
    found = (each for each in DELIMITERS if set(REQUIRED[kind]) <= {_name_column(cell) for cell in names.split(each)})
    return next(found, "")


def _name_column(cell: str) -> str:
    return cell.strip(' \t"').lower()


def read_deposits_csv(data: bytes, receipt: Receipt) -> Inbound:
    """One DepositReceived for each line. Equal lines of one file are several deposits, and the same in the next."""
    seen: Counter[tuple[str, ...]] = Counter()

    def make(row: Row) -> Body:
        deposit = DepositReceived.model_validate_json(
            _to_json(
                deposit_id=make_id("deposit"),  # until its values are read
                account_suffix=row.get("account", "")[-4:],
                amount=row["amount"],
                deposited_on=row["deposited_on"],
                trace_number=row.get("trace_number", ""),
                payer_identifier=row.get("payer_identifier", ""),
                description=row.get("description", "")[:200],
            )
        )
        # By value, not as written: 100 and 100.00 are one amount. The words that tell equal amounts apart are kept.
        read = {"amount": format_money(deposit.amount), "deposited_on": deposit.deposited_on.isoformat()}
        alike = tuple({**row, **read}.get(name, "") for name in DEPOSIT_COLUMNS)
        seen[alike] += 1
        return deposit.replace(deposit_id=make_id("deposit", *alike, seen[alike]))

    return _read(DEPOSITS, data, receipt, make)


def read_patient_payments_csv(data: bytes, receipt: Receipt) -> Inbound:
    """One PatientPaymentReceived for each line; the reference tells a repeat."""

    def make(row: Row) -> Body:
        number = row.get("patient_control_number", "")
        account_key = account_key_of(number) if number else row.get("account_key", "")
        if account_key is None:
            raise ValueError("patient_control_number: not one of our claims' numbers")
        return PatientPaymentReceived.model_validate_json(
            _to_json(
                account_key=account_key,
                source_id=row["reference"],
                claim_id=billed_id_of(number) if number else None,
                amount=row["amount"],
                received_on=row["received_on"],
                method=row.get("method") or "other",
            )
        )

    return _read(PAYMENTS, data, receipt, make)


def _to_json(**values: object) -> bytes:
    return json.dumps(values).encode()


def _read(kind: str, data: bytes, receipt: Receipt, make: Callable[[Row], Body]) -> Inbound:
    events: list[Event] = []
    mistakes: dict[str, list[int]] = {}  # what is wrong, and in which lines
    bad = 0
    try:
        for line, row in _split_rows(kind, data):
            try:
                if row is None:
                    raise ValueError("more or fewer cells than the first line")
                body = make(row)
                events.append(publish_at_edge(body, body.key, receipt.received_at, body.key))
            except ValueError as error:
                what = describe_validation(error) if isinstance(error, ValidationError) else str(error)
                mistakes.setdefault(what, []).append(line)
                bad += 1
            if bad == BAD_LINES_MAX:
                raise BadFileError(line, f"{BAD_LINES_MAX} lines cannot be read: reading ended here")
    except BadFileError as error:
        mistakes[str(error)] = [error.line]
    return Inbound(tuple(events), tuple(_refuse(what, lines) for what, lines in mistakes.items()))


def _split_rows(kind: str, data: bytes) -> Iterator[tuple[int, Row | None]]:
    """Each line that is not blank, with its cells by column; None where their number is not that of the columns. Raises
    BadFileError."""
    try:
        text = data.decode("utf-8-sig")
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=_find_delimiter(text, kind) or ",", strict=True)
        rows = (row for row in reader if any(cell.strip() for cell in row))
        header = next(rows, [])
        if header and header[0].lower() == "sep=":
            header = next(rows, [])
        names = [_name_column(name) for name in header]
        if not set(REQUIRED[kind]) <= set(names) or len(set(names)) < len(names) or len(names) > COLUMNS_MAX:
            what = f"the first line does not name {', '.join(REQUIRED[kind])} and other columns, each once"
            raise BadFileError(1, f"{what}, at most {COLUMNS_MAX}")
        for row in rows:
            whole = len(row) == len(names)
            cells = (cell.strip() for cell in row)
            yield reader.line_num, dict(zip(names, cells, strict=True)) if whole else None
    except (UnicodeDecodeError, csv.Error):
        raise BadFileError(0, "not CSV in UTF-8") from None


def _refuse(what: str, lines: list[int]) -> Finding:
    first, *others = lines
    more = f" (in {len(others)} lines more, too)" if others else ""
    return Finding(
        code="line_unreadable",
        severity="reject",
        owner="biller",
        where=f"line {first}" if first else "file",
        what=f"{what[:1900]}{more}",
        remedy="mend the line and give the file again: lines that were read are not read twice",
    )
