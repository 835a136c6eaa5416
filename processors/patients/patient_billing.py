"""What the patient owes of each claim, what they paid, and what is due back to them.

In: every entry that moves a claim's insurance or patient receivable, ResponsibilityMoved (may the patient be billed
at all), PatientPaymentReceived, PatientPaymentMoved, PatientPaymentReturned, PatientRefundIssued. Out:
PatientBalanceChanged, payments, write-offs and credits with their entries, work items for refunds and for money that no
claim takes. A claim is owed only when no payer may still owe anything of it: a denial that is being worked keeps
insurance receivable open, and so keeps the statement back.
"""

from processors.patients.account import PatientAccount
from processors.patients.postings import UNAPPLIED, OpenAccount
from schemas.claim_status import FIRST_PAYER
from schemas.event import Event
from schemas.events import (
    ChargesPosted,
    ClaimSubmitted,
    PatientPaymentMoved,
    PatientPaymentReceived,
    PatientPaymentReturned,
    PatientRefundIssued,
    PaymentPosted,
    ResponsibilityMoved,
    UnappliedReleased,
    WriteOffPosted,
)
from schemas.processing import Outcome, States, read_state
from schemas.reference import Reference


def keys_of_patient(event: Event) -> tuple[str, ...]:
    """The account; what concerns no claim of ours concerns no patient."""
    match event.body:
        case ChargesPosted() | ResponsibilityMoved() as body:
            return (f"account:{body.account_key}",)
        case PatientPaymentReceived() | PatientPaymentReturned() | PatientRefundIssued() as body:
            return (f"account:{body.account_key}",)
        case PatientPaymentMoved() as body:
            return tuple(dict.fromkeys((f"account:{body.account_key}", f"account:{body.to_account_key}")))
        case ClaimSubmitted() as body if body.summary.responsibility == FIRST_PAYER:
            return (f"account:{body.account_key}",)
        case PaymentPosted() | UnappliedReleased() | WriteOffPosted() as body if body.claim_id and body.entry:
            return (f"account:{body.account_key}",)
    return ()


def bill_patient(states: States, event: Event, reference: Reference) -> Outcome:
    """Follows the ledger, applies what patients pay, and says what each owes."""
    keys = keys_of_patient(event)
    if not keys:
        return Outcome()
    if isinstance(event.body, PatientPaymentMoved):
        return _move(states, event, event.body, reference)
    account = _open(states, keys[0], event, reference)
    match event.body:
        case ChargesPosted() | PaymentPosted() | UnappliedReleased() | WriteOffPosted() as body:
            account.follow_entry(body)
        case ClaimSubmitted() as body:
            account.take_visit_payment(body)
        case ResponsibilityMoved() as body:
            account.change(body.claim_id, body.encounter_id, may_be_billed=body.patient_may_be_billed)
        case PatientPaymentReceived() as body:
            account.take_payment(body.amount, body.claim_id, body.source_id)
        case PatientPaymentReturned() as body:
            account.take_off(body)
        case PatientRefundIssued() as body:
            account.refund(body)
    account.settle()
    return Outcome({keys[0]: account.close()}, tuple(account.outputs))


def _open(states: States, key: str, event: Event, reference: Reference) -> OpenAccount:
    state = read_state(states, key, PatientAccount)
    return OpenAccount(event, key.partition(":")[2], state, reference.installation.small_balance_amount)


def _move(states: States, event: Event, body: PatientPaymentMoved, reference: Reference) -> Outcome:
    """Unapplied money to the claim or account that it is for; perhaps another claim of the same account."""
    keys = keys_of_patient(event)
    accounts = {key: _open(states, key, event, reference) for key in keys}
    source, target = accounts[keys[0]], accounts[keys[-1]]
    target.outputs = source.outputs  # one story: entries are named by their places in it
    if source.give_up(body):
        target.take_payment(body.amount, body.claim_id, body.action_id, UNAPPLIED)
    for account in accounts.values():
        account.settle()
    return Outcome({key: account.close() for key, account in accounts.items()}, tuple(source.outputs))
