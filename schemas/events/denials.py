"""What becomes of a denial: appealed, written off, concluded. Topic `rcm.denied.v1`, as the denial itself."""

from datetime import date
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from schemas.base import Frozen, Identifier, LongText, SentText, ShortText
from schemas.bounds import Day, Days, Index
from schemas.events.keys import ByPerson, ClaimId, OfAccount, Person
from schemas.identifiers import Sha256
from schemas.money import Money, Sum
from schemas.person import find_name_fault, is_same_person
from schemas.roles import Act


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
