"""A remittance is closed when every CLP and PLB of it is posted and the clearing account has moved by exactly BPR02.

In: RemittanceAccepted, PaymentPosted. Out: ProviderAdjustmentsPosted, RemittancePosted. PLB signs: a positive amount
reduces the payment, a negative one increases it (domain rules, section 1).
"""

from schemas.base import Frozen
from schemas.event import Body, Event
from schemas.events import PaymentPosted, ProviderAdjustmentsPosted, RemittanceAccepted, RemittancePosted
from schemas.identifiers import make_id
from schemas.ledger import Account, JournalEntry, Mover
from schemas.money import ZERO, Money
from schemas.processing import Outcome, States
from schemas.reference import Reference

# PLB03-1 to the account that the money comes from or goes to; what is not here is owed to or by the payer.
ACCOUNT_BY_REASON: dict[str, Account] = {"L6": "interest"}


class ClosingState(Frozen):
    """How much of a remittance is posted; `claim_count` is None until the remittance itself is seen."""

    claim_count: int | None = None
    payment_amount: Money = ZERO
    posted_count: int = 0
    posted_amount: Money = ZERO


def keys_of_closing(event: Event) -> tuple[str, ...]:
    """One key for each remittance."""
    match event.body:
        case RemittanceAccepted() | PaymentPosted() as body:
            return (f"remittance:{body.remittance_id}",)
    return ()


def close_remittance(states: States, event: Event, reference: Reference) -> Outcome:
    """Counts what is posted and posts the provider-level part; says so when nothing is outstanding."""
    (key,) = keys_of_closing(event)
    state = states.get(key, ClosingState())
    assert isinstance(state, ClosingState)
    outputs: list[Body] = []
    match event.body:
        case RemittanceAccepted() as body:
            posted = _post_provider_adjustments(body)
            outputs.extend(posted)
            state = state.model_copy(
                update={
                    "claim_count": body.claim_count,
                    "payment_amount": body.payment_amount,
                    "posted_amount": state.posted_amount + sum((item.paid_amount for item in posted), ZERO),
                }
            )
        case PaymentPosted() as body:
            state = state.model_copy(
                update={
                    "posted_count": state.posted_count + 1,
                    "posted_amount": state.posted_amount + body.paid_amount,
                }
            )
        case _:
            return Outcome()
    if state.posted_count == state.claim_count:
        if state.posted_amount != state.payment_amount:
            raise AssertionError(f"remittance {key}: posted {state.posted_amount}, BPR02 {state.payment_amount}")
        outputs.append(
            RemittancePosted(
                remittance_id=key.partition(":")[2],
                payment_amount=state.payment_amount,
                posted_amount=state.posted_amount,
                claim_count=state.posted_count,
            )
        )
    return Outcome({key: state}, tuple(outputs))


def _post_provider_adjustments(body: RemittanceAccepted) -> tuple[ProviderAdjustmentsPosted, ...]:
    mover = Mover()
    total = ZERO
    for adjustment in body.provider_adjustments:
        account = ACCOUNT_BY_REASON.get(adjustment.reason, "provider_level_balances")
        qualifier = "" if account == "interest" else body.payer_name
        mover.move(adjustment.amount, (account, qualifier), ("remittance_clearing", ""))
        total += adjustment.amount
    lines = mover.lines()
    if not lines:
        return ()
    entry = JournalEntry(entry_id=make_id("provider_level", body.remittance_id), document=body.document, lines=lines)
    return (ProviderAdjustmentsPosted(remittance_id=body.remittance_id, paid_amount=-total, entry=entry),)
