"""Four synthetic patients of Synthea, as that program really writes them."""

from collections import Counter
from pathlib import Path

import pytest

from connectors.reference import load_tables
from tests.receiving import Received, receive_fhir

FOLDER = Path(__file__).parents[5] / "shared" / "data" / "fhir-synthea"
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"no real FHIR files: {FOLDER.name} is not beside the checkout"
)
# Encounters and pharmacy claims of each file, counted by another program (grep).
COUNTS = {"Alfonzo975": (8, 0), "Bennett146": (17, 2), "Burt293": (16, 2), "Yang129": (102, 29)}


@pytest.fixture(scope="module")
def patients() -> dict[str, Received]:
    return {path.name.split("_")[0]: receive_fhir(path.read_bytes()) for path in sorted(FOLDER.glob("*.json"))}


def test_every_encounter_is_read_and_every_pharmacy_claim_counted(patients: dict[str, Received]) -> None:
    for name, (encounter_count, pharmacy_count) in COUNTS.items():
        result = patients[name]
        assert len(result.encounters) == encounter_count
        assert {finding.code for finding in result.findings} <= {"charge_left_out"}
        assert sum(int(finding.what.split()[0]) for finding in result.findings) == pharmacy_count


def test_every_encounter_has_a_diagnosis_and_a_service(patients: dict[str, Received]) -> None:
    for result in patients.values():
        assert all(encounter.diagnoses and encounter.services for encounter in result.encounters)


def test_no_condition_is_billed_as_a_service(patients: dict[str, Received]) -> None:
    services = {
        service.description for result in patients.values() for e in result.encounters for service in e.services
    }
    assert not [words for words in services if "(disorder)" in words or "(finding)" in words]


def test_prices_are_those_of_the_claims(patients: dict[str, Received]) -> None:
    """Item nets of the non-pharmacy claims of all four files, summed by another program."""
    charges = [
        service.charge_amount
        for result in patients.values()
        for encounter in result.encounters
        for service in encounter.services
        if service.charge_amount is not None
    ]
    assert (len(charges), str(sum(charges))) == (201, "136319.00")


def test_the_uninsured_have_no_coverage(patients: dict[str, Received]) -> None:
    covered = Counter(bool(e.coverages) for result in patients.values() for e in result.encounters)
    assert covered == {False: 82, True: 61}


def test_references_by_identifier_name_the_practitioner(patients: dict[str, Received]) -> None:
    """Bennett's bundle leaves practitioners and organizations outside and names them by identifier."""
    for encounter in patients["Bennett146"].encounters:
        assert encounter.rendering_provider and encounter.rendering_provider.npi.startswith("9999")
        assert encounter.rendering_provider.given_name
        assert encounter.billing_provider and encounter.billing_provider.name


def test_the_shipped_tables_code_most_encounters_and_leave_the_rest_to_a_coder(patients: dict[str, Received]) -> None:
    tables = load_tables()
    unmapped: Counter[str] = Counter()
    for result in patients.values():
        for encounter in result.encounters:
            for diagnosis in encounter.diagnoses:
                if (diagnosis.system, diagnosis.code) not in tables.diagnosis_map:
                    unmapped[diagnosis.description] += 1
            for service in encounter.services:
                if (service.system, service.code) not in tables.charge_master:
                    unmapped[service.description] += 1
    social_or_not_professional = (
        "employment", "labor force", "education", "high school", "Death Certification", "Oral Tablet", "HARK",
        "Encounter for problem", "Drug rehabilitation", "Urgent care clinic",
    )  # fmt: skip
    assert [words for words in unmapped if not any(part in words for part in social_or_not_professional)] == []


def test_reading_again_gives_the_same(patients: dict[str, Received]) -> None:
    path = next(FOLDER.glob("Burt*.json"))
    assert receive_fhir(path.read_bytes()) == patients["Burt293"]
