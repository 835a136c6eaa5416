"""Claim status, 005010X212: the request (276) and the response (277), one tree of levels for both."""

from dataclasses import dataclass, field
from datetime import date

from schemas.base import PhiDate, PhiString
from schemas.money import Money
from schemas.x12.findings import Finding
from schemas.x12.hierarchy import Kept, NamedEntity
from schemas.x12.x277ca_005010x214.models import StatusCode


@dataclass(frozen=True, slots=True)
class ClaimStatus:
    """An STC of a 277."""

    codes: tuple[StatusCode, ...]  # STC01, 10, 11
    effective_date: date | None = None  # STC02
    charge_amount: Money | None = None  # STC04
    paid_amount: Money | None = None  # STC05
    adjudicated_date: date | None = None  # STC06
    payment_method: str = ""  # STC07
    payment_date: date | None = None  # STC08
    check_number: str = ""  # STC09


@dataclass(frozen=True, slots=True)
class StatusLine:
    """Loop 2210 of a 276 or 2220 of a 277."""

    procedure: tuple[str, ...]  # SVC01: qualifier, code, modifiers
    charge_amount: Money | None = None  # SVC02
    paid_amount: Money | None = None  # SVC03
    revenue_code: str = ""  # SVC04
    units: str = ""  # SVC07 as sent
    statuses: tuple[ClaimStatus, ...] = ()
    references: tuple[Kept, ...] = ()  # REF: qualifier, value
    service_date: PhiString = ""  # DTP*472 as sent


@dataclass(frozen=True, slots=True)
class StatusItem:
    """What a TRN begins: a claim asked for or answered (2200D, 2200E), or the answer to a level (2200B, 2200C)."""

    trace_number: PhiString  # TRN02
    trace_type: str = "1"  # TRN01: 1 in a 276, 2 in a 277
    statuses: tuple[ClaimStatus, ...] = ()
    references: tuple[Kept, ...] = ()  # REF: qualifier, value
    charge_amount: Money | None = None  # AMT*T3
    service_date: PhiString = ""  # DTP*472 as sent
    lines: tuple[StatusLine, ...] = ()
    segment_index: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class StatusLevel:
    """An HL: 20 payer, 21 information receiver, 19 provider, 22 subscriber, 23 dependent."""

    kind: str
    names: tuple[NamedEntity, ...] = ()
    birth_date: PhiDate | None = None  # DMG02
    sex: str = ""  # DMG03
    items: tuple[StatusItem, ...] = ()
    children: tuple["StatusLevel", ...] = ()
    other_segments: tuple[Kept, ...] = ()  # PER ...


@dataclass(frozen=True, slots=True)
class StatusTransaction:
    """One 276 or 277 transaction set."""

    set_id: str  # 276 or 277
    control_number: str  # ST02
    reference: str = ""  # BHT03
    created_date: date | None = None  # BHT04
    created_time: str = ""  # BHT05 as sent
    purpose: str = ""  # BHT02
    transaction_type: str = ""  # BHT06
    levels: tuple[StatusLevel, ...] = ()
    unknown_segments: tuple[Kept, ...] = field(default=(), compare=False)  # kept as sent; each has a finding
    complete: bool = field(default=True, compare=False)
    findings: tuple[Finding, ...] = field(default=(), compare=False)
    segment_index: int = field(default=0, compare=False)
    offset: int = field(default=0, compare=False)

    @property
    def items(self) -> tuple[StatusItem, ...]:
        """Every item of the tree, in order."""
        found: list[StatusItem] = []
        waiting = list(reversed(self.levels))
        while waiting:
            level = waiting.pop()
            found += level.items
            waiting += reversed(level.children)
        return tuple(found)
