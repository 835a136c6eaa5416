"""A desk for one processor: facts in, facts out, and readers of what came out."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TypeVar

from schemas.base import Frozen
from schemas.event import Body, Event
from schemas.events import ClockTicked, OfClock, RemittancePart
from schemas.identifiers import make_id
from schemas.ledger import JournalEntry
from schemas.processing import Function, KeysOf, Timed
from schemas.reference import Reference

B = TypeVar("B", bound=Body)
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


@dataclass
class Desk:
    """One processor and its memory: takes facts, says what follows.

    As the step does, it gives the function only the states that the event's keys name, and keeps them as JSON.
    """

    keys: KeysOf
    function: Function
    reference: Reference
    states: dict[str, Frozen] = field(default_factory=dict)
    taken: int = 0

    def take(self, *bodies: Body, at: datetime = NOON) -> tuple[Body, ...]:
        """Everything that follows from these facts, in order."""
        return tuple(output for body in bodies for output in self._take_one(body, at))

    def tick(self, day: date) -> tuple[Body, ...]:
        """What a business date brings: the function gets the states that are due."""
        return self.take(ClockTicked(business_date=day), at=datetime(day.year, day.month, day.day, tzinfo=UTC))

    def _take_one(self, body: Body, at: datetime) -> tuple[Body, ...]:
        self.taken += 1
        event = Event(make_id("event", self.taken), "a key", at, "an encounter", None, "", body)
        keys = self.keys(event)
        if isinstance(body, OfClock):
            waiting = ((key, state.due_on) for key, state in self.states.items() if isinstance(state, Timed))
            keys += tuple(sorted(key for key, on in waiting if on is not None and on <= body.looks_at))
        outcome = self.function({key: self.states[key] for key in keys if key in self.states}, event, self.reference)
        assert set(outcome.states) <= set(keys), "a state that the event's keys do not name"
        for key, state in outcome.states.items():
            self.states[key] = type(state).model_validate_json(state.model_dump_json())
        return outcome.outputs


class ReadingDesk(Desk):
    """The desk of remittance reading, to which each part that it makes comes back; parts themselves are not told."""

    def take(self, *bodies: Body, at: datetime = NOON) -> tuple[Body, ...]:
        told: list[Body] = []
        for body in bodies:
            for output in super().take(body, at=at):
                told.extend(super().take(output, at=at) if isinstance(output, RemittancePart) else (output,))
        return tuple(told)


def pick(outputs: tuple[Body, ...], body_type: type[B]) -> list[B]:
    return [output for output in outputs if isinstance(output, body_type)]


def name_types(outputs: tuple[Body, ...]) -> list[str]:
    return [type(output).__name__ for output in outputs]


def sides(entry: JournalEntry | None) -> dict[str, str]:
    """An entry as account -> debit (or minus credit)."""
    assert entry is not None
    return {line.account: str(line.debit - line.credit) for line in entry.lines}
