"""A bundle of another version of FHIR is one finding that names the version, where R4 would misread it."""

from collections.abc import Callable
from typing import Any

import pytest

from connectors.ehr.fhir.versions import SIGNS
from tests.receiving import receive_fhir

Resource = dict[str, Any]
Resources = dict[str, Resource]
BundleMaker = Callable[..., bytes]
CONDITION = {"reference": "Condition/k1"}


def in_items(**elements: Any) -> Callable[[Resource], Any]:
    return lambda claim: [{**item, **elements} for item in claim["item"]]


# An element of each sign, as the version's own pages have it.
OTHERS: dict[tuple[str, str, str], Any] = {
    ("DSTU2", "encounter", "class"): "ambulatory",
    ("DSTU2", "encounter", "patient"): {"reference": "Patient/p1"},
    ("DSTU2", "condition", "patient"): {"reference": "Patient/p1"},
    ("DSTU2", "claim", "type"): "professional",
    ("STU3", "claim", "use"): "complete",
    ("STU3", "claim", "item.service"): in_items(service={"coding": [{"code": "99213"}]}),
    ("STU3", "claim", "item.diagnosisLinkId"): in_items(diagnosisLinkId=[1]),
    ("STU3", "condition", "context"): {"reference": "Encounter/e1"},
    ("STU3", "condition", "verificationStatus"): "confirmed",
    ("STU3", "procedure", "context"): {"reference": "Encounter/e1"},
    ("R5", "encounter", "class"): [{"coding": [{"code": "AMB"}]}],
    ("R5", "encounter", "actualPeriod"): {"start": "2026-03-31"},
    ("R5", "encounter", "participant.actor"): [{"actor": {"reference": "Practitioner/dr1"}}],
    ("R5", "encounter", "diagnosis.condition"): [{"condition": [{"reference": CONDITION}]}],
    ("R5", "coverage", "insurer"): {"reference": "Organization/payer1"},
    ("R5", "coverage", "paymentBy"): [{"party": {"reference": "Patient/p1"}}],
    ("R5", "procedure", "occurrenceDateTime"): "2026-03-31",
    ("R5", "procedure", "occurrencePeriod"): {"start": "2026-03-31"},
}
PROCEDURE = {
    "resourceType": "Procedure", "id": "pr1", "status": "completed", "encounter": {"reference": "Encounter/e1"},
}  # fmt: skip


def test_every_sign_has_an_example() -> None:
    assert {(sign.version, sign.type.lower(), sign.element) for sign in SIGNS} == set(OTHERS)


@pytest.mark.parametrize("sign", OTHERS, ids=" ".join)
def test_a_bundle_of_another_version_is_one_finding_that_names_it(
    make_bundle: BundleMaker, sign: tuple[str, str, str]
) -> None:
    version, name, element = sign

    def change(resources: Resources) -> None:
        resources["procedure"] = dict(PROCEDURE)
        made = OTHERS[sign]
        resources[name][element.partition(".")[0]] = made(resources[name]) if callable(made) else made

    received = receive_fhir(make_bundle(change))
    assert received.encounters == []
    (finding,) = received.findings
    assert finding.code == "fhir_version" and f"FHIR {version} " in finding.what
    assert finding.where.endswith(f"({name.capitalize()}).{element}") and "R4" in finding.remedy


def test_what_differs_in_nothing_that_is_read_is_read(make_bundle: BundleMaker) -> None:
    def change(resources: Resources) -> None:
        resources["encounter"]["status"] = "completed"  # R5's word

    assert len(receive_fhir(make_bundle(change)).encounters) == 1


def test_one_wrong_element_among_good_ones_is_no_other_version(make_bundle: BundleMaker) -> None:
    def change(resources: Resources) -> None:
        resources["other"] = resources["encounter"] | {"id": "e2", "class": "ambulatory"}

    received = receive_fhir(make_bundle(change))
    assert [encounter.source_id for encounter in received.encounters] == ["e1"]
    assert [finding.code for finding in received.findings] == ["bad_resource"]
