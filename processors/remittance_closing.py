"""A remittance is closed when every CLP and PLB of it is posted and the clearing account has moved by exactly BPR02.

In: RemittanceAccepted, PaymentPosted. Out: ProviderAdjustmentsPosted, RemittancePosted. PLB signs: a positive amount
reduces the payment, a negative one increases it (domain rules, section 1).
"""

from schemas.base import Frozen
from schemas.event import Body, Event
from schemas.events import PaymentPosted, ProviderAdjustmentsPosted, RemittanceAccepted, RemittancePosted
from schemas.identifiers import make_id
from schemas.ledger import Account, DocumentPlace, JournalEntry, Mover
from schemas.money import ZERO, Money
from schemas.processing import Outcome, States
from schemas.reference import Reference

# PLB03-1 to the account that the money comes from or goes to. What is not here is owed to or by the payer: recoveries
# (WO, WU, 72 a refund that was sent already), forwarded balances (FB), and any reason that the map may add.
ACCOUNT_BY_REASON: dict[str, Account] = {
    **dict.fromkeys(("L6", "51", "CR"), "interest"),
    **dict.fromkeys(("IR", "E3"), "withholding"),
    "LE": "levies",
    **dict.fromkeys(("L3", "50"), "penalties"),
    "J1": "non_reimbursable",
    **dict.fromkeys(
        ("LS", "CT", "CV", "CW", "DM", "GO", "HM", "OA", "RE", "BN", "IP", "IS", "PI", "PL", "B2", "90"), "lump_sums"
    ),
    **dict.fromkeys(("AP", "AM"), "payer_advances"),
}
SPLIT_BY_PAYER: tuple[Account, ...] = ("provider_level_balances", "payer_advances")


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


def _post_provider_adjustments(body: RemittanceAccepted) -> list[ProviderAdjustmentsPosted]:
    """One entry for each, never netted: +WO with -72 leaves its trace, and a chain of FB can be followed."""
    payer = body.payer_identifier or body.payer_name
    posted: list[ProviderAdjustmentsPosted] = []
    for place, adjustment in enumerate(body.provider_adjustments):
        account = ACCOUNT_BY_REASON.get(adjustment.reason, "provider_level_balances")
        mover = Mover()
        mover.move(
            adjustment.amount, (account, payer if account in SPLIT_BY_PAYER else ""), ("remittance_clearing", "")
        )
        lines = mover.lines()
        if not lines:
            continue
        entry = JournalEntry(
            entry_id=make_id("provider_level", body.remittance_id, place),
            document=DocumentPlace(sha256=body.document.sha256, segment=adjustment.segment_index),
            lines=lines,
        )
        posted.append(
            ProviderAdjustmentsPosted(
                remittance_id=body.remittance_id,
                paid_amount=-adjustment.amount,
                reason=adjustment.reason[:200],
                reference=adjustment.reference[:200],
                provider_identifier=adjustment.provider_identifier[:200],
                entry=entry,
            )
        )
    return posted
