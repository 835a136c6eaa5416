"""A professional claim, 837P 005010X222A1: loops as frozen objects, whole enough to write the claim and read it back.

Amounts are dollars as Decimal, dates are dates, codes are as the guide writes them (ICD-10-CM without its dot).
"""

from dataclasses import dataclass
from datetime import datetime
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
class ProfessionalLine:
    """A service line, loop 2400."""

    line_control_number: str  # REF*6R
    procedure: str  # SV101-2 (qualifier HC)
    charge_amount: Money  # SV102
    units: Decimal  # SV104, UN
    service_date: PhiDate  # DTP*472; date.min where a file read has none
    diagnosis_pointers: tuple[int, ...]  # SV107, 1 to 4 of them, each 1 to 12
    modifiers: tuple[str, ...] = ()  # SV101-3 to -6
    service_end_date: PhiDate | None = None  # RD8 when it differs
    place_of_service: str = ""  # SV105, when it differs from the claim's
    ndc: str = ""  # LIN03 with N4
    note: PhiString = ""  # NTE*ADD
    rendering_provider: Party | None = None  # 2420A, when it differs from the claim's
    supplement: LineSupplement | None = None


@dataclass(frozen=True, slots=True)
class ProfessionalClaim:
    """One claim with everything that stands above it: 2010AA, 2000B, 2010BB, 2000C, 2300, 2310, 2400."""

    patient_control_number: str  # CLM01
    charge_amount: Money  # CLM02 = sum of SV102
    place_of_service: str  # CLM05-1
    billing_provider: Party
    subscriber: Subscriber
    payer: Payer
    diagnoses: tuple[str, ...]  # HI: ABK first, then ABF, at most 12
    lines: tuple[ProfessionalLine, ...]  # at most 50
    patient: ClaimPerson | None = None  # 2010CA, when not the subscriber
    frequency: str = "1"  # CLM05-3
    provider_signature: str = "Y"  # CLM06
    assignment: str = "A"  # CLM07
    benefits_assignment: str = "Y"  # CLM08
    release_of_information: str = "Y"  # CLM09
    accident_date: PhiDate | None = None  # DTP*439, CLM11 = OA
    onset_date: PhiDate | None = None  # DTP*431
    admission_date: PhiDate | None = None  # DTP*435
    discharge_date: PhiDate | None = None  # DTP*096
    patient_paid_amount: Money = Decimal("0.00")  # AMT*F5
    prior_authorization_number: str = ""  # REF*G1
    payer_claim_control_number: str = ""  # REF*F8
    clia_number: str = ""  # REF*X4
    note: PhiString = ""  # NTE*ADD
    referring_provider: Party | None = None  # 2310A
    rendering_provider: Party | None = None  # 2310B
    service_facility: Party | None = None  # 2310C
    supervising_provider: Party | None = None  # 2310D
    pay_to_address: PostalAddress | None = None  # 2010AB
    other_payers: tuple[OtherPayer, ...] = ()  # 2320
    supplement: ClaimSupplement | None = None
    kind: Literal["professional"] = "professional"


@dataclass(frozen=True, slots=True)
class ProfessionalInterchange:
    """One ISA with one GS and one ST: who sends to whom, when, under which control number, and the claims."""

    control_number: int  # ISA13, GS06; BHT03 and ST02 derive from it
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
    claims: tuple[ProfessionalClaim, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadProfessionalClaim:
    """A claim as read: itself, where it stood, and what was wrong or unknown in it."""

    claim: ProfessionalClaim
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
