"""Writes an 837P: the same claims give the same bytes. A value that X12 cannot carry is refused, never bent."""

import re
from collections.abc import Iterator
from itertools import groupby

from schemas.x12.elements import format_date, format_number
from schemas.x12.errors import ElementError
from schemas.x12.x837p_005010x222a1.models import (
    ClaimPerson,
    Party,
    PostalAddress,
    ProfessionalClaim,
    ProfessionalInterchange,
    ProfessionalLine,
    Subscriber,
)

VERSION = "005010X222A1"
CLAIMS_PER_HL_MAX = 100  # 2300 repeats at most 100 times under one HL
# Delimiters, control characters and what lies outside the extended character set of X12.6.
UNWRITABLE = re.compile(r"[*:^~\x00-\x1f\x7f]|[^\x00-\x7f]")

Elements = tuple[str, ...]


def write_837p(interchange: ProfessionalInterchange) -> bytes:
    """The interchange as bytes, one segment a line. Raises ElementError naming the element that cannot be written."""
    number = interchange.control_number
    moment = interchange.created_at
    body = list(_write_set(interchange))
    receiver, sender = interchange.receiver_id, interchange.sender_id
    segments: list[Elements] = [
        (
            *("ISA", "00", " " * 10, "00", " " * 10, interchange.sender_qualifier, f"{sender:<15}"),
            *(interchange.receiver_qualifier, f"{receiver:<15}", f"{moment:%y%m%d}", f"{moment:%H%M}"),
            *("\x00", "00501", f"{number:09d}", "0", interchange.usage_indicator, "\x01"),
        ),
        ("GS", "HC", sender, receiver, f"{moment:%Y%m%d}", f"{moment:%H%M}", str(number), "X", VERSION),
        ("ST", "837", "0001", VERSION),
        *body,
        ("SE", str(len(body) + 2), "0001"),
        ("GE", "1", str(number)),
        ("IEA", "1", f"{number:09d}"),
    ]
    return "".join(map(_join_elements, segments)).encode("ascii")


def _join_elements(elements: Elements) -> str:
    """One segment; `\\x01` marks where we ourselves put a component separator, `\\x00` the repetition separator."""
    for position, element in enumerate(elements):
        if UNWRITABLE.search(element) and UNWRITABLE.search(element.replace("\x01", "").replace("\x00", "")):
            raise ElementError(
                f"{elements[0]}{position:02d}",
                "holds a delimiter, a control character or a character outside ASCII",
                "mend the value at its source",
            )
    return "*".join(elements).rstrip("*").replace("\x01", ":").replace("\x00", "^") + "~\n"


def _limit(value: str, element: str, length_max: int) -> str:
    if len(value) > length_max:
        raise ElementError(element, f"is longer than {length_max} characters", "shorten it at its source")
    return value


def _write_set(interchange: ProfessionalInterchange) -> Iterator[Elements]:
    moment = interchange.created_at
    yield ("BHT", "0019", "00", str(interchange.control_number), f"{moment:%Y%m%d}", f"{moment:%H%M}", "CH")
    name = _limit(interchange.submitter_name, "NM103", 60)
    yield ("NM1", "41", "2", name, "", "", "", "", "46", interchange.sender_id)
    yield ("PER", "IC", interchange.contact_name, "TE", interchange.contact_phone)
    receiver = _limit(interchange.receiver_name, "NM103", 60)
    yield ("NM1", "40", "2", receiver, "", "", "", "", "46", interchange.receiver_id)
    level = 0
    # Claims that share what stands above them share its loops; the order given decides, so that nothing moves.
    for provider, of_provider in groupby(interchange.claims, key=lambda claim: claim.billing_provider):
        level += 1
        provider_level = level
        yield from _write_billing_provider(provider, provider_level)
        for _, of_subscriber in groupby(of_provider, key=lambda claim: (claim.subscriber, claim.payer, claim.patient)):
            claims = list(of_subscriber)
            for start in range(0, len(claims), CLAIMS_PER_HL_MAX):
                batch = claims[start : start + CLAIMS_PER_HL_MAX]
                level += 1
                yield from _write_subscriber(batch[0], level, provider_level)
                if batch[0].patient is not None:
                    level += 1
                    yield from _write_patient(batch[0], level)
                for claim in batch:
                    yield from _write_claim(claim)


def _write_billing_provider(provider: Party, level: int) -> Iterator[Elements]:
    yield ("HL", str(level), "", "20", "1")
    if provider.taxonomy:
        yield ("PRV", "BI", "PXC", provider.taxonomy)
    yield _write_name("85", provider)
    yield from _write_address(provider.address)
    yield ("REF", "SY" if provider.given_name and not provider.npi else "EI", provider.tax_id)


def _write_subscriber(claim: ProfessionalClaim, level: int, parent: int) -> Iterator[Elements]:
    subscriber = claim.subscriber
    dependant = claim.patient is not None
    yield ("HL", str(level), str(parent), "22", "1" if dependant else "0")
    yield (
        *("SBR", subscriber.responsibility, "" if dependant else "18", _limit(subscriber.group_number, "SBR03", 50)),
        *("" if subscriber.group_number else _limit(subscriber.group_name, "SBR04", 60), "", "", "", ""),
        subscriber.filing_indicator,
    )
    yield from _write_person("IL", subscriber.person, subscriber, with_details=not dependant)
    yield (
        "NM1",
        "PR",
        "2",
        _limit(claim.payer.name, "NM103", 60),
        *[""] * 4,
        "PI",
        _limit(claim.payer.identifier, "NM109", 80),
    )


def _write_patient(claim: ProfessionalClaim, level: int) -> Iterator[Elements]:
    assert claim.patient is not None
    yield ("HL", str(level), str(level - 1), "23", "0")
    yield ("PAT", claim.subscriber.relationship)
    yield from _write_person("QC", claim.patient, None, with_details=True)


def _write_person(
    entity: str, person: ClaimPerson, member: Subscriber | None, *, with_details: bool
) -> Iterator[Elements]:
    identifier = ("", "MI", _limit(member.member_id, "NM109", 80)) if member else ()
    given = _limit(person.given_name, "NM104", 35)
    names = (_limit(person.family_name, "NM103", 60), given, _limit(person.middle_name, "NM105", 25))
    yield ("NM1", entity, "1", *names, "", *identifier)
    if with_details:
        yield from _write_address(person.address)
        yield ("DMG", "D8", format_date(person.birth_date), person.sex)


def _write_claim(claim: ProfessionalClaim) -> Iterator[Elements]:
    yield (
        *("CLM", _limit(claim.patient_control_number, "CLM01", 20), format_number(claim.charge_amount), "", ""),
        f"{claim.place_of_service}\x01B\x01{claim.frequency}",
        *(claim.provider_signature, claim.assignment, claim.benefits_assignment, claim.release_of_information),
        *(("", "OA") if claim.accident_date else ()),
    )
    dates = (
        ("431", claim.onset_date),
        ("439", claim.accident_date),
        ("435", claim.admission_date),
        ("096", claim.discharge_date),
    )
    for qualifier, day in dates:
        if day:
            yield ("DTP", qualifier, "D8", format_date(day))
    if claim.patient_paid_amount:
        yield ("AMT", "F5", format_number(claim.patient_paid_amount))
    references = (
        ("G1", claim.prior_authorization_number),
        ("F8", claim.payer_claim_control_number),
        ("X4", claim.clia_number),
    )
    for qualifier, value in references:
        if value:
            yield ("REF", qualifier, _limit(value, "REF02", 50))
    if claim.note:
        yield ("NTE", "ADD", _limit(claim.note, "NTE02", 80))
    yield ("HI", *(f"{'ABF' if index else 'ABK'}\x01{code}" for index, code in enumerate(claim.diagnoses)))
    yield from _write_claim_providers(claim)
    for number, line in enumerate(claim.lines, 1):
        yield from _write_line(line, number)


def _write_claim_providers(claim: ProfessionalClaim) -> Iterator[Elements]:
    if claim.referring_provider:
        yield _write_name("DN", claim.referring_provider)
    if claim.rendering_provider:
        yield _write_name("82", claim.rendering_provider)
        if claim.rendering_provider.taxonomy:
            yield ("PRV", "PE", "PXC", claim.rendering_provider.taxonomy)
    if claim.service_facility:
        yield _write_name("77", claim.service_facility)
        yield from _write_address(claim.service_facility.address)
    if claim.supervising_provider:
        yield _write_name("DQ", claim.supervising_provider)


def _write_line(line: ProfessionalLine, number: int) -> Iterator[Elements]:
    yield ("LX", str(number))
    procedure = "\x01".join(("HC", line.procedure, *line.modifiers))
    pointers = "\x01".join(map(str, line.diagnosis_pointers))
    charge, units = format_number(line.charge_amount), format_number(line.units)
    yield ("SV1", procedure, charge, "UN", units, line.place_of_service, "", pointers)
    start, end = format_date(line.service_date), format_date(line.service_end_date)
    if end and end != start:
        yield ("DTP", "472", "RD8", f"{start}-{end}")
    else:
        yield ("DTP", "472", "D8", start)
    yield ("REF", "6R", _limit(line.line_control_number, "REF02", 50))
    if line.note:
        yield ("NTE", "ADD", _limit(line.note, "NTE02", 80))
    if line.ndc:
        yield ("LIN", "", "N4", line.ndc)
        yield ("CTP", "", "", "", units, "UN")
    if line.rendering_provider:
        yield _write_name("82", line.rendering_provider)


def _write_name(entity: str, party: Party) -> Elements:
    person = bool(party.given_name)
    identifier = ("", "XX", party.npi) if party.npi else ()
    names = (_limit(party.name, "NM103", 60), _limit(party.given_name, "NM104", 35), party.middle_name)
    return ("NM1", entity, "1" if person else "2", *names, "", *identifier)


def _write_address(address: PostalAddress | None) -> Iterator[Elements]:
    if address is None:
        return
    yield ("N3", _limit(address.line1, "N301", 55), _limit(address.line2, "N302", 55))
    yield ("N4", _limit(address.city, "N401", 30), address.state, address.postal_code)
