"""FHIR R4 bundles in: each Encounter becomes an encounter or a finding, never nothing.

Only the resources that a claim needs are read, and those strictly: a code outside of a required value set or a value
of the wrong type refuses the encounter that it belongs to, and no other.
"""

from typing import Any

from pydantic import ValidationError

from connectors.ehr.fhir.bundle import Bundle, Resource
from connectors.ehr.fhir.charges import Charges, read_charges
from connectors.ehr.fhir.coverage import Coverages
from connectors.ehr.fhir.diagnoses import document_record
from connectors.ehr.fhir.hospital import read_hospital_bill
from connectors.ehr.fhir.links import Linked, Links, refuse_resource
from connectors.ehr.fhir.nodes import FhirError, Node
from connectors.ehr.fhir.people import read_patient
from connectors.ehr.fhir.versions import refuse_other_version
from connectors.ehr.fhir.visit import read_class, read_providers
from connectors.ehr.json_input import JsonRefusal, parse_json
from connectors.ehr.model_errors import describe_errors
from connectors.ehr.sent import publish_sent
from connectors.ehr.versions import ORDER_OF_ARRIVAL, hash_content, order_instant
from schemas.encounter import Encounter
from schemas.findings import Finding
from schemas.inbound import Inbound, Receipt

SOURCE_SYSTEM = "fhir"
FINISHED = frozenset({"finished", "completed"})  # R4, and R5's word for it
WITHDRAWN = frozenset({"entered-in-error", "cancelled"})
UNFINISHED = frozenset(
    {"planned", "arrived", "triaged", "in-progress", "onleave", "unknown", "on-hold", "discharged", "discontinued"}
)
STATUSES = FINISHED | WITHDRAWN | UNFINISHED


def read_fhir_bundle(data: bytes, receipt: Receipt) -> Inbound:
    """The encounters of a FHIR R4 Bundle (JSON). Never raises for what the bytes hold: all of that is findings."""
    try:
        bundle = Bundle(parse_json(data))
    except JsonRefusal as refusal:
        finding = Finding(
            code=refusal.code, severity="reject", owner="ehr", where="document", what=refusal.what,
            remedy=refusal.remedy,
        )  # fmt: skip
        return Inbound(findings=(finding,))
    except FhirError as error:
        return Inbound(findings=(refuse_resource(error),))
    if other_version := refuse_other_version(bundle):
        return Inbound(findings=(other_version,))
    links, coverages = Links(bundle), Coverages(bundle)
    findings = [*_warn_empty_entries(bundle.empty_entries), *links.findings]
    encounters: list[Encounter] = []
    for resource in bundle.resources("Encounter"):
        encounter, about = _read_encounter(links, coverages, resource)
        findings += about
        if encounter is not None:
            encounters.append(encounter)
    if "Encounter" not in bundle.by_type and (bundle.by_type or not findings):
        findings.append(_refuse_without_encounter())  # its claims, if any, are billed by nobody
    events = tuple(publish_sent(each, receipt.secret, receipt.received_at) for each in encounters)
    return Inbound(events, tuple(findings))


def _read_encounter(links: Links, coverages: Coverages, resource: Resource) -> tuple[Encounter | None, list[Finding]]:
    try:
        status = resource.code("status", STATUSES)
        if status in UNFINISHED:
            return None, [_warn_unfinished(resource, status)]
        linked = links.of(resource)
        if links.has_unreadable_charges and not linked.items and not linked.charge_items:
            remedy = "mend the charges that other findings of this bundle name, and send it again"
            raise FhirError(resource.path, "its charges may be among those that could not be read", remedy)
        encounter = _build_encounter(coverages, resource, linked, is_withdrawn=status in WITHDRAWN)
    except FhirError as error:
        return None, [refuse_resource(error)]
    except ValidationError as error:
        field, what = describe_errors(error)
        remedy = "send the element within the limits that the page on encounters gives"
        return None, [refuse_resource(FhirError(f"{resource.path}, {error.title}.{field}", what, remedy))]
    findings = [_warn_left_out(resource, reason, count) for reason, count in sorted(linked.left_out.items())]
    return encounter, findings


def _build_encounter(coverages: Coverages, resource: Resource, linked: Linked, *, is_withdrawn: bool) -> Encounter:
    bundle, period = coverages.bundle, resource.node("period")
    start = period.date("start")
    if start is None:
        raise FhirError(f"{period.path}.start", "the day of the encounter is missing", "send Encounter.period.start")
    encounter_class, place_of_service = read_class(resource)
    patient_reference = resource.node("subject")
    patient = read_patient(bundle, resource, patient_reference)
    insurance = coverages.read_insurance(bundle.resolve(resource, patient_reference), linked.claims)
    charges = Charges((), ()) if is_withdrawn else read_charges(bundle, resource, linked, start)
    end = period.date("end")
    is_inpatient = encounter_class == "inpatient"
    accident_dates = (claim.node("accident").date("date") for claim in linked.claims)
    values: dict[str, Any] = {
        "source_system": SOURCE_SYSTEM,
        "source_id": _read_source_id(resource),
        "encounter_class": encounter_class,
        "start_date": start,
        "end_date": end,
        "patient": patient,
        "coverages": insurance.coverages,
        "prior_authorization_number": insurance.prior_authorization_number,
        **read_providers(bundle, resource, linked.claims),
        "place_of_service": place_of_service,
        "accident_date": next(filter(None, accident_dates), None),
        "admission_date": start if is_inpatient else None,
        "discharge_date": end if is_inpatient else None,
        "hospital": read_hospital_bill(bundle, resource, linked),
        "status": "entered-in-error" if is_withdrawn else "finished",
        "diagnoses": charges.diagnoses,
        "services": charges.services,
        "documentation": document_record(linked),
    }
    version, order = _read_version(bundle, resource)
    return Encounter(**values, version=version or hash_content(values), version_order=order)


def _read_source_id(resource: Resource) -> str:
    found = resource.text("id") or resource.first("identifier").text("value")
    found = found or resource.fullurl.removeprefix("urn:uuid:")
    if not found:
        raise FhirError(resource.path, "neither id nor identifier", "send the id by which the encounter is known")
    return found


def _read_version(bundle: Bundle, resource: Resource) -> tuple[str, str]:
    """(version, sortable order): meta.versionId, else meta.lastUpdated; '' where the content has to tell.

    A version that is a number orders by it; others order by lastUpdated, else by the instant of the bundle, else by
    arrival.
    """
    meta = resource.node("meta")
    version, updated = meta.text("versionId"), meta.text("lastUpdated")
    if version.isascii() and version.isdigit() and len(version) <= 20:
        return version, version.zfill(20)
    if updated:
        return version or updated, _order(meta, "lastUpdated")
    return version, _order(bundle.root, "timestamp") if bundle.root.text("timestamp") else ORDER_OF_ARRIVAL


def _order(node: Node, key: str) -> str:
    try:
        return order_instant(node.text(key))
    except ValueError:
        raise node.fail(key, "not an instant such as 2026-03-31T10:15:00Z") from None


def _warn_unfinished(resource: Resource, status: str) -> Finding:
    return Finding(
        code="encounter_not_finished",
        severity="warn",
        owner="ehr",
        where=resource.path,
        what=f"status '{status}': it is not billable yet",
        remedy="send it again when it is finished",
    )


def _warn_left_out(resource: Resource, reason: str, count: int) -> Finding:
    return Finding(
        code="charge_left_out",
        severity="warn",
        owner="biller",
        where=resource.path,
        what=f"{count} x {reason}: not a professional service of this encounter, so not a line of its claim",
        remedy="nothing, when these are billed elsewhere; else send them as an active claim of the encounter",
    )


def _warn_empty_entries(paths: list[str]) -> list[Finding]:
    if not paths:
        return []
    more = f" (as {len(paths) - 1} more)" if len(paths) > 1 else ""
    finding = Finding(
        code="entry_without_resource",
        severity="warn",
        owner="ehr",
        where=paths[0],
        what=f"the entry{more} holds no resource, so nothing was read or withdrawn",
        remedy="to withdraw an encounter, send it with status entered-in-error",
    )
    return [finding]


def _refuse_without_encounter() -> Finding:
    return Finding(
        code="no_encounter",
        severity="reject",
        owner="ehr",
        where="Bundle",
        what="the bundle holds no Encounter",
        remedy="send the Encounter in one bundle with its patient, coverage and charges",
    )
