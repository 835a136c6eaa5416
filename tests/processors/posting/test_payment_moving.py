"""However people move payments about, each is in one place, and the ledger is what the claims come to."""

from collections import Counter
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from processors.posting.payment_posting import keys_of_posting, post_payments
from processors.posting.standing import PostingState, stand
from schemas.event import Body
from schemas.events import PaymentApplied, PaymentUnapplied
from schemas.identifiers import claim_id_of
from schemas.ledger import AccountPart
from schemas.money import to_cents
from schemas.reference import Reference
from tests.processors.builders import ACCOUNT, adjust, claim_payment, number_claim, remitted, submitted
from tests.processors.desk import Desk

LATE = number_claim(3)  # the number of a claim of ours that comes late, or never
PAYMENTS = [("remittance-1", LATE), ("remittance-2", "THEIRS-7"), ("remittance-3", number_claim(1))]


def pay(remittance: str, number: str) -> Body:
    answer = claim_payment("60.00", adjust("CO", "45", "20.00"), adjust("PR", "2", "20.00"), number=number)
    return remitted(answer, 0, remittance)


def move(kind: type[PaymentApplied] | type[PaymentUnapplied], payment: tuple[str, str], claim: int, count: int) -> Body:
    remittance, number = payment
    return kind(
        account_key=ACCOUNT,
        action_id=f"action-{count}",
        who="R. Moss",
        remittance_id=remittance,
        claim_index=0,
        patient_control_number=number,
        claim_id=claim_id_of(number_claim(claim)),
    )


@st.composite
def stories(draw: st.DrawFn) -> Sequence[Body]:
    """Three claims and three payments in any order, and people who move any of them to any claim and off again."""
    facts: list[Body] = [submitted(1), submitted(2), submitted(3), *(pay(*payment) for payment in PAYMENTS)]
    moves = st.builds(
        move,
        st.sampled_from((PaymentApplied, PaymentUnapplied)),
        st.sampled_from(PAYMENTS),
        st.integers(1, 3),
        st.integers(0, 10**9),
    )
    said = draw(st.lists(moves, max_size=10, unique_by=lambda body: body.action_id))  # type: ignore[attr-defined]
    return draw(st.permutations([*facts[: draw(st.integers(4, 6))], *said]))


@given(story=stories())
def test_every_payment_stands_once_and_the_entries_come_to_what_the_claims_do(
    shipped: Reference, story: Sequence[Body]
) -> None:
    desk = Desk(keys_of_posting, post_payments, shipped)
    posted: Counter[AccountPart] = Counter()
    paid = 0
    for body in story:
        paid += body.type == "rcm.paid"
        for output in desk.take(body):
            entry = getattr(output, "entry", None)
            for line in entry.lines if entry else ():
                posted[line.account, line.qualifier] += to_cents(line.debit - line.credit)
        expected: Counter[AccountPart] = Counter()
        places: Counter[str] = Counter()
        for state in desk.states.values():
            assert isinstance(state, PostingState)
            expected.update(stand(state).balances)
            places.update(item.remittance_id for item in state.adjudications)
        assert {part: cents for part, cents in posted.items() if cents} == {p: c for p, c in expected.items() if c}
        assert len(places) == paid and set(places.values()) <= {1}
