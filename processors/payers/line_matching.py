"""Which of our service lines a payer's line speaks of.

REF*6R names it; else procedure, modifiers, date and charge do, as submitted (SVC06) or as adjudicated (SVC01), and then
fewer of these, as long as only one of our lines answers: payers drop and change modifiers, change units, split and
bundle lines (domain rules, section 1). Several SVCs may name one line: they are summed by whoever asks.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Protocol

from schemas.events import SubmittedLine

CLAIM_LEVEL = "claim"


class RemittedLine(Protocol):
    """What an SVC says of the line that it adjudicates; charges are cents, negative in a reversal."""

    @property
    def line_control_number(self) -> str: ...
    @property
    def procedures(self) -> tuple[str, ...]: ...
    @property
    def modifiers(self) -> tuple[str, ...]: ...
    @property
    def service_date(self) -> date | None: ...
    @property
    def charge_cents(self) -> int: ...


Test = Callable[[SubmittedLine, RemittedLine], bool]


def _procedure(ours: SubmittedLine, theirs: RemittedLine) -> bool:
    return ours.procedure in theirs.procedures


def _modifiers(ours: SubmittedLine, theirs: RemittedLine) -> bool:
    return ours.modifiers == theirs.modifiers


def _date(ours: SubmittedLine, theirs: RemittedLine) -> bool:
    return theirs.service_date is None or ours.service_date == theirs.service_date


def _charge(ours: SubmittedLine, theirs: RemittedLine) -> bool:
    return int(ours.charge_amount.scaleb(2)) == abs(theirs.charge_cents)


# From the strictest to the loosest; only the strictest may choose among lines that look the same.
PASSES: tuple[tuple[Test, ...], ...] = (
    (_procedure, _modifiers, _date, _charge),
    (_procedure, _date, _charge),  # a modifier dropped or changed
    (_procedure, _modifiers, _date),  # units changed, or one line split into several SVCs
    (_procedure, _date),
    (_date, _charge),  # another procedure than was billed
)


def match_lines(ours: Sequence[SubmittedLine], theirs: Sequence[RemittedLine]) -> list[str]:
    """The line control number (REF*6R as we sent it) for each SVC of one CLP; a name made of the SVC where none is."""
    numbers = {line.line_control_number for line in ours}
    used = {line.line_control_number for line in theirs}
    found: list[str] = []
    for line in theirs:
        if line.line_control_number in numbers:
            found.append(line.line_control_number)
            continue
        number = _find(ours, line, used)
        if number:
            used.add(number)
        found.append(number or name_line(line))
    return found


def _find(ours: Sequence[SubmittedLine], line: RemittedLine, used: set[str]) -> str:
    for place, tests in enumerate(PASSES):
        candidates = [own.line_control_number for own in ours if all(test(own, line) for test in tests)]
        fresh = [number for number in candidates if number not in used]
        if len(candidates) == 1:
            return candidates[0]
        if fresh and (place == 0 or len(fresh) == 1):
            return fresh[0]
    return ""


def name_line(line: RemittedLine) -> str:
    """A payer's line that none of ours answers, by what it says of itself: the same line has the same name again."""
    day = line.service_date.isoformat() if line.service_date else ""
    parts = (*line.procedures[:1], *line.modifiers, day, str(abs(line.charge_cents)))
    return line.line_control_number or " ".join(part for part in parts if part)
