"""What people decide about claims and patients' money, at the edge: checked against what stands, then published."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from processors.patient_account import PatientAccount
from processors.patient_posting import REFUSALS
from schemas.errors import NotTakenError, RefusedError
from schemas.event import Event, publish_at_edge
from schemas.events import (
    ClaimCorrectionDecided,
    PatientPaymentMoved,
    PatientPaymentReceived,
    PatientPaymentReturned,
    PatientRefundIssued,
    WorkItemOpened,
)
from schemas.identifiers import PATIENT_CONTROL_NUMBER, billed_id_of, claim_id_of
from schemas.money import format_money
from streams.acts import list_caused, make_act, take_act
from streams.installation import Opened
from streams.publishing import mint_action_id
from streams.reports import Json, money, report_claim
from streams.submission import cut_submissions

Method = Literal["cash", "check", "card", "ach", "other"]


def correct_claim(
    installation: Opened, decision: Literal["replace", "void"], wanted: str, who: str, why: str, now: datetime
) -> Json:
    """Decides to replace or void a claim, sends what can be sent, and returns the claim. Raises RefusedError."""
    claim_id = claim_id_of(wanted) if PATIENT_CONTROL_NUMBER.fullmatch(wanted) else wanted
    row = installation.store.connection.execute(
        "SELECT account_key, encounter_id, trading_partner FROM claim WHERE claim_id = ?", (claim_id,)
    ).fetchone()
    if row is None:
        raise RefusedError(f"no claim has the id {wanted[:40]}: `revcycle worklist` shows ids")
    if not who or not why:
        raise RefusedError(f"claim {claim_id} was not changed: say who you are and why")
    body = make_act(
        ClaimCorrectionDecided,
        trading_partner=row[2],
        action_id=mint_action_id(),
        who=who,
        why=why,
        account_key=row[0],
        claim_id=claim_id,
        decision=decision,
    )
    take_act(installation, publish_at_edge(body, body.key, now, row[1]), "correction")
    cut_submissions(installation.store, installation.publish, now)
    installation.engine.run_until_quiet()
    report = report_claim(installation, claim_id)
    assert report is not None
    return report


def take_payment(
    installation: Opened, wanted: str, amount: Decimal, source_id: str, received_on: date, method: Method, now: datetime
) -> Json:
    """Takes a patient's payment for a claim, or for an account's oldest balances. Raises RefusedError."""
    account_key, claim_id = _find_account(installation, wanted)
    body = make_act(
        PatientPaymentReceived,
        account_key=account_key,
        source_id=source_id,
        claim_id=claim_id,
        amount=amount,
        received_on=received_on,
        method=method,
    )
    result = take_act(installation, publish_at_edge(body, account_key, now, account_key), "patients")
    if result.conflicting:
        raise RefusedError(f"a payment with the reference {source_id} is known, with another amount or date")
    return {**report_account(installation, account_key), "repeated": bool(result.repeated)}


def issue_refund(
    installation: Opened, wanted: str, amount: Decimal, reference: str, who: str, why: str, now: datetime
) -> Json:
    """Records money sent back to a patient: for a claim, or for an account what no claim of it takes. Raises
    RefusedError when that much is not due."""
    account_key, claim_id = _find_account(installation, wanted)
    report = report_account(installation, account_key)
    due = next((c["refund_due_amount"] for c in report["claims"] if c["claim_id"] == claim_id), "0.00")
    if claim_id is None:
        due = report["unapplied_amount"]
    if amount > Decimal(due):
        raise RefusedError(f"{format_money(amount)} cannot be sent back for {wanted[:40]}: {due} is due")
    if not who:
        raise RefusedError("the refund was not recorded: say who you are")
    body = make_act(
        PatientRefundIssued,
        account_key=account_key,
        action_id=mint_action_id(),
        who=who,
        why=why,
        claim_id=claim_id,
        amount=amount,
        reference=reference,
    )
    _take_money(installation, publish_at_edge(body, account_key, now, account_key))
    return report_account(installation, account_key)


def return_payment(
    installation: Opened, wanted: str, amount: Decimal, reference: str, who: str, why: str, now: datetime
) -> Json:
    """Records that the bank gave a patient's payment back: for a claim, or for an account what no claim takes. Raises
    RefusedError when that much does not stand there."""
    account_key, claim_id = _find_account(installation, wanted)
    account = _read_state(installation, account_key) or PatientAccount()
    paid = (claim.paid_amount - claim.refunded_amount for claim in account.claims if claim.claim_id == claim_id)
    there = account.unapplied_amount if claim_id is None else next(paid, Decimal("0.00"))
    if amount > there:
        raise RefusedError(f"{format_money(amount)} cannot have been returned of {wanted[:40]}: {there} was paid")
    if not who or not why:
        raise RefusedError("the return was not recorded: say who you are and what the bank says")
    body = make_act(
        PatientPaymentReturned,
        account_key=account_key,
        action_id=mint_action_id(),
        who=who,
        why=why,
        claim_id=claim_id,
        amount=amount,
        reference=reference,
    )
    _take_money(installation, publish_at_edge(body, account_key, now, account_key))
    return report_account(installation, account_key)


def move_payment(
    installation: Opened, account: str, amount: Decimal, to: str, who: str, why: str, now: datetime
) -> Json:
    """Gives what no claim of an account takes to another claim or account; returns that one. Raises RefusedError."""
    account_key, claim_id = _find_account(installation, account)
    there = report_account(installation, account_key)["unapplied_amount"]
    if claim_id is not None:
        raise RefusedError("nothing was moved: name the account (10 characters) whose unapplied money it is")
    if amount > Decimal(there):
        raise RefusedError(f"{format_money(amount)} cannot be moved: {there} of this account is unapplied")
    if not who or not why:
        raise RefusedError("nothing was moved: say who you are and why it is theirs")
    to_account_key, to_claim_id = _find_account(installation, to)
    body = make_act(
        PatientPaymentMoved,
        account_key=account_key,
        action_id=mint_action_id(),
        who=who,
        why=why,
        amount=amount,
        to_account_key=to_account_key,
        claim_id=to_claim_id,
    )
    _take_money(installation, publish_at_edge(body, account_key, now, account_key))
    return report_account(installation, to_account_key)


def _take_money(installation: Opened, event: Event) -> None:
    """What was there when the person looked may be gone when the act comes to the account: then nothing is booked."""
    take_act(installation, event, "patients")
    for body in list_caused(installation, event.event_id):
        if isinstance(body, WorkItemOpened) and body.reason in REFUSALS:
            raise NotTakenError(
                f"recorded, but not booked ({body.reason}, work item {body.item_id[:8]}): {body.next_action}"
            )


def _find_account(installation: Opened, wanted: str) -> tuple[str, str | None]:
    """An account key, or the account and claim of a claim id or patient control number."""
    connection = installation.store.connection
    if len(wanted) == 10:
        # Money may have come for an account before any claim of it.
        if (
            _read_state(installation, wanted)
            or connection.execute("SELECT 1 FROM claim WHERE account_key = ?", (wanted,)).fetchone()
        ):
            return wanted, None
    else:
        claim_id = billed_id_of(wanted)
        row = connection.execute("SELECT account_key FROM claim WHERE claim_id = ?", (claim_id,)).fetchone()
        if row:
            return row[0], claim_id
    raise RefusedError(f"no claim and no account has the id {wanted[:40]}: `revcycle statements` shows accounts")


def _read_state(installation: Opened, account_key: str) -> PatientAccount | None:
    """What patient billing remembers of an account."""
    row = installation.store.connection.execute(
        "SELECT value FROM state WHERE step = 'patient_billing' AND key = ? AND value IS NOT NULL",
        (f"account:{account_key}",),
    ).fetchone()
    return PatientAccount.model_validate_json(bytes(row[0])) if row else None


def report_account(installation: Opened, account_key: str) -> Json:
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
    account = _read_state(installation, account_key) or PatientAccount()
    return {
        "account_key": account_key,
        "owed_amount": money(sum(row[7] for row in rows if row[2] == "owed")),
        "unapplied_amount": format_money(account.unapplied_amount),
        "claims": claims,
    }
