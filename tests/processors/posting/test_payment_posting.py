"""Remittances become journal entries: each fact is one entry, and every entry balances."""

from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.posting.adjudication import Amounts
from processors.posting.payment_posting import keys_of_posting, post_payments
from processors.posting.settlement import limit_to_open
from processors.posting.standing import PostingState, stand
from schemas.event import Body
from schemas.events import ChargesPosted, PaymentPosted, UnappliedReleased, WorkItemClosed, WorkItemOpened
from schemas.money import format_money, from_cents
from schemas.reference import Reference
from tests.processors.builders import FILE, adjust, claim_payment, number_claim, remitted, submitted
from tests.processors.desk import Desk, name_types, pick, sides

PAID_IN_PART = claim_payment("60.00", adjust("CO", "45", "20.00"), adjust("PR", "2", "20.00"))


@pytest.fixture
def desk(shipped: Reference) -> Desk:
    return Desk(keys_of_posting, post_payments, shipped)


def still_open(desk: Desk) -> str:
    """What insurance still owes of the claim."""
    state = desk.states[f"claim:{number_claim()[:16]}"]
    assert isinstance(state, PostingState)
    settled = stand(state).settled
    assert settled is not None
    return format_money(from_cents(settled.open_cents))


def add_up(outputs: tuple[Body, ...]) -> dict[str, Decimal]:
    """The balance of each account after these facts."""
    balances: dict[str, Decimal] = {}
    for output in outputs:
        entry = getattr(output, "entry", None)
        for line in entry.lines if entry else ():
            balances[line.account] = balances.get(line.account, Decimal(0)) + line.debit - line.credit
    return {account: balance for account, balance in balances.items() if balance}


def test_charges_are_booked_when_a_claim_is_first_submitted(desk: Desk) -> None:
    (charges,) = desk.take(submitted())

    assert isinstance(charges, ChargesPosted)
    assert sides(charges.entry) == {"insurance_receivable": "100.00", "gross_charges": "-100.00"}
    assert charges.entry.lines[1].qualifier == "PAY1"


def test_a_claim_sent_again_books_nothing(desk: Desk) -> None:
    desk.take(submitted(version=1))

    assert desk.take(submitted(version=2)) == ()
    assert still_open(desk) == "100.00"


def test_a_payment_in_full_closes_the_claim(desk: Desk) -> None:
    (posted,) = pick(desk.take(submitted(), remitted(claim_payment("100.00"))), PaymentPosted)

    assert sides(posted.entry) == {"remittance_clearing": "100.00", "insurance_receivable": "-100.00"}
    assert posted.entry is not None and posted.entry.document is not None
    assert (posted.entry.document.sha256, posted.entry.document.segment) == (FILE.sha256, 7)
    assert still_open(desk) == "0.00"


def test_contractual_sequestration_and_patient_share_go_to_accounts_of_their_own(desk: Desk) -> None:
    claim = claim_payment("58.80", adjust("CO", "45", "20.00"), adjust("PR", "2", "20.00"), adjust("CO", "253", "1.20"))
    (posted,) = pick(desk.take(submitted(), remitted(claim)), PaymentPosted)

    assert sides(posted.entry) == {
        "contractual_adjustments": "20.00",
        "insurance_receivable": "-100.00",
        "patient_receivable": "20.00",
        "remittance_clearing": "58.80",
        "sequestration": "1.20",
    }
    assert (posted.adjusted_amount, posted.patient_amount) == (Decimal("21.20"), Decimal("20.00"))
    assert still_open(desk) == "0.00"


def test_a_denial_posts_nothing_and_stays_open(desk: Desk) -> None:
    (posted,) = pick(
        desk.take(submitted(), remitted(claim_payment("0.00", adjust("CO", "197", "100.00")))), PaymentPosted
    )

    assert posted.entry is None
    assert still_open(desk) == "100.00"


def test_a_reason_that_no_table_knows_stays_open(desk: Desk) -> None:
    desk.take(submitted(), remitted(claim_payment("60.00", adjust("CO", "999", "40.00"))))

    assert still_open(desk) == "40.00"


def test_what_the_prior_payer_did_is_a_memo_and_posts_nothing(desk: Desk) -> None:
    (posted,) = pick(
        desk.take(submitted(), remitted(claim_payment("20.00", adjust("OA", "23", "80.00"), status="2"))), PaymentPosted
    )

    assert sides(posted.entry) == {"remittance_clearing": "20.00", "insurance_receivable": "-20.00"}


def test_a_reversal_swaps_the_sides_and_opens_the_claim_again(desk: Desk) -> None:
    reversal = claim_payment(
        "-60.00", adjust("CO", "45", "-20.00"), adjust("PR", "2", "-20.00"), charge="-100.00", status="22"
    )
    paid, back = pick(desk.take(submitted(), remitted(PAID_IN_PART), remitted(reversal, index=1)), PaymentPosted)

    assert sides(back.entry) == {account: str(-Decimal(amount)) for account, amount in sides(paid.entry).items()}
    assert back.entry is not None and all(line.debit >= 0 and line.credit >= 0 for line in back.entry.lines)
    assert still_open(desk) == "100.00"


def test_a_reversal_and_its_correction_leave_what_the_correction_says(desk: Desk) -> None:
    reversal = claim_payment(
        "-60.00", adjust("CO", "45", "-20.00"), adjust("PR", "2", "-20.00"), charge="-100.00", status="22"
    )
    correction = claim_payment("75.00", adjust("CO", "45", "25.00"))
    outputs = desk.take(submitted(), *(remitted(c, i) for i, c in enumerate((PAID_IN_PART, reversal, correction))))

    assert add_up(outputs) == {
        "contractual_adjustments": Decimal("25.00"),
        "gross_charges": Decimal("-100.00"),
        "remittance_clearing": Decimal("75.00"),
    }


def test_a_predetermination_posts_nothing(desk: Desk) -> None:
    estimate = claim_payment("0.00", adjust("CO", "45", "100.00"), status="25")
    (posted,) = pick(desk.take(submitted(), remitted(estimate)), PaymentPosted)

    assert posted.entry is None and still_open(desk) == "100.00"


def test_a_payment_before_its_claim_waits_as_unapplied_and_moves_when_the_claim_comes(desk: Desk) -> None:
    early = desk.take(remitted(PAID_IN_PART))
    (item,) = pick(early, WorkItemOpened)
    assert sides(pick(early, PaymentPosted)[0].entry) == {
        "remittance_clearing": "60.00",
        "unapplied_payments": "-60.00",
    }

    late = desk.take(submitted())
    assert name_types(late) == ["ChargesPosted", "UnappliedReleased", "ResponsibilityMoved", "WorkItemClosed"]
    assert sides(pick(late, UnappliedReleased)[0].entry) == {
        "contractual_adjustments": "20.00",
        "insurance_receivable": "-100.00",
        "patient_receivable": "20.00",
        "unapplied_payments": "60.00",
    }
    assert pick(late, WorkItemClosed)[0].item_id == item.item_id
    assert still_open(desk) == "0.00"


def test_the_order_of_claim_and_payments_does_not_change_the_balances(shipped: Reference) -> None:
    first = remitted(claim_payment("30.00", adjust("CO", "45", "20.00"), adjust("CO", "197", "50.00")), 0)
    second = remitted(claim_payment("50.00", adjust("CO", "45", "20.00"), charge="70.00"), 1, "remittance-2")
    results = [
        add_up(Desk(keys_of_posting, post_payments, shipped).take(*order))
        for order in permutations([submitted(), first, second])
        if order.index(first) < order.index(second)
    ]

    assert len(results) == 3
    assert all(result == results[0] for result in results)


def test_a_payment_of_nobodys_claim_goes_to_unapplied_payments(desk: Desk) -> None:
    outputs = desk.take(remitted(claim_payment("40.00", charge="40.00", number="THEIR-CLAIM-7")))

    (posted,), (item,) = pick(outputs, PaymentPosted), pick(outputs, WorkItemOpened)
    assert (posted.claim_id, posted.encounter_id) == (None, None)
    assert sides(posted.entry) == {"remittance_clearing": "40.00", "unapplied_payments": "-40.00"}
    assert (item.reason, item.amount, item.claim_id) == ("unmatched_payment", Decimal("40.00"), None)


def test_a_foreign_claim_that_paid_nothing_asks_nothing_of_anybody(desk: Desk) -> None:
    denied = claim_payment("0.00", adjust("CO", "197", "100.00"), number="THEIR-CLAIM-7")

    assert name_types(desk.take(remitted(denied))) == ["PaymentPosted"]


def test_cash_beyond_the_open_balance_is_unapplied_and_a_person_looks(desk: Desk) -> None:
    outputs = desk.take(submitted(), remitted(PAID_IN_PART), remitted(claim_payment("60.00", charge="60.00"), 1))

    posted = pick(outputs, PaymentPosted)[1]
    (item,) = pick(outputs, WorkItemOpened)
    assert sides(posted.entry) == {"remittance_clearing": "60.00", "unapplied_payments": "-60.00"}
    assert (item.reason, item.amount) == ("excess_over_open_balance", Decimal("60.00"))
    assert still_open(desk) == "0.00"


def test_a_secondary_that_calls_everything_contractual_writes_off_no_more_than_is_open(desk: Desk) -> None:
    """RFI 1696: the primary took 80.00 off the balance, so 20.00 is all there is to adjust."""
    primary = claim_payment("80.00", adjust("CO", "197", "20.00"))
    secondary = claim_payment("0.00", adjust("CO", "45", "100.00"), status="2")
    outputs = desk.take(submitted(), remitted(primary), remitted(secondary, 1, "remittance-2"))

    assert sides(pick(outputs, PaymentPosted)[1].entry) == {
        "contractual_adjustments": "20.00",
        "insurance_receivable": "-20.00",
    }
    assert pick(outputs, WorkItemOpened)[0].amount == Decimal("80.00")
    assert still_open(desk) == "0.00"


cents = st.integers(-50_000, 50_000)


@given(st.tuples(cents, cents, cents, cents), st.integers(0, 100_000))
def test_applied_and_excess_are_the_whole_and_the_open_balance_never_falls_below_zero(
    parts: tuple[int, int, int, int], open_cents: int
) -> None:
    applied, excess = limit_to_open(Amounts(*parts), open_cents)

    assert tuple(a + b for a, b in zip(applied, excess, strict=True)) == parts
    assert all(part >= 0 for part in excess)
    assert open_cents - sum(applied) >= 0


def test_every_posting_keeps_charge_equal_to_what_became_of_it(desk: Desk) -> None:
    payments = [
        claim_payment("30.00", adjust("CO", "45", "10.00"), adjust("PR", "1", "10.00"), adjust("CO", "197", "50.00")),
        claim_payment("45.00", adjust("CO", "45", "5.00"), charge="50.00"),
        claim_payment("-45.00", adjust("CO", "45", "-5.00"), charge="-50.00", status="22"),
        claim_payment("70.00", charge="70.00"),
    ]
    outputs = desk.take(submitted())
    for index, payment in enumerate(payments):
        outputs += desk.take(remitted(payment, index))
        balances = add_up(outputs)
        assert sum(balances.values()) == 0
        assert balances.get("insurance_receivable", Decimal(0)) == Decimal(still_open(desk)) >= 0


def test_a_claim_sent_again_with_another_charge_books_only_the_difference(desk: Desk) -> None:
    desk.take(submitted())
    more = desk.take(submitted(version=2, charge_amount="130.00"))
    assert add_up(more)["gross_charges"] == Decimal("-30.00")
    assert still_open(desk) == "130.00"
    less = desk.take(submitted(version=3, charge_amount="90.00"))
    assert add_up(less)["gross_charges"] == Decimal("40.00")
    assert still_open(desk) == "90.00"
