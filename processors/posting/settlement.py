"""What a claim's adjudications come to: the one function that decides where the money of a claim stands.

Settled anew from all CLPs of the claim, in any order: so a correction before its reversal, a secondary payer before the
primary, or a remittance before its claim end as their usual order does. Posting books the difference between two
settlements. Amounts are integer cents; domain rules, section 6.

Each payer has the claim in its turn: the first has the charge; what it calls the patient's share is the open balance of
the next payer if there is one, else the patient's. Nothing is posted against a payer beyond what is open with it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from processors.posting.adjudication import Adjudication, Amounts, PayerTurn, pair_reversals
from processors.posting.open_denials import OpenDenial, find_open_denials
from processors.posting.payer_order import seat_payers
from schemas.claim_status import AS_FIRST_PAYER, FORWARDED
from schemas.events import ClaimPayer, SubmittedLine
from schemas.ledger import AccountPart


@dataclass(frozen=True, slots=True)
class Settlement:
    """Where a claim's money stands."""

    charge_cents: int
    turns: tuple[PayerTurn, ...]
    patient_cents: int
    is_qmb: bool  # nobody may bill the patient (RARC N781-N783)
    qmb_cents: int  # the cost share of such a patient: it stays open with the last payer
    denied: dict[str, OpenDenial] = field(default_factory=dict)
    written_off_cents: int = 0  # denials accepted as a loss

    @property
    def paid_cents(self) -> int:
        return sum(turn.applied.paid for turn in self.turns)

    @property
    def adjusted_cents(self) -> int:
        written_off = self.written_off_cents
        return written_off + sum(turn.applied.contractual + turn.applied.sequestration for turn in self.turns)

    @property
    def open_cents(self) -> int:
        return sum(turn.open_cents for turn in self.turns)

    def balances(self) -> dict[AccountPart, int]:
        """Debit minus credit of every account that the claim touches."""
        sums: Counter[AccountPart] = Counter()
        sums["gross_charges", ""] -= self.charge_cents
        sums["patient_receivable", ""] += self.patient_cents
        if self.written_off_cents:
            sums["denial_write_offs", ""] += self.written_off_cents
        for turn in self.turns:
            sums["insurance_receivable", turn.key] += turn.open_cents
            sums["contractual_adjustments", ""] += turn.applied.contractual
            sums["sequestration", ""] += turn.applied.sequestration
            cash = sum(adjudication.paid_cents for adjudication in turn.adjudications)
            sums["remittance_clearing", ""] += cash
            if turn.excess.paid:
                sums["unapplied_payments", turn.adjudications[0].payer_key] -= turn.excess.paid
        return sums


def settle(
    charge_cents: int,
    payers: Sequence[ClaimPayer],
    lines: Sequence[SubmittedLine],
    adjudications: Sequence[Adjudication],
    write_offs: Mapping[str, int] | None = None,
) -> Settlement:
    """Settles a claim of `charge_cents` with its payers in their order; the order of adjudications does not matter.

    `write_offs` are cents by denied line that somebody accepted as a loss. They take what is still open and no more: a
    payment that comes later takes their place.
    """
    in_order = sorted(adjudications, key=lambda adjudication: adjudication.identity)
    holders, by_turn = seat_payers(payers, in_order)
    is_qmb = any(adjudication.is_qmb and not adjudication.is_reversal for adjudication in in_order)
    turns: list[PayerTurn] = []
    moved = charge_cents
    qmb_cents = 0
    for place, (payer, own) in enumerate(zip(holders, by_turn, strict=True)):
        turn = _take_turn(payer, own, moved, turns)
        moved = turn.applied.patient
        if is_qmb and place == len(holders) - 1:
            turn, qmb_cents, moved = _keep_from_patient(turn), moved, 0
        turns.append(turn)
    written_off = {key: _write_off(cents, turns) for key, cents in sorted((write_offs or {}).items())}
    denied = find_open_denials(turns, lines, written_off) if any(item.denials for item in in_order) else {}
    return Settlement(charge_cents, tuple(turns), moved, is_qmb, qmb_cents, denied, sum(written_off.values()))


def _write_off(wanted_cents: int, turns: list[PayerTurn]) -> int:
    """Takes up to so much of what is open, of the payer that has the claim last; returns what it took."""
    taken = 0
    for place in reversed(range(len(turns))):
        part = min(max(turns[place].open_cents, 0), wanted_cents - taken)
        turns[place] = replace(turns[place], open_cents=turns[place].open_cents - part)
        taken += part
    return taken


def _take_turn(
    payer: ClaimPayer, own: tuple[Adjudication, ...], moved_cents: int, earlier: list[PayerTurn]
) -> PayerTurn:
    """What this payer's CLPs come to, within what is open with it: by date of payment, so that a second payment of the
    same claim is the excess and not the first.

    Cash beyond that is still this claim's money: it takes of what earlier payers left open. A payer that processed the
    claim as primary, because an earlier one refused it, may adjust that as well.
    """
    standing, unmatched = pair_reversals(own)
    applied, excess = Amounts(), Amounts()
    room, borrowed = moved_cents, 0
    for item in standing:
        amounts = _amounts(item)
        wanted = sum(amounts) if item.status_code in AS_FIRST_PAYER else amounts.paid
        lent = _borrow(wanted - room, earlier)
        borrowed += lent
        taken, beyond = limit_to_open(amounts, room + lent)
        room += lent - sum(taken)
        applied, excess = _plus(applied, taken), _plus(excess, beyond)
    for item in unmatched:
        applied, excess = _take_back(_amounts(item), applied, excess)
    open_cents = moved_cents + borrowed - sum(applied)
    forwarded = any(item.status_code in FORWARDED for item in standing)
    return PayerTurn(payer, own, applied, excess, open_cents, borrowed, forwarded, unmatched)


def _take_back(amounts: Amounts, applied: Amounts, excess: Amounts) -> tuple[Amounts, Amounts]:
    """Takes amounts of an unmatched reversal off the excess first, then off what is applied, down to zero.

    What is left of them exceeds everything that was posted here: it stands as negative excess.
    """
    off_excess = Amounts(*map(_cover, amounts, excess))
    rest = _minus(amounts, off_excess)
    off_applied = Amounts(*map(_cover, rest, applied))
    # A reversed incentive is positive: it takes no more than the reversal has opened.
    room = -sum(off_applied)
    gains = []
    for part in rest:
        gain = min(part, room) if part > 0 else 0
        room -= gain
        gains.append(gain)
    off_applied = _plus(off_applied, Amounts(*gains))
    left = _minus(rest, off_applied)
    return _plus(applied, off_applied), _plus(_plus(excess, off_excess), left)


def _cover(taken_cents: int, there_cents: int) -> int:
    """How much of a negative amount can be taken off what is there."""
    return max(taken_cents, -max(there_cents, 0)) if taken_cents < 0 else 0


def _plus(one: Amounts, other: Amounts) -> Amounts:
    return Amounts(*(a + b for a, b in zip(one, other, strict=True)))


def _minus(one: Amounts, other: Amounts) -> Amounts:
    return Amounts(*(a - b for a, b in zip(one, other, strict=True)))


def _amounts(item: Adjudication) -> Amounts:
    return Amounts(item.paid_cents, item.contractual_cents, item.sequestration_cents, item.patient_cents)


def _borrow(wanted_cents: int, earlier: list[PayerTurn]) -> int:
    """Takes up to so much of what earlier payers left open, the first of them first."""
    borrowed = 0
    for place, turn in enumerate(earlier):
        taken = min(turn.open_cents, wanted_cents - borrowed)
        if taken > 0:
            earlier[place] = replace(turn, open_cents=turn.open_cents - taken)
            borrowed += taken
    return borrowed


def limit_to_open(total: Amounts, open_cents: int) -> tuple[Amounts, Amounts]:
    """Splits amounts into what the open balance takes and the excess: cash first, then adjustments, then the patient.

    Nothing beyond the open balance with a payer is posted against a claim (RFI 1696). Negative amounts (an incentive)
    open the balance further.
    """
    room = open_cents - sum(part for part in total if part < 0)
    applied: list[int] = []
    for part in total:
        taken = min(part, max(room, 0)) if part > 0 else part
        room -= max(taken, 0)
        applied.append(taken)
    return Amounts(*applied), Amounts(*(part - taken for part, taken in zip(total, applied, strict=True)))


def _keep_from_patient(turn: PayerTurn) -> PayerTurn:
    """A QMB patient's share stays open with the last payer."""
    share = turn.applied.patient
    return replace(turn, applied=turn.applied._replace(patient=0), open_cents=turn.open_cents + share)
