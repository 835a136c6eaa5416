"""Where a claim's money stands does not depend on the order in which payers said it."""

from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.posting.payment_posting import keys_of_posting, post_payments
from schemas.event import Body
from schemas.events import (
    ClaimDenied,
    ClaimPayer,
    ClaimRemitted,
    DenialResolved,
    ResponsibilityMoved,
    WorkItemClosed,
    WorkItemOpened,
)
from schemas.reference import Reference
from tests.processors.builders import adjust, claim_payment, remitted, submitted
from tests.processors.desk import Desk, pick

SECOND = ClaimPayer(payer_id="PAY2", payer_name="SECOND MUTUAL")
PAID = claim_payment("60.00", adjust("CO", "45", "20.00"), adjust("PR", "2", "20.00"))
TAKEN_BACK = claim_payment(
    "-60.00", adjust("CO", "45", "-20.00"), adjust("PR", "2", "-20.00"), charge="-100.00", status="22"
)
CORRECTED = claim_payment("75.00", adjust("CO", "45", "25.00"))
DENIED = claim_payment("0.00", adjust("CO", "197", "100.00"))


@pytest.fixture
def desk(shipped: Reference) -> Desk:
    return Desk(keys_of_posting, post_payments, shipped)


def second(claim: ClaimRemitted) -> ClaimRemitted:
    """The same CLP from the second payer."""
    return claim.model_copy(update={"payer_name": SECOND.payer_name, "payer_identifier": SECOND.payer_id})


def balances(outputs: tuple[Body, ...]) -> dict[str, str]:
    """Debit minus credit of each account, split as the ledger splits it."""
    sums: dict[str, Decimal] = {}
    for output in outputs:
        entry = getattr(output, "entry", None)
        for line in entry.lines if entry else ():
            name = ":".join(filter(None, (line.account, line.qualifier)))
            sums[name] = sums.get(name, Decimal(0)) + line.debit - line.credit
    return {name: str(amount) for name, amount in sorted(sums.items()) if amount}


def open_items(outputs: tuple[Body, ...]) -> list[str]:
    """Why people must look at something, once all is posted."""
    items: dict[str, str] = {}
    for output in outputs:
        if isinstance(output, WorkItemOpened):
            items[output.item_id] = output.reason
        elif isinstance(output, WorkItemClosed):
            del items[output.item_id]
    return sorted(items.values())


def test_reversal_and_correction_end_the_same_in_every_order(shipped: Reference) -> None:
    facts = (submitted(), remitted(PAID), remitted(TAKEN_BACK, 1), remitted(CORRECTED, 2))
    ends = [
        (balances(outputs), open_items(outputs))
        for order in permutations(facts)
        for outputs in [Desk(keys_of_posting, post_payments, shipped).take(*order)]
    ]

    assert ends[0] == (
        {"contractual_adjustments": "25.00", "gross_charges": "-100.00", "remittance_clearing": "75.00"},
        [],
    )
    assert all(end == ends[0] for end in ends)


def test_a_reversal_of_something_never_posted_does_not_lift_the_claim_above_its_charge(desk: Desk) -> None:
    outputs = desk.take(submitted(), remitted(TAKEN_BACK))

    assert balances(outputs) == {
        "gross_charges": "-100.00",
        "insurance_receivable:PAY1": "100.00",
        "remittance_clearing": "-60.00",
        "unapplied_payments:PAY1": "60.00",
    }
    assert open_items(outputs) == ["reversal_unmatched"]


def test_a_reversal_of_other_amounts_is_posted_and_shown(desk: Desk) -> None:
    other = claim_payment(
        "-50.00", adjust("CO", "45", "-30.00"), adjust("PR", "2", "-20.00"), charge="-100.00", status="22"
    )
    outputs = desk.take(submitted(), remitted(PAID), remitted(other, 1))

    assert balances(outputs)["insurance_receivable:PAY1"] == "90.00"
    (item,) = pick(outputs, WorkItemOpened)
    assert "takes back 50.00 paid and 50.00 adjusted" in item.next_action
    assert "posted otherwise is 60.00 paid and 40.00 adjusted" in item.next_action


def test_the_reversal_of_an_excess_clears_unapplied_payments(desk: Desk) -> None:
    twice = desk.take(submitted(), remitted(PAID), remitted(PAID, 0, "remittance-2"))
    assert balances(twice)["unapplied_payments:PAY1"] == "-60.00"
    assert balances(twice)["patient_receivable"] == "20.00", "the second payment is the excess, not the first"

    after = (*twice, *desk.take(remitted(TAKEN_BACK, 0, "remittance-3")))
    assert "unapplied_payments:PAY1" not in balances(after)
    assert open_items(after) == []


def test_the_patient_share_is_the_next_payers_and_what_that_leaves_the_patients(desk: Desk) -> None:
    primary = desk.take(submitted(further_payers=(SECOND,)), remitted(PAID))
    assert balances(primary)["insurance_receivable:PAY2"] == "20.00"
    assert "patient_receivable" not in balances(primary)

    paid = claim_payment("15.00", adjust("OA", "23", "80.00"), adjust("PR", "3", "5.00"), status="2")
    both = (*primary, *desk.take(second(remitted(paid, 0, "remittance-2"))))
    assert balances(both) == {
        "contractual_adjustments": "20.00",
        "gross_charges": "-100.00",
        "patient_receivable": "5.00",
        "remittance_clearing": "75.00",
    }
    assert open_items(both) == []
    moved = pick(both, ResponsibilityMoved)[-1]
    assert (str(moved.patient_amount), [share.adjudicated for share in moved.payers]) == ("5.00", [True, True])


def test_a_second_payer_that_nobody_told_us_of_takes_the_share_back_from_the_patient(desk: Desk) -> None:
    paid = claim_payment("20.00", adjust("OA", "23", "80.00"), status="2")
    outputs = desk.take(submitted(), remitted(PAID), second(remitted(paid, 0, "remittance-2")))

    assert "patient_receivable" not in balances(outputs)
    assert "unapplied_payments:PAY2" not in balances(outputs)
    assert open_items(outputs) == []


def test_a_qmb_patient_owes_nothing_and_a_person_bills_medicaid(desk: Desk) -> None:
    qmb = claim_payment("80.00", adjust("PR", "2", "20.00"), remarks=("N782",))
    outputs = desk.take(submitted(), remitted(qmb))

    assert balances(outputs)["insurance_receivable:PAY1"] == "20.00"
    assert "patient_receivable" not in balances(outputs)
    assert open_items(outputs) == ["qmb_cost_share"]


def test_a_denied_line_is_resolved_by_its_payment_and_denied_again_by_a_takeback(desk: Desk) -> None:
    paid = claim_payment("80.00", adjust("CO", "45", "20.00"))
    back = claim_payment("-80.00", adjust("CO", "45", "-20.00"), charge="-100.00", status="22")
    (denied,) = pick(desk.take(submitted(), remitted(DENIED)), ClaimDenied)
    (resolved,) = pick(desk.take(remitted(paid, 0, "remittance-2")), DenialResolved)
    (again,) = pick(desk.take(remitted(back, 0, "remittance-3")), ClaimDenied)

    assert denied.denials[0].line_key == resolved.line_key == again.denials[0].line_key == "L0001"
    assert (str(resolved.denied_amount), str(resolved.paid_amount), resolved.open_denials) == ("100.00", "80.00", 0)


cents = st.integers(0, 3_000).map(lambda amount: Decimal(amount).scaleb(-2))


@st.composite
def histories(draw: st.DrawFn) -> list[ClaimRemitted]:
    """Up to six CLPs of two payers: payments, denials, reversals of some of them and of nothing."""
    made: list[ClaimRemitted] = []
    for index in range(draw(st.integers(1, 6))):
        paid, contractual, patient = draw(cents), draw(cents), draw(cents)
        rest = Decimal("100.00") - paid - contractual - patient
        parts = (
            adjust("CO", "45", str(contractual)),
            adjust("PR", "2", str(patient)),
            adjust("CO", "197", str(rest)),
        )
        status = draw(st.sampled_from(("1", "2", "4")))
        claim = claim_payment(str(paid), *parts, status=status)
        if draw(st.booleans()):
            back = [adjust(part.group, part.reason, str(-part.amount)) for part in parts]
            reversal = claim_payment(str(-paid), *back, charge="-100.00", status="22")
            made.append(remitted(reversal, index, f"reversal-{index}"))
        if draw(st.booleans()):
            made.append(remitted(claim, index, f"payment-{index}"))
    return [second(fact) if draw(st.booleans()) else fact for fact in made]


@given(histories(), st.randoms(use_true_random=False), st.booleans())
def test_any_history_in_any_order_ends_the_same_and_within_the_charge(
    shipped: Reference, history: list[ClaimRemitted], random: object, has_second: bool
) -> None:
    claim = submitted(further_payers=(SECOND,) if has_second else ())
    facts: list[Body] = [claim, *history]
    first = Desk(keys_of_posting, post_payments, shipped).take(*facts)
    random.shuffle(facts)  # type: ignore[attr-defined]
    other = Desk(keys_of_posting, post_payments, shipped).take(*facts)

    assert balances(first) == balances(other)
    assert open_items(first) == open_items(other)
    receivable = [Decimal(v) for name, v in balances(first).items() if name.startswith("insurance_receivable")]
    assert all(amount >= 0 for amount in receivable) and sum(receivable, Decimal(0)) <= 100
