"""Who pays, in which order."""

from collections.abc import Callable
from typing import Any

import pytest

from schemas.encounter import Encounter
from tests.receiving import receive_fhir

Resources = dict[str, dict[str, Any]]
BundleMaker = Callable[..., bytes]


def read_one(data: bytes) -> Encounter:
    result = receive_fhir(data)
    assert not result.findings
    (encounter,) = result.encounters
    return encounter


def code(system: str, value: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": value}]}


class TestCoverage:
    """From Claim.insurance to payers and subscribers."""

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
