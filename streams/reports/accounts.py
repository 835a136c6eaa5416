"""What a patient owes and has paid, as people see it."""

from decimal import Decimal

from processors.patients.account import PatientAccount
from schemas.identifiers import billed_id_of
from schemas.money import format_money
from streams.installation import Asked
from streams.reports.base import Json, money
from streams.reports.lookup import find


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


def report_account(installation: Asked, account_key: str) -> Json:
    """What a patient owes, claim by claim, and what they paid that no claim takes."""
    rows = installation.store.connection.execute(
        "SELECT claim_id, encounter_id, status, share_cents, paid_cents, written_off_cents, refund_cents, "
        "balance_cents, refunded_cents FROM patient_balance WHERE account_key = ? ORDER BY claim_id",
        (account_key,),
    ).fetchall()
    claims = [
        {
            "claim_id": row[0],
            "encounter_id": row[1],
            "status": row[2],
            "share_amount": money(row[3]),
            "paid_amount": money(row[4]),
            "written_off_amount": money(row[5]),
            "refund_due_amount": money(row[6] - row[8]),
            "balance_amount": money(row[7]),
        }
        for row in rows
    ]
    account = read_account(installation, account_key)
    return {
        "account_key": account_key,
        "owed_amount": money(sum(row[7] for row in rows if row[2] == "owed")),
        "unapplied_amount": format_money(account.unapplied_amount),
        "claims": claims,
    }


def find_refund_due(report: Json, claim_id: str | None) -> Decimal:
    """What may be sent back: of a claim what was paid too much, of an account what no claim takes."""
    if claim_id is None:
        return Decimal(report["unapplied_amount"])
    return next((Decimal(c["refund_due_amount"]) for c in report["claims"] if c["claim_id"] == claim_id), Decimal(0))
