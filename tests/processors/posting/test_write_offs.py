"""A denial accepted as a loss: it takes what is open and no more, and a payment that comes later takes its place."""

from decimal import Decimal
from itertools import permutations

import pytest

from processors.posting.payment_posting import keys_of_posting, post_payments
from schemas.event import Body
from schemas.events import DenialResolved, DenialWrittenOff, WriteOffPosted
from schemas.reference import Reference
from tests.processors.builders import ACCOUNT, ENCOUNTER_ID, adjust, claim_payment, number_claim, remitted, submitted
from tests.processors.desk import Desk, pick, sides

DENIED = claim_payment("0.00", adjust("CO", "197", "100.00"))
PAID_AFTER_ALL = claim_payment("80.00", adjust("CO", "45", "20.00"))


@pytest.fixture
def desk(shipped: Reference) -> Desk:
    return Desk(keys_of_posting, post_payments, shipped)


def write_off(amount: str = "100.00", action: str = "action-1") -> DenialWrittenOff:
    return DenialWrittenOff(
        action_id=action,
        who="Kim Lee",
        why="too small to appeal",
        approved_by="Pat Moore",
        account_key=ACCOUNT,
        item_id="item",
        claim_id=number_claim()[:16],
        encounter_id=ENCOUNTER_ID,
        line_key="L0001",
        amount=Decimal(amount),
    )


def balances(outputs: tuple[Body, ...]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for output in outputs:
        entry = getattr(output, "entry", None)
        for line in entry.lines if entry else ():
            sums[line.account] = sums.get(line.account, Decimal(0)) + line.debit - line.credit
    return {account: amount for account, amount in sums.items() if amount}


def test_it_moves_the_open_balance_to_denial_write_offs_and_resolves_the_denial(desk: Desk) -> None:
    desk.take(submitted(), remitted(DENIED))
    posted, resolved = desk.take(write_off())

    assert isinstance(posted, WriteOffPosted) and isinstance(resolved, DenialResolved)
    assert sides(posted.entry) == {"denial_write_offs": "100.00", "insurance_receivable": "-100.00"}
    assert (posted.amount, posted.adjusted_amount, resolved.paid_amount) == (Decimal(100), Decimal(100), Decimal(0))


def test_a_part_leaves_the_denial_open(desk: Desk) -> None:
    desk.take(submitted(), remitted(DENIED))
    (posted,) = desk.take(write_off("30.00"))

    assert isinstance(posted, WriteOffPosted) and posted.amount == Decimal("30.00")


def test_never_more_than_is_open_is_written_off(desk: Desk) -> None:
    desk.take(submitted(), remitted(claim_payment("90.00", adjust("CO", "197", "10.00"))))
    (posted,) = pick(desk.take(write_off("100.00")), WriteOffPosted)
    (nothing,) = pick(desk.take(write_off("100.00", "action-2")), WriteOffPosted)

    assert posted.amount == Decimal("10.00")
    assert (nothing.amount, nothing.entry) == (Decimal(0), None)


def test_a_payment_that_comes_after_all_takes_the_place_of_the_write_off(shipped: Reference) -> None:
    """The order in which decision and payment come leaves no trace in the balances."""
    facts = (remitted(DENIED), write_off(), remitted(PAID_AFTER_ALL, remittance_id="remittance-2"))
    ends = []
    for order in permutations(facts):
        desk = Desk(keys_of_posting, post_payments, shipped)
        ends.append(balances(desk.take(submitted(), *order)))

    assert ends[0] == {
        "gross_charges": Decimal("-100.00"),
        "remittance_clearing": Decimal("80.00"),
        "contractual_adjustments": Decimal("20.00"),
    }
    assert all(end == ends[0] for end in ends)


def test_a_write_off_of_a_claim_that_nobody_knows_posts_nothing(desk: Desk) -> None:
    assert desk.take(write_off()) == ()
