"""Deposits and patients' payments as CSV with a header line, for banks and front desks that give no better.

Deposits: `deposited_on,amount` and, where known, `trace_number,payer_identifier,description,account`. Payments:
`received_on,amount,reference`, one of `patient_control_number` or `account_key`, and `method`. A line with a mistake is
a finding and nothing else; the others count.
"""

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from pydantic import ValidationError

from connectors.content import Content
from schemas.event import Body, Event, publish_at_edge
from schemas.events import DepositReceived, PatientPaymentReceived
from schemas.findings import Finding
from schemas.identifiers import account_key_of, billed_id_of, make_id
from schemas.inbound import Inbound, Receipt
from schemas.money import format_money
from schemas.wire import describe_validation

Row = Mapping[str, str]
FINDINGS_MAX = 100
COLUMNS_MAX = 100
DEPOSIT_COLUMNS = ("account", "deposited_on", "amount", "trace_number", "payer_identifier", "description")
DEPOSITS, PAYMENTS = "deposits", "patient_payments"
REQUIRED = {DEPOSITS: ("deposited_on", "amount"), PAYMENTS: ("received_on", "amount", "reference")}


def detect_deposits(content: Content) -> str:
    """Whether the first line names the columns that a deposit needs."""
    return DEPOSITS if _has_columns(content, DEPOSITS) else ""


def detect_payments(content: Content) -> str:
    """Whether the first line names the columns that a patient's payment needs."""
    return PAYMENTS if _has_columns(content, PAYMENTS) else ""


def _has_columns(content: Content, kind: str) -> bool:
    names = content.first_line.decode("latin-1").split(",")
    return set(REQUIRED[kind]) <= {name.strip(' \t"').lower() for name in names}


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
    findings: list[Finding] = []
    for line, row in _split_rows(kind, data, findings):
        try:
            if row is None:
                raise ValueError("more or fewer cells than the first line")
            body = make(row)
            events.append(publish_at_edge(body, body.key, receipt.received_at, body.key))
        except ValidationError as error:
            findings.append(_refuse(f"line {line}", describe_validation(error)))
        except ValueError as error:
            findings.append(_refuse(f"line {line}", str(error)))
        if len(findings) >= FINDINGS_MAX:
            findings.append(_refuse(f"line {line}", f"{FINDINGS_MAX} lines cannot be read: reading ended here"))
            break
    return Inbound(tuple(events), tuple(findings))


def _split_rows(kind: str, data: bytes, findings: list[Finding]) -> Iterator[tuple[int, Row | None]]:
    """Each line that is not blank, with its cells by column; None where their number is not that of the columns."""
    try:
        reader = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        names = [name.strip().lower() for name in next(filter(_is_filled, reader), ())]
        if not set(REQUIRED[kind]) <= set(names) or len(set(names)) < len(names) or len(names) > COLUMNS_MAX:
            what = f"the first line does not name {', '.join(REQUIRED[kind])} and other columns, each once"
            findings.append(_refuse("line 1", f"{what}, at most {COLUMNS_MAX}"))
            return
        for row in reader:
            if _is_filled(row):
                whole = len(row) == len(names)
                cells = (cell.strip() for cell in row)
                yield reader.line_num, dict(zip(names, cells, strict=True)) if whole else None
    except (UnicodeDecodeError, csv.Error):
        findings.append(_refuse("file", "not CSV in UTF-8"))


def _is_filled(row: list[str]) -> bool:
    return any(cell.strip() for cell in row)


def _refuse(where: str, what: str) -> Finding:
    return Finding(
        code="line_unreadable", severity="reject", owner="biller", where=where[:200], what=what[:2000],
        remedy="mend the line and give the file again: lines that were read are not read twice",
    )  # fmt: skip
