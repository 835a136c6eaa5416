"""Claims on their way to the payer and what it answers before adjudication.

`rcm.claim.v1` and `rcm.interchange.v1` are keyed by trading partner, `rcm.submitted.v1` and `rcm.acknowledged.v1` by
account.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import StringConstraints

from schemas.base import FileName, Frozen, Identifier, ShortText
from schemas.bounds import Code, ControlNumber, Instant, Revision
from schemas.claim import Claim
from schemas.encounter import ServiceDate, Units
from schemas.events.keys import ByPerson, ClaimId, OfAccount, OfPartner, OurNumber, PatientControlNumber, TradingPartner
from schemas.events.status import AskedClaim
from schemas.identifiers import AccountKey, Sha256
from schemas.ledger import DocumentPlace
from schemas.money import Charge, Money, format_money
from schemas.roles import Act


class SubmittedLine(Frozen):
    """What posting needs of a service line: how a remittance will name it."""

    line_control_number: Code  # REF*6R
    procedure: Code
    modifiers: tuple[Code, ...] = ()
    units: Units
    charge_amount: Charge
    service_date: ServiceDate


class ClaimPayer(Frozen):
    """A payer of the encounter: what insurance receivable is split by."""

    payer_id: ShortText
    payer_name: ShortText


class ClaimSummary(Frozen):
    """A claim as the steps after claim building know it."""

    account_key: AccountKey
    encounter_id: Identifier
    claim_id: ClaimId
    patient_control_number: OurNumber
    payer_id: ShortText
    payer_name: ShortText
    filing_indicator: Code = ""  # SBR09
    charge_amount: Money
    lines: tuple[SubmittedLine, ...]
    frequency: Literal["1", "7", "8"] = "1"  # CLM05-3
    # SBR01 of the payer that it goes to: P books charges, the others do not
    responsibility: Annotated[str, StringConstraints(pattern=r"^[PSTA-H]$")] = "P"
    further_payers: tuple[ClaimPayer, ...] = ()  # who pays after that one, in order
    patient_paid_amount: Money = Decimal("0.00")  # AMT*F5: what the patient paid at the visit


class ClaimBuilt(OfPartner):
    """A claim is ready for an interchange; the same claim id with a higher revision replaces an earlier one."""

    type: ClassVar[str] = "rcm.claim"
    topic: ClassVar[str] = "rcm.claim.v1"
    encounter_id: Identifier
    revision: Revision
    summary: ClaimSummary
    claim: Claim

    def describe(self) -> str:
        claim = self.summary
        return f"claim {claim.patient_control_number} built: {format_money(claim.charge_amount)} to {claim.payer_name}"

    def subjects(self) -> Iterator[str]:
        yield from (self.summary.claim_id, self.summary.encounter_id)


class ClaimWithdrawn(OfPartner):
    """What stood behind a claim is withdrawn, held again or billed in fewer claims."""

    type: ClassVar[str] = "rcm.claim.withdrawn"
    topic: ClassVar[str] = "rcm.claim.v1"
    account_key: AccountKey
    encounter_id: Identifier
    claim_id: ClaimId
    revision: Revision

    def describe(self) -> str:
        return f"claim {self.claim_id} withdrawn"


class ClaimWaiting(OfPartner):
    """A changed claim whose earlier version is with the payer: a person decides on replacement or void."""

    type: ClassVar[str] = "rcm.claim.waiting"
    topic: ClassVar[str] = "rcm.claim.v1"
    encounter_id: Identifier
    claim_id: ClaimId
    patient_control_number: OurNumber

    def describe(self) -> str:
        return f"claim {self.patient_control_number} waits for a decision: its earlier version is with the payer"


class ClaimReleased(OfPartner):
    """A claim may go into the next file: its earlier version was rejected, or a person decided to correct it."""

    type: ClassVar[str] = "rcm.claim.released"
    topic: ClassVar[str] = "rcm.claim.v1"
    encounter_id: Identifier
    claim_id: ClaimId
    patient_control_number: OurNumber

    def describe(self) -> str:
        return f"claim {self.patient_control_number} may go into the next file"


class ClaimCorrectionDecided(OfPartner, ByPerson):
    """A person decided to replace (CLM05-3 = 7) or void (8) a claim that is with the payer."""

    act: ClassVar[Act] = "correct_claim"
    type: ClassVar[str] = "rcm.claim.correction"
    topic: ClassVar[str] = "rcm.claim.v1"
    account_key: AccountKey
    claim_id: ClaimId
    decision: Literal["replace", "void"]

    def describe(self) -> str:
        return f"{self.who} decided to {self.decision} it: {self.why}"


class SubmissionCut(OfPartner):
    """The order to put these claims into interchanges now; its time is the interchange's time."""

    type: ClassVar[str] = "rcm.claim.cut"
    topic: ClassVar[str] = "rcm.claim.v1"
    cut_at: Instant
    claim_ids: tuple[ClaimId, ...]

    def identity(self) -> tuple[str | int, ...]:
        return (self.trading_partner, self.cut_at.isoformat(), *self.claim_ids)

    def describe(self) -> str:
        return f"{len(self.claim_ids)} claims are to be sent to {self.trading_partner} now"


class InterchangeClaim(Frozen):
    """A claim in an interchange, with its full content: the file's bytes are a pure function of the event."""

    summary: ClaimSummary
    claim: Claim


class InterchangeBuilt(OfPartner):
    """The content of one 837P file is decided; the writer may write it any number of times, always the same bytes."""

    type: ClassVar[str] = "rcm.interchange"
    topic: ClassVar[str] = "rcm.interchange.v1"
    control_number: ControlNumber  # ISA13, GS06
    built_at: Instant
    sha256: Sha256
    file_name: FileName
    claims: tuple[InterchangeClaim, ...]

    def describe(self) -> str:
        return f"interchange {self.control_number} to {self.trading_partner} built: {len(self.claims)} claims"


class InquiryBuilt(OfPartner):
    """The content of one 276 file is decided; its bytes follow from this and from the 837s that it names."""

    type: ClassVar[str] = "rcm.interchange.inquiry"
    topic: ClassVar[str] = "rcm.interchange.v1"
    control_number: ControlNumber  # ISA13, GS06
    built_at: Instant
    file_name: FileName
    claims: tuple[AskedClaim, ...]

    def describe(self) -> str:
        return f"the payer is asked for its status (276): {len(self.claims)} claims"

    def subjects(self) -> Iterator[str]:
        yield from (asked.claim_id for asked in self.claims)


class InterchangeWritten(OfPartner):
    """The file stands in the outbox, fsynced under its final name, and in the archive."""

    type: ClassVar[str] = "rcm.interchange.written"
    topic: ClassVar[str] = "rcm.interchange.v1"
    control_number: ControlNumber
    sha256: Sha256
    file_name: FileName

    def identity(self) -> tuple[str | int, ...]:
        return (self.trading_partner, self.control_number, self.sha256)

    def describe(self) -> str:
        return f"interchange {self.control_number} to {self.trading_partner} written: {self.file_name}"


class InterchangeAcknowledged(OfPartner):
    """A TA1, a 999, or the batch level of a 277CA speaks of one of our interchanges."""

    type: ClassVar[str] = "rcm.interchange.acknowledged"
    topic: ClassVar[str] = "rcm.interchange.v1"
    control_number: ControlNumber
    source: Literal["TA1", "999", "277CA"]
    outcome: Literal["accepted", "rejected", "partly_accepted"]
    codes: tuple[ShortText, ...]
    document: DocumentPlace

    def identity(self) -> tuple[str | int, ...]:
        return (self.document.sha256, self.document.segment or 0)

    def describe(self) -> str:
        outcome = self.outcome.replace("_", " ")
        return f"interchange {self.control_number} {outcome} by {self.source}: {', '.join(self.codes)}"


class ClaimSubmitted(OfAccount):
    """The claim stands in a file in the outbox."""

    type: ClassVar[str] = "rcm.submitted"
    topic: ClassVar[str] = "rcm.submitted.v1"
    encounter_id: Identifier
    trading_partner: TradingPartner
    control_number: ControlNumber
    document: DocumentPlace
    summary: ClaimSummary

    def describe(self) -> str:
        return f"submitted in interchange {self.control_number} to {self.trading_partner}"

    def subjects(self) -> Iterator[str]:
        yield from (self.summary.claim_id, self.summary.encounter_id)


class ClaimAcknowledged(OfAccount):
    """A 277CA (or a rejected 999 or TA1 above it) says what became of one claim before adjudication."""

    type: ClassVar[str] = "rcm.acknowledged"
    topic: ClassVar[str] = "rcm.acknowledged.v1"
    patient_control_number: PatientControlNumber
    source: Literal["TA1", "999", "277CA"]
    sender: ShortText
    outcome: Literal["accepted", "rejected"]
    codes: tuple[ShortText, ...]
    payer_claim_control_number: ShortText = ""
    document: DocumentPlace

    def identity(self) -> tuple[str | int, ...]:
        return (self.document.sha256, self.document.segment or 0, self.patient_control_number)

    def describe(self) -> str:
        return f"{self.outcome} by {self.source} of {self.sender}: {', '.join(self.codes)}"
