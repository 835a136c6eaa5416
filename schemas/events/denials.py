"""Denials, and what becomes of them: appealed, written off, resolved, concluded. Topic `rcm.denied.v1`."""

from datetime import date
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from schemas.base import Frozen, Identifier, LongText, PhiDate, SentText, ShortText
from schemas.bounds import INDEX_MAX, Count, Day, Days, Index
from schemas.events.keys import ByPerson, ClaimId, OfAccount, PatientControlNumber, Person
from schemas.identifiers import Sha256
from schemas.ledger import DocumentPlace
from schemas.money import Money, Sum, Total, format_money
from schemas.person import find_name_fault, is_same_person
from schemas.roles import Act


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

    def describe(self) -> str:
        reasons = (f"{item.group}-{item.reason} {format_money(item.amount)}" for item in self.denials)
        return f"denied: {', '.join(reasons)}"


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

    def describe(self) -> str:
        paid = f", paid {format_money(self.paid_amount)}" if self.paid_amount else ""
        return f"denial of {self.line_key} settled: nothing of {format_money(self.denied_amount)} is open{paid}"


class AttachedDocument(Frozen):
    """A document that goes with an appeal; its bytes stand in the archive."""

    name: ShortText
    sha256: Sha256


class AppealFiled(ByPerson, OfAccount):
    """A person sent an appeal: which level of the plan's, and the packet that went out."""

    act: ClassVar[Act] = "appeal"
    type: ClassVar[str] = "rcm.denied.appealed"
    topic: ClassVar[str] = "rcm.denied.v1"
    item_id: Identifier
    claim_id: ClaimId
    line_key: LongText
    days_since_denial: Days
    level: Annotated[int, Field(ge=1, le=9)]
    level_name: ShortText
    filed_on: Day
    answer_due_on: date
    packet: Sha256
    attachments: tuple[AttachedDocument, ...] = ()

    def describe(self) -> str:
        return f"appeal filed by {self.who}: {self.level_name}, decision due {self.answer_due_on}"


class DenialWrittenOff(ByPerson, OfAccount):
    """A denial is accepted as a loss: decided by one person, approved by another."""

    act: ClassVar[Act] = "write_off"
    type: ClassVar[str] = "rcm.denied.written_off"
    topic: ClassVar[str] = "rcm.denied.v1"
    item_id: Identifier
    claim_id: ClaimId
    encounter_id: Identifier
    line_key: LongText
    amount: Annotated[Money, Field(gt=0)]
    approved_by: Person

    @model_validator(mode="after")
    def _must_have_two_people(self) -> Self:
        if fault := find_name_fault(self.who) or find_name_fault(self.approved_by):
            raise ValueError(f"a write-off names two people: {fault}")
        if is_same_person(self.approved_by, self.who):
            raise ValueError("a write-off is approved by somebody else than who decided it, whose name looks different")
        return self

    def describe(self) -> str:
        amount = format_money(self.amount)
        return f"write-off of {amount} decided by {self.who}, approved by {self.approved_by}: {self.why}"


class DenialConcluded(OfAccount):
    """Nothing of a denial is open any more: what it brought, by what, and which denial it goes back to."""

    type: ClassVar[str] = "rcm.denied.concluded"
    topic: ClassVar[str] = "rcm.denied.v1"
    item_id: Identifier
    claim_id: ClaimId
    encounter_id: Identifier
    line_key: LongText
    payer_identifier: ShortText
    payer_name: ShortText
    group: SentText
    reason: SentText
    category: ShortText
    denied_remittance_id: Identifier
    denied_claim_index: Index
    denied_on: Day
    denied_amount: Sum
    outcome: Literal["recovered", "written_off", "settled"]  # settled: adjusted, reversed or moved on, with no payment
    answered_by: Literal["appeal", "corrected_claim", "write_off", "payer"]
    recovered_amount: Sum
    remittance_id: Identifier | None  # which remittance concluded it, if one did
    days: Days  # from the denial

    def describe(self) -> str:
        recovered = format_money(self.recovered_amount)
        return f"denial {self.group}-{self.reason} {self.outcome} after {self.days} days: {recovered} recovered"
