"""FHIR bundles of every shape, in any size: many of a thing, and many that refer to one large thing."""

import json
from typing import Any

from tests.connectors.shapes import Make

Json = dict[str, Any]
ICD10, CPT = "http://hl7.org/fhir/sid/icd-10-cm", "http://www.ama-assn.org/go/cpt"
PATIENT: Json = {"resourceType": "Patient", "id": "p", "name": [{"family": "Doe"}], "birthDate": "1980-01-01"}


def bundle(*resources: Json) -> bytes:
    entries = [{"resource": resource} for resource in resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()


def concept(system: str, code: str) -> Json:
    return {"coding": [{"system": system, "code": code}]}


def encounter(number: int = 0, **elements: Any) -> Json:
    made = {"resourceType": "Encounter", "id": f"e{number}", "status": "finished", "class": {"code": "AMB"}}
    return {**made, "subject": {"reference": "Patient/p"}, "period": {"start": "2026-01-01"}, **elements}


def encounters(n: int, **elements: Any) -> list[Json]:
    return [encounter(number, **elements) for number in range(n)]


def coverage(number: int = 0, **elements: Any) -> Json:
    made = {"resourceType": "Coverage", "id": f"c{number}", "status": "active", "subscriberId": str(number)}
    return {**made, "beneficiary": {"reference": "Patient/p"}, "payor": [{"display": f"Payer {number}"}], **elements}


def item(number: int = 0, visit: int = 0, **elements: Any) -> Json:
    made = {"sequence": number + 1, "encounter": [{"reference": f"Encounter/e{visit}"}], "net": {"value": 1}}
    return {**made, "productOrService": concept(CPT, "99213"), **elements}


def claim(*items: Json, number: int = 0, **elements: Any) -> Json:
    made = {"resourceType": "Claim", "id": f"cl{number}", "status": "active", "use": "claim", "item": list(items)}
    return {**made, **elements}


def condition(number: int) -> Json:
    made = {"resourceType": "Condition", "id": f"x{number}", "encounter": {"reference": "Encounter/e0"}}
    return {**made, "code": concept(ICD10, f"E{number}.9")}


def procedure(number: int) -> Json:
    made = {"resourceType": "Procedure", "id": f"x{number}", "status": "completed", "code": concept(CPT, "99213")}
    return {**made, "encounter": {"reference": "Encounter/e0"}}


def charge_item(number: int) -> Json:
    made = {"resourceType": "ChargeItem", "id": f"x{number}", "status": "billable", "code": concept(CPT, "99213")}
    return {**made, "context": {"reference": "Encounter/e0"}}


def contained_coverages(n: int) -> bytes:
    named = [{"sequence": i, "coverage": {"reference": f"#k{i}"}} for i in range(min(n, 400))]
    inside = [{**coverage(i), "id": f"k{n - i}"} for i in range(n)]
    return bundle(PATIENT, encounter(), claim(item(), insurance=named, contained=inside))


def participants(n: int) -> bytes:
    named = [{"individual": {"reference": f"#k{i}"}} for i in range(n)]
    inside = [{"resourceType": "Practitioner", "id": f"k{i}", "name": [{"family": "X"}]} for i in range(n)]
    return bundle(PATIENT, encounter(participant=named, contained=inside), claim(item()))


def one_claim_of_all(n: int) -> bytes:
    """One hospital claim whose lines belong to as many encounters, with as many diagnoses."""
    diagnoses = [
        {"sequence": i + 1, "diagnosisCodeableConcept": concept(ICD10, f"E{i}.9")} for i in range(n)
    ]  # fmt: skip
    kind = {"coding": [{"code": "institutional"}]}
    return bundle(PATIENT, *encounters(n), claim(*[item(i, i) for i in range(n)], diagnosis=diagnoses, type=kind))


IDENTIFIER = {"system": "s", "value": "1"}
CODED = {"type": {"coding": [{"code": "x"}]}}
EMPTY = b'{"resourceType":"Bundle","type":"batch","entry":['
FHIR: dict[str, tuple[int, Make]] = {
    "FHIR, encounters and coverages": (
        150, lambda n: bundle(PATIENT, *encounters(n), *[coverage(i) for i in range(n)])),
    "FHIR, coverages": (500, lambda n: bundle(PATIENT, encounter(), *[coverage(i) for i in range(n)])),
    "FHIR, contained coverages": (500, contained_coverages),
    "FHIR, contained practitioners": (500, participants),
    "FHIR, lines of a claim": (300, lambda n: bundle(PATIENT, encounter(), claim(*[item(i) for i in range(n)]))),
    "FHIR, lines of encounters": (
        100, lambda n: bundle(PATIENT, *encounters(n), claim(*[item(i, i) for i in range(n)]))),
    "FHIR, claims": (
        100, lambda n: bundle(PATIENT, *encounters(n), *[claim(item(0, i), number=i) for i in range(n)])),
    "FHIR, claims of an encounter": (
        150, lambda n: bundle(PATIENT, encounter(), *[claim(item(), number=i) for i in range(n)])),
    "FHIR, conditions": (300, lambda n: bundle(PATIENT, encounter(), claim(item()), *map(condition, range(n)))),
    "FHIR, procedures": (300, lambda n: bundle(PATIENT, encounter(), *map(procedure, range(n)))),
    "FHIR, charge items": (300, lambda n: bundle(PATIENT, encounter(), *map(charge_item, range(n)))),
    "FHIR, patients of one name": (500, lambda n: bundle(*[{**PATIENT, "x": i} for i in range(n)], encounter())),
    "FHIR, the same patient": (500, lambda n: bundle(*[PATIENT] * n, encounter())),
    "FHIR, empty entries": (2_000, lambda n: EMPTY + b"{}," * n + b"{}]}"),
    "FHIR, bad entries": (1_000, lambda n: EMPTY + b'{"resource":1},' * n + b"{}]}"),
    "FHIR, keys and a double": (
        20_000, lambda n: b'{"resourceType":"Bundle",' + b",".join(b'"k%d":1' % i for i in range(n)) + b',"k9":2}'),
    "FHIR, nesting": (50_000, lambda n: b'{"resourceType":"Bundle","a":' + b"[" * n + b"]" * n + b"}"),
    # Beyond a few hundred an element list is refused: below, looking through it for each that refers to it is bounded.
    "FHIR, identifiers of a patient": (
        600, lambda n: bundle({**PATIENT, "identifier": [IDENTIFIER] * n}, *encounters(n))),
    "FHIR, names of a patient": (
        600, lambda n: bundle({**PATIENT, "name": [{"family": "X", "given": ["a"] * n}] * 2}, *encounters(n))),
    "FHIR, addresses of a patient": (600, lambda n: bundle({**PATIENT, "address": [{}] * n}, *encounters(n))),
    "FHIR, classes and payors of a coverage": (
        600, lambda n: bundle(PATIENT, encounter(), {**coverage(payor=[{"display": "p"}] * n), "class": [CODED] * n})),
    "FHIR, codings of a line": (
        600, lambda n: bundle(PATIENT, encounter(), claim(item(productOrService=concept(CPT, "1") | {
            "coding": [{"system": CPT, "code": "1"}] * n})))),
    "FHIR, encounters, diagnoses of one claim": (600, one_claim_of_all),
}  # fmt: skip
