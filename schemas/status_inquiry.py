"""The bytes of a claim status request (276, 005010X212) as a pure function of what was decided and the claims sent."""

from collections.abc import Sequence
from datetime import date, datetime

from schemas.reference import Submitter
from schemas.x12.hierarchy import NamedEntity
from schemas.x12.writer import InterchangeHeader
from schemas.x12.x276_277_005010x212 import StatusItem, StatusLevel, StatusTransaction, write_status
from schemas.x12.x837p_005010x222a1 import ClaimPerson, Party, Payer, ProfessionalClaim

REQUEST = "13"  # BHT02


def write_inquiry(
    claims: Sequence[tuple[ProfessionalClaim, str]], control_number: int, built_at: datetime, submitter: Submitter
) -> bytes:
    """One 276 that asks for each claim, given with the payer's control number for it (empty when unknown).

    The trace (TRN02) and REF*EJ are our patient control number, so that the 277 names the claim as every other answer.
    """
    header = InterchangeHeader(
        sender_id=submitter.sender_id,
        receiver_id=submitter.receiver_id,
        date=built_at.date(),
        time=built_at.time(),
        control_number=control_number,
        group_control_number=control_number,
        sender_qualifier=submitter.sender_qualifier,
        receiver_qualifier=submitter.receiver_qualifier,
        usage_indicator=submitter.usage_indicator,
    )
    transaction = StatusTransaction(
        set_id="276",
        control_number="0001",
        reference=f"{control_number:09d}",
        created_date=built_at.date(),
        created_time=f"{built_at:%H%M}",
        purpose=REQUEST,
        levels=_make_payers(claims, submitter),
    )
    return write_status(header, [transaction])


def _make_payers(claims: Sequence[tuple[ProfessionalClaim, str]], submitter: Submitter) -> tuple[StatusLevel, ...]:
    """2000A payer, 2000B we, 2000C provider, 2000D and 2000E the people, each branch once."""
    by_payer: dict[Payer, dict[Party, list[StatusLevel]]] = {}
    for claim, number in sorted(claims, key=lambda pair: pair[0].patient_control_number):
        by_payer.setdefault(claim.payer, {}).setdefault(claim.billing_provider, []).append(_make_member(claim, number))
    receiver = NamedEntity("41", "2", submitter.name, identifier_qualifier="46", identifier=submitter.sender_id)
    levels = []
    for payer, by_provider in by_payer.items():
        providers = tuple(
            StatusLevel("19", (_name_provider(provider),), children=tuple(members))
            for provider, members in by_provider.items()
        )
        name = NamedEntity("PR", "2", payer.name, identifier_qualifier="PI", identifier=payer.identifier)
        levels.append(StatusLevel("20", (name,), children=(StatusLevel("21", (receiver,), children=providers),)))
    return tuple(levels)


def _name_provider(provider: Party) -> NamedEntity:
    entity_type = "1" if provider.given_name else "2"
    return NamedEntity(
        "1P", entity_type, provider.name, provider.given_name, provider.middle_name, provider.suffix, "XX", provider.npi
    )


def _make_member(claim: ProfessionalClaim, payer_number: str) -> StatusLevel:
    subscriber = claim.subscriber
    name = _name_person("IL", subscriber.person, subscriber.member_id_qualifier, subscriber.member_id)
    item = _make_item(claim, payer_number)
    if claim.patient is None:
        return _make_person("22", name, subscriber.person, (item,))
    patient = _make_person("23", _name_person("QC", claim.patient), claim.patient, (item,))
    return StatusLevel("22", (name,), children=(patient,))


def _make_person(kind: str, name: NamedEntity, person: ClaimPerson, items: tuple[StatusItem, ...]) -> StatusLevel:
    sex = person.sex if person.sex in ("F", "M") else ""  # DMG03 of a 276 knows no U
    return StatusLevel(kind, (name,), birth_date=person.birth_date, sex=sex, items=items)


def _name_person(entity: str, person: ClaimPerson, qualifier: str = "", identifier: str = "") -> NamedEntity:
    names = (person.family_name, person.given_name, person.middle_name, person.suffix)
    return NamedEntity(entity, person.entity_type, *names, qualifier, identifier)


def _make_item(claim: ProfessionalClaim, payer_number: str) -> StatusItem:
    number = claim.patient_control_number
    own = (("1K", payer_number),) if payer_number else ()
    days = [line.service_date for line in claim.lines] + [
        line.service_end_date for line in claim.lines if line.service_end_date
    ]
    return StatusItem(
        trace_number=number,
        references=(*own, ("EJ", number)),
        charge_amount=claim.charge_amount,
        service_date=_span(min(days), max(days)),
    )


def _span(first: date, last: date) -> str:
    return f"{first:%Y%m%d}" if first == last else f"{first:%Y%m%d}-{last:%Y%m%d}"
