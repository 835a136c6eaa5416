"""Patients (PID), providers (XCN, XON) and coverages (IN1) of HL7 v2 messages."""

from typing import Literal

from connectors.ehr.hl7.message import Hl7Error, Message, Segment
from connectors.ehr.payer_names import guess_filing_indicator, is_self_pay, make_payer_slug
from connectors.ehr.us_states import abbreviate_state
from schemas.encounter import Address, Coverage, Patient, Person, Provider
from schemas.identifiers import is_valid_npi

NPI_AUTHORITY = "2.16.840.1.113883.4.6"
MAX_COVERAGES = 11  # SBR01 counts no further
Relationship = Literal["self", "spouse", "child", "other"]
# IN1-17, table 0063, and X12's codes that are seen in its place.
RELATIONSHIPS: dict[str, Relationship] = {
    "SEL": "self", "SELF": "self", "18": "self", "": "self", "SPO": "spouse", "01": "spouse",
    "CHD": "child", "NCH": "child", "19": "child",
}  # fmt: skip


def read_patient(pid: Segment) -> Patient:
    """PID-3 names the patient: the medical record number among several, else the first."""
    numbers = {pid.text(3, 5, 1, repetition): pid.text(3, 1, 1, repetition) for repetition in pid.repetitions(3)}
    patient_id = numbers.get("MR") or pid.text(3)
    if not patient_id:
        raise Hl7Error(pid.where(3), "the patient's id is missing")
    return Patient(id=patient_id, **dict(_read_person(pid, name=5, birth_date=7, sex=8, address=11)))


def read_coverages(message: Message) -> tuple[Coverage, ...]:
    """IN1 in order, primary first; self-pay is none."""
    covers = [cover for segment in message.of("IN1") if (cover := _read_coverage(segment))]
    return tuple(cover.replace(priority=place) for place, cover in enumerate(covers[:MAX_COVERAGES], 1))


def read_provider(segment: Segment, field: int) -> Provider | None:
    """The first person of an XCN field; the id is an NPI when it says so, or when its check digit does."""
    family, number = segment.text(field, 2), segment.text(field, 1)
    if not family:
        return None
    authority, kind = segment.text(field, 9, 2), segment.text(field, 13)
    is_npi = kind == "NPI" or authority == NPI_AUTHORITY or is_valid_npi(number)
    return Provider(name=family, given_name=segment.text(field, 3), npi=number if is_npi else "")


def read_facility(segment: Segment, field: int) -> Provider | None:
    """An organization named in an HD field, such as the sending facility."""
    name = segment.text(field)
    return Provider(name=name, npi=name if is_valid_npi(name) else "") if name else None


def _read_person(segment: Segment, *, name: int, birth_date: int, sex: int, address: int) -> Person:
    code = segment.text(sex)
    return Person(
        family_name=segment.text(name),
        given_name=segment.text(name, 2),
        middle_name=segment.text(name, 3),
        birth_date=segment.date(birth_date),
        sex="F" if code == "F" else "M" if code == "M" else "U",
        address=_read_address(segment, address),
    )


def _read_address(segment: Segment, field: int) -> Address:
    """XAD: the street may be one part or number and name in two."""
    street = " ".join(filter(None, (segment.text(field, 1), segment.text(field, 1, 2))))
    return Address(
        line1=street,
        line2=segment.text(field, 2),
        city=segment.text(field, 3),
        state=abbreviate_state(segment.text(field, 4)),
        postal_code=segment.text(field, 5).replace("-", ""),
    )


def _read_coverage(segment: Segment) -> Coverage | None:
    name = segment.text(4)
    payer_id = segment.text(3)[:80] or make_payer_slug(name)
    if not payer_id or is_self_pay(name):
        return None
    relationship = RELATIONSHIPS.get(segment.text(17).upper(), "other")
    insured = None
    if relationship != "self" and segment.text(16):
        insured = _read_person(segment, name=16, birth_date=18, sex=43, address=19)
    return Coverage(
        payer_id=payer_id,
        payer_name=(name or payer_id)[:60],
        member_id=segment.text(36) or segment.text(49),
        group_number=segment.text(8),
        plan_name=segment.text(2, 2),
        filing_indicator=guess_filing_indicator(name),
        relationship=relationship,
        subscriber=insured,
        start_date=segment.date(12),
        end_date=segment.date(13),
    )
