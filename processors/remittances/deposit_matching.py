"""Bank deposits meet the remittances that they are the money of.

In: RemittanceAccepted (BPR02, TRN02, TRN03, BPR16), DepositReceived, DepositMatchDecided, ClockTicked. Out:
DepositMatched, whose entry moves the money from remittance clearing to the bank; work items for what does not match in
time. A debit, below zero, is the money of a remittance that takes back (BPR02 below zero). The amount must be the same
always; then the trace decides (RFI 1874), else amount and date where only one remittance and one deposit come into
question: a guess between two would book a payer's money as another's.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from schemas.base import Frozen
from schemas.event import Body, Event
from schemas.events import (
    ClockTicked,
    DepositMatchDecided,
    DepositMatched,
    DepositReceived,
    RemittanceAccepted,
    WorkItemClosed,
    WorkItemOpened,
)
from schemas.identifiers import make_id
from schemas.ledger import JournalEntry, Mover
from schemas.money import ZERO, Money, to_cents
from schemas.processing import Outcome, States, Timed, find_state, list_states
from schemas.reference import Reference
from schemas.work_item import open_work
from schemas.work_kinds import DEPOSIT_MATCH_REFUSED, DEPOSIT_MISSING, DEPOSIT_UNMATCHED

WINDOW_DAYS = 5  # between BPR16 and the bank's date, where no trace says more


class WaitingDeposit(Frozen):
    """A deposit that no remittance has claimed."""

    deposit_id: str
    amount: Money
    deposited_on: date
    trace_number: str = ""
    payer_identifier: str = ""
    due_on: date | None = None  # None: its work item is open


class WaitingRemittance(Frozen):
    """A remittance whose money no deposit has brought yet."""

    remittance_id: str
    payer_name: str
    payer_identifier: str
    trace_number: str
    paid_on: date | None
    due_on: date | None = None


class SameAmount(Timed):
    """Everything of one amount that waits for its other half."""

    amount: Money
    deposits: tuple[WaitingDeposit, ...] = ()
    remittances: tuple[WaitingRemittance, ...] = ()


def keys_of_deposits(event: Event) -> tuple[str, ...]:
    """One key for each amount: only equal amounts can match."""
    match event.body:
        case RemittanceAccepted() as body if body.payment_amount != ZERO:
            return (_key(body.payment_amount),)
        case DepositReceived() as body:
            return (_key(body.amount),)
        case DepositMatchDecided() as body:
            amounts = (body.deposit_amount, *(share.amount for share in body.remittances))
            return tuple(dict.fromkeys(map(_key, amounts)))
    return ()


def match_deposits(states: States, event: Event, reference: Reference) -> Outcome:
    """Matches what can be matched now, and asks a person about what waited too long."""
    match event.body:
        case ClockTicked() as tick:
            return _ask_about_overdue(states, tick)
        case DepositMatchDecided() as decided:
            return _follow_decision(states, decided)
        case RemittanceAccepted() as accepted if accepted.payment_amount != ZERO:
            state = _add_remittance(states, accepted, event, reference)
        case DepositReceived() as received:
            state = _add_deposit(states, received, reference)
        case _:
            return Outcome()
    after, outputs = _match_all(state)
    return Outcome({_key(after.amount): _set_due(after)}, outputs)


def _add_remittance(states: States, body: RemittanceAccepted, event: Event, reference: Reference) -> SameAmount:
    state = _read(states, _key(body.payment_amount), body.payment_amount)
    paid_on = body.payment_date or event.occurred_at.date()
    waits = reference.installation.has_bank_files
    remittance = WaitingRemittance(
        remittance_id=body.remittance_id,
        payer_name=body.payer_name,
        payer_identifier=body.payer_identifier,
        trace_number=body.trace_number,
        paid_on=body.payment_date,
        due_on=paid_on + timedelta(days=reference.installation.deposit_days) if waits else None,
    )
    return state.replace(remittances=(*state.remittances, remittance))


def _add_deposit(states: States, body: DepositReceived, reference: Reference) -> SameAmount:
    state = _read(states, _key(body.amount), body.amount)
    deposit = WaitingDeposit(
        deposit_id=body.deposit_id,
        amount=body.amount,
        deposited_on=body.deposited_on,
        trace_number=body.trace_number,
        payer_identifier=body.payer_identifier,
        due_on=body.deposited_on + timedelta(days=reference.installation.deposit_days),
    )
    return state.replace(deposits=(*state.deposits, deposit))


def _match_all(state: SameAmount) -> tuple[SameAmount, tuple[Body, ...]]:
    """By trace first, then by date where there is no choice."""
    outputs: list[Body] = []
    deposits, remittances = list(state.deposits), list(state.remittances)
    for deposit in state.deposits:
        found = [item for item in remittances if deposit.trace_number and _has_trace(deposit, item)]
        matched_by = "trace"
        if not found and not deposit.trace_number:
            matched_by = "amount_and_date"
            near = [item for item in remittances if _is_near(deposit, item)]
            rivals = [other for other in deposits if not other.trace_number and any(_is_near(other, r) for r in near)]
            found = near if len(near) == 1 and len(rivals) == 1 else []
        if len(found) == 1:
            deposits.remove(deposit)
            remittances.remove(found[0])
            outputs += _book(deposit, found, matched_by)
    update = {"deposits": tuple(deposits), "remittances": tuple(remittances)}
    return state.replace(**update), tuple(outputs)


def _has_trace(deposit: WaitingDeposit, remittance: WaitingRemittance) -> bool:
    same_payer = not deposit.payer_identifier or deposit.payer_identifier == remittance.payer_identifier
    return deposit.trace_number.lstrip("0") == remittance.trace_number.lstrip("0") and same_payer


def _is_near(deposit: WaitingDeposit, remittance: WaitingRemittance) -> bool:
    return remittance.paid_on is not None and abs((deposit.deposited_on - remittance.paid_on).days) <= WINDOW_DAYS


def _book(deposit: WaitingDeposit, remittances: Sequence[WaitingRemittance], matched_by: str) -> list[Body]:
    mover = Mover()
    mover.move(deposit.amount, ("bank", ""), ("remittance_clearing", ""))
    entry = JournalEntry(entry_id=make_id("deposit", deposit.deposit_id), lines=mover.lines())
    matched = DepositMatched.model_validate(
        {
            "deposit_id": deposit.deposit_id,
            "remittance_ids": tuple(item.remittance_id for item in remittances),
            "amount": deposit.amount,
            "deposited_on": deposit.deposited_on,
            "matched_by": matched_by,
            "entry": entry,
        }
    )
    waiting = [("deposit_unmatched", deposit.deposit_id, deposit.due_on)]
    waiting += [("deposit_missing", item.remittance_id, item.due_on) for item in remittances]
    # An item that was never opened is closed in vain, and harms nobody; most are matched before it is opened.
    closed = [
        WorkItemClosed(item_id=make_id(reason, subject), account_key=subject, reason="the money is matched")
        for reason, subject, due_on in waiting
        if due_on is None
    ]
    return [matched, *closed]


def _follow_decision(states: States, decided: DepositMatchDecided) -> Outcome:
    """A person's match, when deposit and remittances wait and their amounts agree; else an item that says why not."""
    changed: dict[str, SameAmount] = {}
    home = _read(states, _key(decided.deposit_amount), decided.deposit_amount)
    deposit = next((item for item in home.deposits if item.deposit_id == decided.deposit_id), None)
    found: list[WaitingRemittance] = []
    for share in decided.remittances:
        key = _key(share.amount)
        state = changed.get(key) or _read(states, key, share.amount)
        remittance = next((r for r in state.remittances if r.remittance_id == share.remittance_id), None)
        if remittance is not None:
            found.append(remittance)
            left = tuple(item for item in state.remittances if item is not remittance)
            changed[key] = state.replace(remittances=left)
    total = sum((share.amount for share in decided.remittances), ZERO)
    if deposit is None or len(found) != len(decided.remittances) or total != deposit.amount:
        item = open_work(
            DEPOSIT_MATCH_REFUSED,
            make_id(DEPOSIT_MATCH_REFUSED.reason, decided.deposit_id),
            decided.deposit_id,
            {"count": len(decided.remittances), "total": total, "amount": decided.deposit_amount},
            amount=decided.deposit_amount,
        )
        return Outcome(outputs=(item,))
    key = _key(deposit.amount)
    state = changed.get(key, home)
    left_deposits = tuple(item for item in state.deposits if item.deposit_id != deposit.deposit_id)
    changed[key] = state.replace(deposits=left_deposits)
    outputs = _book(deposit, found, "person")
    return Outcome({name: _set_due(item) for name, item in changed.items()}, tuple(outputs))


def _ask_about_overdue(states: States, tick: ClockTicked) -> Outcome:
    today = tick.business_date
    changed: dict[str, SameAmount] = {}
    outputs: list[Body] = []
    for key, state in list_states(states, SameAmount):
        late_deposits = [d for d in state.deposits if d.due_on and d.due_on <= today]
        late_remittances = [r for r in state.remittances if r.due_on and r.due_on <= today]
        for deposit in late_deposits:
            outputs.append(_ask_about_deposit(deposit))
        for remittance in late_remittances:
            outputs.append(_ask_for_deposit(remittance, state.amount))
        told = {item.deposit_id for item in late_deposits} | {item.remittance_id for item in late_remittances}
        update = {
            "deposits": tuple(
                item.replace(due_on=None) if item.deposit_id in told else item for item in state.deposits
            ),
            "remittances": tuple(
                item.replace(due_on=None) if item.remittance_id in told else item for item in state.remittances
            ),
        }
        changed[key] = _set_due(state.replace(**update))
    return Outcome(changed, tuple(outputs))


def _say_what_to_do_with(deposit: WaitingDeposit) -> str:
    if deposit.amount > ZERO:
        return (
            f"A deposit of {deposit.amount} on {deposit.deposited_on} is no remittance that we know. Find its 835, or "
            "say which remittances it is: `revcycle deposits match`."
        )
    return (
        f"The bank took {-deposit.amount} on {deposit.deposited_on}, and no remittance that we know takes it back: a "
        "payer's recovery without its 835, or a payment that was returned. Ask the bank and the payer; once its 835 is "
        "here it is matched by itself, or say which remittances it is: `revcycle deposits match`. Of a patient's "
        "payment that bounced: `revcycle patient returned`."
    )


def _ask_about_deposit(deposit: WaitingDeposit) -> WorkItemOpened:
    item_id = make_id(DEPOSIT_UNMATCHED.reason, deposit.deposit_id)
    action = _say_what_to_do_with(deposit)
    return open_work(DEPOSIT_UNMATCHED, item_id, deposit.deposit_id, next_action=action, amount=deposit.amount)


def _ask_for_deposit(remittance: WaitingRemittance, amount: Decimal) -> WorkItemOpened:
    said, ask = f"paid {amount}", "Ask the payer"
    if amount < ZERO:
        said, ask = f"takes back {-amount}", "Ask the payer whether it keeps it from a later check"
    return open_work(
        DEPOSIT_MISSING,
        make_id(DEPOSIT_MISSING.reason, remittance.remittance_id),
        remittance.remittance_id,
        {
            "payer": remittance.payer_name,
            "said": said,
            "paid_on": remittance.paid_on,
            "trace_number": remittance.trace_number,
            "ask": ask,
        },
        remittance_id=remittance.remittance_id,
        amount=amount,
    )


def _set_due(state: SameAmount) -> SameAmount:
    waiting = [deposit.due_on for deposit in state.deposits] + [item.due_on for item in state.remittances]
    return state.replace(due_on=min((due for due in waiting if due), default=None))


def _read(states: States, key: str, amount: Decimal) -> SameAmount:
    return find_state(states, key, SameAmount) or SameAmount(amount=amount)


def _key(amount: Decimal) -> str:
    return f"amount:{to_cents(amount)}"
