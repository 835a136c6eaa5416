"""A wrong element is refused by its path, quotes nothing, and harms no other encounter."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from schemas.findings import Finding
from tests.receiving import receive_fhir

Resources = dict[str, dict[str, Any]]
BundleMaker = Callable[..., bytes]


def refuse_one(data: bytes) -> Finding:
    result = receive_fhir(data)
    assert not result.encounters
    (finding,) = result.findings
    return finding


def code(system: str, value: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": value}]}


def set_at(*path: str | int, value: Any) -> Callable[[Resources], None]:
    def change(resources: Resources) -> None:
        target: Any = resources
        for step in path[:-1]:
            target = target[step]
        target[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (set_at("encounter", "status", value="Fallowdale"), "(Encounter).status"),
        (set_at("encounter", "class", value={}), "(Encounter).class"),
        (set_at("encounter", "period", value={}), "(Encounter).period.start"),
        (set_at("encounter", "period", "start", value="2026-02-30"), "(Encounter).period.start"),
        (set_at("encounter", "period", value="2026-02-28"), "(Encounter).period"),
        (set_at("patient", "gender", value="Fallowdale"), "(Patient).gender"),
        (set_at("patient", "birthDate", value="29.02.1980"), "(Patient).birthDate"),
        (set_at("patient", "name", value="Fallowdale"), "(Patient).name"),
        (set_at("claim", "item", 0, "net", "value", value="150.50"), "(Claim).item[0].net.value"),
        (set_at("claim", "item", 0, "net", "value", value=1.005), "(Claim).item[0].net"),
        (set_at("claim", "item", 0, "net", "currency", value="EUR"), "(Claim).item[0].net.currency"),
        (set_at("claim", "item", 0, "diagnosisSequence", value=[7]), "(Claim).item[0].diagnosisSequence"),
        (set_at("claim", "item", 0, "productOrService", value={}), "(Claim).item[0].productOrService"),
        (set_at("claim", "diagnosis", 0, "diagnosisReference", value={"reference": "Condition/9"}), "diagnosis[0]"),
        (set_at("claim", "item", 0, "modifier", 0, value=code("x", "LONG")), "modifiers"),
        (set_at("claim", "item", 0, "quantity", value={"value": -1}), "units"),
        (set_at("encounter", "meta", value={"lastUpdated": "yesterday"}), "(Encounter).meta.lastUpdated"),
    ],
)  # fmt: skip
def test_a_wrong_element_refuses_its_encounter_by_path_and_quotes_nothing(
    make_bundle: BundleMaker, change: Callable[[Resources], None], where: str
) -> None:
    finding = refuse_one(make_bundle(change))
    assert (finding.severity, finding.owner) == ("reject", "ehr")
    assert where in finding.where
    assert "Fallowdale" not in finding.model_dump_json()


def test_a_wrong_encounter_harms_no_other(make_bundle: BundleMaker) -> None:
    def add_bad_one(resources: Resources) -> None:
        resources["bad"] = resources["encounter"] | {"id": "e2", "status": "bogus"}

    result = receive_fhir(make_bundle(add_bad_one))
    assert [encounter.source_id for encounter in result.encounters] == ["e1"]
    assert [finding.code for finding in result.findings] == ["bad_resource"]


def test_an_unreadable_claim_does_not_let_procedures_be_billed_in_its_place(make_bundle: BundleMaker) -> None:
    def spoil(resources: Resources) -> None:
        resources["claim"]["status"] = "bogus"

    result = receive_fhir(make_bundle(spoil))
    assert result.encounters == []
    assert len(result.findings) == 2


def test_a_claim_of_no_encounter_is_named(make_bundle: BundleMaker) -> None:
    def detach(resources: Resources) -> None:
        resources["stray"] = json.loads(json.dumps(resources["claim"]).replace("Encounter/e1", "Encounter/e9")) | {
            "id": "m9"
        }

    result = receive_fhir(make_bundle(detach))
    assert [(finding.code, finding.severity) for finding in result.findings] == [("charge_without_encounter", "warn")]


@pytest.mark.parametrize(
    ("data", "code_found"),
    [
        (b"", "empty"),
        (b"\xff\xfe{", "not_utf8"),
        (b'{"resourceType": "Bundle", "type": "collection", "entry": [', "not_json"),
        (b'{"resourceType": "Bundle", "type": "collection", "total": NaN}', "not_a_number"),
        (b'{"resourceType": "Bundle", "type": "collection", "type": "batch"}', "duplicate_key"),
        (b'{"a":' * 200 + b"1" + b"}" * 200, "too_deep"),
        (b"[]", "bad_resource"),
        (b'{"resourceType": "Patient"}', "bad_resource"),
        (b'{"resourceType": "Bundle", "type": "history"}', "bad_resource"),
        (b'{"resourceType": "Bundle", "type": "collection"}', "no_encounter"),
        (b'{"resourceType": "Bundle", "type": "collection", "entry": [{"request": {}}]}', "entry_without_resource"),
    ],
)
def test_what_is_no_bundle_is_a_finding(data: bytes, code_found: str) -> None:
    assert refuse_one(data).code == code_found


def test_charges_without_an_encounter_in_the_bundle_are_not_passed_over(make_bundle: BundleMaker) -> None:
    findings = receive_fhir(make_bundle(without=("encounter",))).findings
    assert [(finding.code, finding.severity) for finding in findings] == [
        ("charge_without_encounter", "warn"),
        ("no_encounter", "reject"),
    ]


def test_entries_without_a_resource_are_one_finding(make_bundle: BundleMaker) -> None:
    bundle = json.loads(make_bundle())
    bundle["entry"] += [{"request": {"method": "DELETE"}}] * 300
    received = receive_fhir(json.dumps(bundle).encode())
    (finding,) = received.findings
    assert len(received.encounters) == 1
    assert finding.code == "entry_without_resource" and "(as 299 more)" in finding.what
