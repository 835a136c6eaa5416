"""The visit itself: its class, and who took part in it where."""

from typing import Literal, TypedDict

from connectors.ehr.fhir.bundle import Bundle, Resource
from connectors.ehr.fhir.nodes import FhirError, Node, has_code
from connectors.ehr.fhir.people import read_organization, read_provider
from schemas.encounter import Provider

EncounterClass = Literal["ambulatory", "emergency", "inpatient", "observation", "virtual", "home"]
# v3-ActCode to our class and the CMS place of service that goes with it.
CLASSES: dict[str, tuple[EncounterClass, str]] = {
    "AMB": ("ambulatory", "11"),
    "EMER": ("emergency", "23"),
    "IMP": ("inpatient", "21"),
    "ACUTE": ("inpatient", "21"),
    "NONAC": ("inpatient", "21"),
    "OBSENC": ("observation", "22"),
    "SS": ("observation", "22"),
    "VR": ("virtual", "10"),
    "HH": ("home", "12"),
}


class Providers(TypedDict):
    """The providers of an encounter, by the field of the encounter."""

    billing_provider: Provider | None
    rendering_provider: Provider | None
    referring_provider: Provider | None
    supervising_provider: Provider | None
    service_facility: Provider | None


def read_class(encounter: Resource) -> tuple[EncounterClass, str]:
    """Our class of the encounter, and the place of service where a line names none."""
    code = encounter.node("class").text("code")
    if code not in CLASSES:
        remedy = "send one of " + ", ".join(sorted(CLASSES)) + " of v3-ActCode"
        raise FhirError(f"{encounter.path}.class", "absent, or a class that is not known here", remedy)
    return CLASSES[code]


def read_providers(bundle: Bundle, encounter: Resource, claims: list[Resource]) -> Providers:
    """Who billed, performed, referred and supervised, and where, from the encounter and its claims."""
    billing = _read_billing_provider(bundle, encounter, claims)
    return Providers(
        billing_provider=billing,
        rendering_provider=_read_performer(bundle, encounter, claims),
        referring_provider=read_participant(bundle, encounter, "REF"),
        supervising_provider=_read_care_team(bundle, claims, "supervisor"),
        service_facility=_read_facility(bundle, encounter, claims, billing),
    )


def _read_billing_provider(bundle: Bundle, encounter: Resource, claims: list[Resource]) -> Provider | None:
    """Claim.provider when it is an organization, or works for one; else the encounter's service provider."""
    for claim in claims:
        reference = claim.node("provider")
        named = bundle.resolve(claim, reference)
        if named is not None and named.type == "PractitionerRole":
            named_by, reference = named, named.node("organization")
            provider = read_provider(bundle, named_by, reference)
        elif named is not None and named.type == "Practitioner":
            continue
        else:
            provider = (
                None
                if reference.text("reference").startswith("Practitioner")
                else read_provider(bundle, claim, reference)
            )
        if provider:
            return provider
    return read_provider(bundle, encounter, encounter.node("serviceProvider"))


def _read_performer(bundle: Bundle, encounter: Resource, claims: list[Resource]) -> Provider | None:
    """The primary performer, else the attender, else the first participant without a role, else the care team's."""
    for role in ("PPRF", "ATND", ""):
        if provider := read_participant(bundle, encounter, role):
            return provider
    return _read_care_team(bundle, claims, "primary")


def read_participant(bundle: Bundle, encounter: Resource, role: str) -> Provider | None:
    """The first participant with a role of v3-ParticipationType; '' is one with none."""
    for participant in encounter.nodes("participant"):
        kinds = participant.nodes("type")
        has_role = any(has_code(kind, role) for kind in kinds) if role else not kinds
        reference = participant.node("individual")
        if has_role and not reference.text("reference").startswith("RelatedPerson"):
            return read_provider(bundle, encounter, reference)
    return None


def _read_care_team(bundle: Bundle, claims: list[Resource], role: str) -> Provider | None:
    for claim in claims:
        for member in claim.nodes("careTeam"):
            if has_code(member.node("role"), role):
                return read_provider(bundle, claim, member.node("provider"))
    return None


def _read_facility(
    bundle: Bundle, encounter: Resource, claims: list[Resource], billing: Provider | None
) -> Provider | None:
    """Claim.facility or the encounter's location, when it has an address that is not the billing provider's."""
    references: list[tuple[Resource, Node]] = [(claim, claim.node("facility")) for claim in claims]
    references += [(encounter, place.node("location")) for place in encounter.nodes("location")]
    for owner, reference in references:
        place = bundle.resolve(owner, reference)
        if place is not None and place.type == "Location" and place.node("address"):
            facility = read_organization(place)
            return None if billing and facility.address == billing.address else facility
    return None
