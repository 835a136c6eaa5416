"""FHIR bundles: what each element becomes, and how a wrong one is refused without harm to the rest."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle as OracleBundle

from connectors.ehr.fhir import read_fhir_bundle
from schemas.encounter import Encounter
from schemas.findings import Finding

Resources = dict[str, dict[str, Any]]
BundleMaker = Callable[..., bytes]
SNOMED = "http://snomed.info/sct"
CPT = "http://www.ama-assn.org/go/cpt"


def read_one(data: bytes) -> Encounter:
    result = read_fhir_bundle(data)
    assert not result.findings
    (encounter,) = result.encounters
    return encounter


def refuse_one(data: bytes) -> Finding:
    result = read_fhir_bundle(data)
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

    result = read_fhir_bundle(make_bundle(add_prescription))
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

    result = read_fhir_bundle(make_bundle(charge, without=("claim",)))
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
    assert (service.system, service.code, service.description) == ("LOCAL", "wound care at home", "wound care at home")


class TestReferences:
    """All the ways in which one resource names another."""

    @pytest.mark.parametrize(
        "reference",
        [
            {"reference": "Patient/p1"},
            {"reference": "http://ehr.example/Patient/p1"},
            {"reference": "Patient/p1/_history/4"},
            {"reference": "urn:uuid:p1"},
            {"reference": "Patient?identifier=http://example.org/mrn|77"},
            {"identifier": {"system": "http://example.org/mrn", "value": "77"}},
        ],
    )
    def test_the_patient_is_found(self, make_bundle: BundleMaker, reference: dict[str, Any]) -> None:
        def point(resources: Resources) -> None:
            resources["patient"]["identifier"] = [{"system": "http://example.org/mrn", "value": "77"}]
            resources["encounter"]["subject"] = reference

        assert read_one(make_bundle(point)).patient.family_name == "Fallowdale"

    def test_a_contained_coverage(self, make_bundle: BundleMaker) -> None:
        def contain(resources: Resources) -> None:
            coverage = resources.pop("coverage") | {"id": "inside", "subscriberId": "IN-1"}
            resources["claim"]["contained"] = [coverage]
            resources["claim"]["insurance"][0]["coverage"] = {"reference": "#inside"}

        assert read_one(make_bundle(contain)).coverages[0].member_id == "IN-1"

    def test_a_practitioner_outside_of_the_bundle_is_known_by_npi_and_display(self, make_bundle: BundleMaker) -> None:
        def send_away(resources: Resources) -> None:
            target = "Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|1100000011"
            resources["encounter"]["participant"][0]["individual"] = {
                "reference": target,
                "display": "Dr. Elian Ottergrove",
            }

        doctor = read_one(make_bundle(send_away, without=("doctor",))).rendering_provider
        assert doctor and (doctor.npi, doctor.name, doctor.given_name) == ("1100000011", "Ottergrove", "Elian")

    def test_a_role_gives_its_practitioner_and_specialty(self, make_bundle: BundleMaker) -> None:
        def add_role(resources: Resources) -> None:
            resources["role"] = {
                "resourceType": "PractitionerRole", "id": "r1", "practitioner": {"reference": "Practitioner/dr1"},
                "organization": {"reference": "Organization/clinic1"},
                "specialty": [code("http://nucc.org/provider-taxonomy", "207Q00000X")],
            }  # fmt: skip
            resources["encounter"]["participant"][0]["individual"] = {"reference": "PractitionerRole/r1"}
            resources["claim"]["provider"] = {"reference": "PractitionerRole/r1"}

        encounter = read_one(make_bundle(add_role))
        assert encounter.rendering_provider and encounter.billing_provider
        assert (encounter.rendering_provider.npi, encounter.rendering_provider.taxonomy) == ("1100000011", "207Q00000X")
        assert encounter.billing_provider.name == "Demo Family Care"

    def test_a_name_that_two_different_resources_have_is_refused(self, make_bundle: BundleMaker) -> None:
        def double(resources: Resources) -> None:
            resources["twin"] = resources["patient"] | {"gender": "male"}

        finding = refuse_one(make_bundle(double))
        assert finding.what == "two resources of the bundle have this name"
        assert "subject" in finding.where

    def test_a_missing_patient_is_refused(self, make_bundle: BundleMaker) -> None:
        finding = refuse_one(make_bundle(without=("patient",)))
        assert (finding.severity, finding.what) == ("reject", "the patient is not in the bundle")


class TestCoverage:
    """Who pays, in which order."""

    def test_a_child_is_covered_through_a_parent(self, make_bundle: BundleMaker) -> None:
        def insure(resources: Resources) -> None:
            resources["parent"] = {
                "resourceType": "RelatedPerson", "id": "rp1", "patient": {"reference": "Patient/p1"},
                "name": [{"family": "Fallowdale", "given": ["Nolis"]}], "gender": "male", "birthDate": "1955-01-01",
            }  # fmt: skip
            relation = code("http://terminology.hl7.org/CodeSystem/subscriber-relationship", "child")
            resources["coverage"] |= {"relationship": relation, "subscriber": {"reference": "RelatedPerson/rp1"}}

        (coverage,) = read_one(make_bundle(insure)).coverages
        assert coverage.relationship == "child"
        assert coverage.subscriber and coverage.subscriber.given_name == "Nolis"

    def test_the_second_insurance_of_a_claim_is_secondary(self, make_bundle: BundleMaker) -> None:
        def insure_twice(resources: Resources) -> None:
            second = resources["coverage"] | {"id": "c2", "subscriberId": "MCR-9", "payor": [{"display": "Medicare"}]}
            resources["second"] = second
            entry = {"sequence": 2, "focal": False, "coverage": {"reference": "Coverage/c2"}}
            resources["claim"]["insurance"].insert(0, entry)

        first, second = read_one(make_bundle(insure_twice)).coverages
        assert (first.priority, first.member_id, first.filing_indicator) == (1, "LDH123", "CI")
        assert (second.priority, second.payer_id, second.filing_indicator) == (2, "MEDICARE", "MB")

    @pytest.mark.parametrize("display", ["NO_INSURANCE", "Self-Pay", ""])
    def test_self_pay_is_no_coverage(self, make_bundle: BundleMaker, display: str) -> None:
        def uninsure(resources: Resources) -> None:
            resources["claim"]["insurance"][0]["coverage"] = {"display": display}

        assert read_one(make_bundle(uninsure)).coverages == ()

    def test_a_payer_without_an_identifier_gets_a_stable_slug(self, make_bundle: BundleMaker) -> None:
        def name_payer(resources: Resources) -> None:
            resources["claim"]["insurance"][0]["coverage"] = {"display": "Blue  Cross/Blue Shield"}

        (coverage,) = read_one(make_bundle(name_payer)).coverages
        assert (coverage.payer_id, coverage.member_id) == ("BLUE-CROSS-BLUE-SHIELD", "")

    def test_a_cancelled_coverage_does_not_pay(self, make_bundle: BundleMaker) -> None:
        def cancel(resources: Resources) -> None:
            resources["coverage"]["status"] = "cancelled"

        assert read_one(make_bundle(cancel)).coverages == ()


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

    result = read_fhir_bundle(make_bundle(add_bad_one))
    assert [encounter.source_id for encounter in result.encounters] == ["e1"]
    assert [finding.code for finding in result.findings] == ["bad_resource"]


def test_an_unreadable_claim_does_not_let_procedures_be_billed_in_its_place(make_bundle: BundleMaker) -> None:
    def spoil(resources: Resources) -> None:
        resources["claim"]["status"] = "bogus"

    result = read_fhir_bundle(make_bundle(spoil))
    assert result.encounters == ()
    assert len(result.findings) == 2


def test_a_claim_of_no_encounter_is_named(make_bundle: BundleMaker) -> None:
    def detach(resources: Resources) -> None:
        resources["stray"] = json.loads(json.dumps(resources["claim"]).replace("Encounter/e1", "Encounter/e9")) | {
            "id": "m9"
        }

    result = read_fhir_bundle(make_bundle(detach))
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
