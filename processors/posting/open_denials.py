"""What payers refused of a claim and is still open: line by line, whatever the version or the remittance."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from processors.payers.line_matching import CLAIM_LEVEL, match_lines
from processors.posting.adjudication import Adjudication, PayerTurn, date_of
from schemas.events import DeniedAdjustment, SubmittedLine


@dataclass(frozen=True, slots=True)
class OpenDenial:
    """Refused money of one line that is still open with the payer that refused it last."""

    line_key: str
    amount_cents: int
    adjudication: Adjudication
    denials: tuple[DeniedAdjustment, ...]


def find_open_denials(
    turns: Sequence[PayerTurn], lines: Sequence[SubmittedLine], written_off: Mapping[str, int]
) -> dict[str, OpenDenial]:
    """Each denied line that still has something open: a later payment, reversal or write-off takes it out."""
    found: dict[str, OpenDenial] = {}
    for turn in turns:
        if turn.open_cents > 0:
            found.update(_find_denied_by(turn, lines, written_off))
    return found


def _find_denied_by(
    turn: PayerTurn, lines: Sequence[SubmittedLine], written_off: Mapping[str, int]
) -> dict[str, OpenDenial]:
    whole = Counter({line.line_control_number: int(line.charge_amount.scaleb(2)) for line in lines})
    strange: Counter[str] = Counter()  # charges of lines that none of ours answers
    settled: Counter[str] = Counter()
    denied: Counter[str] = Counter()
    latest: dict[str, tuple[Adjudication, tuple[DeniedAdjustment, ...]]] = {}
    for item in sorted(turn.adjudications, key=date_of):
        keys = match_lines(lines, item.services)
        for key, service in zip(keys, item.services, strict=True):
            if key not in whole and not item.is_reversal:
                strange[key] += service.charge_cents
            settled[key] += service.settled_cents
            denied[key] += service.denied_cents
        denied[CLAIM_LEVEL] += item.denied_cents
        for denial in item.denials:
            key = CLAIM_LEVEL if denial.line is None else keys[denial.line - 1]
            before = latest.get(key)
            earlier = before[1] if before and before[0] is item else ()
            latest[key] = (item, (*earlier, denial.replace(line_key=key)))
    found: dict[str, OpenDenial] = {}
    for key, (item, denials) in latest.items():
        left = turn.open_cents if key == CLAIM_LEVEL else whole.get(key, strange[key]) - settled[key]
        amount = min(denied[key] - written_off.get(key, 0), left, turn.open_cents)
        if amount > 0:
            found[key] = OpenDenial(key, amount, item, denials)
    return found
