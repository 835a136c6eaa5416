"""What of a settled claim a person must look at: each with an id that is the same in any order of arrival."""

from collections.abc import Iterator, Mapping, Sequence

from processors.payers.line_matching import match_lines
from processors.posting.adjudication import Adjudication, PayerTurn, RemittedService, date_of, pair_reversals
from processors.posting.settlement import Settlement
from schemas.events import SubmittedLine, WorkItemOpened
from schemas.identifiers import billed_id_of, claim_id_of, make_id
from schemas.money import format_money, from_cents
from schemas.work_item import WorkKind, open_work
from schemas.work_kinds import (
    EXCESS_OVER_OPEN_BALANCE,
    LINE_UNMATCHED,
    NEXT_PAYER_BY_HAND,
    PAID_OUT_OF_TURN,
    PAYMENT_TAKEN_BACK,
    PAYMENT_UNMATCHED,
    QMB_COST_SHARE,
    REVERSAL_UNMATCHED,
)

LINES_SHOWN_MAX = 5


def list_unmatched(account_key: str, unapplied: tuple[Adjudication, ...]) -> Iterator[WorkItemOpened]:
    """Cash of nobody's claim, unless the payer has taken it back."""
    standing, unmatched = pair_reversals(sorted(unapplied, key=date_of))
    for item in (*standing, *unmatched):
        if item.paid_cents:
            yield _open(
                account_key,
                unmatched_kind(*item.identity),
                PAYMENT_UNMATCHED,
                item.paid_cents,
                {
                    "payer": item.payer_name,
                    "segment": item.document.segment,
                    "document": item.document.sha256[:12],
                },
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
        yield _open(
            account_key,
            ("qmb", claim_id),
            QMB_COST_SHARE,
            settled.qmb_cents,
            {"amount": show(settled.qmb_cents)},
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
    words = {"paid": show(-reversal.paid_cents), "adjusted": show(-_adjusted(reversal)), "posted": posted}
    name = ("reversal", *reversal.identity)
    return _open(account_key, name, REVERSAL_UNMATCHED, reversal.paid_cents, words, claim_id, reversal.remittance_id)


def _adjusted(item: Adjudication) -> int:
    return item.contractual_cents + item.sequestration_cents + item.patient_cents


def _describe_excess(account_key: str, claim_id: str, turn: PayerTurn, excess_cents: int) -> WorkItemOpened:
    paid, *adjusted = turn.excess
    words = {"payer": turn.payer.payer_name, "paid": show(paid), "adjusted": show(sum(adjusted))}
    name = ("excess", claim_id, turn.key)
    remittance_id = turn.adjudications[-1].remittance_id
    return _open(account_key, name, EXCESS_OVER_OPEN_BALANCE, excess_cents, words, claim_id, remittance_id)


def _describe_borrowed(account_key: str, claim_id: str, turn: PayerTurn) -> WorkItemOpened:
    words = {"payer": turn.payer.payer_name, "amount": show(turn.borrowed_cents)}
    name = ("borrowed", claim_id, turn.key)
    remittance_id = turn.adjudications[-1].remittance_id
    return _open(account_key, name, PAID_OUT_OF_TURN, turn.borrowed_cents, words, claim_id, remittance_id)


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
    words = {"payer": turn.payer.payer_name, "amount": show(-taken)}
    name = ("taken back", claim_id, turn.key)
    last = max(item.identity for item in turn.adjudications if item.is_reversal)
    return _open(account_key, name, PAYMENT_TAKEN_BACK, taken, words, claim_id, last[0])


def _describe_unbilled(account_key: str, claim_id: str, turn: PayerTurn, before: PayerTurn) -> WorkItemOpened:
    words = {
        "before": before.payer.payer_name,
        "amount": show(turn.open_cents),
        "payer": turn.payer.payer_name,
    }
    remittance_id = before.adjudications[-1].remittance_id
    name = ("unbilled", claim_id, turn.key)
    return _open(account_key, name, NEXT_PAYER_BY_HAND, turn.open_cents, words, claim_id, remittance_id)


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
    words = {"payer": turn.payer.payer_name, "lines": "; ".join(named)}
    paid = sum(service.paid_cents for _, service in strange)
    remittance_id = turn.adjudications[-1].remittance_id
    return _open(account_key, ("lines", claim_id, turn.key), LINE_UNMATCHED, paid, words, claim_id, remittance_id)


def _open(
    account_key: str,
    name: tuple[str | int, ...],
    kind: WorkKind,
    cents: int,
    words: Mapping[str, object],
    claim_id: str | None,
    remittance_id: str | None,
) -> WorkItemOpened:
    return open_work(
        kind,
        make_id(*name),
        account_key,
        words,
        claim_id=claim_id,
        remittance_id=remittance_id,
        amount=from_cents(cents),
    )
