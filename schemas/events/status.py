"""What becomes of a claim between its submission and its remittance: asked (276), answered (277), decided.

Topic `rcm.status.v1`.
"""

from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field

from schemas.base import Frozen, Identifier, ShortText
from schemas.bounds import Day, Days
from schemas.events.keys import ClaimId, OfAccount, OfPartner, OurNumber, PatientControlNumber
from schemas.identifiers import AccountKey, Sha256
from schemas.ledger import DocumentPlace
from schemas.money import Money


class AskedClaim(Frozen):
    """A claim that a status request names; what the request says of it is read from the 837 that it was sent in."""

    account_key: AccountKey
    claim_id: ClaimId
    patient_control_number: OurNumber
    payer_claim_control_number: ShortText = ""
    document: Sha256  # the 837


class ClaimStatusRequested(OfPartner):
    """No remittance came in the payer's usual time: it is asked what became of these claims."""

    type: ClassVar[str] = "rcm.status.requested"
    topic: ClassVar[str] = "rcm.status.v1"
    business_date: Day
    claims: Annotated[tuple[AskedClaim, ...], Field(min_length=1)]

    def describe(self) -> str:
        return f"the payer is asked for its status (276): {len(self.claims)} claims"

    def subjects(self) -> Iterator[str]:
        yield from (asked.claim_id for asked in self.claims)


class ClaimStatusReported(OfAccount):
    """A payer's 277 says what became of one claim."""

    type: ClassVar[str] = "rcm.status"
    topic: ClassVar[str] = "rcm.status.v1"
    patient_control_number: PatientControlNumber
    sender: ShortText  # ISA06
    codes: tuple[ShortText, ...]  # STC01, 10, 11: category:status:entity, the first decides
    payer_claim_control_number: ShortText = ""  # REF*1K
    paid_amount: Money | None = None  # STC05
    payment_date: Day | None = None  # STC08
    check_number: ShortText = ""  # STC09
    document: DocumentPlace

    def identity(self) -> tuple[str | int, ...]:
        return (self.document.sha256, self.document.segment or 0, self.patient_control_number)

    def describe(self) -> str:
        return f"status by the 277 of {self.sender}: {', '.join(self.codes)}"


class PayerDecided(OfAccount):
    """The first remittance for a version of a claim came, so many days after it was submitted."""

    type: ClassVar[str] = "rcm.status.decided"
    topic: ClassVar[str] = "rcm.status.v1"
    claim_id: ClaimId
    encounter_id: Identifier
    patient_control_number: OurNumber
    payer_id: ShortText
    remittance_id: Identifier
    days: Days

    def describe(self) -> str:
        return f"the first remittance came {self.days} days after submission"
