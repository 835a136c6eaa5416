"""An 835 ST is judged before a cent of it moves: accepted, repeated, or held with nothing posted."""

from dataclasses import replace
from decimal import Decimal

import pytest

from processors.posting.adjustments import find_denials
from processors.remittances.remittance_reading import keys_of_remittance, read_remittance
from schemas.events import (
    ClaimRemitted,
    RemittanceAccepted,
    RemittanceAdmitted,
    RemittanceHeld,
    RemittancePart,
    RemittanceReceived,
    RemittanceRepeated,
    WorkItemClosed,
    WorkItemOpened,
)
from schemas.identifiers import sha256_hex
from schemas.reference import Reference
from schemas.x12.x835_005010x221a1 import Remittance, RemittanceClaim
from tests.processors.builders import ACCOUNT, Shelf, adjust, claim_payment, remittance
from tests.processors.desk import Desk, ReadingDesk, name_types, pick

PAID_IN_PART = claim_payment("60.00", adjust("CO", "45", "20.00"), adjust("PR", "2", "20.00"))
DENIED = claim_payment("0.00", adjust("CO", "197", "100.00"), remarks=("N54",))


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def desk(shipped: Reference, shelf: Shelf) -> Desk:
    return ReadingDesk(keys_of_remittance, read_remittance, replace(shipped, remittances=shelf))


def test_a_balanced_remittance_is_accepted_and_says_what_each_claim_was_paid(desk: Desk, shelf: Shelf) -> None:
    foreign = claim_payment("100.00", number="THEIR-CLAIM-7")
    accepted, *claims = desk.take(shelf.receive(remittance(PAID_IN_PART, foreign, plb={"WO": "10.00"})))

    assert isinstance(accepted, RemittanceAccepted)
    assert (accepted.payment_amount, accepted.claim_count) == (Decimal("150.00"), 2)
    first, second = pick(tuple(claims), ClaimRemitted)
    assert (first.account_key, first.claim_index, first.claim) == (ACCOUNT, 0, PAID_IN_PART)
    assert (second.account_key != ACCOUNT, second.claim_index) == (True, 1)


def test_a_remittance_that_is_off_by_a_cent_posts_nothing_and_goes_to_a_person(desk: Desk, shelf: Shelf) -> None:
    held, item = desk.take(shelf.receive(remittance(PAID_IN_PART, paid="60.01")))

    assert isinstance(held, RemittanceHeld) and isinstance(item, WorkItemOpened)
    assert (held.reason, held.findings[0].code) == ("unbalanced", "unbalanced_transaction")
    assert "difference -0.01" in held.findings[0].what
    assert (item.queue, item.priority, item.amount) == ("payments", 1, Decimal("60.01"))


def admit(desk: Desk, received: RemittanceReceived) -> RemittanceAdmitted:
    """A person's word that this is another remittance."""
    stream = desk.reference.remittances.open(received.document.sha256, 0)
    assert stream is not None
    content = stream.finish(()).content_hash
    return RemittanceAdmitted(
        remittance_id=received.remittance_id, action_id="admit", who="R. Moss", why="other claims",
        document=received.document, transaction_index=0, content_hash=content,
    )  # fmt: skip


def test_a_trace_number_used_again_is_posted_beside_the_other_once_a_person_says_so(desk: Desk, shelf: Shelf) -> None:
    posted, other = (
        shelf.receive(replace(remittance(claim), content_hash=sha256_hex(claim.patient_control_number.encode())))
        for claim in (DENIED, replace(DENIED, patient_control_number="THEIR-CLAIM-7"))
    )
    *_, item = desk.take(posted, other)
    assert isinstance(item, WorkItemOpened) and item.reason == "remittance_conflict"

    outputs = desk.take(admit(desk, other))

    (accepted,), (claim,) = pick(outputs, RemittanceAccepted), pick(outputs, ClaimRemitted)
    assert accepted.remittance_id == claim.remittance_id != posted.remittance_id
    assert claim.claim.patient_control_number == "THEIR-CLAIM-7"
    assert [closed.item_id for closed in pick(outputs, WorkItemClosed)] == [item.item_id]
    assert desk.take(admit(desk, other)) == (), "once"
    assert name_types(desk.take(other)) == ["RemittanceRepeated"], "and its file again is nothing new"


def test_what_is_held_for_another_reason_is_not_admitted(desk: Desk, shelf: Shelf) -> None:
    sound = shelf.receive(replace(remittance(DENIED), content_hash="1" * 64))
    unbalanced = shelf.receive(replace(remittance(PAID_IN_PART, paid="60.01"), content_hash="2" * 64))
    desk.take(sound, unbalanced)

    assert desk.take(admit(desk, unbalanced)) == ()
    assert desk.take(admit(desk, sound)) == ()


@pytest.mark.parametrize(
    ("claim", "level"),
    [
        (claim_payment("60.00", adjust("CO", "45", "39.99")), "unbalanced_line"),
        (replace(PAID_IN_PART, paid_amount=Decimal("60.01")), "unbalanced_claim"),
    ],
)
def test_the_level_that_does_not_balance_is_named(desk: Desk, shelf: Shelf, claim: RemittanceClaim, level: str) -> None:
    (held, *_) = desk.take(shelf.receive(remittance(claim)))

    assert isinstance(held, RemittanceHeld)
    assert level in {finding.code for finding in held.findings}


def test_a_file_that_ends_within_the_remittance_posts_nothing(desk: Desk, shelf: Shelf) -> None:
    outputs = desk.take(shelf.receive(replace(remittance(PAID_IN_PART), complete=False)))

    assert name_types(outputs) == ["RemittanceHeld", "WorkItemOpened"]
    assert pick(outputs, RemittanceHeld)[0].reason == "incomplete"


def test_the_same_remittance_in_another_file_is_a_repeat(desk: Desk, shelf: Shelf) -> None:
    desk.take(shelf.receive(remittance(PAID_IN_PART)))
    (again,) = desk.take(shelf.receive(remittance(PAID_IN_PART)))

    assert isinstance(again, RemittanceRepeated)


def test_a_held_remittance_again_is_a_repeat_and_its_correction_is_accepted(desk: Desk, shelf: Shelf) -> None:
    wrong = replace(remittance(PAID_IN_PART), complete=False)
    whole = replace(remittance(PAID_IN_PART), content_hash="of the whole")
    desk.take(shelf.receive(wrong))

    assert name_types(desk.take(shelf.receive(wrong))) == ["RemittanceRepeated"]
    assert name_types(desk.take(shelf.receive(whole))) == ["RemittanceAccepted", "ClaimRemitted"]
    assert name_types(desk.take(shelf.receive(whole))) == ["RemittanceRepeated"]


def test_other_content_under_the_same_identity_is_a_conflict_for_a_person(desk: Desk, shelf: Shelf) -> None:
    desk.take(shelf.receive(remittance(PAID_IN_PART)))
    other = remittance(claim_payment("60.00", adjust("CO", "45", "40.00")))
    outputs = desk.take(shelf.receive(other))

    assert name_types(outputs) == ["RemittanceHeld", "WorkItemOpened"]
    assert pick(outputs, RemittanceHeld)[0].reason == "conflict"
    assert name_types(desk.take(shelf.receive(other))) == ["RemittanceRepeated"]


def test_remittances_with_an_identity_of_their_own_do_not_meet(desk: Desk, shelf: Shelf) -> None:
    first: RemittanceReceived = shelf.receive(remittance(PAID_IN_PART), "remittance-1")
    second: RemittanceReceived = shelf.receive(remittance(PAID_IN_PART), "remittance-2")

    assert name_types(desk.take(first, second)) == ["RemittanceAccepted", "ClaimRemitted"] * 2


def test_a_refused_line_is_a_denial_with_its_place_and_reasons(shipped: Reference) -> None:
    (denial,) = find_denials(DENIED, shipped.adjustment_classes)

    assert (denial.group, denial.reason, denial.remarks) == ("CO", "197", ("N54",))
    assert (denial.line, denial.line_control_number, denial.procedure) == (1, "L0001", "99213")
    assert (denial.amount, denial.segment) == (Decimal("100.00"), 9)


def test_a_denial_of_the_whole_claim_has_no_line(shipped: Reference) -> None:
    claim = replace(claim_payment("0.00"), adjustments=(adjust("CO", "29", "100.00"),), remarks=("N211",))
    (denial,) = find_denials(claim, shipped.adjustment_classes)

    assert (denial.line, denial.reason, denial.remarks) == (None, "29", ("N211",))


def test_a_reason_that_no_table_knows_is_for_review_and_never_contractual(shipped: Reference) -> None:
    (denial,) = find_denials(claim_payment("0.00", adjust("CO", "999", "100.00")), shipped.adjustment_classes)

    assert denial.reason == "999"


@pytest.mark.parametrize(
    "claim",
    [
        claim_payment("55.00", adjust("CO", "45", "45.00")),
        claim_payment("0.00", adjust("PR", "1", "100.00")),
        claim_payment("78.40", adjust("PR", "2", "20.00"), adjust("CO", "253", "1.60")),
        claim_payment("0.00", adjust("OA", "23", "100.00"), status="2"),
        claim_payment("102.00", adjust("CO", "144", "-2.00")),
        claim_payment("100.00", status="4"),
        claim_payment("0.00", adjust("PR", "1", "100.00"), status="4"),
        claim_payment("0.00", adjust("CO", "109", "100.00"), status="23"),
        claim_payment("0.00", adjust("CO", "197", "-100.00"), charge="-100.00", status="22"),
        claim_payment("-100.00", adjust("CO", "197", "0.00"), charge="-100.00", status="22"),
        claim_payment("0.00", adjust("CO", "197", "100.00"), status="25"),
    ],
    ids=[
        "contractual",
        "all deductible",
        "sequestration",
        "memo of the prior payer",
        "incentive",
        "CLP02 = 4 alone",
        "CLP02 = 4 with deductible",
        "forwarded",
        "reversal of a denial",
        "reversal of a payment",
        "predetermination",
    ],
)
def test_what_is_no_denial(shipped: Reference, claim: RemittanceClaim) -> None:
    assert find_denials(claim, shipped.adjustment_classes) == ()


def test_a_predetermination_that_pays_holds_the_whole_set(desk: Desk, shelf: Shelf) -> None:
    outputs = desk.take(shelf.receive(remittance(claim_payment("100.00", status="25"))))

    assert name_types(outputs) == ["RemittanceHeld", "WorkItemOpened"]
    assert pick(outputs, RemittanceHeld)[0].findings[0].code == "predetermination_paid"


def test_a_large_remittance_is_told_in_parts(shipped: Reference, shelf: Shelf) -> None:
    """One transaction carries a part: a remittance of any size is posted in bounded memory."""
    desk = Desk(keys_of_remittance, read_remittance, replace(shipped, remittances=shelf))
    claims = [claim_payment("1.00", charge="1.00", number=f"CLAIM-{index}") for index in range(450)]
    accepted, *parts = desk.take(shelf.receive(remittance(*claims)))

    assert isinstance(accepted, RemittanceAccepted) and accepted.claim_count == 450
    assert [(part.first_claim_index, part.claim_count) for part in pick(tuple(parts), RemittancePart)] == [
        (0, 200),
        (200, 200),
        (400, 50),
    ]
    told = [pick(desk.take(part), ClaimRemitted) for part in parts]
    assert [claim.claim for run in told for claim in run] == claims
    assert [claim.claim_index for run in told for claim in run] == list(range(450))


def test_an_st_without_claims_is_accepted(desk: Desk, shelf: Shelf) -> None:
    only_plb: Remittance = remittance(plb={"FB": "-10.00"})
    (accepted,) = desk.take(shelf.receive(only_plb))

    assert isinstance(accepted, RemittanceAccepted)
    assert (accepted.claim_count, accepted.payment_amount) == (0, Decimal("10.00"))
