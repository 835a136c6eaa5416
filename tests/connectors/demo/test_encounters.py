"""The made-up practice: repeatable, coherent, and with mistakes that somebody has to mend."""

from collections import Counter
from datetime import date
from itertools import islice

import pytest

from connectors.demo import generate_encounters
from connectors.demo.catalogue import LOCAL_DIAGNOSES, LOCAL_SERVICES, PRICES, VISITS
from connectors.demo.people import BILLING_PROVIDERS, CLINICIANS, HOSPITAL
from connectors.reference import load_tables
from schemas.encounter import Encounter
from schemas.identifiers import is_valid_npi

COUNT = 2000


@pytest.fixture(scope="module")
def encounters() -> list[Encounter]:
    return list(generate_encounters(COUNT, seed=7))


def test_the_same_seed_gives_the_same_encounters(encounters: list[Encounter]) -> None:
    assert list(generate_encounters(COUNT, seed=7)) == encounters
    assert next(generate_encounters(COUNT, seed=8)) != encounters[0]


def test_every_encounter_survives_the_wire(encounters: list[Encounter]) -> None:
    assert all(Encounter.model_validate_json(encounter.model_dump_json()) == encounter for encounter in encounters)


def test_the_count_is_of_encounters_and_a_few_come_again(encounters: list[Encounter]) -> None:
    first, again = encounters[:COUNT], encounters[COUNT:]
    assert len({encounter.source_id for encounter in first}) == COUNT
    assert {encounter.source_id for encounter in again} <= {encounter.source_id for encounter in first}
    assert all(encounter.version_order > first[0].version_order for encounter in again)
    assert Counter(encounter.status for encounter in again) == {"finished": 20, "entered-in-error": 10}


def test_dates_run_through_one_code_set_year(encounters: list[Encounter]) -> None:
    days = [encounter.start_date for encounter in encounters[:COUNT]]
    assert days == sorted(days)
    ends = [service.service_date_from for encounter in encounters for service in encounter.services]
    assert min(days) == date(2026, 1, 5) and max(ends) <= date(2026, 9, 30)


def test_nobody_has_two_visits_on_one_day(encounters: list[Encounter]) -> None:
    visits = Counter((encounter.patient.id, encounter.start_date) for encounter in encounters[:COUNT])
    assert max(visits.values()) == 1


def test_every_kind_of_visit_payer_and_cover_occurs(encounters: list[Encounter]) -> None:
    covers = [cover for encounter in encounters for cover in encounter.coverages]
    assert {cover.filing_indicator for cover in covers} == {"CI", "12", "MB", "MC"}
    assert {cover.relationship for cover in covers} == {"self", "spouse", "child"}
    assert {cover.priority for cover in covers} == {1, 2}
    assert all((cover.subscriber is None) == (cover.relationship == "self") for cover in covers)
    assert {encounter.encounter_class for encounter in encounters} == {
        "ambulatory",
        "emergency",
        "inpatient",
        "virtual",
    }


def test_one_encounter_has_more_lines_than_a_claim_may_carry(encounters: list[Encounter]) -> None:
    assert [len(encounter.services) for encounter in encounters[:COUNT] if len(encounter.services) > 50] == [54]


def test_all_providers_have_a_valid_npi() -> None:
    providers = [*BILLING_PROVIDERS.values(), HOSPITAL, *(one for group in CLINICIANS.values() for one in group)]
    assert all(is_valid_npi(provider.npi) for provider in providers)
    assert len({provider.npi for provider in providers}) == len(providers)


def describe_flaws(encounter: Encounter) -> set[str]:
    """What a biller would say of it, told apart from how it was made."""
    billing = encounter.billing_provider
    return {
        flaw
        for flaw, has_it in {
            "header code": any(diagnosis.code == "E11" for diagnosis in encounter.diagnoses),
            "no coverage": not encounter.coverages,
            "bad tax id": billing is None or len(billing.tax_id) != 9,
            "pointer": any(
                pointer > len(encounter.diagnoses)
                for service in encounter.services
                for pointer in service.diagnosis_pointers
            ),
            "unmapped": any(service.code == "ZZ-NEW-SERVICE" for service in encounter.services),
        }.items()
        if has_it
    }


def test_a_few_encounters_are_flawed_each_in_one_way(encounters: list[Encounter]) -> None:
    flaws = [describe_flaws(encounter) for encounter in encounters[:COUNT]]
    flawed = [found for found in flaws if found]
    assert 0.03 < len(flawed) / COUNT < 0.09
    assert all(len(found) == 1 for found in flawed)
    assert set().union(*flawed) == {"header code", "no coverage", "bad tax id", "pointer", "unmapped"}


def test_a_share_is_sent_in_local_codes_that_the_shipped_tables_know(encounters: list[Encounter]) -> None:
    tables = load_tables()
    foreign = [
        (service.system, service.code)
        for encounter in encounters
        for service in encounter.services
        if service.system not in ("CPT", "HCPCS") and service.code != "ZZ-NEW-SERVICE"
    ]
    assert len(foreign) > COUNT / 20
    assert set(foreign) <= set(tables.charge_master)
    diagnoses = {(each.system, each.code) for encounter in encounters for each in encounter.diagnoses}
    assert {key for key in diagnoses if key[0] != "ICD-10-CM"} <= set(tables.diagnosis_map)


def test_local_codes_mean_what_the_shipped_tables_say() -> None:
    tables = load_tables()
    for code, key in LOCAL_SERVICES.items():
        row = tables.charge_master[key]
        assert (row.billed_code, row.charge_amount) == (code, PRICES[code])
    for code, key in LOCAL_DIAGNOSES.items():
        assert tables.diagnosis_map[key].icd10cm == code.replace(".", "")


def test_a_price_exists_for_every_service_of_the_catalogue() -> None:
    assert {act.code for visit in VISITS for act in visit.acts} <= set(PRICES)


@pytest.mark.parametrize("count", [0, 1, 2, 19])
def test_small_demos_have_exactly_their_count(count: int) -> None:
    assert len(list(generate_encounters(count, seed=1))) == count


def test_encounters_are_made_one_at_a_time() -> None:
    assert len(list(islice(generate_encounters(10**9, seed=1), 50))) == 50
