"""An institutional claim, 837I 005010X223A2: loops as frozen objects, whole enough to write the claim and read it back.

Amounts are dollars as Decimal, codes are as the guide writes them (ICD-10 without its dot).
"""

from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import Literal

from schemas.base import PhiDate, PhiString
from schemas.money import Money
from schemas.x12.claim_parts import (
    ClaimPerson,
    ClaimSupplement,
    LineSupplement,
    OtherPayer,
    Party,
    Payer,
    PostalAddress,
    Subscriber,
)
from schemas.x12.findings import Finding
from schemas.x12.headers import Group, Interchange


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """An ICD-10-CM code with its present-on-admission indicator (HI0x-9: N, U, W, Y or '')."""

    code: str
    present_on_admission: str = ""


@dataclass(frozen=True, slots=True)
class Procedure:
    """An ICD-10-PCS code and its date (BBR, BBQ)."""

    code: str
    day: PhiDate | None = None


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An occurrence code (BH) with its date, or an occurrence span (BI) with both."""

    code: str
    day: PhiDate | None = None
    end_day: PhiDate | None = None


@dataclass(frozen=True, slots=True)
class ClaimValue:
    """A value code (BE) and its amount."""

    code: str
    amount: Money


@dataclass(frozen=True, slots=True)
class InstitutionalCodes:
    """The HI families of loop 2300; `icd_version` 9 writes the qualifiers of ICD-9 (BK, BJ, BF ...)."""

    principal_diagnosis: Diagnosis | None = None  # ABK
    admitting_diagnosis: str = ""  # ABJ
    visit_reasons: tuple[str, ...] = ()  # APR, at most 3
    external_causes: tuple[Diagnosis, ...] = ()  # ABN
    other_diagnoses: tuple[Diagnosis, ...] = ()  # ABF, at most 24
    drg: str = ""  # DR
    principal_procedure: Procedure | None = None  # BBR
    other_procedures: tuple[Procedure, ...] = ()  # BBQ
    occurrence_spans: tuple[Occurrence, ...] = ()  # BI
    occurrences: tuple[Occurrence, ...] = ()  # BH
    values: tuple[ClaimValue, ...] = ()  # BE
    conditions: tuple[str, ...] = ()  # BG
    treatments: tuple[str, ...] = ()  # TC
    icd_version: int = 10


@dataclass(frozen=True, slots=True)
class InstitutionalLine:
    """A service line, loop 2400."""

    revenue_code: str  # SV201
    charge_amount: Money  # SV203
    units: Decimal  # SV205
    procedure: str = ""  # SV202-2 (qualifier HC): situational
    modifiers: tuple[str, ...] = ()
    noncovered_amount: Money | None = None  # SV207
    service_date: PhiDate | None = None  # DTP*472
    service_end_date: PhiDate | None = None
    line_control_number: str = ""  # REF*6R
    supplement: LineSupplement | None = None


@dataclass(frozen=True, slots=True)
class InstitutionalClaim:
    """One claim with everything that stands above it."""

    patient_control_number: str  # CLM01
    charge_amount: Money  # CLM02 = sum of SV203
    facility_type: str  # CLM05-1: type of bill, first two digits
    billing_provider: Party
    subscriber: Subscriber
    payer: Payer
    codes: InstitutionalCodes
    lines: tuple[InstitutionalLine, ...]  # at most 999
    statement_from_date: PhiDate | None = None  # DTP*434
    statement_to_date: PhiDate | None = None
    admission_type: str = ""  # CL101
    admission_source: str = ""  # CL102
    patient_status: str = ""  # CL103
    patient: ClaimPerson | None = None  # 2010CA, when not the subscriber
    frequency: str = "1"  # CLM05-3
    assignment: str = "A"  # CLM07
    benefits_assignment: str = "Y"  # CLM08
    release_of_information: str = "Y"  # CLM09
    admission_date: PhiDate | None = None  # DTP*435
    admission_time: time | None = None  # the hour of DTP*435 DT
    discharge_time: time | None = None  # DTP*096 TM
    estimated_due_amount: Money | None = None  # AMT*F3
    prior_authorization_number: str = ""  # REF*G1
    payer_claim_control_number: str = ""  # REF*F8
    note: PhiString = ""  # NTE*ADD
    attending_provider: Party | None = None  # 2310A
    operating_provider: Party | None = None  # 2310B
    other_operating_provider: Party | None = None  # 2310C
    rendering_provider: Party | None = None  # 2310D
    service_facility: Party | None = None  # 2310E
    referring_provider: Party | None = None  # 2310F
    pay_to_address: PostalAddress | None = None  # 2010AB
    other_payers: tuple[OtherPayer, ...] = ()  # 2320
    supplement: ClaimSupplement | None = None

    @property
    def bill_type(self) -> str:
        """Type of bill as UB-04 form locator 4 prints it, without the leading zero: 111, 131 ..."""
        return self.facility_type + self.frequency

    kind: Literal["institutional"] = "institutional"


@dataclass(frozen=True, slots=True)
class InstitutionalInterchange:
    """One ISA with one GS and one ST of institutional claims."""

    control_number: int  # ISA13, GS06, BHT03
    created_at: datetime
    usage_indicator: str  # ISA15
    sender_qualifier: str
    sender_id: str  # ISA06, GS02, 1000A NM109
    receiver_qualifier: str
    receiver_id: str  # ISA08, GS03, 1000B NM109
    submitter_name: str
    contact_name: str
    contact_phone: str
    receiver_name: str
    claims: tuple[InstitutionalClaim, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadInstitutionalClaim:
    """A claim as read: itself, where it stood, and what was wrong or unknown in it."""

    claim: InstitutionalClaim
    interchange: Interchange
    group: Group
    set_control_number: str  # ST02
    submitter_name: str  # 1000A
    submitter_identifier: str
    receiver_name: str  # 1000B
    batch_number: str  # BHT03
    segment_index: int
    offset: int
    line_positions: tuple[tuple[int, int], ...] = ()  # of each line's LX: segment index and file offset
    findings: tuple[Finding, ...] = ()
    unknown_segments: tuple[tuple[str, ...], ...] = ()
