"""Deposits as people see them: what is matched, and what waits."""

from datetime import date
from typing import Literal

from schemas.money import Sum
from streams.installation import Asked
from streams.reports.base import PhiWords, Report, money


class Deposit(Report):
    """A deposit of the bank's and what it is the money of; no day where a match came before the bank's word."""

    deposit_id: str
    deposited_on: date | Literal[""]
    amount: Sum
    trace_number: str
    description: PhiWords  # the bank's words: a patient's own payment may name them
    matched_by: Literal["trace", "amount_and_date", "person"] | None
    remittance_ids: tuple[str, ...]


class MissingDeposit(Report):
    """A remittance whose money no deposit has brought."""

    remittance_id: str
    payer_name: str
    amount: Sum


class DepositsReport(Report):
    """Deposits by date, and what is missing among them."""

    deposits: tuple[Deposit, ...]
    remittances_without_deposit: tuple[MissingDeposit, ...]


def report_deposits(installation: Asked, *, waiting_only: bool = False) -> DepositsReport:
    """Deposits by date, and the remittances whose money no deposit has brought."""
    connection = installation.store.connection
    condition = "WHERE matched_by = ''" if waiting_only else ""
    deposits = tuple(
        Deposit(
            deposit_id=row[0],
            deposited_on=date.fromisoformat(row[1]) if row[1] else "",
            amount=money(row[2]),
            trace_number=row[3],
            description=row[4],
            matched_by=row[5] or None,
            remittance_ids=tuple(row[6].split()),
        )
        for row in connection.execute(
            "SELECT deposit_id, deposited_on, amount_cents, trace_number, description, matched_by, remittance_ids "
            f"FROM deposit {condition} ORDER BY deposited_on, deposit_id"
        )
    )
    matched = {found for (text,) in connection.execute("SELECT remittance_ids FROM deposit") for found in text.split()}
    rows = connection.execute(
        "SELECT remittance_id, payer_name, payment_cents FROM remittance WHERE accepted = 1 AND payment_cents <> 0 "
        "ORDER BY remittance_id"
    ).fetchall()
    missing = tuple(
        MissingDeposit(remittance_id=remittance_id, payer_name=payer_name, amount=money(cents))
        for remittance_id, payer_name, cents in rows
        if remittance_id not in matched
    )
    return DepositsReport(deposits=deposits, remittances_without_deposit=missing)
