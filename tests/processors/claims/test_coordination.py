"""After the first payer has answered, the second is billed: what stands in its claim, when, and when not."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.claims.claim_building import build_claims, keys_of_claims
from processors.claims.coordination import coordinate_benefits, keys_of_coordination
from schemas.claim import require_professional
from schemas.encounter import Coverage
from schemas.event import Body
from schemas.events import ClaimBuilt, ClaimRemitted, ClaimWithdrawn, DenialResolved, WorkItemClosed, WorkItemOpened
from schemas.money import ZERO
from schemas.reference import Reference
from schemas.x12.x835_005010x221a1 import Adjustment, RemittanceClaim, RemittanceService
from schemas.x12.x837p_005010x222a1 import ProfessionalClaim
from tests.processors.builders import ACCOUNT, COVERAGE, FILE, PARTNER, adjust, coded
from tests.processors.desk import Desk, name_types, pick

SECOND = Coverage(payer_id="PAY2", payer_name="SUMMIT", member_id="M2", priority=2)
THIRD = Coverage(payer_id="PAY3", payer_name="EVERGREEN", member_id="M3", priority=3)
PAID_ON = date(2026, 3, 20)


@pytest.fixture
def desk(shipped: Reference) -> Desk:
    return Desk(keys_of_coordination, coordinate_benefits, shipped)


def bill(reference: Reference, *coverages: Coverage, lines: int = 2, version: int = 1) -> ClaimBuilt:
    """The first payer's claim of lines of 10.00 each; each version before it had a note of its own."""
    building = Desk(keys_of_claims, build_claims, reference)
    for earlier in range(1, version):
        building.take(coded(lines=lines, coverages=coverages, revision=earlier, note=f"version {earlier}"))
    (built,) = pick(building.take(coded(lines=lines, coverages=coverages, revision=version)), ClaimBuilt)
    return built


def line(number: int, paid: str, *adjustments: Adjustment, charge: str = "10.00") -> RemittanceService:
    return RemittanceService(
        "HC", "97110", (), Decimal(charge), Decimal(paid), Decimal(1),
        line_control_number=f"L{number:04d}", adjustments=adjustments,
    )  # fmt: skip


def answer(
    built: ClaimBuilt,
    *services: RemittanceService,
    status: str = "1",
    head: tuple[Adjustment, ...] = (),
    payer: str = "1999999999",
    remittance_id: str = "remittance-1",
) -> ClaimRemitted:
    """A CLP with these lines, which balances."""
    paid = sum((service.paid_amount for service in services), ZERO) - sum((a.amount for a in head), ZERO)
    everything = [*head, *(a for service in services for a in service.adjustments)]
    claim = RemittanceClaim(
        patient_control_number=built.summary.patient_control_number,
        status_code=status,
        charge_amount=sum((service.charge_amount for service in services), ZERO),
        paid_amount=paid,
        patient_responsibility_amount=sum((a.amount for a in everything if a.group == "PR"), ZERO),
        payer_claim_control_number="CCN1",
        adjustments=head,
        services=services,
        segment_index=7,
    )
    assert claim.balanced, claim.imbalances()
    return ClaimRemitted(
        account_key=ACCOUNT, remittance_id=remittance_id, claim_index=0, payer_name="A PAYER", payer_identifier=payer,
        payment_date=PAID_ON, document=FILE, claim=claim,
    )  # fmt: skip


def negate(body: ClaimRemitted) -> ClaimRemitted:
    """The reversal of an answer: CLP02 = 22, the same group codes, every amount negated (RFI 1147)."""

    def turn(adjustments: tuple[Adjustment, ...]) -> tuple[Adjustment, ...]:
        return tuple(replace(a, amount=-a.amount) for a in adjustments)

    claim = body.claim
    services = tuple(
        replace(s, charge_amount=-s.charge_amount, paid_amount=-s.paid_amount, adjustments=turn(s.adjustments))
        for s in claim.services
    )
    reversal = replace(
        claim, status_code="22", charge_amount=-claim.charge_amount, paid_amount=-claim.paid_amount,
        adjustments=turn(claim.adjustments), services=services,
    )  # fmt: skip
    return body.model_copy(update={"claim": reversal, "claim_index": 1})


def paid_in_part(built: ClaimBuilt) -> ClaimRemitted:
    """20.00 billed: 3.00 written off, 12.00 paid, 5.00 left to the patient."""
    return answer(
        built,
        line(1, "7.00", adjust("CO", "45", "2.00"), adjust("PR", "2", "1.00")),
        line(2, "5.00", adjust("CO", "45", "1.00"), adjust("PR", "1", "4.00")),
    )


def find_claim(outputs: tuple[Body, ...]) -> ProfessionalClaim:
    (built,) = pick(outputs, ClaimBuilt)
    return require_professional(built.claim)


def test_what_the_first_payer_left_goes_to_the_second(desk: Desk) -> None:
    first = bill(desk.reference, COVERAGE, SECOND)
    assert desk.take(first) == ()
    (second,) = pick(desk.take(paid_in_part(first)), ClaimBuilt)

    number = first.summary.patient_control_number
    assert (second.trading_partner, second.summary.patient_control_number) == (PARTNER, number + "S")
    assert (second.summary.claim_id, second.summary.payer_name) == (first.summary.claim_id + "S", "SUMMIT")
    assert (second.summary.responsibility, second.summary.further_payers) == ("S", ())
    claim = second.claim
    assert (claim.subscriber.responsibility, claim.subscriber.member_id, claim.payer.identifier) == ("S", "M2", "PAY2")
    assert claim.charge_amount == Decimal("20.00"), "100 % of the charge, whatever was paid (RFI 2143)"
    (prior,) = claim.other_payers
    assert (prior.subscriber.responsibility, prior.payer.identifier) == ("P", "PAY1")
    assert (prior.paid_amount, prior.remaining_amount) == (Decimal("12.00"), Decimal("5.00"))
    assert (prior.payer_claim_control_number, prior.adjudication_date, prior.adjustments) == ("CCN1", None, ())


def test_each_line_and_the_claim_balance_as_the_next_payer_will_check(desk: Desk) -> None:
    first = bill(desk.reference, COVERAGE, SECOND)
    claim = find_claim(desk.take(first, paid_in_part(first)))

    (prior,) = claim.other_payers
    assert prior.paid_amount is not None
    total = prior.paid_amount + sum((a.amount for a in prior.adjustments), ZERO)
    for service in claim.lines:
        assert service.supplement is not None
        (decided,) = service.supplement.adjudications
        adjusted = sum((a.amount for a in decided.adjustments), ZERO)
        assert decided.paid_amount + adjusted == service.charge_amount, "SV102 = SVD02 + CAS (RFI 1555, 2168)"
        assert (decided.payer_identifier, decided.adjudication_date) == ("PAY1", PAID_ON)
        total += adjusted
    assert total == claim.charge_amount, "CLM02 = AMT*D + CAS (RFI 1115)"


def test_a_share_at_claim_level_stays_at_claim_level(desk: Desk) -> None:
    first = bill(desk.reference, COVERAGE, SECOND)
    remitted = answer(first, line(1, "10.00"), line(2, "10.00"), head=(adjust("PR", "1", "8.00"),))
    (prior,) = find_claim(desk.take(first, remitted)).other_payers

    assert prior.adjustments == (Adjustment("PR", "1", Decimal("8.00")),), "never smeared over lines (RFI 1053)"


def test_a_line_that_the_payer_split_is_one_line_again(desk: Desk) -> None:
    first = bill(desk.reference, COVERAGE, SECOND, lines=1)
    parts = (
        line(1, "3.00", adjust("PR", "2", "1.00"), charge="4.00"),
        line(1, "5.00", adjust("PR", "2", "1.00"), charge="6.00"),
    )
    claim = find_claim(desk.take(first, answer(first, *parts)))

    assert claim.lines[0].supplement is not None
    (decided,) = claim.lines[0].supplement.adjudications
    assert (decided.paid_amount, decided.units) == (Decimal("8.00"), Decimal(2))
    assert decided.adjustments == (Adjustment("PR", "2", Decimal("2.00")),)


def test_lines_that_are_not_ours_leave_everything_at_claim_level(desk: Desk) -> None:
    """The payer answered two lines as one: no line can carry it, the claim can."""
    first = bill(desk.reference, COVERAGE, SECOND)
    bundled = replace(line(1, "15.00", adjust("PR", "2", "5.00"), charge="20.00"), line_control_number="")
    claim = find_claim(desk.take(first, answer(first, bundled)))

    assert all(service.supplement is None for service in claim.lines)
    (prior,) = claim.other_payers
    assert (prior.paid_amount, prior.adjudication_date) == (Decimal("15.00"), PAID_ON)
    assert prior.adjustments == (Adjustment("PR", "2", Decimal("5.00")),)


def test_two_answers_for_parts_of_a_claim_wait_for_each_other(desk: Desk) -> None:
    first = bill(desk.reference, COVERAGE, SECOND)
    one = answer(first, line(1, "8.00", adjust("PR", "2", "2.00")))
    two = answer(first, line(2, "9.00", adjust("PR", "2", "1.00")), remittance_id="remittance-2")

    assert desk.take(first, one) == (), "half of the charges are not answered yet"
    (prior,) = find_claim(desk.take(two)).other_payers
    assert (prior.paid_amount, prior.remaining_amount) == (Decimal("17.00"), Decimal("3.00"))


@pytest.mark.parametrize(
    ("status", "why"),
    [("19", "the payer sent it on itself"), ("25", "an estimate"), ("23", "not this payer's claim")],
)
def test_no_second_claim(desk: Desk, status: str, why: str) -> None:
    first = bill(desk.reference, COVERAGE, SECOND)
    remitted = answer(first, *paid_in_part(first).claim.services, status=status)

    assert desk.take(first, remitted) == (), why


@pytest.mark.parametrize(("denied", "is_billed"), [(False, False), (True, True)])
def test_a_payer_that_decided_unasked_is_not_billed_as_well(desk: Desk, denied: bool, is_billed: bool) -> None:
    """It has the claim from somewhere. What it refused for want of the first payer's decision, it must be told."""
    first = bill(desk.reference, COVERAGE, SECOND)
    refused = (adjust("CO", "22", "10.00"),)
    settled = (adjust("OA", "23", "7.00"), adjust("CO", "45", "2.00"))
    parts = (line(n, "0.00" if denied else "1.00", *(refused if denied else settled)) for n in (1, 2))
    second = answer(first, *parts, status="2", payer="1888888888", remittance_id="remittance-2")

    assert bool(pick(desk.take(first, second, paid_in_part(first)), ClaimBuilt)) is is_billed


def test_nothing_left_is_nothing_to_bill(desk: Desk) -> None:
    first = bill(desk.reference, COVERAGE, SECOND, lines=1)

    assert desk.take(first, answer(first, line(1, "8.00", adjust("CO", "45", "2.00")))) == ()


def test_a_denied_line_is_worked_before_the_second_payer_is_billed(desk: Desk) -> None:
    first = bill(desk.reference, COVERAGE, SECOND)
    denied = answer(first, line(1, "8.00", adjust("PR", "2", "2.00")), line(2, "0.00", adjust("CO", "197", "10.00")))
    assert desk.take(first, denied) == ()

    corrected = paid_in_part(first).model_copy(update={"remittance_id": "remittance-2"})
    assert name_types(desk.take(negate(denied), corrected)) == ["ClaimBuilt"], "corrected: now it is the second's turn"


def test_a_denial_accepted_as_a_loss_is_not_in_the_way(desk: Desk) -> None:
    first = bill(desk.reference, COVERAGE, SECOND)
    denied = answer(first, line(1, "8.00", adjust("PR", "2", "2.00")), line(2, "0.00", adjust("CO", "197", "10.00")))
    assert desk.take(first, denied) == ()
    settled = DenialResolved(
        account_key=ACCOUNT, claim_id=first.summary.claim_id, encounter_id=first.encounter_id,
        patient_control_number=first.summary.patient_control_number, line_key="L0002",
        denied_amount=Decimal("10.00"), paid_amount=ZERO, remittance_id=None, open_denials=0,
    )  # fmt: skip
    still_open = settled.model_copy(update={"line_key": "L0001", "open_denials": 1})

    assert desk.take(still_open) == ()
    (prior,) = find_claim(desk.take(settled)).other_payers
    assert (prior.paid_amount, prior.remaining_amount) == (Decimal("8.00"), Decimal("2.00"))


def test_one_payer_has_no_next_one(desk: Desk) -> None:
    first = bill(desk.reference, COVERAGE)

    assert desk.take(first, paid_in_part(first)) == ()


def test_a_coverage_known_after_the_first_answer_is_for_a_person(desk: Desk) -> None:
    first = bill(desk.reference, COVERAGE)
    desk.take(first, paid_in_part(first))
    (item,) = pick(desk.take(bill(desk.reference, COVERAGE, SECOND, version=2)), WorkItemOpened)

    assert (item.reason, item.claim_id) == ("coverage_known_late", first.summary.claim_id)


def test_a_remittance_before_its_claim_loses_nothing(desk: Desk) -> None:
    first = bill(desk.reference, COVERAGE, SECOND)

    assert desk.take(paid_in_part(first)) == ()
    assert name_types(desk.take(first)) == ["ClaimBuilt"]


def test_a_reversal_takes_the_second_claim_back_and_a_correction_brings_the_next_version(desk: Desk) -> None:
    first = bill(desk.reference, COVERAGE, SECOND)
    original = paid_in_part(first)
    desk.take(first, original)
    (withdrawn,) = pick(desk.take(negate(original)), ClaimWithdrawn)
    assert (withdrawn.claim_id, withdrawn.revision) == (first.summary.claim_id + "S", 2)

    correction = answer(first, line(1, "10.00"), line(2, "6.00", adjust("PR", "1", "4.00")), remittance_id="two")
    (second,) = pick(desk.take(correction), ClaimBuilt)
    assert second.summary.patient_control_number == first.summary.claim_id + "02S"
    assert (second.revision, second.claim.other_payers[0].remaining_amount) == (3, Decimal("4.00"))


def test_a_correction_before_its_reversal_ends_the_same(desk: Desk) -> None:
    first = bill(desk.reference, COVERAGE, SECOND)
    original = paid_in_part(first)
    correction = answer(first, line(1, "10.00"), line(2, "6.00", adjust("PR", "1", "4.00")), remittance_id="two")

    assert name_types(desk.take(first, original, correction)) == ["ClaimBuilt", "ClaimWithdrawn"]
    assert find_claim(desk.take(negate(original))).other_payers[0].remaining_amount == Decimal("4.00")


def test_the_third_payer_sees_what_both_before_it_decided(desk: Desk) -> None:
    first = bill(desk.reference, COVERAGE, SECOND, THIRD, lines=1)
    (second,) = pick(desk.take(first, answer(first, line(1, "6.00", adjust("PR", "2", "4.00")))), ClaimBuilt)
    assert [payer.payer_id for payer in second.summary.further_payers] == ["PAY3"]
    assert [other.payer.identifier for other in second.claim.other_payers] == ["PAY1", "PAY3"]

    left = line(1, "3.00", adjust("OA", "23", "6.00"), adjust("PR", "3", "1.00"))
    (third,) = pick(desk.take(answer(second, left, status="2", payer="2888888888")), ClaimBuilt)
    assert third.summary.patient_control_number == first.summary.patient_control_number + "T"
    assert [other.paid_amount for other in third.claim.other_payers] == [Decimal("6.00"), Decimal("3.00")]
    assert third.claim.lines[0].supplement is not None
    assert [a.payer_identifier for a in third.claim.lines[0].supplement.adjudications] == ["PAY1", "PAY2"]


def test_a_crossover_answer_under_the_first_number_is_the_second_payers(desk: Desk) -> None:
    """Medicare forwarded the claim (19); the supplement pays it as secondary and names the number that it was sent."""
    first = bill(desk.reference, COVERAGE, SECOND, THIRD, lines=1)
    forwarded = answer(first, line(1, "6.00", adjust("PR", "2", "4.00")), status="19")
    assert desk.take(first, forwarded) == ()

    left = line(1, "3.00", adjust("OA", "23", "6.00"), adjust("PR", "3", "1.00"))
    (third,) = pick(desk.take(answer(first, left, status="2", payer="2888888888")), ClaimBuilt)
    assert third.summary.responsibility == "T"


def test_medicare_after_another_payer_needs_a_reason(desk: Desk) -> None:
    medicare = SECOND.model_copy(update={"filing_indicator": "MB"})
    first = bill(desk.reference, COVERAGE, medicare)
    (item,) = pick(desk.take(first, paid_in_part(first)), WorkItemOpened)
    assert (item.reason, item.claim_id) == ("medicare_secondary_type", first.summary.claim_id + "S")

    working_aged = medicare.model_copy(update={"insurance_type": "12"})
    outputs = desk.take(bill(desk.reference, COVERAGE, working_aged, version=2))
    assert pick(outputs, ClaimBuilt)[0].claim.subscriber.insurance_type == "12"
    assert pick(outputs, WorkItemClosed)[0].item_id == item.item_id


@given(order=st.permutations(range(5)))
def test_any_order_of_answers_comes_to_the_same_second_claim(shipped: Reference, order: list[int]) -> None:
    """A wrong answer, its reversal, a correction in two parts, and the claim itself, each before or after any other."""
    first = bill(shipped, COVERAGE, SECOND)
    wrong = paid_in_part(first)
    one = answer(first, line(1, "8.00", adjust("PR", "2", "2.00")), remittance_id="remittance-2")
    two = answer(first, line(2, "9.00", adjust("PR", "1", "1.00")), remittance_id="remittance-3")
    bodies: list[Body] = [first, wrong, negate(wrong), one, two]
    desk = Desk(keys_of_coordination, coordinate_benefits, shipped)
    outputs = desk.take(*(bodies[place] for place in order))

    said = [output for output in outputs if isinstance(output, ClaimBuilt | ClaimWithdrawn)]
    assert isinstance(said[-1], ClaimBuilt), "it ends as billed on"
    (prior,) = said[-1].claim.other_payers
    assert (prior.paid_amount, prior.remaining_amount) == (Decimal("17.00"), Decimal("3.00"))
    numbers = [body.summary.patient_control_number for body in said if isinstance(body, ClaimBuilt)]
    assert len(set(numbers)) == len(numbers), "no number is used twice"
