"""A remittance is closed when every CLP and PLB of it is posted and the clearing account has moved by exactly BPR02.

In: RemittanceAccepted, PaymentPosted. Out: ProviderAdjustmentsPosted, RemittancePosted, a work item. PLB signs: a
positive amount reduces the payment, a negative one increases it (domain rules, section 1).

What a payer will recover it announces (a negative WO or FB beside the reversal), so its provider-level balance is a
liability that later checks bring to zero. Above zero it has kept money that nothing here explains: somebody asks it.
"""

from schemas.base import Frozen
from schemas.event import Body, Event
from schemas.events import (
    PaymentPosted,
    ProviderAdjustmentsPosted,
    RemittanceAccepted,
    RemittancePosted,
    WorkItemClosed,
)
from schemas.identifiers import make_id
from schemas.ledger import Account, DocumentPlace, JournalEntry, Mover
from schemas.money import ZERO, Sum
from schemas.processing import Outcome, States, read_state
from schemas.reference import Reference
from schemas.work_item import open_work
from schemas.work_kinds import PROVIDER_LEVEL_UNEXPLAINED, REMITTANCE_NOT_CLOSED

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
    payment_amount: Sum = ZERO
    posted_count: int = 0
    posted_amount: Sum = ZERO


class PayerBalance(Frozen):
    """One payer's provider-level balance: below zero what it may still recover."""

    amount: Sum = ZERO

    @property
    def unexplained(self) -> Sum:
        """What a work item asks about."""
        return max(self.amount, ZERO)


def keys_of_closing(event: Event) -> tuple[str, ...]:
    """One key for each remittance, and one for its payer where something stands at provider level."""
    match event.body:
        case RemittanceAccepted() as body if body.provider_adjustments:
            return (f"remittance:{body.remittance_id}", f"payer:{_name_payer(body)}")
        case RemittanceAccepted() | PaymentPosted() as body:
            return (f"remittance:{body.remittance_id}",)
    return ()


def _name_payer(body: RemittanceAccepted) -> str:
    return body.payer_identifier or body.payer_name


def close_remittance(states: States, event: Event, _reference: Reference) -> Outcome:
    """Counts what is posted and posts the provider-level part; says so when nothing is outstanding."""
    key, *payer_keys = keys_of_closing(event)
    state = read_state(states, key, ClosingState)
    outputs: list[Body] = []
    balances: dict[str, Frozen] = {}
    match event.body:
        case RemittanceAccepted() as body:
            posted = _post_provider_adjustments(body)
            outputs.extend(posted)
            for payer_key in payer_keys:
                balance = read_state(states, payer_key, PayerBalance)
                balances[payer_key], told = _follow_balance(balance, body, posted)
                outputs.extend(told)
            state = state.replace(
                claim_count=body.claim_count,
                payment_amount=body.payment_amount,
                posted_amount=state.posted_amount + sum((item.paid_amount for item in posted), ZERO),
            )
        case PaymentPosted() as body:
            state = state.replace(
                posted_count=state.posted_count + 1,
                posted_amount=state.posted_amount + body.paid_amount,
            )
        case _:
            return Outcome()
    if state.posted_count == state.claim_count:
        outputs.append(_close(key.partition(":")[2], state))
    return Outcome({key: state, **balances}, tuple(outputs))


def _close(remittance_id: str, state: ClosingState) -> Body:
    """Says that nothing is outstanding; where the sum misses BPR02, which remittance_reading lets no set do, asks."""
    if state.posted_amount == state.payment_amount:
        return RemittancePosted(
            remittance_id=remittance_id,
            payment_amount=state.payment_amount,
            posted_amount=state.posted_amount,
            claim_count=state.posted_count,
        )
    return open_work(
        REMITTANCE_NOT_CLOSED,
        make_id("not_closed", remittance_id),
        remittance_id,
        {"moved": state.posted_amount, "paid": state.payment_amount},
        remittance_id=remittance_id,
        amount=state.payment_amount,
    )


def _follow_balance(
    before: PayerBalance, body: RemittanceAccepted, posted: list[ProviderAdjustmentsPosted]
) -> tuple[PayerBalance, tuple[Body, ...]]:
    """The payer's balance after this remittance, and the item that asks about what is above zero."""
    lines = [line for item in posted for line in item.entry.lines if line.account == "provider_level_balances"]
    after = PayerBalance(amount=before.amount + sum((line.debit - line.credit for line in lines), ZERO))
    asked = after.unexplained
    if asked == before.unexplained:
        return after, ()
    payer = _name_payer(body)
    item_id = make_id("provider_level", payer)
    if not asked:
        return after, (WorkItemClosed(item_id=item_id, account_key=payer, reason="what it kept is explained"),)
    item = open_work(
        PROVIDER_LEVEL_UNEXPLAINED,
        item_id,
        payer,
        {"payer": body.payer_name, "amount": asked},
        remittance_id=body.remittance_id,
        amount=asked,
    )
    return after, (item,)


def _post_provider_adjustments(body: RemittanceAccepted) -> list[ProviderAdjustmentsPosted]:
    """One entry for each, never netted: +WO with -72 leaves its trace, and a chain of FB can be followed."""
    payer = _name_payer(body)
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
