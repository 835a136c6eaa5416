"""What was done and why: the diagnoses and services of one encounter.

They come from its Claims, else its ChargeItems; else from what the record says: its type, Procedures, Immunizations.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connectors.ehr.diagnosis_list import DiagnosisList
from connectors.ehr.fhir.bundle import Bundle, Resource
from connectors.ehr.fhir.claim_items import read_charge_amount, read_claim_charges, read_performed_days, read_period
from connectors.ehr.fhir.codes import choose_diagnosis, choose_service, read_ndc
from connectors.ehr.fhir.diagnoses import read_recorded_diagnoses
from connectors.ehr.fhir.links import Linked
from connectors.ehr.fhir.nodes import FhirError
from connectors.ehr.fhir.people import read_provider
from schemas.encounter import Diagnosis, Provider, Service

VISIT_LINE_ID = "visit"
VISIT_SYSTEMS = ("CPT", "HCPCS", "SNOMED")  # types in a server's own codes say what a visit is, not what was done


@dataclass(frozen=True)
class Charges:
    """The diagnoses and services of an encounter."""

    diagnoses: tuple[Diagnosis, ...]
    services: tuple[Service, ...]


def read_charges(bundle: Bundle, encounter: Resource, linked: Linked, start: date) -> Charges:
    """The charges of an encounter that began on `start`."""
    diagnoses = DiagnosisList()
    if linked.items:
        services = read_claim_charges(bundle, linked, diagnoses, start)
    elif linked.charge_items:
        services = tuple(_read_charge_item(bundle, charge, diagnoses, start) for charge in linked.charge_items)
    else:
        services = tuple(_read_recorded_services(bundle, encounter, linked, start))
    if not diagnoses.found:
        for concept in read_recorded_diagnoses(bundle, encounter, linked):
            diagnoses.add(concept)
    return Charges(tuple(diagnoses.found), services)


def _read_charge_item(bundle: Bundle, charge: Resource, diagnoses: DiagnosisList, start: date) -> Service:
    """One ChargeItem; `priceOverride` is the price of the whole item, not of a unit."""
    system, code, words = choose_service(charge.node("code"))
    pointers = tuple(diagnoses.add(choose_diagnosis(reason)) for reason in charge.nodes("reason"))
    quantity = charge.node("quantity").number("value")
    if charge.number("factorOverride") not in (None, Decimal(1)):
        raise FhirError(f"{charge.path}.factorOverride", "factors are not read", "send the price as priceOverride")
    on = charge.date("occurrenceDateTime")
    first_day, last_day = (on, None) if on else read_period(charge.node("occurrencePeriod"))
    return Service(
        line_id=_name_line(charge),
        system=system,
        code=code,
        description=words,
        units=Decimal(1) if quantity is None else quantity,
        charge_amount=read_charge_amount(charge.node("priceOverride")),
        service_date_from=first_day or start,
        service_date_to=last_day,
        diagnosis_pointers=pointers,
        ndc=read_ndc(charge.node("productCodeableConcept")),
        rendering_provider=_read_performer(bundle, charge),
    )


def _read_recorded_services(bundle: Bundle, encounter: Resource, linked: Linked, start: date) -> Iterator[Service]:
    """The visit itself by its type, then what was done in it."""
    for kind in encounter.nodes("type"):
        system, code, words = choose_service(kind)
        if system in VISIT_SYSTEMS:
            yield Service(line_id=VISIT_LINE_ID, system=system, code=code, description=words, service_date_from=start)
            break
    for resource in (*linked.procedures, *linked.immunizations):
        is_procedure = resource.type == "Procedure"
        system, code, words = choose_service(resource.node("code" if is_procedure else "vaccineCode"))
        first_day, last_day = read_performed_days(resource)
        yield Service(
            line_id=_name_line(resource),
            system=system,
            code=code,
            description=words,
            service_date_from=first_day or start,
            service_date_to=last_day,
            rendering_provider=_read_performer(bundle, resource),
        )


def _name_line(resource: Resource) -> str:
    """The id by which the EHR knows the line, in every version that it sends."""
    name = resource.text("id") or resource.first("identifier").text("value") or resource.fullurl
    if not name:
        raise FhirError(resource.path, "neither id nor identifier", "send the id by which the service is known")
    return name.removeprefix("urn:uuid:")


def _read_performer(bundle: Bundle, resource: Resource) -> Provider | None:
    reference = resource.first("performer").node("actor")
    return read_provider(bundle, resource, reference) if reference else None
