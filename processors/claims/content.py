"""What a coded encounter says as a professional claim: every loop of 837P 005010X222A1 that an encounter can fill.

Text is folded to the characters that X12 carries; who pays after the first payer stands in 2320.
"""

from decimal import Decimal

from schemas.claim_status import RESPONSIBILITIES
from schemas.encounter import Address, CodedEncounter, CodedLine, Coverage, Person, Provider
from schemas.x12.elements import fold_text
from schemas.x12.x837p_005010x222a1 import (
    ClaimPerson,
    OtherPayer,
    Party,
    Payer,
    PostalAddress,
    ProfessionalClaim,
    ProfessionalLine,
    Subscriber,
)

RELATIONSHIP_CODES = {"self": "18", "spouse": "01", "child": "19", "other": "G8"}  # SBR02, PAT01


def list_coverages(encounter: CodedEncounter) -> tuple[Coverage, ...]:
    """Who pays, in order: the first coverage, then each later one that was in force and says who is insured."""
    first, *others = sorted(encounter.coverages, key=lambda cover: cover.priority)
    return (first, *(cover for cover in others if _can_be_billed(cover, encounter)))


def _can_be_billed(cover: Coverage, encounter: CodedEncounter) -> bool:
    on = encounter.start_date
    in_force = (cover.start_date or on) <= on <= (cover.end_date or on)
    return in_force and bool(cover.member_id.strip()) and (cover.relationship == "self" or cover.subscriber is not None)


def make_claim(encounter: CodedEncounter, lines: tuple[CodedLine, ...], number: str) -> ProfessionalClaim:
    """The claim to the payer that pays first; those after it stand in 2320, as the guide wants all that are known."""
    assert encounter.billing_provider is not None
    coverages = list_coverages(encounter)
    is_self = coverages[0].relationship == "self"
    rendering = encounter.rendering_provider
    inpatient = encounter.encounter_class == "inpatient"
    return ProfessionalClaim(
        patient_control_number=number,
        charge_amount=sum((line.charge_amount for line in lines), Decimal("0.00")),
        place_of_service=encounter.place_of_service or lines[0].place_of_service or "11",
        billing_provider=_party(encounter.billing_provider, whole=True, with_taxonomy=True),
        subscriber=_subscriber(encounter, coverages[0], 0),
        payer=_payer(coverages[0]),
        other_payers=tuple(
            OtherPayer(subscriber=_subscriber(encounter, cover, rank), payer=_payer(cover))
            for rank, cover in enumerate(coverages[1:], 1)
        ),
        diagnoses=tuple(diagnosis.code for diagnosis in encounter.diagnoses),
        lines=tuple(_line(line, encounter) for line in lines),
        patient=None if is_self else _person(encounter.patient),
        accident_date=encounter.accident_date,
        onset_date=encounter.onset_date,
        admission_date=(encounter.admission_date or encounter.start_date) if inpatient else None,
        discharge_date=encounter.discharge_date if inpatient else None,
        # Of a split encounter the first claim carries it: the payer would take it off twice.
        patient_paid_amount=encounter.patient_paid_amount if lines[0] == encounter.lines[0] else Decimal("0.00"),
        prior_authorization_number=fold_text(encounter.prior_authorization_number),
        clia_number=fold_text(encounter.clia_number),
        note=fold_text(encounter.note)[:80],
        referring_provider=_optional_party(encounter.referring_provider),
        rendering_provider=_rendering(rendering) if rendering != encounter.billing_provider else None,
        service_facility=_party(encounter.service_facility, whole=True) if encounter.service_facility else None,
        supervising_provider=_optional_party(encounter.supervising_provider),
    )


def _subscriber(encounter: CodedEncounter, coverage: Coverage, rank: int) -> Subscriber:
    is_self = coverage.relationship == "self"
    return Subscriber(
        person=_person(encounter.patient if is_self else (coverage.subscriber or encounter.patient)),
        member_id=fold_text(coverage.member_id),
        responsibility=RESPONSIBILITIES[rank],
        relationship=RELATIONSHIP_CODES[coverage.relationship],
        group_number=fold_text(coverage.group_number)[:50],
        filing_indicator=coverage.filing_indicator,
        insurance_type=coverage.insurance_type,
    )


def _payer(coverage: Coverage) -> Payer:
    return Payer(name=fold_text(coverage.payer_name)[:60], identifier=fold_text(coverage.payer_id))


def _line(line: CodedLine, encounter: CodedEncounter) -> ProfessionalLine:
    place = line.place_of_service
    return ProfessionalLine(
        line_control_number=f"L{line.number:04d}",
        procedure=line.code,
        charge_amount=line.charge_amount,
        units=line.units,
        service_date=line.service_date_from,
        diagnosis_pointers=line.diagnosis_pointers,
        modifiers=line.modifiers,
        service_end_date=line.service_date_to if line.service_date_to != line.service_date_from else None,
        place_of_service=place if place != encounter.place_of_service else "",
        ndc=line.ndc,
        note=fold_text(line.note)[:80],
        rendering_provider=_rendering(line.rendering_provider)
        if line.rendering_provider != encounter.rendering_provider
        else None,
    )


def _person(person: Person) -> ClaimPerson:
    return ClaimPerson(
        family_name=fold_text(person.family_name)[:60],
        given_name=fold_text(person.given_name)[:35],
        middle_name=fold_text(person.middle_name)[:25],
        birth_date=person.birth_date,
        sex=person.sex,
        address=_address(person.address),
    )


def _party(provider: Provider, *, whole: bool, with_taxonomy: bool = False) -> Party:
    """`whole` adds tax id and address; PRV stands in 2000A, 2310B and 2420A only."""
    return Party(
        name=fold_text(provider.name)[:60],
        given_name=fold_text(provider.given_name)[:35],
        npi=provider.npi,
        tax_id=provider.tax_id.replace("-", "") if whole else "",
        taxonomy=provider.taxonomy if with_taxonomy else "",
        address=_address(provider.address) if whole else None,
    )


def _rendering(provider: Provider | None) -> Party | None:
    return _party(provider, whole=False, with_taxonomy=True) if provider else None


def _optional_party(provider: Provider | None) -> Party | None:
    return _party(provider, whole=False) if provider else None


def _address(address: Address) -> PostalAddress | None:
    if not address.line1:
        return None
    return PostalAddress(
        line1=fold_text(address.line1)[:55],
        line2=fold_text(address.line2)[:55],
        city=fold_text(address.city)[:30],
        state=address.state.upper(),
        postal_code=address.postal_code.replace("-", ""),
    )
