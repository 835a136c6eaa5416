"""Whose insurance it is decides who stands where in the claim to the next payer."""

from datetime import date

import pytest

from processors.claims.coordination import coordinate_benefits, keys_of_coordination
from schemas.encounter import Person
from schemas.reference import Reference
from tests.processors.builders import COVERAGE
from tests.processors.claims.test_coordination import SECOND, bill, find_claim, paid_in_part
from tests.processors.desk import Desk


@pytest.fixture
def desk(shipped: Reference) -> Desk:
    return Desk(keys_of_coordination, coordinate_benefits, shipped)


def test_the_second_payer_insures_the_patient_through_a_spouse(desk: Desk) -> None:
    spouse = Person(family_name="Doe", given_name="Max", birth_date=date(1968, 4, 5), sex="M")
    through = SECOND.model_copy(update={"relationship": "spouse", "subscriber": spouse})
    first = bill(desk.reference, COVERAGE, through)
    claim = find_claim(desk.take(first, paid_in_part(first)))

    assert (claim.subscriber.person.given_name, claim.subscriber.relationship) == ("Max", "01")
    assert claim.patient is not None and claim.patient.given_name == "Ann"


def test_the_first_payer_insures_through_a_spouse_and_the_second_the_patient(desk: Desk) -> None:
    spouse = Person(family_name="Doe", given_name="Max", birth_date=date(1968, 4, 5), sex="M")
    through = COVERAGE.model_copy(update={"relationship": "spouse", "subscriber": spouse})
    first = bill(desk.reference, through, SECOND)
    claim = find_claim(desk.take(first, paid_in_part(first)))

    assert (claim.subscriber.person.given_name, claim.subscriber.relationship, claim.patient) == ("Ann", "18", None)
    assert claim.subscriber.person.birth_date is not None and claim.subscriber.person.address is not None
    assert claim.other_payers[0].subscriber.person.given_name == "Max"
