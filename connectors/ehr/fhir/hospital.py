"""What only a hospital bill carries: type of bill, statement dates, hours and status of the stay.

A Claim of type institutional says little by itself (Synthea calls every visit so). A type of bill, or a revenue code on
an item, says that it is billed on an 837I.
"""

import re

from connectors.ehr.fhir.bundle import Bundle, Resource
from connectors.ehr.fhir.codes import choose_diagnosis, read_first_code
from connectors.ehr.fhir.links import Linked
from connectors.ehr.fhir.nodes import Node, has_code
from connectors.ehr.fhir.visit import read_participant
from schemas.encounter import HospitalBill

_HOUR = re.compile(r"\d{4}-\d{2}-\d{2}T(\d{2}):(\d{2})")


def read_hospital_bill(bundle: Bundle, encounter: Resource, linked: Linked) -> HospitalBill | None:
    """The hospital bill of an encounter, or None when none of its claims is one."""
    claim = next((claim for claim in linked.claims if _is_hospital_bill(claim, linked)), None)
    if claim is None:
        return None
    period, statement, stay = encounter.node("period"), claim.node("billablePeriod"), encounter.node("hospitalization")
    return HospitalBill(
        type_of_bill=_read_information(claim, "typeofbill")[:4],
        statement_from=statement.date("start"),
        statement_to=statement.date("end"),
        admission_hour=_read_hour(period, "start"),
        discharge_hour=_read_hour(period, "end"),
        admission_type=_one(_read_information(claim, "admtype"), 1),
        admission_source=_one(
            _read_information(claim, "pointoforigin") or read_first_code(stay.node("admitSource")), 1
        ),
        patient_status=_one(
            _read_information(claim, "discharge-status") or read_first_code(stay.node("dischargeDisposition")), 2
        ),
        admitting_diagnosis=_read_admitting_diagnosis(bundle, claim),
        attending_provider=read_participant(bundle, encounter, "ATND"),
    )


def _is_hospital_bill(claim: Resource, linked: Linked) -> bool:
    return has_code(claim.node("type"), "institutional") and (
        claim.path in linked.with_revenue_codes or bool(_read_information(claim, "typeofbill"))
    )


def _read_information(claim: Resource, category: str) -> str:
    """The code of one kind of supporting information, by the categories of CARIN Blue Button."""
    for entry in claim.nodes("supportingInfo"):
        if has_code(entry.node("category"), category):
            return read_first_code(entry.node("code"))
    return ""


def _one(code: str, length: int) -> str:
    """A code of UB-04's own length; other vocabularies stand under the same elements and are not guessed from."""
    return code if len(code) == length and code.isascii() and code.isalnum() else ""


def _read_hour(period: Node, key: str) -> str:
    match = _HOUR.match(period.text(key))
    return match[1] + match[2] if match else ""


def _read_admitting_diagnosis(bundle: Bundle, claim: Resource) -> str:
    for entry in claim.nodes("diagnosis"):
        if any(has_code(kind, "admitting") for kind in entry.nodes("type")):
            concept = entry.node("diagnosisCodeableConcept")
            if not concept and (condition := bundle.resolve(claim, entry.node("diagnosisReference"))):
                concept = condition.node("code")
            if concept:
                system, code, _ = choose_diagnosis(concept)
                return code.replace(".", "").upper()[:8] if system == "ICD-10-CM" else ""
    return ""
