"""What of a settled claim a person must look at: each with an id that is the same in any order of arrival."""

from collections.abc import Iterator, Sequence

from processors.payers.line_matching import match_lines
from processors.posting.adjudication import Adjudication, PayerTurn, RemittedService, date_of, pair_reversals
from processors.posting.settlement import Settlement
from schemas.events import SubmittedLine, WorkItemOpened
from schemas.identifiers import billed_id_of, claim_id_of, make_id
from schemas.money import format_money, from_cents

LINES_SHOWN_MAX = 5


def list_unmatched(account_key: str, parked: tuple[Adjudication, ...]) -> Iterator[WorkItemOpened]:
    """Cash of nobody's claim, unless the payer has taken it back."""
    standing, unmatched = pair_reversals(sorted(parked, key=date_of))
    for item in (*standing, *unmatched):
        if item.paid_cents:
            yield _open(
                account_key,
                unmatched_kind(*item.identity),
                "unmatched_payment",
                item.paid_cents,
                f"This payment of {item.payer_name} (CLP at segment {item.document.segment} of document "
                f"{item.document.sha256[:12]}) names a patient control number that no claim of ours carries. Find "
                "whose it is and apply it (`revcycle ledger apply`), or return it to the payer.",
                None,
                item.remittance_id,
            )


def unmatched_kind(remittance_id: str, claim_index: int) -> tuple[str | int, ...]:
    """What the work item of an unmatched payment is named by."""
    return ("unapplied", remittance_id, claim_index)


def list_items(
    account_key: str, claim_id: str, settled: Settlement, lines: Sequence[SubmittedLine], number: str
) -> Iterator[WorkItemOpened]:
    """Everything about a claim that the payers' answers leave to a person; `lines` are those of its latest version,
    which has this patient control number."""
    for place, turn in enumerate(settled.turns):
        if not turn.adjudications:
            before = settled.turns[place - 1] if place else turn
            if turn.open_cents > 0 and not before.forwarded and any(item.by_hand for item in before.adjudications):
                yield _describe_unbilled(account_key, claim_id, turn, before)
            continue
        for reversal in turn.unmatched_reversals:
            yield _describe_reversal(account_key, claim_id, turn, reversal)
        excess = max(turn.excess.paid, 0) or sum(part for part in turn.excess if part > 0)
        if excess:
            yield _describe_excess(account_key, claim_id, turn, excess)
        if turn.borrowed_cents:
            yield _describe_borrowed(account_key, claim_id, turn)
        if _is_taken_back(turn):
            yield _describe_taken_back(account_key, claim_id, turn)
        strange = list(_find_strange_lines(turn, lines, number))
        if strange:
            yield _describe_strange_lines(account_key, claim_id, turn, strange)
    if settled.qmb_cents:
        last = settled.turns[-1]
        action = (
            f"{show(settled.qmb_cents)} is the cost share of a Qualified Medicare Beneficiary (RARC N781-N783): the "
            "patient may not be billed. Bill the state's Medicaid programme, or write it off by policy."
        )
        kind = ("qmb", claim_id)
        yield _open(
            account_key,
            kind,
            "qmb_cost_share",
            settled.qmb_cents,
            action,
            claim_id,
            last.adjudications[-1].remittance_id if last.adjudications else None,
        )


def show(cents: int) -> str:
    """Cents as dollars, for a sentence."""
    return format_money(from_cents(cents))


def _describe_reversal(account_key: str, claim_id: str, turn: PayerTurn, reversal: Adjudication) -> WorkItemOpened:
    others = [item for item in turn.adjudications if item is not reversal]
    posted = f"{show(sum(i.paid_cents for i in others))} paid and {show(sum(map(_adjusted, others)))} adjusted"
    if not any(not item.is_reversal for item in others):
        posted = "nothing"
    action = (
        f"The payer takes back {show(-reversal.paid_cents)} paid and {show(-_adjusted(reversal))} adjusted, but no "
        f"posted remittance of it has these amounts: posted otherwise is {posted}. What exceeds it stands in unapplied "
        "payments. Find the original payment, or ask the payer what it reverses."
    )
    kind = ("reversal", *reversal.identity)
    return _open(account_key, kind, "reversal_unmatched", reversal.paid_cents, action, claim_id, reversal.remittance_id)


def _adjusted(item: Adjudication) -> int:
    return item.contractual_cents + item.sequestration_cents + item.patient_cents


def _describe_excess(account_key: str, claim_id: str, turn: PayerTurn, excess_cents: int) -> WorkItemOpened:
    paid, *adjusted = turn.excess
    action = (
        f"{turn.payer.payer_name} gives more than was open with it: {show(paid)} paid, which stands in unapplied "
        f"payments, and {show(sum(adjusted))} adjusted, which is not posted. Compare its remittances; refund, or ask "
        "for a reversal."
    )
    kind = ("excess", claim_id, turn.key)
    remittance_id = turn.adjudications[-1].remittance_id
    return _open(account_key, kind, "excess_over_open_balance", excess_cents, action, claim_id, remittance_id)


def _describe_borrowed(account_key: str, claim_id: str, turn: PayerTurn) -> WorkItemOpened:
    action = (
        f"{turn.payer.payer_name} settled {show(turn.borrowed_cents)} that was still open with an earlier payer. "
        "Check the order of payers, and whether the earlier payer still owes."
    )
    kind = ("borrowed", claim_id, turn.key)
    remittance_id = turn.adjudications[-1].remittance_id
    return _open(account_key, kind, "paid_out_of_turn", turn.borrowed_cents, action, claim_id, remittance_id)


def _is_taken_back(turn: PayerTurn) -> bool:
    """Every CLP of this payer is reversed and none came instead."""
    reversed_count = sum(item.is_reversal for item in turn.adjudications)
    return (
        0 < reversed_count == len(turn.adjudications) - reversed_count
        and turn.open_cents > 0
        and not turn.unmatched_reversals
        and any(item.paid_cents for item in turn.adjudications)
    )


def _describe_taken_back(account_key: str, claim_id: str, turn: PayerTurn) -> WorkItemOpened:
    taken = sum(item.paid_cents for item in turn.adjudications if item.is_reversal)
    action = (
        f"{turn.payer.payer_name} took back {show(-taken)} and sent no correction: the claim is open again. Look for "
        "the corrected remittance; what was billed on to the next payer or the patient must be looked at as well."
    )
    last = max(item.identity for item in turn.adjudications if item.is_reversal)
    return _open(
        account_key, ("taken back", claim_id, turn.key), "payment_taken_back", taken, action, claim_id, last[0]
    )


def _describe_unbilled(account_key: str, claim_id: str, turn: PayerTurn, before: PayerTurn) -> WorkItemOpened:
    action = (
        f"A payment of {before.payer.payer_name} that was applied by hand left {show(turn.open_cents)} to "
        f"{turn.payer.payer_name}. Claims to later payers are built from answers to our own claim numbers only: bill "
        "this one by hand, with that payer's answer."
    )
    remittance_id = before.adjudications[-1].remittance_id
    kind = ("unbilled", claim_id, turn.key)
    return _open(account_key, kind, "next_payer_by_hand", turn.open_cents, action, claim_id, remittance_id)


def _find_strange_lines(
    turn: PayerTurn, lines: Sequence[SubmittedLine], number: str
) -> Iterator[tuple[int, RemittedService]]:
    """The SVCs with money that none of our lines answers, each with its place in its CLP, counted from 1.

    Not asked of what the payer has taken back, nor of an earlier version of the claim, which had other lines; what is
    refused whole has the item of its denial.
    """
    ours = {line.line_control_number for line in lines}
    services = (service for item in turn.adjudications for service in item.services)
    if not ours or all(service.line_control_number in ours for service in services):
        return
    standing, _ = pair_reversals(turn.adjudications)
    for item in standing:
        of_first_payer = billed_id_of(item.patient_control_number) == claim_id_of(item.patient_control_number)
        if of_first_payer and item.patient_control_number[:18] < number[:18]:
            continue
        for place, (key, service) in enumerate(zip(match_lines(lines, item.services), item.services, strict=True), 1):
            if key not in ours and (service.paid_cents or (service.charge_cents and not service.denied_cents)):
                yield place, service


def _describe_strange_lines(
    account_key: str, claim_id: str, turn: PayerTurn, strange: Sequence[tuple[int, RemittedService]]
) -> WorkItemOpened:
    named = [
        f"SVC {place} ({'-'.join((*service.procedures[:1], *service.modifiers)) or 'no procedure'}, charge "
        f"{show(service.charge_cents)}, paid {show(service.paid_cents)})"
        for place, service in strange[:LINES_SHOWN_MAX]
    ]
    if len(strange) > LINES_SHOWN_MAX:
        named.append(f"and {len(strange) - LINES_SHOWN_MAX} more")
    action = (
        f"{turn.payer.payer_name} decided on lines that are none of this claim's: {'; '.join(named)}. Their amounts "
        "are posted to the claim as a whole. Compare its explanation with the claim: where it changed what was billed, "
        "accept it or appeal; where it answers another claim's line, ask it to reverse and correct."
    )
    paid = sum(service.paid_cents for _, service in strange)
    remittance_id = turn.adjudications[-1].remittance_id
    return _open(account_key, ("lines", claim_id, turn.key), "line_unmatched", paid, action, claim_id, remittance_id)


def _open(
    account_key: str,
    kind: tuple[str | int, ...],
    reason: str,
    cents: int,
    action: str,
    claim_id: str | None,
    remittance_id: str | None,
) -> WorkItemOpened:
    return WorkItemOpened(
        item_id=make_id(*kind),
        account_key=account_key,
        queue="payments",
        owner="biller",
        priority=3,
        reason=reason,
        claim_id=claim_id,
        remittance_id=remittance_id,
        next_action=action,
        amount=from_cents(cents),
    )
