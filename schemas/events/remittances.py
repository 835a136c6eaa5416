"""What payers paid and denied, and what is posted of it.

Topics `rcm.remittance.v1`, `rcm.paid.v1`, `rcm.denied.v1`, `rcm.posted.v1`.
"""

from decimal import Decimal
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from schemas.base import Frozen, Identifier, LongText, PhiDate, PhiText, SentText, ShortText
from schemas.bounds import INDEX_MAX, PART_CLAIMS, Count, Day, Index
from schemas.events.keys import ByPerson, ClaimId, OfAccount, OfRemittance, PatientControlNumber
from schemas.findings import Finding
from schemas.identifiers import AccountKey, Sha256
from schemas.ledger import DocumentPlace, JournalEntry
from schemas.money import Money, Total
from schemas.roles import Act
from schemas.x12.x835_005010x221a1 import ProviderAdjustment, RemittanceClaim


class RemittanceReceived(OfRemittance):
    """An 835 ST arrived; its bytes stand in the archive. `transaction_index` counts the file's STs from 0."""

    type: ClassVar[str] = "rcm.remittance"
    topic: ClassVar[str] = "rcm.remittance.v1"
    document: DocumentPlace
    transaction_index: Index

    def identity(self) -> tuple[str | int, ...]:
        return (self.document.sha256, self.transaction_index)


class RemittanceAdmitted(OfRemittance, ByPerson):
    """A person says that a remittance held as a conflict is another one: its payer used the trace number again."""

    act: ClassVar[Act] = "admit_remittance"
    type: ClassVar[str] = "rcm.remittance.admitted"
    topic: ClassVar[str] = "rcm.remittance.v1"
    document: DocumentPlace
    transaction_index: Index
    content_hash: Sha256


class RemittancePart(OfRemittance):
    """A run of claims of an accepted remittance, as many as one transaction carries; they follow on `rcm.paid.v1`."""

    type: ClassVar[str] = "rcm.remittance.part"
    topic: ClassVar[str] = "rcm.remittance.v1"
    document: DocumentPlace
    transaction_index: Index
    first_claim_index: Index
    claim_count: Annotated[int, Field(ge=1, le=PART_CLAIMS)]
    payer_name: ShortText
    payer_identifier: ShortText
    payer_ids: tuple[ShortText, ...] = ()
    payment_date: Day | None


class ClaimRemitted(OfAccount):
    """One CLP of an accepted remittance: everything that the payer decided about one claim."""

    type: ClassVar[str] = "rcm.paid"
    topic: ClassVar[str] = "rcm.paid.v1"
    remittance_id: Identifier
    claim_index: Index
    payer_name: ShortText
    payer_identifier: ShortText
    payment_date: Day | None
    document: DocumentPlace
    claim: RemittanceClaim
    payer_ids: tuple[ShortText, ...] = ()  # what else the remittance calls the payer by: N104, REF*2U

    def identity(self) -> tuple[str | int, ...]:
        return (self.remittance_id, self.claim_index)


class PaymentMove(OfAccount, ByPerson):
    """Between unapplied payments and a claim of ours, by a person's word; keyed by the claim's account."""

    act: ClassVar[Act] = "apply_payment"
    remittance_id: Identifier
    claim_index: Index
    patient_control_number: PatientControlNumber  # as the payer sent it
    claim_id: ClaimId  # ours


class PaymentApplied(PaymentMove):
    """A person found whose a payment is that named no claim of ours."""

    type: ClassVar[str] = "rcm.paid.applied"
    topic: ClassVar[str] = "rcm.paid.v1"


class PaymentUnapplied(PaymentMove):
    """A person takes a payment off the claim that it was applied to: it is nobody's again, and may be applied anew."""

    type: ClassVar[str] = "rcm.paid.unapplied"
    topic: ClassVar[str] = "rcm.paid.v1"


class DeniedAdjustment(Frozen):
    """One adjustment that the class table calls a denial; `line` counts the SVCs from 1, None is claim level.

    `line_key` names the line whatever the remittance: the control number (REF*6R) that we sent, "claim" for claim
    level, or what the SVC says of itself where none of our lines answers.
    """

    line: Annotated[int, Field(ge=1, le=INDEX_MAX)] | None
    line_key: LongText = ""
    line_control_number: SentText = ""
    procedure: SentText = ""
    group: SentText
    reason: SentText
    remarks: tuple[SentText, ...] = ()
    amount: Total
    segment: Index


class ClaimDenied(OfAccount):
    """The payer refused money that is not contractual, not the patient's share and not a memo, and it is still open.

    Said of each remittance that refuses, and again when a denied line that was settled is open once more.
    """

    type: ClassVar[str] = "rcm.denied"
    topic: ClassVar[str] = "rcm.denied.v1"
    remittance_id: Identifier
    claim_index: Index
    patient_control_number: PatientControlNumber
    status_code: SentText  # CLP02
    payer_name: ShortText
    payer_identifier: ShortText
    payment_date: Day | None
    document: DocumentPlace
    denials: tuple[DeniedAdjustment, ...]
    claim_id: ClaimId | None = None
    encounter_id: Identifier | None = None
    filing_indicator: SentText = ""  # CLP06
    procedures: tuple[SentText, ...] = ()  # of every line of the CLP
    service_date: PhiDate | None = None  # the first of its lines


class DenialResolved(OfAccount):
    """Nothing of a denied line is open any more: paid, adjusted, taken back by the payer, or written off."""

    type: ClassVar[str] = "rcm.denied.resolved"
    topic: ClassVar[str] = "rcm.denied.v1"
    claim_id: ClaimId
    encounter_id: Identifier
    patient_control_number: PatientControlNumber  # of the claim that was denied: another payer's has another
    line_key: LongText
    denied_amount: Total  # what was open of it
    paid_amount: Total  # what the payment that resolved it brought to the claim; zero when it was no payment
    remittance_id: Identifier | None  # which remittance resolved it, if one did
    open_denials: Count  # denied lines of that claim that are still open


class RemittanceAccepted(OfRemittance):
    """The remittance balances at three levels and is new: its claims follow on `rcm.paid.v1`."""

    type: ClassVar[str] = "rcm.posted.accepted"
    topic: ClassVar[str] = "rcm.posted.v1"
    document: DocumentPlace
    payer_name: ShortText
    payer_identifier: ShortText
    trace_number: ShortText
    payment_date: Day | None
    payment_amount: Money  # BPR02
    claim_count: Count
    provider_adjustments: tuple[ProviderAdjustment, ...]


class RemittanceHeld(OfRemittance):
    """Nothing of this remittance is posted: a person must look."""

    type: ClassVar[str] = "rcm.posted.held"
    topic: ClassVar[str] = "rcm.posted.v1"
    reason: Literal["unbalanced", "incomplete", "unreadable", "conflict", "not_for_us"]
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


class ProviderAdjustmentsPosted(OfRemittance):
    """One PLB adjustment of a remittance is in the ledger."""

    type: ClassVar[str] = "rcm.posted.provider_level"
    topic: ClassVar[str] = "rcm.posted.v1"
    paid_amount: Money  # its movement of remittance clearing: minus the PLB amount
    reason: ShortText = ""  # PLB03-1
    reference: PhiText = ""  # PLB03-2: often a claim's number at the payer
    provider_identifier: ShortText = ""  # PLB01
    entry: JournalEntry


class RemittancePosted(OfRemittance):
    """Every CLP and PLB is posted: the clearing account moved by exactly BPR02."""

    type: ClassVar[str] = "rcm.posted.closed"
    topic: ClassVar[str] = "rcm.posted.v1"
    payment_amount: Money
    posted_amount: Money
    claim_count: Count
