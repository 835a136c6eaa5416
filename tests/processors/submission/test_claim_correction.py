"""A claim that the payer has is replaced (7) or voided (8) by a person's decision, under the payer's own number."""

from dataclasses import replace
from decimal import Decimal

import pytest

from processors.submission.interchange_building import build_interchanges, keys_of_submission
from schemas.events import (
    ClaimCorrectionDecided,
    ClaimDenied,
    ClaimReleased,
    DeniedAdjustment,
    InterchangeBuilt,
    InterchangeClaim,
    WorkItemClosed,
    WorkItemOpened,
)
from schemas.reference import Reference
from tests.processors.builders import (
    ACCOUNT,
    DAY,
    FILE,
    PARTNER,
    PAYER,
    acknowledged,
    built,
    claim_payment,
    number_claim,
    remitted,
)
from tests.processors.desk import Desk, name_types, pick
from tests.processors.submission.test_interchange_building import cut, withdraw

CCN = "2026060000000123"  # the payer's claim control number


@pytest.fixture
def desk(shipped: Reference) -> Desk:
    return Desk(keys_of_submission, build_interchanges, shipped)


def decide(decision: str, claim: int = 1) -> ClaimCorrectionDecided:
    return ClaimCorrectionDecided.model_validate(
        {
            "trading_partner": PARTNER, "action_id": f"{decision} {claim}", "who": "M. Biller", "why": "as agreed",
            "account_key": ACCOUNT, "claim_id": number_claim(claim)[:16], "decision": decision,
        }
    )  # fmt: skip


def send(desk: Desk) -> InterchangeClaim:
    """What the next file holds."""
    (interchange,) = pick(desk.take(cut(1)), InterchangeBuilt)
    (item,) = interchange.claims
    return item


def test_a_replacement_goes_under_the_payers_number(desk: Desk) -> None:
    desk.take(built(1), cut(1), remitted(replace(claim_payment("100.00"), payer_claim_control_number=CCN)))
    (opened,) = pick(desk.take(built(1, version=2)), WorkItemOpened)
    outputs = desk.take(decide("replace"))

    assert pick(outputs, WorkItemClosed)[0].item_id == opened.item_id
    assert pick(outputs, ClaimReleased)[0].patient_control_number == number_claim(1, 2)
    sent = send(desk)
    assert (sent.claim.frequency, sent.claim.payer_claim_control_number) == ("7", CCN), "CLM05-3, REF*F8"
    assert (sent.summary.frequency, sent.summary.patient_control_number) == ("7", number_claim(1, 2))


def test_a_void_repeats_what_was_sent(desk: Desk) -> None:
    acknowledgement = acknowledged(1, outcome="accepted").model_copy(update={"payer_claim_control_number": CCN})
    desk.take(built(1), cut(1), acknowledgement)
    (opened,) = pick(desk.take(withdraw(1, revision=2)), WorkItemOpened)
    outputs = desk.take(decide("void"))

    assert pick(outputs, WorkItemClosed)[0].item_id == opened.item_id
    sent = send(desk)
    assert (sent.claim.frequency, sent.claim.payer_claim_control_number) == ("8", CCN)
    assert sent.claim.patient_control_number == number_claim(1) + "V"
    assert sent.claim.lines == built(1).claim.lines


def test_a_decision_before_the_payers_number_waits_for_it(desk: Desk) -> None:
    desk.take(built(1), cut(1), withdraw(1, revision=2))
    assert desk.take(decide("void")) == ()
    assert desk.take(cut(1)) == ()

    accepted = acknowledged(1, outcome="accepted").model_copy(update={"payer_claim_control_number": CCN})
    assert name_types(desk.take(accepted)) == ["ClaimReleased", "WorkItemClosed"]
    assert send(desk).claim.payer_claim_control_number == CCN


def test_after_a_void_the_encounter_is_billed_anew(desk: Desk) -> None:
    accepted = acknowledged(1, outcome="accepted").model_copy(update={"payer_claim_control_number": CCN})
    desk.take(built(1), cut(1), accepted, decide("void"), cut(1))

    assert desk.take(built(1, version=2)) == ()
    assert send(desk).claim.frequency == "1"


def test_medicare_part_b_takes_neither(desk: Desk) -> None:
    original = built(1)
    subscriber = replace(original.claim.subscriber, filing_indicator="MB")
    medicare = original.model_copy(update={"claim": replace(original.claim, subscriber=subscriber)})
    desk.take(medicare, cut(1), remitted(replace(claim_payment("100.00"), payer_claim_control_number=CCN)))
    (item,) = pick(desk.take(decide("void")), WorkItemOpened)

    assert item.reason == "correction_refused" and "reopening" in item.next_action
    assert desk.take(cut(1)) == ()


@pytest.mark.parametrize("sent", [False, True], ids=["not sent yet", "sent, and nothing changed"])
def test_there_is_nothing_to_replace(desk: Desk, sent: bool) -> None:
    desk.take(built(1))
    if sent:
        desk.take(cut(1))
    (item,) = pick(desk.take(decide("replace")), WorkItemOpened)

    assert item.reason == "correction_refused"


def test_a_claim_denied_as_unprocessable_goes_again_as_new(desk: Desk) -> None:
    desk.take(built(1), cut(1), remitted(replace(claim_payment("0.00"), payer_claim_control_number=CCN)))
    denial = DeniedAdjustment(
        line=1, group="CO", reason="16", remarks=("MA130", "N290"), amount=Decimal("100.00"), segment=9
    )
    denied = ClaimDenied(
        account_key=ACCOUNT, remittance_id="remittance-1", claim_index=0, patient_control_number=number_claim(1),
        status_code="4", payer_name=PAYER, payer_identifier="PAY1", payment_date=DAY, document=FILE, denials=(denial,),
    )  # fmt: skip
    assert desk.take(denied, built(1, version=2)) == ()

    sent = send(desk)
    assert (sent.claim.frequency, sent.claim.payer_claim_control_number) == ("1", ""), "MA130: a new claim"


def test_a_rejected_replacement_leaves_the_claim_that_it_was_to_replace(desk: Desk) -> None:
    desk.take(built(1), cut(1), remitted(replace(claim_payment("100.00"), payer_claim_control_number=CCN)))
    desk.take(built(1, version=2), decide("replace"), cut(1), acknowledged(1, version=2))
    outputs = desk.take(built(1, version=3))

    assert pick(outputs, WorkItemOpened)[0].reason == "replacement_decision", "the first claim still stands"
    desk.take(decide("replace").model_copy(update={"action_id": "again"}))
    sent = send(desk)
    assert (sent.summary.patient_control_number, sent.claim.frequency) == (number_claim(1, 3), "7")
    assert sent.claim.payer_claim_control_number == CCN
