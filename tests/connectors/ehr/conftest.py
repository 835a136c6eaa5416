"""A small, valid bundle that each test changes in one place."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

Resources = dict[str, dict[str, Any]]
BundleMaker = Callable[..., bytes]

ICD = "http://hl7.org/fhir/sid/icd-10-cm"
CPT = "http://www.ama-assn.org/go/cpt"


def concept(system: str, code: str, text: str = "") -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}], **({"text": text} if text else {})}


VISIT: Resources = {
    "patient": {
        "resourceType": "Patient",
        "id": "p1",
        "name": [{"use": "official", "family": "Fallowdale", "given": ["Brenna", "Quill"]}],
        "gender": "female",
        "birthDate": "1980-02-29",
        "address": [{"line": ["1 Test Street"], "city": "Dayton", "state": "Ohio", "postalCode": "45402-0001"}],
    },
    "payer": {
        "resourceType": "Organization",
        "id": "payer1",
        "identifier": [{"system": "http://example.org/payers", "value": "DEMO1"}],
        "name": "Lakeshore Demo Health",
    },
    "clinic": {
        "resourceType": "Organization",
        "id": "clinic1",
        "identifier": [
            {"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"},
            {"system": "urn:oid:2.16.840.1.113883.4.4", "value": "99-0000001"},
        ],
        "name": "Demo Family Care",
        "telecom": [{"system": "phone", "value": "(555) 555-0142"}],
        "address": [{"line": ["100 Example Plaza"], "city": "Dayton", "state": "OH", "postalCode": "454020001"}],
    },
    "doctor": {
        "resourceType": "Practitioner",
        "id": "dr1",
        "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "1100000011"}],
        "name": [{"family": "Alderbrook", "given": ["Corian"], "prefix": ["Dr."]}],
    },
    "coverage": {
        "resourceType": "Coverage",
        "id": "c1",
        "status": "active",
        "beneficiary": {"reference": "Patient/p1"},
        "subscriberId": "LDH123",
        "payor": [{"reference": "Organization/payer1"}],
    },
    "encounter": {
        "resourceType": "Encounter",
        "id": "e1",
        "meta": {"versionId": "3", "lastUpdated": "2026-03-31T18:00:00-04:00"},
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "subject": {"reference": "Patient/p1"},
        "participant": [{"individual": {"reference": "Practitioner/dr1"}}],
        "period": {"start": "2026-03-31T23:30:00-04:00", "end": "2026-03-31T23:55:00-04:00"},
        "serviceProvider": {"reference": "Organization/clinic1"},
    },
    "condition": {
        "resourceType": "Condition",
        "id": "k1",
        "subject": {"reference": "Patient/p1"},
        "encounter": {"reference": "Encounter/e1"},
        "code": concept(ICD, "E11.9", "sugar"),
        "recordedDate": "2026-03-31",
    },
    "claim": {
        "resourceType": "Claim",
        "id": "m1",
        "status": "active",
        "type": concept("http://terminology.hl7.org/CodeSystem/claim-type", "professional"),
        "use": "claim",
        "patient": {"reference": "Patient/p1"},
        "created": "2026-03-31",
        "provider": {"reference": "Organization/clinic1"},
        "priority": concept("http://terminology.hl7.org/CodeSystem/processpriority", "normal"),
        "insurance": [{"sequence": 1, "focal": True, "coverage": {"reference": "Coverage/c1"}}],
        "diagnosis": [
            {"sequence": 1, "diagnosisReference": {"reference": "Condition/k1"}},
            {"sequence": 2, "diagnosisCodeableConcept": concept(ICD, "I10")},
        ],
        "item": [
            {
                "sequence": 1,
                "diagnosisSequence": [2, 1],
                "productOrService": concept(CPT, "99213"),
                "modifier": [concept("http://example.org/modifiers", "25")],
                "net": {"value": 150.5, "currency": "USD"},
                "encounter": [{"reference": "Encounter/e1"}],
            },
            {
                "sequence": 2,
                "productOrService": concept(CPT, "94010"),
                "quantity": {"value": 2},
                "unitPrice": {"value": 40.25},
            },
        ],
    },
}


@pytest.fixture
def make_bundle() -> BundleMaker:
    """make_bundle(change=None, without=(), bundle_type=...) -> bytes; `change` edits the resources in place."""

    def build(
        change: Callable[[Resources], None] | None = None,
        without: tuple[str, ...] = (),
        bundle_type: str = "collection",
        **extra: Any,
    ) -> bytes:
        resources = copy.deepcopy(VISIT)
        for name in without:
            del resources[name]
        if change:
            change(resources)
        entries = [{"fullUrl": f"http://ehr.example/{r['resourceType']}/{r.get('id', name)}", "resource": r}
                   for name, r in resources.items()]  # fmt: skip
        return json.dumps({"resourceType": "Bundle", "type": bundle_type, "entry": entries, **extra}).encode()

    return build
