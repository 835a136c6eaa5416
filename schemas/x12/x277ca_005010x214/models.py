"""Claim acknowledgement, 277CA 005010X214: what a clearinghouse or payer answers to claims before adjudication.

The batch (2200B) is answered first, then each billing provider (2200C), then each claim (2200D, situational). A
rejection at a higher level covers every claim below it (RFI 2145).
"""

from dataclasses import dataclass, field
from datetime import date

from schemas.base import PhiString
from schemas.money import Money
from schemas.x12.findings import Finding

# STC01-1: A0 forwarded, A1 received and A2 accepted into adjudication stand; these do not.
REJECTING = frozenset(("A3", "A4", "A6", "A7", "A8"))


@dataclass(frozen=True, slots=True)
class StatusCode:
    """STC01, STC10 or STC11: claim status category, claim status and the entity it speaks of."""

    category: str  # -1
    code: str  # -2
    entity: str = ""  # -3
    list_code: str = ""  # -4

    def __str__(self) -> str:
        return ":".join(part for part in (self.category, self.code, self.entity) if part)


@dataclass(frozen=True, slots=True)
class Status:
    """One STC."""

    codes: tuple[StatusCode, ...]
    effective_date: date | None = None  # STC02
    action: str = ""  # STC03: WQ accepted, U rejected
    amount: Money | None = None  # STC04
    message: str = ""  # STC12

    @property
    def rejected(self) -> bool:
        """By the category codes; the action code decides where there are none that say so."""
        return self.action == "U" or any(code.category in REJECTING for code in self.codes)


@dataclass(frozen=True, slots=True)
class LineAcknowledgement:
    """Loop 2220D: one service line."""

    procedure_qualifier: str = ""  # SVC01-1
    procedure: str = ""  # SVC01-2
    modifiers: tuple[str, ...] = ()
    charge_amount: Money | None = None  # SVC02
    revenue_code: str = ""  # SVC04
    units: str = ""  # SVC07 as sent
    statuses: tuple[Status, ...] = ()
    line_control_number: str = ""  # REF*FJ
    service_date: str = ""  # DTP*472 as sent: CCYYMMDD or a range


@dataclass(frozen=True, slots=True)
class ClaimAcknowledgement:
    """Loop 2200D: one claim."""

    patient_control_number: str  # TRN02 = our CLM01
    statuses: tuple[Status, ...] = ()
    patient_last_name: PhiString = ""  # 2100D NM103
    patient_first_name: PhiString = ""
    patient_middle_name: PhiString = ""
    patient_suffix: PhiString = ""
    patient_identifier_qualifier: str = ""  # NM108
    patient_identifier: PhiString = ""  # NM109
    payer_claim_control_number: str = ""  # REF*1K
    clearinghouse_trace_number: str = ""  # REF*D9
    bill_type: str = ""  # REF*BLT
    service_date: str = ""  # DTP*472 as sent: CCYYMMDD or a range
    lines: tuple[LineAcknowledgement, ...] = ()
    segment_index: int = field(default=0, compare=False)
    offset: int = field(default=0, compare=False)

    @property
    def rejected(self) -> bool:
        """By the claim's own statuses, or by those of any of its lines."""
        lines = (status for line in self.lines for status in line.statuses)
        return any(status.rejected for status in (*self.statuses, *lines))


@dataclass(frozen=True, slots=True)
class Totals:
    """QTY and AMT of 2200B and 2200C."""

    accepted_count: int | None = None  # QTY*90 at 2200B, QTY*QA at 2200C
    rejected_count: int | None = None  # QTY*AA at 2200B, QTY*QC at 2200C
    accepted_amount: Money | None = None  # AMT*YU
    rejected_amount: Money | None = None  # AMT*YY


@dataclass(frozen=True, slots=True)
class ProviderAcknowledgement:
    """Loop 2000C: one billing provider and its claims."""

    name: str = ""  # NM103
    first_name: str = ""
    identifier_qualifier: str = ""  # NM108: XX, FI ...
    identifier: str = ""  # NM109
    entity_type: str = "2"  # NM102
    trace_number: str = ""  # TRN02
    statuses: tuple[Status, ...] = ()
    references: tuple[tuple[str, str], ...] = ()  # REF qualifier and value
    totals: Totals = Totals()
    claims: tuple[ClaimAcknowledgement, ...] = ()
    segment_index: int = field(default=0, compare=False)

    @property
    def rejected(self) -> bool:
        return any(status.rejected for status in self.statuses)


@dataclass(frozen=True, slots=True)
class BatchAcknowledgement:
    """One 277CA transaction set: the answer to one 837 transaction set."""

    control_number: str  # ST02
    reference: str = ""  # BHT03
    created_date: date | None = None  # BHT04
    created_time: str = ""  # BHT05 as sent
    source_entity: str = "PR"  # 2100A NM101: PR payer, AY clearinghouse
    source_name: str = ""
    source_identifier_qualifier: str = ""
    source_identifier: str = ""
    source_trace_number: str = ""  # 2200A TRN02
    received_date: date | None = None  # DTP*050
    processed_date: date | None = None  # DTP*009
    receiver_name: str = ""  # 2100B NM103
    receiver_first_name: str = ""
    receiver_entity_type: str = "2"
    receiver_identifier: str = ""  # NM109 with 46
    batch_number: str = ""  # 2200B TRN02 = BHT03 of our 837
    statuses: tuple[Status, ...] = ()  # 2200B
    totals: Totals = Totals()
    providers: tuple[ProviderAcknowledgement, ...] = ()
    unknown_segments: tuple[tuple[PhiString, ...], ...] = field(default=(), compare=False)  # kept, with a finding
    complete: bool = field(default=True, compare=False)
    sender_id: str = field(default="", compare=False)  # ISA06
    findings: tuple[Finding, ...] = field(default=(), compare=False)
    segment_index: int = field(default=0, compare=False)
    offset: int = field(default=0, compare=False)

    @property
    def rejected(self) -> bool:
        """Whether the whole batch is."""
        return any(status.rejected for status in self.statuses)
