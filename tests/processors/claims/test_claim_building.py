"""A coded encounter becomes claims: as many as its lines need, and a new version only for new content."""

from datetime import date
from decimal import Decimal

import pytest

from processors.claims.claim_building import build_claims, keys_of_claims
from schemas.claim import require_professional
from schemas.encounter import Coverage, HospitalBill, Person
from schemas.events import ClaimBuilt, ClaimWithdrawn, EncounterHeld, EncounterWithdrawn, WorkItemOpened
from schemas.identifiers import account_key_of
from schemas.reference import Reference
from tests.processors.builders import ACCOUNT, COVERAGE, ENCOUNTER_ID, PARTNER, PAYER, coded, coded_line
from tests.processors.desk import Desk, name_types, pick


@pytest.fixture
def desk(shipped: Reference) -> Desk:
    return Desk(keys_of_claims, build_claims, shipped)


def withdrawn(revision: int) -> EncounterWithdrawn:
    return EncounterWithdrawn(account_key=ACCOUNT, encounter_id=ENCOUNTER_ID, revision=revision)


def test_an_encounter_becomes_a_claim_of_its_primary_payer(desk: Desk) -> None:
    (claim,) = pick(desk.take(coded(lines=2)), ClaimBuilt)

    number = claim.summary.patient_control_number
    assert account_key_of(number) == ACCOUNT and number.endswith("01")
    assert (claim.summary.claim_id, claim.claim.patient_control_number) == (number[:16], number)
    assert (claim.key, claim.summary.payer_name) == (PARTNER, PAYER)
    assert claim.claim.charge_amount == claim.summary.charge_amount == Decimal("20.00")
    assert [line.line_control_number for line in claim.summary.lines] == ["L0001", "L0002"]


def test_sixty_lines_are_two_claims_of_fifty_and_ten(desk: Desk) -> None:
    first, second = pick(desk.take(coded(lines=60)), ClaimBuilt)

    assert [len(first.claim.lines), len(second.claim.lines)] == [50, 10]
    assert [first.claim.charge_amount, second.claim.charge_amount] == [Decimal("500.00"), Decimal("100.00")]
    assert first.summary.claim_id != second.summary.claim_id
    numbers = [line.line_control_number for claim in (first, second) for line in claim.claim.lines]
    assert len(set(numbers)) == 60, "a remittance names each line of the encounter without doubt"


def test_what_the_patient_paid_stands_on_one_claim_only(desk: Desk) -> None:
    claims = pick(desk.take(coded(lines=60, patient_paid_amount="25.00")), ClaimBuilt)

    assert [require_professional(claim.claim).patient_paid_amount for claim in claims] == [
        Decimal("25.00"),
        Decimal("0.00"),
    ]


def test_the_same_content_sent_again_builds_nothing(desk: Desk) -> None:
    desk.take(coded(lines=60, revision=1))

    assert desk.take(coded(lines=60, revision=2)) == ()


def test_a_change_builds_the_next_version_of_the_claim_that_it_touches(desk: Desk) -> None:
    first, second = pick(desk.take(coded(lines=60, revision=1)), ClaimBuilt)
    corrected = coded(lines=60, revision=2)
    lines = (*corrected.encounter.lines[:59], coded_line(60, "12.00"))
    content = corrected.encounter.model_copy(update={"lines": lines})
    (changed,) = pick(desk.take(corrected.model_copy(update={"encounter": content})), ClaimBuilt)

    assert changed.summary.claim_id == second.summary.claim_id != first.summary.claim_id
    assert changed.summary.patient_control_number == second.summary.claim_id + "02"
    assert (changed.revision, changed.summary.charge_amount) == (2, Decimal("102.00"))


def test_fewer_lines_withdraw_the_claim_that_is_left_empty(desk: Desk) -> None:
    _, second = pick(desk.take(coded(lines=60, revision=1)), ClaimBuilt)
    outputs = desk.take(coded(lines=50, revision=2))

    assert name_types(outputs) == ["ClaimWithdrawn"], "the first fifty lines did not change"
    assert pick(outputs, ClaimWithdrawn)[0].claim_id == second.summary.claim_id


def test_a_withdrawn_encounter_withdraws_its_claims_once(desk: Desk) -> None:
    claims = pick(desk.take(coded(lines=60, revision=1)), ClaimBuilt)
    gone = pick(desk.take(withdrawn(2)), ClaimWithdrawn)

    assert sorted(claim.claim_id for claim in gone) == sorted(claim.summary.claim_id for claim in claims)
    assert desk.take(withdrawn(3)) == ()


def test_an_encounter_that_is_held_again_withdraws_its_claim(desk: Desk) -> None:
    desk.take(coded(revision=1))
    held = EncounterHeld(account_key=ACCOUNT, encounter_id=ENCOUNTER_ID, revision=2, findings=())

    assert name_types(desk.take(held)) == ["ClaimWithdrawn"]


def test_an_encounter_that_comes_back_gets_a_version_that_was_never_used(desk: Desk) -> None:
    desk.take(coded(revision=1), withdrawn(2))
    (again,) = pick(desk.take(coded(revision=3)), ClaimBuilt)

    assert again.summary.patient_control_number.endswith("02")


def test_an_older_decision_that_comes_late_changes_nothing(desk: Desk) -> None:
    desk.take(withdrawn(2))

    assert desk.take(coded(revision=1)) == ()


def test_a_dependant_is_billed_under_the_subscriber(desk: Desk) -> None:
    parent = Person(family_name="Doe", given_name="Eve", birth_date=date(1945, 5, 5), sex="F")
    family = Coverage(
        payer_id="PAY1", payer_name=PAYER, member_id="M2", relationship="child", subscriber=parent, priority=2
    )
    (claim,) = pick(desk.take(coded(coverages=(family,))), ClaimBuilt)

    assert claim.claim.subscriber.person.given_name == "Eve"
    assert (claim.claim.subscriber.relationship, claim.claim.subscriber.responsibility) == ("19", "P")
    assert claim.claim.patient is not None and claim.claim.patient.given_name == "Ann"


def test_every_payer_that_may_have_to_pay_stands_on_the_claim_in_order(desk: Desk) -> None:
    second = Coverage(payer_id="PAY2", payer_name="SUMMIT", member_id="M2", priority=2)
    (claim,) = pick(desk.take(coded(coverages=(second, COVERAGE))), ClaimBuilt)

    assert claim.claim.payer.name == PAYER and claim.claim.subscriber.responsibility == "P"
    (other,) = claim.claim.other_payers
    assert (other.payer.identifier, other.subscriber.responsibility, other.paid_amount) == ("PAY2", "S", None)
    assert [payer.payer_id for payer in claim.summary.further_payers] == ["PAY2"]


def test_a_second_coverage_that_had_ended_is_no_next_payer(desk: Desk) -> None:
    ended = Coverage(payer_id="PAY2", payer_name="SUMMIT", member_id="M2", priority=2, end_date=date(2026, 1, 31))
    (claim,) = pick(desk.take(coded(coverages=(COVERAGE, ended))), ClaimBuilt)

    assert (claim.claim.other_payers, claim.summary.further_payers) == ((), ())


def test_a_hospital_bill_is_never_written_as_a_professional_claim(desk: Desk) -> None:
    (item,) = desk.take(coded(hospital=HospitalBill(type_of_bill="0131")))

    assert isinstance(item, WorkItemOpened)
    assert item.reason == "claim_unwritable" and "837I" in item.next_action
