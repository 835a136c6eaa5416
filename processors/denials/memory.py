"""What is remembered of a claim's denials, and of how a payer's denials end."""

from datetime import date
from decimal import Decimal

from schemas.base import Frozen
from schemas.events import WorkItemOpened
from schemas.money import Sum
from schemas.processing import Timed

NEUTRAL = Decimal("0.5")  # the chance of overturning where nothing is known yet


class DeniedLine(Frozen):
    """A denied line: the denial, its work item as it stands, and what was done about it."""

    line_key: str
    payer_identifier: str
    payer_name: str
    group: str
    reason: str
    patient_control_number: str
    remittance_id: str
    claim_index: int
    notice_date: date | None
    denied_on: date
    amount: Sum
    item: WorkItemOpened
    appeals: int = 0  # levels filed
    corrected: bool = False
    written_off: bool = False
    is_open: bool = True  # money is open with the payer
    is_worked: bool = True  # the item is open; a person may have closed it
    warned: bool = False  # that its deadline is near


class ClaimDenials(Timed):
    """The denied lines of one claim."""

    encounter_id: str | None = None
    lines: tuple[DeniedLine, ...] = ()

    def find(self, line_key: str) -> DeniedLine | None:
        return next((line for line in self.lines if line.line_key == line_key), None)

    def put(self, line: DeniedLine) -> "ClaimDenials":
        """With this line instead of the one of its key."""
        others = [x for x in self.lines if x.line_key != line.line_key]
        return self.replace(lines=tuple(sorted((*others, line), key=lambda x: x.line_key)))


class OverturnHistory(Frozen):
    """How many denials of one payer for one reason have ended, and how many of them in a payment."""

    concluded: int = 0
    overturned: int = 0

    @property
    def chance(self) -> Decimal:
        """The share that was overturned; one half before anything is known, and slowly away from there."""
        return (Decimal(self.overturned) + 1) / (Decimal(self.concluded) + 2)
