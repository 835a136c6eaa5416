"""What the payer knows of a submitted claim and decides about it: its own types, integer cents and CCYYMMDD days."""

import re
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import NamedTuple

REVERSAL = "22"  # CLP02
# SBR01 to CLP02: payers beyond the third answer as the third, and one of unknown rank as the first.
PROCESSED_AS = {"P": "1", "S": "2", "T": "3", "U": "1"} | dict.fromkeys("ABCDEFGH", "3")
AMOUNT = re.compile(r"-?(?:[0-9]{1,16}(?:\.[0-9]*)?|\.[0-9]+)")


class SegmentError(NamedTuple):
    """One IK3 with, for an element, its IK4; positions count from ST = 1."""

    segment_id: str
    position: int
    loop: str
    code: str  # IK304
    element: str = ""  # IK401
    reference: str = ""  # IK402
    element_code: str = ""  # IK403
    bad_value: str = ""  # IK404
    patient_control_number: str = ""  # CTX*CLM01


class Party(NamedTuple):
    """Somebody named by an NM1."""

    entity_type: str = ""
    last_name: str = ""
    first_name: str = ""
    middle_name: str = ""
    suffix: str = ""
    qualifier: str = ""
    identifier: str = ""


NOBODY = Party()


class Provider(NamedTuple):
    """The billing provider, who becomes the payee: 2010AA NM1*85 with REF*EI or REF*SY."""

    party: Party = NOBODY
    tax_id: str = ""

    @property
    def identity(self) -> tuple[str, str]:
        return self.party.identifier, self.tax_id


@dataclass(slots=True)
class OtherPayer:
    """A 2320 loop: what an earlier payer left to the patient (CAS*PR of 2320 and 2430, or AMT*EAF)."""

    identifier: str = ""
    reported: bool = False
    patient_cents: int = 0
    remaining_cents: int | None = None


@dataclass(slots=True)
class ServiceLine:
    """A 2400 loop; `prior_patient_cents` is what the last earlier payer left to the patient on it."""

    procedure: list[str]  # qualifier, code, modifiers
    charge_cents: int = 0
    units_text: str = ""
    pointers: str = ""
    first_day: str = ""
    last_day: str = ""
    control_number: str = ""
    prior_patient_cents: int = 0


@dataclass(slots=True)
class SubmittedClaim:
    """A 2300 loop with what stands above it. Amounts are integer cents, days CCYYMMDD."""

    patient_control_number: str
    charge_cents: int
    facility_code: str
    frequency: str
    provider: Provider
    payer: Party
    subscriber: Party
    patient: Party
    responsibility: str  # SBR01
    filing_indicator: str  # SBR09
    received_on: date
    authorization: str = ""
    payer_claim_control_number: str = ""
    clearinghouse_number: str = ""
    rendering: Party | None = None
    diagnoses: str = ""
    other_payers: list[OtherPayer] = field(default_factory=list)
    lines: list[ServiceLine] = field(default_factory=list)

    @property
    def is_primary(self) -> bool:
        return self.responsibility in ("P", "U")

    @property
    def first_day(self) -> str:
        return min(line.first_day for line in self.lines)

    @property
    def last_day(self) -> str:
        return max(line.last_day for line in self.lines)


@dataclass(slots=True)
class Submission:
    """One transaction set as read: claims are adjudicated only when there are no errors at all."""

    reference: str = ""  # BHT03
    submitter: Party = NOBODY
    claims: list[SubmittedClaim] = field(default_factory=list)
    errors: list[SegmentError] = field(default_factory=list)


@lru_cache(maxsize=8192)
def parse_cents(text: str) -> int | None:
    """An X12 amount (type R) in cents; None when it is none or is finer than a cent."""
    if not AMOUNT.fullmatch(text):
        return None
    whole, _, fraction = text.lstrip("-").partition(".")
    if fraction[2:].strip("0"):
        return None
    cents = int((whole or "0") + (fraction + "00")[:2])
    return -cents if text.startswith("-") else cents


class Rejection(NamedTuple):
    """STC01 of a 277CA: category, status, entity; `by_line` puts it on the first service line as well."""

    category: str
    status: str
    entity: str = ""
    by_line: bool = False


class Adjustment(NamedTuple):
    """One reason and amount of a CAS."""

    group: str
    reason: str
    cents: int


class ProviderAdjustment(NamedTuple):
    """One pair of a PLB; a positive amount reduces the payment."""

    reason: str
    reference: str
    cents: int


@dataclass(slots=True)
class LineDecision:
    """One SVC. `part` numbers the pieces of a line that was split; `procedure` is what was adjudicated."""

    line: ServiceLine
    procedure: list[str]
    charge_cents: int
    units_text: str
    allowed_cents: int = 0
    paid_cents: int = 0
    adjustments: list[Adjustment] = field(default_factory=list)
    remarks: tuple[str, ...] = ()

    def adjust(self, group: str, reason: str, cents: int) -> None:
        """Take an amount off the payment."""
        if cents:
            self.adjustments.append(Adjustment(group, reason, cents))
            self.paid_cents -= cents


@dataclass(slots=True)
class Decision:
    """One CLP."""

    claim: SubmittedClaim
    control_number: str  # CLP07
    status: str  # CLP02
    charge_cents: int
    lines: list[LineDecision]
    adjustments: list[Adjustment] = field(default_factory=list)
    remarks: tuple[str, ...] = ()
    interest_cents: int = 0
    corrected_member: str = ""

    @property
    def paid_cents(self) -> int:
        if not self.lines:
            return self.charge_cents - sum(cents for _, _, cents in self.adjustments)
        return sum(line.paid_cents for line in self.lines) - sum(cents for _, _, cents in self.adjustments)

    @property
    def patient_cents(self) -> int:
        lists = [self.adjustments, *(line.adjustments for line in self.lines)]
        return sum(cents for adjustments in lists for group, _, cents in adjustments if group == "PR")

    @property
    def allowed_cents(self) -> int:
        return sum(line.allowed_cents for line in self.lines)


@dataclass(slots=True)
class Judgement:
    """What the payer answers to one claim: a rejection, or one or several decisions and what PLB they bring."""

    claim: SubmittedClaim
    control_number: str
    rejection: Rejection | None
    decisions: list[Decision] = field(default_factory=list)
    provider_adjustments: list[ProviderAdjustment] = field(default_factory=list)
