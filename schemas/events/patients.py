"""What patients owe, pay and get back: `rcm.patient.v1`, keyed by account."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from schemas.base import FileName, Identifier, Label, ShortText
from schemas.bounds import Day
from schemas.events.keys import ByPerson, ClaimId, OfAccount
from schemas.identifiers import AccountKey, Sha256
from schemas.ledger import JournalEntry, describe_entry
from schemas.money import Money, Sum, format_money
from schemas.roles import Act

BalanceStatus = Literal["owed", "waiting_for_insurance", "not_billable", "settled", "refund_due"]


class PatientPaymentReceived(OfAccount):
    """A patient paid; without a claim it goes to the oldest of what is owed. `source_id` tells a repeat."""

    type: ClassVar[str] = "rcm.patient.payment"
    topic: ClassVar[str] = "rcm.patient.v1"
    source_id: Identifier  # receipt, check or processor's number
    claim_id: ClaimId | None = None
    amount: Annotated[Money, Field(gt=0)]
    received_on: Day
    method: Literal["cash", "check", "card", "ach", "other"] = "other"
    taken_by: ShortText = ""  # who took it at the desk; none where the bank's or a processor's file brings it

    def identity(self) -> tuple[str | int, ...]:
        return (self.account_key, self.source_id)

    def describe(self) -> str:
        return f"the patient paid {format_money(self.amount)} ({self.method})"


class PatientPaymentReturned(OfAccount, ByPerson):
    """The bank gave a patient's payment back (a bounced check, a disputed card): it was none."""

    act: ClassVar[Act] = "return_payment"
    type: ClassVar[str] = "rcm.patient.returned"
    topic: ClassVar[str] = "rcm.patient.v1"
    claim_id: ClaimId | None = None  # None: of what no claim takes
    amount: Annotated[Money, Field(gt=0)]
    reference: Label = ""

    def describe(self) -> str:
        return f"the bank gave {format_money(self.amount)} of the patient's payment back: {self.why}"


class PatientPaymentPosted(OfAccount):
    """A patient's money is in the ledger: applied to claims, the rest unapplied; below zero when it was returned."""

    type: ClassVar[str] = "rcm.patient.payment_posted"
    topic: ClassVar[str] = "rcm.patient.v1"
    source_id: Identifier
    claim_id: ClaimId | None  # None: unapplied
    amount: Sum
    entry: JournalEntry

    def describe(self) -> str:
        return describe_entry(self.entry)


class PatientBalanceChanged(OfAccount):
    """What a patient owes of a claim is other than before; amounts are what stands now, not changes."""

    type: ClassVar[str] = "rcm.patient.balance"
    topic: ClassVar[str] = "rcm.patient.v1"
    encounter_id: Identifier
    claim_id: ClaimId
    status: BalanceStatus
    share_amount: Sum  # what the payers left to the patient
    paid_amount: Sum
    written_off_amount: Sum
    refund_amount: Sum  # more than was due: for the patient
    refunded_amount: Sum  # of it, sent
    balance_amount: Sum  # share - paid - written off + refund
    insurance_open_amount: Sum

    def describe(self) -> str:
        return f"the patient's part: {format_money(self.balance_amount)} ({self.status.replace('_', ' ')})"


class SmallBalanceWrittenOff(OfAccount):
    """A balance too small to be worth a statement, by the installation's policy."""

    type: ClassVar[str] = "rcm.patient.written_off"
    topic: ClassVar[str] = "rcm.patient.v1"
    claim_id: ClaimId
    amount: Sum
    limit_amount: Money  # the policy: `small_balance_amount` of revcycle.toml
    entry: JournalEntry

    def describe(self) -> str:
        return describe_entry(self.entry)


class PatientCreditMoved(OfAccount):
    """More was paid than is owed: the difference is due to the patient, or (negative) is needed again."""

    type: ClassVar[str] = "rcm.patient.credit"
    topic: ClassVar[str] = "rcm.patient.v1"
    claim_id: ClaimId
    amount: Sum
    entry: JournalEntry

    def describe(self) -> str:
        return describe_entry(self.entry)


class PatientPaymentMoved(OfAccount, ByPerson):
    """A person says whose a patient's money is that no claim of its account takes: another claim's, or account's."""

    act: ClassVar[Act] = "move_payment"
    type: ClassVar[str] = "rcm.patient.payment_moved"
    topic: ClassVar[str] = "rcm.patient.v1"
    amount: Annotated[Money, Field(gt=0)]
    to_account_key: AccountKey
    claim_id: ClaimId | None = None  # of that account; None: the oldest of what it owes
    reference: Label = ""

    def describe(self) -> str:
        return f"{self.who} moved {format_money(self.amount)} of unapplied money to another claim: {self.why}"


class PatientRefundIssued(OfAccount, ByPerson):
    """A person sent money back to the patient: of a claim that was paid too much for, or that no claim takes."""

    act: ClassVar[Act] = "refund_payment"
    type: ClassVar[str] = "rcm.patient.refund"
    topic: ClassVar[str] = "rcm.patient.v1"
    claim_id: ClaimId | None = None  # None: what no claim takes
    amount: Annotated[Money, Field(gt=0)]
    reference: Label = ""

    def describe(self) -> str:
        return f"{self.who} sent {format_money(self.amount)} back to the patient: {self.why}"


class PatientRefundPosted(OfAccount):
    """The refund is in the ledger."""

    type: ClassVar[str] = "rcm.patient.refund_posted"
    topic: ClassVar[str] = "rcm.patient.v1"
    claim_id: ClaimId | None  # None: of what no claim takes
    amount: Sum
    entry: JournalEntry

    def describe(self) -> str:
        return describe_entry(self.entry)


class StatementIssued(OfAccount):
    """A statement of what the patient owes was written; its HTML and PDF stand in the archive."""

    type: ClassVar[str] = "rcm.patient.statement"
    topic: ClassVar[str] = "rcm.patient.v1"
    statement_id: Identifier
    issued_on: Day
    due_amount: Sum
    claim_ids: tuple[ClaimId, ...]
    html_sha256: Sha256
    pdf_sha256: Sha256
    file_name: FileName

    def identity(self) -> tuple[str | int, ...]:
        return (self.statement_id,)

    def describe(self) -> str:
        return f"statement of {format_money(self.due_amount)} written for the patient"

    def subjects(self) -> Iterator[str]:
        yield from self.claim_ids
