"""Code systems of FHIR by URI, and the choice among several codings of one concept."""

import re

from connectors.ehr.diagnosis_list import CodedConcept
from connectors.ehr.fhir.nodes import FhirError, Node, read_codings
from schemas.encounter import CodeSystem

SYSTEMS_BY_URI: dict[str, CodeSystem] = {
    "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM",
    "urn:oid:2.16.840.1.113883.6.90": "ICD-10-CM",
    "http://www.cms.gov/Medicare/Coding/ICD10": "ICD-10-PCS",
    "http://hl7.org/fhir/sid/icd-10-pcs": "ICD-10-PCS",
    "urn:oid:2.16.840.1.113883.6.4": "ICD-10-PCS",
    "http://www.ama-assn.org/go/cpt": "CPT",
    "urn:oid:2.16.840.1.113883.6.12": "CPT",
    "https://bluebutton.cms.gov/resources/codesystem/hcpcs": "HCPCS",
    "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets": "HCPCS",
    "http://terminology.hl7.org/CodeSystem/HCPCS-all-codes": "HCPCS",
    "urn:oid:2.16.840.1.113883.6.285": "HCPCS",
    "http://www.ada.org/cdt": "CDT",
    "urn:oid:2.16.840.1.113883.6.13": "CDT",
    "http://snomed.info/sct": "SNOMED",
    "http://loinc.org": "LOINC",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RXNORM",
    "http://hl7.org/fhir/sid/cvx": "CVX",
}
NDC_SYSTEM = "http://hl7.org/fhir/sid/ndc"
PLACE_SYSTEMS = frozenset(
    {
        "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set",
        "http://terminology.hl7.org/CodeSystem/ex-serviceplace",
    }
)
# The first that a concept has is taken: what a claim carries before what has to be mapped to it.
DIAGNOSIS_PREFERENCE: tuple[CodeSystem, ...] = ("ICD-10-CM", "SNOMED")
SERVICE_PREFERENCE: tuple[CodeSystem, ...] = ("CPT", "HCPCS", "CDT", "SNOMED", "LOINC", "CVX", "RXNORM")
_CPT_SHAPE = re.compile(r"\d{4}[\dA-Z]", re.ASCII)


def choose_diagnosis(concept: Node) -> CodedConcept:
    """The coding of a condition that comes nearest to a claim. Raises FhirError when there is neither code nor text."""
    return _choose_coding(concept, DIAGNOSIS_PREFERENCE)


def choose_service(concept: Node) -> CodedConcept:
    """The coding of a service that comes nearest to a claim. Raises FhirError when there is neither code nor text."""
    return _choose_coding(concept, SERVICE_PREFERENCE)


def read_first_code(concept: Node) -> str:
    """The code of the first coding, or ''."""
    return next((coding.code for coding in read_codings(concept)), "")


def read_place_of_service(concept: Node) -> str:
    """The CMS place of service code of a concept, or ''."""
    return next((coding.code for coding in read_codings(concept) if coding.system in PLACE_SYSTEMS), "")


def read_ndc(concept: Node) -> str:
    """The NDC of a concept as 11 digits, or '' (one with hyphens is padded to 5-4-2)."""
    for coding in read_codings(concept):
        if coding.system == NDC_SYSTEM:
            parts = coding.code.split("-")
            if len(parts) == 3:
                return parts[0].zfill(5) + parts[1].zfill(4) + parts[2].zfill(2)
            return coding.code
    return ""


def _choose_coding(concept: Node, preference: tuple[CodeSystem, ...]) -> CodedConcept:
    candidates: list[CodedConcept] = []
    for coding in read_codings(concept):
        system = SYSTEMS_BY_URI.get(coding.system, "LOCAL")
        if system == "HCPCS" and _CPT_SHAPE.fullmatch(coding.code):
            system = "CPT"  # HCPCS level I: one list of CMS's carries both under one URI
        candidates.append((system, coding.code, concept.text("text") or coding.display))
    candidates.sort(key=lambda candidate: _rank(candidate[0], preference))
    if candidates:
        system, code, words = candidates[0]
        return system, code, words[:200]
    displays = (coding.text("display") for coding in concept.nodes("coding"))
    if words := concept.text("text") or next(filter(None, displays), ""):
        return "LOCAL", "", words[:200]
    raise FhirError(concept.path, "neither a code nor words", "send a coding, or at least its text")


def _rank(system: CodeSystem, preference: tuple[CodeSystem, ...]) -> int:
    return preference.index(system) if system in preference else len(preference)
