"""What people have to do, what they did about it, and what day it is: `rcm.worklist.v1`, `rcm.clock.v1`."""

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from schemas.base import FileName, Identifier, LongText, ShortText
from schemas.bounds import Count, Day
from schemas.event import Body
from schemas.events.keys import ByPerson
from schemas.findings import Finding
from schemas.money import Sum
from schemas.roles import Act


class WorkItemOpened(Body):
    """Somebody has something to do; the same item id again brings it up to date, and reopens it if it was closed."""

    type: ClassVar[str] = "rcm.worklist"
    topic: ClassVar[str] = "rcm.worklist.v1"
    item_id: FileName  # its appeal's folder begins with it
    account_key: ShortText  # or the remittance or trading partner that it is about
    queue: ShortText
    owner: ShortText
    priority: Annotated[int, Field(ge=1, le=9)]  # 1 first
    reason: ShortText
    category: ShortText = ""
    claim_id: Identifier | None = None
    encounter_id: Identifier | None = None
    remittance_id: Identifier | None = None
    next_action: LongText
    deadline: date | None = None
    amount: Sum | None = None
    findings: tuple[Finding, ...] = ()
    root_cause: ShortText = ""
    edits: tuple[ShortText, ...] = ()  # those of our own coding edits that would have caught it
    appeal_level: Annotated[int, Field(ge=0, le=9)] = 0  # the level that is open to appeal; 0 when none is
    appeal_name: ShortText = ""

    @property
    def key(self) -> str:
        return self.account_key

    def describe(self) -> str:
        return f"work for {self.queue}: {self.next_action}"


class WorkItemClosed(Body):
    """What the item asked for has happened."""

    type: ClassVar[str] = "rcm.worklist.closed"
    topic: ClassVar[str] = "rcm.worklist.v1"
    item_id: Identifier
    account_key: ShortText
    reason: ShortText

    @property
    def key(self) -> str:
        return self.account_key

    def describe(self) -> str:
        return f"work item closed: {self.reason}"


class WorkItemAction(ByPerson):
    """What a person does with a work item."""

    act: ClassVar[Act] = "work"
    item_id: Identifier
    account_key: ShortText
    claim_id: Identifier | None = None

    @property
    def key(self) -> str:
        return self.account_key

    def describe(self) -> str:
        return f"{self.type.rpartition('.')[2]} by {self.who}" + (f": {self.why}" if self.why else "")


class WorkItemTaken(WorkItemAction):
    """A person took the item: it is theirs until it is closed or another takes it over."""

    needs_why: ClassVar[bool] = False
    type: ClassVar[str] = "rcm.worklist.taken"
    topic: ClassVar[str] = "rcm.worklist.v1"


class WorkItemNoted(WorkItemAction):
    """A person wrote down what they found or did; nothing else changes."""

    type: ClassVar[str] = "rcm.worklist.noted"
    topic: ClassVar[str] = "rcm.worklist.v1"


class WorkItemResolved(WorkItemAction):
    """A person closed the item, and says how it ended."""

    type: ClassVar[str] = "rcm.worklist.resolved"
    topic: ClassVar[str] = "rcm.worklist.v1"


class WorkItemReopened(WorkItemAction):
    """A person found that a closed item was not done."""

    type: ClassVar[str] = "rcm.worklist.reopened"
    topic: ClassVar[str] = "rcm.worklist.v1"


class OfClock(Body):
    """What day it is now. Each partition is told by an event of its own, published to it by number; that one touches
    only what is keyed there."""

    business_date: Day
    partition: Annotated[int, Field(ge=0, le=99_999)] = 0
    partitions: Annotated[int, Field(ge=1, le=100_000)] = 1
    setting: Count = 0  # how often the clock had been set back by then

    @property
    def key(self) -> str:
        return self.business_date.isoformat()

    @property
    def looks_at(self) -> date:
        """The states that are due up to this day are given to the step."""
        return self.business_date

    def _place(self) -> tuple[int, ...]:
        return (self.partition, self.partitions) if self.partitions > 1 else ()


class ClockTicked(OfClock):
    """A business date has come. Time enters the pipeline only so."""

    type: ClassVar[str] = "rcm.clock"
    topic: ClassVar[str] = "rcm.clock.v1"

    def identity(self) -> tuple[str | int, ...]:
        # The days after a clock was set back come anew, and count.
        again = (f"setting {self.setting}",) if self.setting else ()
        return (self.business_date.isoformat(), *self._place(), *again)

    def describe(self) -> str:
        return f"the business date is {self.business_date}"


class ClockSetBack(OfClock, ByPerson):
    """A person set a clock back that had been too far ahead: the days from here on come again."""

    act: ClassVar[Act] = "set_clock_back"
    type: ClassVar[str] = "rcm.clock.set_back"
    topic: ClassVar[str] = "rcm.clock.v1"
    stood_at: date

    @property
    def looks_at(self) -> date:
        return date.max

    def identity(self) -> tuple[str | int, ...]:
        return (self.action_id, *self._place())

    def describe(self) -> str:
        return f"{self.who} set the clock back from {self.stood_at} to {self.business_date}: {self.why}"
