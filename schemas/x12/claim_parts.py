"""What professional and institutional claims share: parties, people, payers, other payers' decisions, supplements.

`other_segments` keep, as sent (components joined by ':'), whatever the guide allows in the loop and these models do not
interpret, such as CR1 or PWK; writing puts them back where the guide wants them.
"""

from dataclasses import dataclass
from decimal import Decimal

from schemas.base import PhiDate, PhiString
from schemas.money import Money
from schemas.x12.x835_005010x221a1.models import Adjustment

OtherSegments = tuple[tuple[PhiString, ...], ...]


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """N3 and N4; the postal code has 5 or 9 digits and no hyphen."""

    line1: PhiString
    city: PhiString
    state: str
    postal_code: PhiString
    line2: PhiString = ""
    country: str = ""  # N404


@dataclass(frozen=True, slots=True)
class Party:
    """A provider or organization of an NM1 loop; a person when `given_name` is set (NM102 = 1)."""

    name: str  # NM103
    given_name: str = ""  # NM104
    middle_name: str = ""  # NM105
    npi: str = ""  # NM109 with NM108 = XX
    tax_id: str = ""  # REF*EI (or SY for a person)
    taxonomy: str = ""  # PRV03
    address: PostalAddress | None = None
    suffix: str = ""  # NM107
    identifier_qualifier: str = "XX"  # NM108; of `npi` where a sender uses another identifier
    tax_id_qualifier: str = ""  # EI or SY where it is not what the kind of party suggests
    other_segments: OtherSegments = ()


@dataclass(frozen=True, slots=True)
class EntityParty:
    """A party under its entity identifier code, NM101: P3, DK, QB, PW, 45, 87 ..."""

    entity: str
    party: Party


@dataclass(frozen=True, slots=True)
class ClaimPerson:
    """A subscriber or patient: NM1, N3, N4, DMG."""

    family_name: PhiString
    given_name: PhiString = ""
    middle_name: PhiString = ""
    birth_date: PhiDate | None = None  # DMG02
    sex: str = "U"  # DMG03: F, M, U
    address: PostalAddress | None = None
    suffix: PhiString = ""  # NM107
    entity_type: str = "1"  # NM102: 2 where the subscriber is an employer
    other_segments: OtherSegments = ()


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Loop 2000B and 2010BA. `relationship` is SBR02 18 when the patient is the subscriber, else PAT01."""

    person: ClaimPerson
    member_id: PhiString  # NM109 with NM108 = MI
    responsibility: str = "P"  # SBR01: P, S, T ...
    relationship: str = "18"  # SBR02 / PAT01: 18 self, 01 spouse, 19 child, G8 other
    group_number: PhiString = ""  # SBR03
    group_name: str = ""  # SBR04
    filing_indicator: str = "CI"  # SBR09
    insurance_type: str = ""  # SBR05
    member_id_qualifier: str = "MI"  # NM108


@dataclass(frozen=True, slots=True)
class Payer:
    """Loop 2010BB or 2330B."""

    name: str
    identifier: str  # NM109 with NM108 = PI
    identifier_qualifier: str = "PI"
    address: PostalAddress | None = None
    other_segments: OtherSegments = ()


@dataclass(frozen=True, slots=True)
class OtherPayer:
    """Loop 2320 with 2330s: another payer of the claim and what it decided."""

    subscriber: Subscriber  # SBR and 2330A; `relationship` is SBR02
    payer: Payer  # 2330B
    paid_amount: Money | None = None  # AMT*D
    adjustments: tuple[Adjustment, ...] = ()  # CAS
    noncovered_amount: Money | None = None  # AMT*A8
    remaining_amount: Money | None = None  # AMT*EAF: what the patient still owes
    benefits_assignment: str = "Y"  # OI03
    patient_signature: str = ""  # OI04
    release_of_information: str = "Y"  # OI06
    adjudication_date: PhiDate | None = None  # 2330B DTP*573
    payer_claim_control_number: str = ""  # 2330B REF*F8
    providers: tuple[EntityParty, ...] = ()  # 2330C and on
    other_segments: OtherSegments = ()  # MIA, MOA ...


@dataclass(frozen=True, slots=True)
class LineAdjudication:
    """Loop 2430: what one payer decided about the line."""

    payer_identifier: str  # SVD01
    paid_amount: Money  # SVD02
    procedure: tuple[str, ...]  # SVD03: qualifier, code, modifiers
    units: Decimal  # SVD05
    revenue_code: str = ""  # SVD04
    bundled_line: str = ""  # SVD06
    adjustments: tuple[Adjustment, ...] = ()  # CAS
    adjudication_date: PhiDate | None = None  # DTP*573
    remaining_amount: Money | None = None  # AMT*EAF


@dataclass(frozen=True, slots=True)
class Attachment:
    """PWK: a report that goes with the claim."""

    report_type: str  # PWK01
    transmission_code: str  # PWK02
    control_number: str = ""  # PWK06


@dataclass(frozen=True, slots=True)
class Drug:
    """Loop 2410: LIN and CTP."""

    code: str  # LIN03: the 11-digit NDC
    quantity: Decimal  # CTP04
    unit: str = "UN"  # CTP05-1: F2, GR, ME, ML, UN
    qualifier: str = "N4"  # LIN02
    prescription_number: str = ""  # REF*XZ
    link_number: str = ""  # REF*VY


@dataclass(frozen=True, slots=True)
class ClaimSupplement:
    """What few claims carry."""

    related_causes: tuple[str, ...] = ()  # CLM11: codes, state, country
    patient_signature: str = ""  # CLM10
    special_program: str = ""  # CLM12
    delay_reason: str = ""  # CLM20
    diagnosis_qualifiers: tuple[str, str] | None = None  # HI01-1 and the others', where they are not ABK and ABF
    attachments: tuple[Attachment, ...] = ()
    providers: tuple[EntityParty, ...] = ()  # parties of 2010AC and 2310 without a field of their own
    other_segments: OtherSegments = ()


@dataclass(frozen=True, slots=True)
class LineSupplement:
    """What few service lines carry."""

    procedure_qualifier: str = "HC"  # SV101-1 / SV202-1
    description: str = ""  # SV101-7 / SV202-7
    unit_basis: str = "UN"  # SV103 / SV204: MJ minutes of anaesthesia, DA days
    emergency: str = ""  # SV109
    epsdt: str = ""  # SV111
    family_planning: str = ""  # SV112
    copay_status: str = ""  # SV115
    drug: Drug | None = None  # where unit or quantity are not the line's
    attachments: tuple[Attachment, ...] = ()
    providers: tuple[EntityParty, ...] = ()  # 2420: DK ordering, DQ supervising, DN referring, 77, QB, PW, 45 ...
    adjudications: tuple[LineAdjudication, ...] = ()  # 2430
    other_segments: OtherSegments = ()
