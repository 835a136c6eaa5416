"""FHIR bundles: what each element becomes, and how a wrong one is refused without harm to the rest."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle as OracleBundle

from schemas.encounter import Encounter
from schemas.findings import Finding
from tests.receiving import receive_fhir

Resources = dict[str, dict[str, Any]]
BundleMaker = Callable[..., bytes]
SNOMED = "http://snomed.info/sct"
CPT = "http://www.ama-assn.org/go/cpt"


def read_one(data: bytes) -> Encounter:
    result = receive_fhir(data)
    assert not result.findings
    (encounter,) = result.encounters
    return encounter


def refuse_one(data: bytes) -> Finding:
    result = receive_fhir(data)
    assert not result.encounters
    (finding,) = result.findings
    return finding


def code(system: str, value: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": value}]}


def test_our_own_bundle_is_valid_fhir(make_bundle: BundleMaker) -> None:
    OracleBundle.model_validate_json(make_bundle())


@pytest.mark.parametrize("bundle_type", ["transaction", "batch", "collection", "searchset"])
def test_a_visit_with_its_claim(make_bundle: BundleMaker, bundle_type: str) -> None:
    encounter = read_one(make_bundle(bundle_type=bundle_type))
    assert (encounter.source_system, encounter.source_id, encounter.status) == ("fhir", "e1", "finished")
    assert encounter.start_date == date(2026, 3, 31)  # the day where the visit was, not in UTC
    assert (encounter.encounter_class, encounter.place_of_service) == ("ambulatory", "11")
    patient = encounter.patient
    assert (patient.id, patient.family_name, patient.given_name, patient.sex) == ("p1", "Fallowdale", "Brenna", "F")
    assert (patient.address.state, patient.address.postal_code) == ("OH", "454020001")
    assert encounter.billing_provider and encounter.rendering_provider
    assert (encounter.billing_provider.npi, encounter.billing_provider.tax_id) == ("1234567893", "990000001")
    assert encounter.billing_provider.phone == "5555550142"
    assert (encounter.rendering_provider.name, encounter.rendering_provider.given_name) == ("Alderbrook", "Corian")
    (coverage,) = encounter.coverages
    assert (coverage.payer_id, coverage.payer_name, coverage.member_id) == ("DEMO1", "Lakeshore Demo Health", "LDH123")


def test_diagnoses_and_lines_come_from_the_claim(make_bundle: BundleMaker) -> None:
    encounter = read_one(make_bundle())
    assert [(each.system, each.code) for each in encounter.diagnoses] == [("ICD-10-CM", "E11.9"), ("ICD-10-CM", "I10")]
    visit, test = encounter.services
    assert (visit.system, visit.code, visit.modifiers, visit.charge_amount) == (
        "CPT",
        "99213",
        ("25",),
        Decimal("150.50"),
    )
    assert visit.diagnosis_pointers == (2, 1)
    assert (test.units, test.charge_amount, test.diagnosis_pointers) == (Decimal(2), Decimal("80.50"), ())
    assert [fact.description for fact in encounter.documentation] == ["sugar"]


def test_a_diagnosis_restated_as_an_item_is_no_service(make_bundle: BundleMaker) -> None:
    def restate(resources: Resources) -> None:
        item = {"sequence": 3, "diagnosisSequence": [1], "productOrService": resources["condition"]["code"]}
        resources["claim"]["item"].append(item)

    assert [service.line_id for service in read_one(make_bundle(restate)).services] == ["1", "2"]


def test_a_pharmacy_claim_is_counted_and_not_billed_as_a_line(make_bundle: BundleMaker) -> None:
    def add_prescription(resources: Resources) -> None:
        pharmacy = json.loads(json.dumps(resources["claim"])) | {"id": "m2", "type": code("x", "pharmacy")}
        resources["pharmacy"] = pharmacy

    result = receive_fhir(make_bundle(add_prescription))
    assert len(result.encounters[0].services) == 2
    (finding,) = result.findings
    assert (finding.code, finding.severity) == ("charge_left_out", "warn")
    assert finding.what.startswith("1 x pharmacy")


def test_charge_items_where_there_is_no_claim(make_bundle: BundleMaker) -> None:
    def charge(resources: Resources) -> None:
        base = {"resourceType": "ChargeItem", "subject": {"reference": "Patient/p1"}}
        base["context"] = {"reference": "Encounter/e1"}
        resources["charge"] = base | {
            "id": "ch1", "status": "billable", "code": code(CPT, "99213"), "quantity": {"value": 1},
            "priceOverride": {"value": 125, "currency": "USD"},
            "reason": [code("http://hl7.org/fhir/sid/icd-10-cm", "I10")],
        }  # fmt: skip
        resources["planned"] = base | {"id": "ch2", "status": "planned", "code": code(CPT, "94010")}

    result = receive_fhir(make_bundle(charge, without=("claim",)))
    (encounter,) = result.encounters
    (service,) = encounter.services
    assert (service.line_id, service.charge_amount, service.diagnosis_pointers) == ("ch1", Decimal("125.00"), (1,))
    assert [each.code for each in encounter.diagnoses] == ["I10"]
    assert encounter.coverages[0].member_id == "LDH123"  # no claim: the patient's own Coverage
    assert [finding.what.split(":")[0] for finding in result.findings] == ["1 x charge item that is not billable yet"]


def test_conditions_and_procedures_where_there_are_no_charges(make_bundle: BundleMaker) -> None:
    def document(resources: Resources) -> None:
        resources["encounter"]["type"] = [code("http://example.org/types", "AMB"), code(SNOMED, "185347001")]
        resources["procedure"] = {
            "resourceType": "Procedure", "id": "pr1", "status": "completed", "code": code(SNOMED, "23426006"),
            "subject": {"reference": "Patient/p1"}, "encounter": {"reference": "Encounter/e1"},
            "performedDateTime": "2026-03-31T10:00:00Z",
        }  # fmt: skip
        resources["not done"] = resources["procedure"] | {"id": "pr2", "status": "not-done"}

    encounter = read_one(make_bundle(document, without=("claim",)))
    assert [(each.line_id, each.system, each.code) for each in encounter.services] == [
        ("visit", "SNOMED", "185347001"),
        ("pr1", "SNOMED", "23426006"),
    ]
    assert [each.code for each in encounter.diagnoses] == ["E11.9"]
    assert [fact.kind for fact in encounter.documentation] == ["condition", "procedure"]


def test_the_reason_stands_in_where_no_diagnosis_is_recorded(make_bundle: BundleMaker) -> None:
    def explain(resources: Resources) -> None:
        del resources["claim"]["diagnosis"], resources["claim"]["item"][0]["diagnosisSequence"]
        resources["encounter"]["reasonCode"] = [code(SNOMED, "55822004")]
        resources["encounter"]["type"] = [code(SNOMED, "162673000")]

    assert [each.code for each in read_one(make_bundle(explain, without=("condition",))).diagnoses] == ["55822004"]


@pytest.mark.parametrize(
    ("coding", "expected"),
    [
        ({"system": "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", "code": "G0439"}, ("HCPCS", "G0439")),
        ({"system": "https://bluebutton.cms.gov/resources/codesystem/hcpcs", "code": "99213"}, ("CPT", "99213")),
        ({"system": "http://loinc.org", "code": "57698-3"}, ("LOINC", "57698-3")),
        ({"system": "http://hl7.org/fhir/sid/cvx", "code": "140"}, ("CVX", "140")),
        ({"system": "http://example.org/chargemaster", "code": "OV3"}, ("LOCAL", "OV3")),
    ],
)
def test_code_systems_are_told_by_their_uri(
    make_bundle: BundleMaker, coding: dict[str, str], expected: tuple[str, str]
) -> None:
    def recode(resources: Resources) -> None:
        resources["claim"]["item"][0]["productOrService"] = {"coding": [coding]}

    service = read_one(make_bundle(recode)).services[0]
    assert (service.system, service.code) == expected


def test_the_billing_code_is_taken_among_several(make_bundle: BundleMaker) -> None:
    def add_codings(resources: Resources) -> None:
        codings = [
            {"system": "urn:local", "code": "OV3"},
            {"system": SNOMED, "code": "1"},
            {"system": CPT, "code": "99214"},
        ]
        resources["claim"]["item"][0]["productOrService"] = {"coding": codings, "text": "office visit"}

    service = read_one(make_bundle(add_codings)).services[0]
    assert (service.system, service.code, service.description) == ("CPT", "99214", "office visit")


def test_a_service_in_words_alone_is_kept_for_a_coder(make_bundle: BundleMaker) -> None:
    def write_words(resources: Resources) -> None:
        resources["claim"]["item"][0]["productOrService"] = {"text": "wound care at home"}

    service = read_one(make_bundle(write_words)).services[0]
    assert (service.system, service.code, service.description) == ("LOCAL", "", "wound care at home")


class TestVersions:
    """Which version of an encounter is the newer."""

    def test_by_version_id(self, make_bundle: BundleMaker) -> None:
        encounter = read_one(make_bundle())
        assert (encounter.version, encounter.version_order) == ("3", "00000000000000000003")

    def test_by_the_instant_of_the_last_update(self, make_bundle: BundleMaker) -> None:
        def drop_version(resources: Resources) -> None:
            del resources["encounter"]["meta"]["versionId"]

        encounter = read_one(make_bundle(drop_version))
        assert encounter.version == "2026-03-31T18:00:00-04:00"
        assert encounter.version_order == "2026-03-31T22:00:00.000000+00:00"

    def test_by_content_where_the_server_keeps_no_versions(self, make_bundle: BundleMaker) -> None:
        def drop_meta(resources: Resources) -> None:
            del resources["encounter"]["meta"]

        def drop_meta_and_change_a_price(resources: Resources) -> None:
            drop_meta(resources)
            resources["claim"]["item"][0]["net"]["value"] = 151

        first, same, other = (
            read_one(make_bundle(change)) for change in (drop_meta, drop_meta, drop_meta_and_change_a_price)
        )
        assert first == same
        assert len(first.version) == 64 and first.version != other.version
        assert first.version_order == other.version_order  # the one that comes last is the newest


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled"])
def test_a_cancelled_encounter_withdraws(make_bundle: BundleMaker, status: str) -> None:
    def cancel(resources: Resources) -> None:
        resources["encounter"]["status"] = status

    encounter = read_one(make_bundle(cancel))
    assert (encounter.status, encounter.services) == ("entered-in-error", ())


@pytest.mark.parametrize("status", ["planned", "arrived", "in-progress", "unknown"])
def test_an_encounter_that_is_not_finished_is_named_and_not_billed(make_bundle: BundleMaker, status: str) -> None:
    def reopen(resources: Resources) -> None:
        resources["encounter"]["status"] = status

    finding = refuse_one(make_bundle(reopen))
    assert (finding.code, finding.severity) == ("encounter_not_finished", "warn")
