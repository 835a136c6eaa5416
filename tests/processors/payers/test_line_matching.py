"""Which of our lines a payer's SVC speaks of."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import pytest

from processors.payers.line_matching import match_lines
from processors.posting.payment_posting import keys_of_posting, post_payments
from schemas.events import SubmittedLine, WorkItemClosed, WorkItemOpened
from schemas.reference import Reference
from schemas.x12.x835_005010x221a1 import RemittanceService
from tests.processors.builders import DAY, adjust, claim_payment, remitted, submitted
from tests.processors.desk import Desk, pick


@dataclass(frozen=True)
class Svc:
    """What an SVC says."""

    line_control_number: str = ""
    procedures: tuple[str, ...] = ("99213",)
    modifiers: tuple[str, ...] = ()
    service_date: date | None = DAY
    charge_cents: int = 10_000


def line(number: str, procedure: str, *modifiers: str, charge: str = "100.00", on: date = DAY) -> SubmittedLine:
    return SubmittedLine(
        line_control_number=number,
        procedure=procedure,
        modifiers=modifiers,
        units=Decimal(1),
        charge_amount=Decimal(charge),
        service_date=on,
    )


OURS = (
    line("L0001", "99213", "25"),
    line("L0002", "20610", "LT", charge="80.00"),
    line("L0003", "20610", "RT", charge="80.00"),
    line("L0004", "97110", charge="30.00", on=date(2026, 3, 5)),
)


@pytest.mark.parametrize(
    ("theirs", "found"),
    [
        (Svc("L0004", ("80050",), (), None, 1), "L0004"),  # REF*6R decides, whatever else changed
        (Svc("", ("20610",), ("RT",), DAY, 8_000), "L0003"),
        (Svc("", ("99213",), (), DAY, 10_000), "L0001"),  # the modifier was dropped
        (Svc("", ("99213",), ("57",), DAY, 10_000), "L0001"),  # or changed
        (Svc("", ("20610",), ("LT",), DAY, 4_000), "L0002"),  # units changed, or one half of a split line
        (Svc("", ("80050", "97110"), (), date(2026, 3, 5), 9_999), "L0004"),  # bundled: SVC06 is what was billed
        (Svc("", ("97112",), (), date(2026, 3, 5), 3_000), "L0004"),  # another code for the charge of that day
        (Svc("", ("99213",), ("25",), None, -10_000), "L0001"),  # a reversal, without a date
        (Svc("THEIRS-1", ("99213",), ("25",), DAY, 10_000), "L0001"),  # a line control number that is not ours
        (Svc("", ("93005",), (), date(2026, 3, 9), 5_000), "93005 2026-03-09 5000"),  # none of ours
        (Svc("", ("20610",), (), DAY, 8_000), "20610 2026-03-02 8000"),  # two of ours: nobody guesses
    ],
)
def test_a_payers_line_is_one_of_ours_or_named_by_itself(theirs: Svc, found: str) -> None:
    assert match_lines(OURS, [theirs]) == [found]


def test_several_svcs_of_one_claim_share_out_what_looks_the_same() -> None:
    same = Svc("", ("20610",), (), DAY, 8_000)

    assert match_lines(OURS, [Svc("L0003", ("20610",), (), DAY, 8_000), same]) == ["L0003", "L0002"]
    assert match_lines(OURS, [Svc("L0001"), Svc("L0001")]) == ["L0001", "L0001"]


# --- what posting makes of a line that is none of ours


STRANGE = RemittanceService(
    "HC",
    "93005",
    ("TC",),
    Decimal("40.00"),
    Decimal("25.00"),
    Decimal(1),
    service_date=date(2026, 3, 9),
    adjustments=(adjust("CO", "45", "15.00"),),
)


STRANGE_ANSWER = remitted(replace(claim_payment("25.00", charge="40.00"), services=(STRANGE,)))


@pytest.fixture
def desk(shipped: Reference) -> Desk:
    return Desk(keys_of_posting, post_payments, shipped)


def test_the_item_says_which_line_what_was_paid_and_what_to_do(desk: Desk) -> None:
    desk.take(submitted(lines=(line("L0001", "99213"),)))

    (item,) = pick(desk.take(STRANGE_ANSWER), WorkItemOpened)

    assert (item.reason, item.amount) == ("line_unmatched", Decimal("25.00"))
    assert "SVC 1 (93005-TC, charge 40.00, paid 25.00)" in item.next_action
    assert "ask it to reverse and correct" in item.next_action


def test_a_claim_that_is_replaced_by_one_with_that_line_asks_no_more(desk: Desk) -> None:
    """The answer was to the earlier version, and nobody can say which lines the payer had before it."""
    desk.take(submitted(lines=(line("L0001", "99213"),)))
    (item,) = pick(desk.take(STRANGE_ANSWER), WorkItemOpened)

    told = desk.take(submitted(version=2, lines=(line("L0001", "93005", "TC", charge="40.00"),)))

    assert item.item_id in [closed.item_id for closed in pick(told, WorkItemClosed)]


def test_a_claim_whose_lines_are_not_known_asks_nothing(desk: Desk) -> None:
    desk.take(submitted(lines=()))

    assert pick(desk.take(STRANGE_ANSWER), WorkItemOpened) == []
