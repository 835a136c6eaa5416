"""Where a claim stands in the ledger: what it is settled from, what that comes to, and what two of these differ in."""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from processors.posting.adjudication import Adjudication
from processors.posting.announcements import BookedClaim, announce_denials, announce_shares
from processors.posting.settlement import Settlement, settle
from processors.posting.work_items import list_items, list_unmatched
from schemas.base import Frozen
from schemas.event import Body
from schemas.events import ClaimPayer, SubmittedLine, UnappliedReleased, WorkItemClosed, WorkItemOpened
from schemas.identifiers import account_key_of, billed_id_of, make_id
from schemas.ledger import AccountPart, DocumentPlace, JournalEntry, LedgerLine
from schemas.money import from_cents


class WriteOff(Frozen):
    """What somebody accepted as a loss on a denied line."""

    line_key: str
    cents: int


class PostingState(Frozen):
    """One encounter's claim in the ledger, whatever its version or payer: what it is settled from.

    Without an encounter it is a control number that no claim of ours carries, or not yet.
    """

    account_key: str
    claim_id: str | None = None
    encounter_id: str | None = None
    patient_control_number: str = ""  # of the latest version
    payers: tuple[ClaimPayer, ...] = ()
    charge_cents: int = 0
    lines: tuple[SubmittedLine, ...] = ()
    adjudications: tuple[Adjudication, ...] = ()
    write_offs: tuple[WriteOff, ...] = ()


class Standing(NamedTuple):
    """What follows from a state: its balances, what people must look at, and the settlement once the claim is known."""

    balances: Mapping[AccountPart, int]
    items: Mapping[str, WorkItemOpened]
    settled: Settlement | None


def key_of_number(number: str) -> str:
    """The state key of a patient control number: of the claim that all payers and versions share, or, when it is not
    one of ours, of the number itself."""
    return f"claim:{billed_id_of(number) if account_key_of(number) else number}"


def name_entry(item: Adjudication) -> str:
    """The id of the entry that posts a CLP."""
    return make_id("posting", *item.identity)


def stand(state: PostingState) -> Standing:
    """What a state comes to."""
    if state.encounter_id is None:
        balances: dict[AccountPart, int] = {}
        for item in state.adjudications:
            add_unapplied(balances, item)
        items = list_unmatched(state.account_key, state.adjudications)
        return Standing(balances, {item.item_id: item for item in items}, None)
    assert state.claim_id is not None
    written_off: Counter[str] = Counter()
    for write_off in state.write_offs:
        written_off[write_off.line_key] += write_off.cents
    settled = settle(state.charge_cents, state.payers, state.lines, state.adjudications, written_off)
    items = list_items(state.account_key, state.claim_id, settled, state.lines, state.patient_control_number)
    return Standing(settled.balances(), {item.item_id: item for item in items}, settled)


def add_unapplied(balances: dict[AccountPart, int], item: Adjudication) -> None:
    """The cash of a CLP whose claim is not known: it is in clearing, and nobody's yet."""
    clearing: AccountPart = ("remittance_clearing", "")
    unapplied: AccountPart = ("unapplied_payments", item.payer_key)
    balances[clearing] = balances.get(clearing, 0) + item.paid_cents
    balances[unapplied] = balances.get(unapplied, 0) - item.paid_cents


def difference(before: Mapping[AccountPart, int], after: Mapping[AccountPart, int]) -> tuple[LedgerLine, ...]:
    """The lines of the entry that leads from one to the other, in account order, each on its positive side."""
    lines = []
    for account, qualifier in sorted({*before, *after}):
        cents = after.get((account, qualifier), 0) - before.get((account, qualifier), 0)
        if cents > 0:
            lines.append(LedgerLine(account=account, qualifier=qualifier, debit=from_cents(cents)))
        elif cents < 0:
            lines.append(LedgerLine(account=account, qualifier=qualifier, credit=from_cents(-cents)))
    return tuple(lines)


def moved(before: Standing, after: Standing) -> tuple[int, int, int]:
    """Cents that the claim was paid, adjusted, and moved to the patient between the two."""
    old, new = before.settled, after.settled
    if new is None:
        return (0, 0, 0)
    return (
        new.paid_cents - (old.paid_cents if old else 0),
        new.adjusted_cents - (old.adjusted_cents if old else 0),
        new.patient_cents - (old.patient_cents if old else 0),
    )


def make_entry(
    state: PostingState, entry_id: str, document: DocumentPlace, lines: tuple[LedgerLine, ...]
) -> JournalEntry | None:
    if not lines:
        return None
    return JournalEntry(
        entry_id=entry_id,
        claim_id=state.claim_id,
        encounter_id=state.encounter_id,
        document=document,
        lines=lines,
    )


def release(
    state: PostingState,
    item: Adjudication,
    entry_id: str,
    lines: tuple[LedgerLine, ...],
    amounts: tuple[int, int, int],
) -> UnappliedReleased:
    """A CLP moves between unapplied payments and this claim, whose `moved` amounts are given."""
    assert state.claim_id is not None and state.encounter_id is not None
    paid, adjusted, patient = amounts
    return UnappliedReleased(
        remittance_id=item.remittance_id,
        account_key=state.account_key,
        claim_index=item.claim_index,
        patient_control_number=item.patient_control_number,
        claim_id=state.claim_id,
        encounter_id=state.encounter_id,
        paid_amount=from_cents(paid),
        adjusted_amount=from_cents(adjusted),
        patient_amount=from_cents(patient),
        entry=make_entry(state, entry_id, item.document, lines),
    )


def announce(state: PostingState, before: Standing, after: Standing, cause: Adjudication | None) -> list[Body]:
    """Denials, shares and work items that are other than before; `cause` is the CLP that changed them, if one did."""
    outputs: list[Body] = []
    if after.settled is not None:
        claim = BookedClaim(state.account_key, state.claim_id or "", state.encounter_id or "")
        outputs.extend(announce_denials(claim, before.settled, after.settled, cause))
        outputs.extend(announce_shares(claim, before.settled, after.settled))
    for item_id, item in before.items.items():
        if after.items.get(item_id) != item:
            reason = (
                "what was posted since has changed it" if item_id in after.items else "what was posted since answers it"
            )
            outputs.append(WorkItemClosed(item_id=item_id, account_key=state.account_key, reason=reason))
    outputs.extend(item for item_id, item in after.items.items() if before.items.get(item_id) != item)
    return outputs
