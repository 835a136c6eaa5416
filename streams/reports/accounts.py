"""What a patient owes and has paid, as people see it."""

from decimal import Decimal

from processors.patients.account import PatientAccount
from schemas.events.patients import BalanceStatus
from schemas.identifiers import billed_id_of
from schemas.money import ZERO, Sum
from streams.installation import Asked
from streams.reports.base import Report, money
from streams.reports.lookup import find


class ClaimBalance(Report):
    """What a patient owes of one claim; `share_amount` is what the payers left to them."""

    claim_id: str
    encounter_id: str
    status: BalanceStatus
    share_amount: Sum
    paid_amount: Sum
    written_off_amount: Sum
    refund_due_amount: Sum
    balance_amount: Sum


class AccountReport(Report):
    """What a patient owes now, claim by claim, and what they paid that no claim takes."""

    account_key: str
    owed_amount: Sum
    unapplied_amount: Sum
    claims: tuple[ClaimBalance, ...]


def find_subject(installation: Asked, wanted: str) -> tuple[str, str | None]:
    """An account alone, or an account and the claim that the ledger knows, by any id. Raises RefusedError."""
    found = find(installation, wanted, "account", "claim")
    if found.kind == "account":
        return found.id, None
    claim_id = billed_id_of(found.id)
    query = "SELECT account_key FROM claim WHERE claim_id = ?"
    (account_key,) = installation.store.connection.execute(query, (found.id,)).fetchone()
    return account_key, claim_id


def read_account(installation: Asked, account_key: str) -> PatientAccount:
    """What patient billing remembers of an account."""
    value = installation.store.find_state("patient_billing", f"account:{account_key}")
    return PatientAccount.model_validate_json(value) if value else PatientAccount()


def report_account(installation: Asked, account_key: str) -> AccountReport:
    """What a patient owes, claim by claim, and what they paid that no claim takes."""
    rows = installation.store.connection.execute(
        "SELECT claim_id, encounter_id, status, share_cents, paid_cents, written_off_cents, refund_cents, "
        "balance_cents, refunded_cents FROM patient_balance WHERE account_key = ? ORDER BY claim_id",
        (account_key,),
    ).fetchall()
    claims = tuple(
        ClaimBalance(
            claim_id=row[0],
            encounter_id=row[1],
            status=row[2],
            share_amount=money(row[3]),
            paid_amount=money(row[4]),
            written_off_amount=money(row[5]),
            refund_due_amount=money(row[6] - row[8]),
            balance_amount=money(row[7]),
        )
        for row in rows
    )
    return AccountReport(
        account_key=account_key,
        owed_amount=sum((claim.balance_amount for claim in claims if claim.status == "owed"), ZERO),
        unapplied_amount=read_account(installation, account_key).unapplied_amount,
        claims=claims,
    )


def find_refund_due(report: AccountReport, claim_id: str | None) -> Decimal:
    """What may be sent back: of a claim what was paid too much, of an account what no claim takes."""
    if claim_id is None:
        return report.unapplied_amount
    return next((claim.refund_due_amount for claim in report.claims if claim.claim_id == claim_id), ZERO)
