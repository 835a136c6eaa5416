"""Documented codes become billing codes by the user's two tables; nothing is dropped and nothing guessed."""

from dataclasses import replace
from decimal import Decimal

import pytest

from processors.coding.code_assignment import assign_codes
from schemas.reference import ChargeMasterRow, DiagnosisMapRow, Reference
from tests.processors.builders import diagnosis, encounter, service

SNOMED_ROWS = {"44054006": "E119", "73211009": "E119", "38341003": "I10"}


@pytest.fixture
def tables(shipped: Reference) -> Reference:
    """Two tables of a practice that codes in SNOMED and charges by local codes."""
    visit = ChargeMasterRow(
        system="LOCAL",
        code="VISIT",
        billed_system="CPT",
        billed_code="99213",
        modifiers=("25",),
        revenue_code="0510",
        charge_amount=Decimal("150.00"),
    )
    priced_shot = ChargeMasterRow(
        system="CPT", code="90471", billed_system="CPT", billed_code="90471", charge_amount=Decimal("33.33")
    )
    unpriced = ChargeMasterRow(system="LOCAL", code="FREE", billed_system="CPT", billed_code="99024")
    return replace(
        shipped,
        charge_master={(row.system, row.code): row for row in (visit, priced_shot, unpriced)},
        diagnosis_map={
            ("SNOMED", code): DiagnosisMapRow(system="SNOMED", code=code, icd10cm=icd10cm)
            for code, icd10cm in SNOMED_ROWS.items()
        },
    )


def test_billing_codes_are_taken_at_their_word(tables: Reference) -> None:
    assigned = assign_codes(
        encounter(diagnoses=(diagnosis("e11.9"),), services=(service("j1100", system="HCPCS"),)), tables
    )

    assert [item.code for item in assigned.encounter.diagnoses] == ["E119"]
    assert [(line.code_system, line.code) for line in assigned.encounter.lines] == [("HCPCS", "J1100")]
    assert not assigned.uncoded and not assigned.findings


def test_a_local_service_is_billed_as_the_charge_master_says(tables: Reference) -> None:
    local = service("VISIT", system="LOCAL", charge_amount=None, units=Decimal(2))
    (line,) = assign_codes(encounter(services=(local,)), tables).encounter.lines

    assert (line.code, line.modifiers, line.revenue_code) == ("99213", ("25",), "0510")
    assert line.charge_amount == Decimal("300.00"), "the price is for one unit"


def test_what_the_ehr_says_wins_over_the_charge_master(tables: Reference) -> None:
    local = service("VISIT", system="LOCAL", charge_amount="99.00", modifiers=("gt",), revenue_code="0780")
    (line,) = assign_codes(encounter(services=(local,)), tables).encounter.lines

    assert (line.charge_amount, line.modifiers, line.revenue_code) == (Decimal("99.00"), ("GT",), "0780")


def test_a_billing_code_without_a_charge_is_priced_by_the_charge_master(tables: Reference) -> None:
    (line,) = assign_codes(encounter(services=(service("90471", charge_amount=None),)), tables).encounter.lines

    assert line.charge_amount == Decimal("33.33")


@pytest.mark.parametrize(
    "unpriced", [service("99215", charge_amount=None), service("FREE", system="LOCAL", charge_amount=None)]
)
def test_a_service_without_any_price_is_the_billers(tables: Reference, unpriced: object) -> None:
    assigned = assign_codes(encounter(services=(unpriced,)), tables)

    assert assigned.encounter.lines == ()
    assert [(finding.code, finding.owner) for finding in assigned.findings] == [("charge_missing", "biller")]


def test_what_no_table_maps_comes_back_in_the_words_of_the_record(tables: Reference) -> None:
    swimming = diagnosis("1", system="SNOMED", description="itching after swimming")
    bath = service("BATH", system="LOCAL", description="a bath")
    assigned = assign_codes(encounter(diagnoses=(swimming,), services=(bath, service())), tables)

    assert [(item.kind, item.code, item.description) for item in assigned.uncoded] == [
        ("diagnosis", "1", "itching after swimming"),
        ("service", "BATH", "a bath"),
    ]
    assert [line.code for line in assigned.encounter.lines] == ["99213"]


def test_two_findings_with_one_billing_code_are_one_diagnosis_and_pointers_follow(tables: Reference) -> None:
    documented = (
        diagnosis("44054006", system="SNOMED"),
        diagnosis("73211009", system="SNOMED"),
        diagnosis("38341003", system="SNOMED"),
    )
    pointing = service(diagnosis_pointers=(3, 2, 1))
    assigned = assign_codes(encounter(diagnoses=documented, services=(pointing,)), tables)

    assert [item.code for item in assigned.encounter.diagnoses] == ["E119", "I10"]
    assert assigned.encounter.lines[0].diagnosis_pointers == (2, 1)


def test_the_same_icd_code_twice_is_left_for_the_edits_to_find(tables: Reference) -> None:
    assigned = assign_codes(encounter(diagnoses=(diagnosis(), diagnosis())), tables)

    assert [item.code for item in assigned.encounter.diagnoses] == ["E119", "E119"]


def test_a_line_without_pointers_points_to_the_first_four_diagnoses(tables: Reference) -> None:
    five = tuple(diagnosis(code) for code in ("E11.9", "I10", "J06.9", "R05.9", "Z79.899"))
    (line,) = assign_codes(encounter(diagnoses=five), tables).encounter.lines

    assert line.diagnosis_pointers == (1, 2, 3, 4)


def test_a_pointer_that_leads_nowhere_is_kept_dangling(tables: Reference) -> None:
    (line,) = assign_codes(encounter(services=(service(diagnosis_pointers=(1, 7)),)), tables).encounter.lines

    assert line.diagnosis_pointers[0] == 1
    assert line.diagnosis_pointers[1] > 1
