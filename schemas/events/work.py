"""What people have to do, and what day it is: `rcm.worklist.v1`, `rcm.clock.v1`."""

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from schemas.base import LongText, ShortText
from schemas.event import Body
from schemas.findings import Finding
from schemas.money import Money


class WorkItemOpened(Body):
    """Somebody has something to do; the same item id opens once, and again only after it was closed."""

    type: ClassVar[str] = "rcm.worklist"
    topic: ClassVar[str] = "rcm.worklist.v1"
    item_id: str
    account_key: str  # or the remittance or trading partner that it is about
    queue: ShortText
    owner: ShortText
    priority: Annotated[int, Field(ge=1, le=9)]  # 1 first
    reason: ShortText
    category: ShortText = ""
    claim_id: str | None = None
    encounter_id: str | None = None
    remittance_id: str | None = None
    next_action: LongText
    deadline: date | None = None
    amount: Money | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def key(self) -> str:
        return self.account_key


class WorkItemClosed(Body):
    """What the item asked for has happened."""

    type: ClassVar[str] = "rcm.worklist.closed"
    topic: ClassVar[str] = "rcm.worklist.v1"
    item_id: str
    account_key: str
    reason: ShortText

    @property
    def key(self) -> str:
        return self.account_key


class ClockTicked(Body):
    """A business date has come. Time enters the pipeline only so."""

    type: ClassVar[str] = "rcm.clock"
    topic: ClassVar[str] = "rcm.clock.v1"
    business_date: date

    @property
    def key(self) -> str:
        return self.business_date.isoformat()

    def identity(self) -> tuple[str | int, ...]:
        return (self.business_date.isoformat(),)
