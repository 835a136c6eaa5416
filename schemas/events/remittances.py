"""What payers say that they paid: `rcm.remittance.v1`, keyed by remittance; `rcm.paid.v1`, by account."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from schemas.base import Identifier, ShortText
from schemas.bounds import PART_CLAIMS, Count, Day, Index
from schemas.events.keys import ByPerson, ClaimId, OfAccount, OfRemittance, PatientControlNumber
from schemas.findings import Finding
from schemas.identifiers import Sha256, list_claim_ids
from schemas.ledger import DocumentPlace
from schemas.money import Money, format_money
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

    def describe(self) -> str:
        return f"remittance received: transaction set {self.transaction_index + 1} of its file"


class RemittanceAdmitted(OfRemittance, ByPerson):
    """A person says that a remittance held as a conflict is another one: its payer used the trace number again."""

    act: ClassVar[Act] = "admit_remittance"
    type: ClassVar[str] = "rcm.remittance.admitted"
    topic: ClassVar[str] = "rcm.remittance.v1"
    document: DocumentPlace
    transaction_index: Index
    content_hash: Sha256

    def describe(self) -> str:
        return f"{self.who} says that this remittance is another than the one posted: {self.why}"


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

    def describe(self) -> str:
        first, last = self.first_claim_index + 1, self.first_claim_index + self.claim_count
        return f"claims {first} to {last} of the remittance of {self.payer_name}"


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

    def describe(self) -> str:
        paid, charge = format_money(self.claim.paid_amount), format_money(self.claim.charge_amount)
        return f"{self.payer_name} answered (CLP02 {self.claim.status_code}): paid {paid} of {charge}"

    def subjects(self) -> Iterator[str]:
        yield from list_claim_ids(self.claim.patient_control_number)
        yield self.remittance_id


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

    def describe(self) -> str:
        return f"{self.who} applied a payment to claim {self.claim_id}: {self.why}"


class PaymentUnapplied(PaymentMove):
    """A person takes a payment off the claim that it was applied to: it is nobody's again, and may be applied anew."""

    type: ClassVar[str] = "rcm.paid.unapplied"
    topic: ClassVar[str] = "rcm.paid.v1"

    def describe(self) -> str:
        return f"{self.who} took a payment off claim {self.claim_id}: {self.why}"


class RemittanceAccepted(OfRemittance):
    """The remittance balances at three levels and is new: its claims follow on `rcm.paid.v1`."""

    type: ClassVar[str] = "rcm.remittance.accepted"
    topic: ClassVar[str] = "rcm.remittance.v1"
    earlier: ClassVar[tuple[tuple[str, str], ...]] = (("rcm.posted.v1", "rcm.posted.accepted"),)
    document: DocumentPlace
    payer_name: ShortText
    payer_identifier: ShortText
    trace_number: ShortText
    payment_date: Day | None
    payment_amount: Money  # BPR02
    claim_count: Count
    provider_adjustments: tuple[ProviderAdjustment, ...]

    def describe(self) -> str:
        paid = f"{format_money(self.payment_amount)} for {self.claim_count} claims"
        return f"remittance of {self.payer_name} accepted: {paid}, trace {self.trace_number}"


class RemittanceHeld(OfRemittance):
    """Nothing of this remittance is posted: a person must look."""

    type: ClassVar[str] = "rcm.remittance.held"
    topic: ClassVar[str] = "rcm.remittance.v1"
    earlier: ClassVar[tuple[tuple[str, str], ...]] = (("rcm.posted.v1", "rcm.posted.held"),)
    reason: Literal["unbalanced", "incomplete", "unreadable", "conflict", "not_for_us"]
    document: DocumentPlace
    payment_amount: Money
    findings: tuple[Finding, ...]

    def describe(self) -> str:
        codes = ", ".join(dict.fromkeys(finding.code for finding in self.findings))
        return f"remittance of {format_money(self.payment_amount)} held, {self.reason.replace('_', ' ')}: {codes}"


class RemittanceRepeated(OfRemittance):
    """The same remittance again, perhaps in another file: nothing to do."""

    type: ClassVar[str] = "rcm.remittance.repeated"
    topic: ClassVar[str] = "rcm.remittance.v1"
    earlier: ClassVar[tuple[tuple[str, str], ...]] = (("rcm.posted.v1", "rcm.posted.repeated"),)
    document: DocumentPlace

    def describe(self) -> str:
        return "the same remittance again: nothing to post"
