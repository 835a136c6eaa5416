"""An encounter: the visit as an EHR publishes it, and the same visit once it is coded.

This is the public schema for EHR teams: one JSON object a line (NDJSON), or the value of a message on
`rcm.encounter.v1`. Dates are ISO 8601, amounts are text with two decimals.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from schemas.base import PHI, Frozen, Identifier, LongText, PhiDate, PhiText, Plain, ShortText
from schemas.bounds import INDEX_MAX
from schemas.money import Charge, Money

CodeSystem = Literal["ICD-10-CM", "ICD-10-PCS", "CPT", "HCPCS", "SNOMED", "LOINC", "RXNORM", "CVX", "CDT", "LOCAL"]
# A documented code may be words that no claim can carry: those are held for a coder, not refused.
# Where only words are documented it is empty, and they stand in the description: words never become a code.
Code = Annotated[Plain, Field(max_length=60)]
Modifier = Annotated[Plain, Field(min_length=1, max_length=2)]
Units = Annotated[Decimal, Field(ge=0, le=Decimal("9999999.999"), max_digits=11, decimal_places=3)]
DIAGNOSIS_CODE_MAX, PROCEDURE_CODE_MAX = 8, 10  # of what a claim carries
ShortCode = Annotated[Plain, Field(max_length=60)]
ServiceDate = PhiDate  # a date of service is one of the identifiers of 45 CFR 164.514(b)(2)


class Address(Frozen):
    """A postal address; US state as two letters, ZIP as 5 or 9 digits without the hyphen."""

    line1: PhiText = ""
    line2: PhiText = ""
    city: PhiText = ""
    state: Annotated[Plain, Field(max_length=2)] = ""
    postal_code: PhiText = ""


class Person(Frozen):
    """A patient or a subscriber."""

    family_name: PhiText
    given_name: PhiText = ""
    middle_name: PhiText = ""
    birth_date: PhiDate | None = None
    sex: Literal["F", "M", "U"] = "U"
    address: Address = Address()


class Patient(Person):
    """The patient, with the id that the EHR knows them by."""

    id: Annotated[Identifier, Field(json_schema_extra=PHI)]


class Coverage(Frozen):
    """One payer's cover, in the order of `priority` (1 primary). `subscriber` is absent when it is the patient."""

    priority: Annotated[int, Field(ge=1, le=11)] = 1
    payer_id: Annotated[Plain, Field(min_length=1, max_length=80)]
    payer_name: Annotated[Plain, Field(min_length=1, max_length=60)]
    member_id: PhiText
    group_number: PhiText = ""
    plan_name: ShortText = ""
    filing_indicator: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{2}$")] = "CI"  # SBR09
    insurance_type: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{0,2}$")] = ""  # SBR05
    relationship: Literal["self", "spouse", "child", "other"] = "self"
    subscriber: Person | None = None
    start_date: date | None = None
    end_date: date | None = None


class Provider(Frozen):
    """A provider: a person has `given_name`, an organization does not. The NPI is judged later, not here."""

    name: ShortText  # family name of a person, name of an organization (NM103)
    given_name: ShortText = ""
    npi: ShortText = ""
    tax_id: ShortText = ""
    taxonomy: ShortText = ""
    address: Address = Address()
    phone: ShortText = ""


class Diagnosis(Frozen):
    """A diagnosis as documented, first one principal. `description` holds the documented words."""

    system: CodeSystem
    code: Code
    description: PhiText = ""
    present_on_admission: Literal["Y", "N", "U", "W", ""] = ""


class Service(Frozen):
    """A service as documented. Without `charge_amount` the charge master prices it.

    `diagnosis_pointers` count from 1 into the encounter's diagnoses; none means the first four.
    """

    line_id: Identifier
    system: CodeSystem
    code: Code
    description: PhiText = ""
    modifiers: Annotated[tuple[Modifier, ...], Field(max_length=4)] = ()
    units: Units = Decimal(1)
    charge_amount: Money | None = None
    service_date_from: ServiceDate
    service_date_to: ServiceDate | None = None
    diagnosis_pointers: Annotated[tuple[Annotated[int, Field(ge=1, le=99)], ...], Field(max_length=12)] = ()
    place_of_service: Annotated[Plain, Field(max_length=2)] = ""
    revenue_code: Annotated[Plain, Field(max_length=4)] = ""
    ndc: Annotated[Plain, Field(max_length=11)] = ""
    rendering_provider: Provider | None = None
    note: PhiText = ""


class DocumentedFact(Frozen):
    """A condition or procedure in the record that stands behind the codes, in the words of the record."""

    kind: Literal["condition", "procedure"]
    system: CodeSystem
    code: Code
    description: PhiText = ""
    on: ServiceDate | None = None


class HospitalBill(Frozen):
    """What only a hospital claim (837I) carries; an encounter that has it is billed so.

    Codes are those of UB-04, as values. Hours are `HH` or `HHMM`.
    """

    type_of_bill: Annotated[Plain, Field(max_length=4)] = ""  # CLM05: facility, care, frequency, as 0131
    statement_from: ServiceDate | None = None  # DTP*434
    statement_to: ServiceDate | None = None
    admission_hour: Annotated[Plain, Field(max_length=4)] = ""  # DTP*435
    discharge_hour: Annotated[Plain, Field(max_length=4)] = ""  # DTP*096
    admission_type: Annotated[Plain, Field(max_length=1)] = ""  # CL101, priority
    admission_source: Annotated[Plain, Field(max_length=1)] = ""  # CL102, point of origin
    patient_status: Annotated[Plain, Field(max_length=2)] = ""  # CL103
    admitting_diagnosis: Annotated[Plain, Field(max_length=8)] = ""  # HI*ABJ, ICD-10-CM
    attending_provider: Provider | None = None  # 2310A


class EncounterHeader(Frozen):
    """What the documented and the coded encounter have in common."""

    source_system: Identifier
    source_id: Annotated[Identifier, Field(json_schema_extra=PHI)]
    version: Identifier
    encounter_class: Literal["ambulatory", "emergency", "inpatient", "observation", "virtual", "home"] = "ambulatory"
    start_date: ServiceDate
    end_date: ServiceDate | None = None
    patient: Patient
    coverages: Annotated[tuple[Coverage, ...], Field(max_length=11)] = ()
    billing_provider: Provider | None = None
    rendering_provider: Provider | None = None
    referring_provider: Provider | None = None
    supervising_provider: Provider | None = None
    service_facility: Provider | None = None
    place_of_service: Annotated[Plain, Field(max_length=2)] = ""
    prior_authorization_number: Annotated[Plain, Field(max_length=50)] = ""
    clia_number: Annotated[Plain, Field(max_length=50)] = ""
    accident_date: PhiDate | None = None
    onset_date: PhiDate | None = None
    admission_date: ServiceDate | None = None
    discharge_date: ServiceDate | None = None
    hospital: HospitalBill | None = None
    patient_paid_amount: Money = Decimal("0.00")
    note: Annotated[LongText, Field(json_schema_extra=PHI)] = ""


class Encounter(EncounterHeader):
    """An encounter as the EHR documents it. `entered-in-error` withdraws what was sent before under the same id.

    `version_order` orders versions of one encounter: a later version supersedes an earlier one. It is the EHR's
    version as a sortable text (a zero-padded number, or an instant); when empty, `version` itself is compared.
    """

    status: Literal["finished", "entered-in-error"] = "finished"
    version_order: Annotated[Plain, Field(max_length=64)] = ""
    diagnoses: Annotated[tuple[Diagnosis, ...], Field(max_length=100)] = ()
    services: Annotated[tuple[Service, ...], Field(max_length=1000)] = ()
    documentation: Annotated[tuple[DocumentedFact, ...], Field(max_length=2000)] = ()


class CodedDiagnosis(Frozen):
    """A diagnosis as ICD-10-CM, without the dot, as a claim carries it (HI segment)."""

    code: Annotated[Plain, Field(min_length=1, max_length=DIAGNOSIS_CODE_MAX)]
    present_on_admission: Literal["Y", "N", "U", "W", ""] = ""


class CodedLine(Frozen):
    """A service line as CPT or HCPCS; `number` counts from 1, `line_id` is the EHR's."""

    number: Annotated[int, Field(ge=1, le=INDEX_MAX)]
    line_id: Identifier
    code_system: Literal["CPT", "HCPCS"]
    code: Annotated[Plain, Field(min_length=1, max_length=PROCEDURE_CODE_MAX)]
    modifiers: tuple[Modifier, ...] = ()
    units: Units
    charge_amount: Charge
    service_date_from: ServiceDate
    service_date_to: ServiceDate
    diagnosis_pointers: tuple[Annotated[int, Field(ge=1, le=9_999)], ...]
    place_of_service: ShortCode = ""
    revenue_code: ShortCode = ""
    ndc: ShortCode = ""
    rendering_provider: Provider | None = None
    note: PhiText = ""


class CodedEncounter(EncounterHeader):
    """An encounter whose every diagnosis is ICD-10-CM and every line CPT or HCPCS, with a charge."""

    diagnoses: tuple[CodedDiagnosis, ...]
    lines: tuple[CodedLine, ...]
    documentation: tuple[DocumentedFact, ...] = ()
