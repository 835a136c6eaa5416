"""What is remembered of a claim between outbox and remittance, and of the time that a payer takes."""

from datetime import date
from typing import Literal

from schemas.base import Frozen
from schemas.money import ZERO, Money
from schemas.processing import Timed

DAYS_MAX = 180  # later answers count as this late
ANSWERS_MIN = 20  # fewer answers teach nothing
USUAL_PERCENT = 90  # so many of a hundred answers come within the usual time


class SenderAnswer(Frozen):
    """What one sender (clearinghouse, payer) said of one version."""

    sender: str
    source: Literal["TA1", "999", "277CA"]
    number: str
    outcome: Literal["accepted", "rejected"]
    codes: tuple[str, ...]


class TrackedClaim(Timed):
    """The version that is with the payer, what was said of it, and which silences somebody was told of."""

    account_key: str = ""
    encounter_id: str | None = None
    trading_partner: str = ""
    payer_id: str = ""
    payer_name: str = ""
    charge_amount: Money = ZERO
    filing_limit: date | None = None
    usual_days: int = 0
    document: str = ""  # sha256 of the 837 that it was sent in
    submitted: str = ""  # the version that is with the payer
    submitted_on: date | None = None
    answers: tuple[SenderAnswer, ...] = ()
    rejected: str = ""  # the version that was rejected last
    rejected_by: str = ""
    rejection_codes: tuple[str, ...] = ()
    decided: str = ""  # the version that a remittance decided last
    payer_claim_control_number: str = ""
    told: tuple[str, ...] = ()
    asked_on: date | None = None


class PayerHistory(Frozen):
    """How many answers of a payer took so many days: `days[3]` of them took three."""

    days: tuple[int, ...] = ()

    def add(self, days: int) -> "PayerHistory":
        """With one more answer."""
        place = min(days, DAYS_MAX)
        counts = [*self.days, *[0] * (place + 1 - len(self.days))]
        counts[place] += 1
        return PayerHistory(days=tuple(counts))

    @property
    def usual_days(self) -> int | None:
        """Within how many days nine of ten answers came; None before there are twenty."""
        total = sum(self.days)
        if total < ANSWERS_MIN:
            return None
        seen = 0
        for days, count in enumerate(self.days):
            seen += count
            if seen * 100 >= total * USUAL_PERCENT:
                return days
        return DAYS_MAX
