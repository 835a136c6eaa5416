"""Patients, subscribers and providers of a FHIR bundle."""

import re

from connectors.ehr.fhir.bundle import Bundle, Resource, read_conditional
from connectors.ehr.fhir.nodes import FhirError, Node, read_identifier
from connectors.ehr.us_states import abbreviate_state
from schemas.encounter import Address, Patient, Person, Provider

NPI_SYSTEMS = frozenset({"http://hl7.org/fhir/sid/us-npi", "urn:oid:2.16.840.1.113883.4.6"})
TAX_ID_SYSTEMS = frozenset({"urn:oid:2.16.840.1.113883.4.4", "http://hl7.org/fhir/sid/us-ein"})
TAXONOMY_SYSTEMS = frozenset({"http://nucc.org/provider-taxonomy", "urn:oid:2.16.840.1.113883.6.101"})
GENDERS = frozenset({"male", "female", "other", "unknown"})
NAME_USES = ("official", "usual", "")
ADDRESS_USES = ("billing", "home", "work", "")
_TITLE = re.compile(r"(dr|mr|mrs|ms|prof)\.?", re.IGNORECASE)


def read_patient(bundle: Bundle, owner: Resource, reference: Node) -> Patient:
    """The patient that a reference names. Raises FhirError when the bundle does not hold them."""
    resource = bundle.resolve(owner, reference)
    if resource is None or resource.type != "Patient":
        raise FhirError(reference.path, "the patient is not in the bundle", "send the Patient with the encounter")
    return Patient(id=_read_patient_id(resource), **dict(read_person(resource)))


def _read_patient_id(resource: Resource) -> str:
    """The server's id, else the medical record number, else any identifier, else the fullUrl."""
    any_identifier = resource.first("identifier").text("value")
    number = read_identifier(resource, frozenset(), frozenset({"MR"})) or any_identifier
    found = resource.text("id") or number or resource.fullurl.removeprefix("urn:uuid:")
    if not found:
        raise FhirError(resource.path, "neither id nor identifier", "send the id by which the patient is known")
    return found


def read_person(resource: Resource) -> Person:
    """A Patient or RelatedPerson as a person."""
    name = _prefer_use(resource.nodes("name"), NAME_USES, resource)
    given_names = name.texts("given")
    gender = resource.code("gender", GENDERS) if resource.text("gender") else "unknown"
    return Person(
        family_name=name.text("family") or name.text("text"),
        given_name=given_names[0] if given_names else "",
        middle_name=" ".join(given_names[1:]),
        birth_date=resource.date("birthDate"),
        sex="F" if gender == "female" else "M" if gender == "male" else "U",
        address=read_address(_prefer_use(resource.nodes("address"), ADDRESS_USES, resource)),
    )


def _prefer_use(candidates: list[Node], uses: tuple[str, ...], resource: Resource) -> Node:
    for use in uses:
        for candidate in candidates:
            if candidate.text("use") == use:
                return candidate
    return candidates[0] if candidates else Node({}, resource.path)


def read_address(address: Node) -> Address:
    """A US address: the state as two letters when it is one, the ZIP without its hyphen."""
    lines = address.texts("line")
    return Address(
        line1=lines[0] if lines else "",
        line2=" ".join(lines[1:]),
        city=address.text("city"),
        state=abbreviate_state(address.text("state")),
        postal_code=address.text("postalCode").replace("-", ""),
    )


def read_provider(bundle: Bundle, owner: Resource, reference: Node) -> Provider | None:
    """The provider that a reference names, or what the reference itself tells of one outside of the bundle."""
    resource = bundle.resolve(owner, reference)
    if resource is None:
        return _read_absent_provider(reference)
    if resource.type == "PractitionerRole":
        practitioner = bundle.resolve(resource, resource.node("practitioner"))
        if practitioner is None:
            return _read_absent_provider(resource.node("practitioner"))
        return _read_practitioner(practitioner, resource)
    if resource.type == "Practitioner":
        return _read_practitioner(resource, None)
    return read_organization(resource)


def read_organization(resource: Resource) -> Provider:
    """An Organization or a Location as a provider."""
    address = resource.node("address") if resource.type == "Location" else resource.first("address")
    return Provider(
        name=resource.text("name")[:200],
        npi=read_identifier(resource, NPI_SYSTEMS, frozenset({"NPI"})),
        tax_id=read_identifier(resource, TAX_ID_SYSTEMS, frozenset({"TAX"})).replace("-", ""),
        taxonomy=_read_taxonomy(resource.nodes("type")),
        address=read_address(address),
        phone=_read_phone(resource),
    )


def _read_practitioner(resource: Resource, role: Resource | None) -> Provider:
    name = _prefer_use(resource.nodes("name"), NAME_USES, resource)
    given_names = name.texts("given")
    specialties = role.nodes("specialty") if role else []
    qualifications = [each.node("code") for each in resource.nodes("qualification")]
    family, given = name.text("family"), given_names[0] if given_names else ""
    if not family:
        family, given = _split_name(name.text("text"))
    return Provider(
        name=family,
        given_name=given,
        npi=read_identifier(resource, NPI_SYSTEMS, frozenset({"NPI"})),
        tax_id=read_identifier(resource, TAX_ID_SYSTEMS, frozenset({"TAX"})).replace("-", ""),
        taxonomy=_read_taxonomy(specialties) or _read_taxonomy(qualifications),
        address=read_address(resource.first("address")),
        phone=_read_phone(resource),
    )


def _read_absent_provider(reference: Node) -> Provider | None:
    """From a reference alone: the display, and the NPI when it is named by that (`Practitioner?identifier=...`)."""
    display = reference.text("display")[:200]
    target = reference.text("reference")
    system, value = read_conditional(target) or (
        reference.node("identifier").text("system"),
        reference.node("identifier").text("value"),
    )
    npi = value if system in NPI_SYSTEMS else ""
    if not (display or npi):
        return None
    is_person = target.startswith("Practitioner") or reference.text("type").startswith("Practitioner")
    family, given = _split_name(display) if is_person else (display, "")
    return Provider(name=family, given_name=given, npi=npi)


def _split_name(text: str) -> tuple[str, str]:
    """(family, given) of a displayed name such as 'Dr. Given Family' or 'Family, Given'."""
    if "," in text:
        family, _, given = text.partition(",")
        return family.strip(), given.strip()
    words = [word for word in text.split() if not _TITLE.fullmatch(word)]
    return (words[-1], " ".join(words[:-1])) if words else ("", "")


def _read_taxonomy(concepts: list[Node]) -> str:
    for concept in concepts:
        for coding in concept.nodes("coding"):
            if coding.text("system") in TAXONOMY_SYSTEMS and coding.text("code"):
                return coding.text("code")
    return ""


def _read_phone(resource: Resource) -> str:
    for contact in resource.nodes("telecom"):
        if contact.text("system") == "phone":
            return "".join(filter(str.isdigit, contact.text("value")))
    return ""
