"""Eligibility, 005010X279A1: the inquiry (270) and the response (271), one tree of levels for both."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from schemas.base import PhiDate, PhiString
from schemas.money import Money
from schemas.x12.claim_parts import PostalAddress
from schemas.x12.findings import Finding
from schemas.x12.hierarchy import Kept, NamedEntity


@dataclass(frozen=True, slots=True)
class Rejection:
    """An AAA: why a request could not be answered, and what to do."""

    valid: str  # AAA01
    reason: str = ""  # AAA03
    follow_up: str = ""  # AAA04


@dataclass(frozen=True, slots=True)
class Inquiry:
    """An EQ of a 270: what is asked."""

    service_types: tuple[str, ...] = ()  # EQ01
    procedure: tuple[str, ...] = ()  # EQ02: qualifier, code, modifiers
    coverage_level: str = ""  # EQ03
    other_segments: tuple[Kept, ...] = ()  # AMT, III, REF, DTP


@dataclass(frozen=True, slots=True)
class BenefitEntity:
    """Loop 2120 of a 271: whom a statement about coverage speaks of."""

    name: NamedEntity
    other_segments: tuple[Kept, ...] = ()  # N3, N4, PER, PRV


@dataclass(frozen=True, slots=True)
class Benefit:
    """An EB of a 271: one statement about coverage."""

    information: (
        str  # EB01: 1 active, 6 inactive, A co-insurance, B co-payment, C deductible, L primary care provider ...
    )
    coverage_level: str = ""  # EB02
    service_types: tuple[str, ...] = ()  # EB03
    insurance_type: str = ""  # EB04
    description: str = ""  # EB05
    period: str = ""  # EB06
    amount: Money | None = None  # EB07
    percent: Decimal | None = None  # EB08: 0.2 = 20 per cent
    quantity_qualifier: str = ""  # EB09
    quantity: Decimal | None = None  # EB10
    authorization_required: str = ""  # EB11
    in_network: str = ""  # EB12
    procedure: tuple[str, ...] = ()  # EB13
    diagnosis_pointers: tuple[str, ...] = ()  # EB14
    messages: tuple[str, ...] = ()  # MSG01
    entities: tuple[BenefitEntity, ...] = ()  # 2120, between LS and LE
    rejections: tuple[Rejection, ...] = ()
    other_segments: tuple[Kept, ...] = ()  # HSD, REF, DTP, III
    segment_index: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class EligibilityLevel:
    """An HL: 20 information source, 21 receiver, 22 subscriber, 23 dependent."""

    kind: str
    name: NamedEntity | None = None
    traces: tuple[Kept, ...] = ()  # TRN elements
    address: PostalAddress | None = None
    birth_date: PhiDate | None = None  # DMG02
    sex: str = ""  # DMG03
    references: tuple[Kept, ...] = ()  # REF: qualifier, value
    dates: tuple[Kept, ...] = ()  # DTP: qualifier, format, value
    relationship: tuple[str, ...] = ()  # INS elements
    rejections: tuple[Rejection, ...] = ()  # AAA
    level_rejections: tuple[Rejection, ...] = ()  # AAA before the name: 2000A of a 271
    inquiries: tuple[Inquiry, ...] = ()
    benefits: tuple[Benefit, ...] = ()
    children: tuple["EligibilityLevel", ...] = ()
    other_segments: tuple[Kept, ...] = ()  # PER, PRV, HI, MPI ...


@dataclass(frozen=True, slots=True)
class EligibilityTransaction:
    """One 270 or 271 transaction set."""

    set_id: str  # 270 or 271
    control_number: str  # ST02
    reference: PhiString = ""  # BHT03
    created_date: date | None = None  # BHT04
    created_time: str = ""  # BHT05 as sent
    purpose: str = ""  # BHT02
    transaction_type: str = ""  # BHT06
    levels: tuple[EligibilityLevel, ...] = ()
    unknown_segments: tuple[Kept, ...] = field(default=(), compare=False)  # kept as sent; each has a finding
    complete: bool = field(default=True, compare=False)
    findings: tuple[Finding, ...] = field(default=(), compare=False)
    segment_index: int = field(default=0, compare=False)
    offset: int = field(default=0, compare=False)

    @property
    def members(self) -> tuple[EligibilityLevel, ...]:
        """The subscribers and dependents, in order."""
        found: list[EligibilityLevel] = []
        waiting = list(reversed(self.levels))
        while waiting:
            level = waiting.pop()
            if level.kind in ("22", "23"):
                found.append(level)
            waiting += reversed(level.children)
        return tuple(found)
