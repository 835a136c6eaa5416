"""What is in the ledger, and what is owed after it: `rcm.posted.v1`."""

from decimal import Decimal
from typing import ClassVar, Self

from pydantic import model_validator

from schemas.base import Frozen, Identifier, PhiText, SentText, ShortText
from schemas.bounds import Count, Index
from schemas.events.keys import ClaimId, OfAccount, OfRemittance, PatientControlNumber
from schemas.identifiers import AccountKey
from schemas.ledger import JournalEntry, describe_entry
from schemas.money import Money, Total, format_money


class PaymentPosted(OfRemittance):
    """One CLP is in the ledger (with no entry when nothing moved, such as a pure denial)."""

    type: ClassVar[str] = "rcm.posted"
    topic: ClassVar[str] = "rcm.posted.v1"
    account_key: AccountKey
    claim_index: Index
    patient_control_number: PatientControlNumber
    claim_id: ClaimId | None
    encounter_id: Identifier | None
    paid_amount: Total  # what this CLP moved in remittance clearing
    applied_amount: Total | None = None  # what of that the claim took; the rest stands in unapplied payments
    adjusted_amount: Total = Decimal("0.00")  # contractual and sequestration
    patient_amount: Total = Decimal("0.00")
    entry: JournalEntry | None

    @model_validator(mode="after")
    def _must_name_both(self) -> Self:
        if (self.claim_id is None) != (self.encounter_id is None):
            raise ValueError("a payment is posted to a claim and its encounter, or to neither")
        return self

    def identity(self) -> tuple[str | int, ...]:
        return (self.remittance_id, self.claim_index, "posted")

    def describe(self) -> str:
        return describe_entry(self.entry)


class UnappliedReleased(OfRemittance):
    """A payment moves from unapplied payments to its claim; or back, with amounts below zero, when it was not its."""

    type: ClassVar[str] = "rcm.posted.released"
    topic: ClassVar[str] = "rcm.posted.v1"
    account_key: AccountKey
    claim_index: Index
    patient_control_number: SentText = ""  # CLP01; absent from events of earlier programs
    claim_id: ClaimId
    encounter_id: Identifier
    paid_amount: Total
    adjusted_amount: Total
    patient_amount: Total
    entry: JournalEntry | None

    def describe(self) -> str:
        return describe_entry(self.entry)


class WriteOffPosted(OfAccount):
    """A denial that was accepted as a loss is in the ledger; never more than what was open."""

    type: ClassVar[str] = "rcm.posted.written_off"
    topic: ClassVar[str] = "rcm.posted.v1"
    claim_id: ClaimId
    encounter_id: Identifier
    item_id: Identifier
    amount: Total  # what was posted
    paid_amount: Total = Decimal("0.00")
    adjusted_amount: Total
    patient_amount: Total = Decimal("0.00")
    entry: JournalEntry | None

    def describe(self) -> str:
        return describe_entry(self.entry)


class ChargesPosted(OfAccount):
    """An encounter's charges are booked, once, when its claim is first submitted."""

    type: ClassVar[str] = "rcm.posted.charges"
    topic: ClassVar[str] = "rcm.posted.v1"
    encounter_id: Identifier
    claim_id: ClaimId
    charge_amount: Total
    paid_amount: Total = Decimal("0.00")  # what earlier payments take of changed charges, or give back
    adjusted_amount: Total = Decimal("0.00")
    patient_amount: Total = Decimal("0.00")
    entry: JournalEntry

    def describe(self) -> str:
        return describe_entry(self.entry)


class PayerShare(Frozen):
    """One payer's part of a claim. `forwarded`: the payer before it sent the claim on, so nobody bills this one."""

    payer_id: ShortText
    payer_name: ShortText
    open_amount: Total
    adjudicated: bool
    forwarded: bool


class ResponsibilityMoved(OfAccount):
    """What the next payer or the patient owes of a claim has changed; the amounts are what stands now, not changes."""

    type: ClassVar[str] = "rcm.posted.responsibility"
    topic: ClassVar[str] = "rcm.posted.v1"
    encounter_id: Identifier
    claim_id: ClaimId
    patient_amount: Total  # in patient receivable by the payers' word, before what the patient paid
    patient_may_be_billed: bool  # False for a QMB patient (RARC N781-N783)
    payers: tuple[PayerShare, ...]  # in their order, the first one included

    def describe(self) -> str:
        shares = [f"{share.payer_name} {format_money(share.open_amount)}" for share in self.payers]
        patient = format_money(self.patient_amount) + ("" if self.patient_may_be_billed else " (may not be billed)")
        return f"now owed: {', '.join(shares)}, patient {patient}"


class ProviderAdjustmentsPosted(OfRemittance):
    """One PLB adjustment of a remittance is in the ledger."""

    type: ClassVar[str] = "rcm.remittance.provider_level"
    topic: ClassVar[str] = "rcm.remittance.v1"
    earlier: ClassVar[tuple[tuple[str, str], ...]] = (("rcm.posted.v1", "rcm.posted.provider_level"),)
    paid_amount: Money  # its movement of remittance clearing: minus the PLB amount
    reason: ShortText = ""  # PLB03-1
    reference: PhiText = ""  # PLB03-2: often a claim's number at the payer
    provider_identifier: ShortText = ""  # PLB01
    entry: JournalEntry

    def describe(self) -> str:
        return f"PLB {self.reason}, {describe_entry(self.entry)}"


class RemittancePosted(OfRemittance):
    """Every CLP and PLB is posted: the clearing account moved by exactly BPR02."""

    type: ClassVar[str] = "rcm.remittance.closed"
    topic: ClassVar[str] = "rcm.remittance.v1"
    earlier: ClassVar[tuple[tuple[str, str], ...]] = (("rcm.posted.v1", "rcm.posted.closed"),)
    payment_amount: Money
    posted_amount: Money
    claim_count: Count

    def describe(self) -> str:
        posted, paid = format_money(self.posted_amount), format_money(self.payment_amount)
        return f"remittance posted: {posted} of {paid} for {self.claim_count} claims"
