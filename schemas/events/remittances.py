"""What payers paid and denied, and what is posted of it.

Topics `rcm.remittance.v1`, `rcm.paid.v1`, `rcm.denied.v1`, `rcm.posted.v1`.
"""

from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal

from schemas.base import Frozen, ShortText
from schemas.events.keys import ClaimId, OfAccount, OfRemittance, PatientControlNumber
from schemas.findings import Finding
from schemas.identifiers import AccountKey
from schemas.ledger import DocumentPlace, JournalEntry
from schemas.money import Money
from schemas.x12.x835_005010x221a1 import ProviderAdjustment, RemittanceClaim


class RemittanceReceived(OfRemittance):
    """An 835 ST arrived; its bytes stand in the archive. `transaction_index` counts the file's STs from 0."""

    type: ClassVar[str] = "rcm.remittance"
    topic: ClassVar[str] = "rcm.remittance.v1"
    document: DocumentPlace
    transaction_index: int

    def identity(self) -> tuple[str | int, ...]:
        return (self.document.sha256, self.transaction_index)


class ClaimRemitted(OfAccount):
    """One CLP of an accepted remittance: everything that the payer decided about one claim."""

    type: ClassVar[str] = "rcm.paid"
    topic: ClassVar[str] = "rcm.paid.v1"
    remittance_id: str
    claim_index: int
    payer_name: ShortText
    payer_identifier: ShortText
    payment_date: date | None
    document: DocumentPlace
    claim: RemittanceClaim

    def identity(self) -> tuple[str | int, ...]:
        return (self.remittance_id, self.claim_index)


class DeniedAdjustment(Frozen):
    """One adjustment that the class table calls a denial; `line` is None at claim level."""

    line: int | None
    line_control_number: str = ""
    procedure: str = ""
    group: str
    reason: str
    remarks: tuple[str, ...] = ()
    amount: Money
    segment: int


class ClaimDenied(OfAccount):
    """The payer refused money that is not contractual, not the patient's share and not a memo."""

    type: ClassVar[str] = "rcm.denied"
    topic: ClassVar[str] = "rcm.denied.v1"
    remittance_id: str
    claim_index: int
    patient_control_number: PatientControlNumber
    status_code: str  # CLP02
    payer_name: ShortText
    payer_identifier: ShortText
    payment_date: date | None
    document: DocumentPlace
    denials: tuple[DeniedAdjustment, ...]

    def identity(self) -> tuple[str | int, ...]:
        return (self.remittance_id, self.claim_index, "denied")


class RemittanceAccepted(OfRemittance):
    """The remittance balances at three levels and is new: its claims follow on `rcm.paid.v1`."""

    type: ClassVar[str] = "rcm.posted.accepted"
    topic: ClassVar[str] = "rcm.posted.v1"
    document: DocumentPlace
    payer_name: ShortText
    payer_identifier: ShortText
    trace_number: ShortText
    payment_date: date | None
    payment_amount: Money  # BPR02
    claim_count: int
    provider_adjustments: tuple[ProviderAdjustment, ...]


class RemittanceHeld(OfRemittance):
    """Nothing of this remittance is posted: a person must look."""

    type: ClassVar[str] = "rcm.posted.held"
    topic: ClassVar[str] = "rcm.posted.v1"
    reason: Literal["unbalanced", "incomplete", "unreadable", "conflict"]
    document: DocumentPlace
    payment_amount: Money
    findings: tuple[Finding, ...]


class RemittanceRepeated(OfRemittance):
    """The same remittance again, perhaps in another file: nothing to do."""

    type: ClassVar[str] = "rcm.posted.repeated"
    topic: ClassVar[str] = "rcm.posted.v1"
    document: DocumentPlace


class PaymentPosted(OfRemittance):
    """One CLP is in the ledger (with no entry when nothing moved, such as a pure denial)."""

    type: ClassVar[str] = "rcm.posted"
    topic: ClassVar[str] = "rcm.posted.v1"
    account_key: AccountKey
    claim_index: int
    patient_control_number: PatientControlNumber
    claim_id: ClaimId | None
    encounter_id: str | None
    paid_amount: Money  # what this CLP moved in remittance clearing
    adjusted_amount: Money = Decimal("0.00")  # contractual and sequestration
    patient_amount: Money = Decimal("0.00")
    entry: JournalEntry | None

    def identity(self) -> tuple[str | int, ...]:
        return (self.remittance_id, self.claim_index, "posted")


class UnappliedReleased(OfRemittance):
    """A payment that came before its claim moves from unapplied payments to that claim."""

    type: ClassVar[str] = "rcm.posted.released"
    topic: ClassVar[str] = "rcm.posted.v1"
    account_key: AccountKey
    claim_index: int
    claim_id: ClaimId
    encounter_id: str
    paid_amount: Money
    adjusted_amount: Money
    patient_amount: Money
    entry: JournalEntry | None


class ChargesPosted(OfAccount):
    """An encounter's charges are booked, once, when its claim is first submitted."""

    type: ClassVar[str] = "rcm.posted.charges"
    topic: ClassVar[str] = "rcm.posted.v1"
    encounter_id: str
    claim_id: ClaimId
    charge_amount: Money
    entry: JournalEntry


class ProviderAdjustmentsPosted(OfRemittance):
    """The PLB part of a remittance is in the ledger."""

    type: ClassVar[str] = "rcm.posted.provider_level"
    topic: ClassVar[str] = "rcm.posted.v1"
    paid_amount: Money  # its movement of remittance clearing: minus the sum of the PLB amounts
    entry: JournalEntry


class RemittancePosted(OfRemittance):
    """Every CLP and PLB is posted: the clearing account moved by exactly BPR02."""

    type: ClassVar[str] = "rcm.posted.closed"
    topic: ClassVar[str] = "rcm.posted.v1"
    payment_amount: Money
    posted_amount: Money
    claim_count: int
