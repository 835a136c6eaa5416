"""All the ways in which one resource of a bundle names another."""

from collections.abc import Callable
from typing import Any

import pytest

from schemas.encounter import Encounter
from schemas.findings import Finding
from tests.receiving import receive_fhir

Resources = dict[str, dict[str, Any]]
BundleMaker = Callable[..., bytes]


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


class TestReferences:
    """The patient, the coverage, the practitioner."""

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
