"""The shape of every processor: (states, event, reference data) to (changed states, new facts). No I/O, no clock."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from schemas.base import Frozen
from schemas.event import Body, Event
from schemas.reference import Reference

States = Mapping[str, Frozen]


class Timed(Frozen):
    """A state that waits: the tick of `due_on`, or the first after it, is given to its step together with it."""

    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a processor decides: the states that changed, and the facts that follow."""

    states: States = field(default_factory=dict)
    outputs: tuple[Body, ...] = ()


Function = Callable[[States, Event, Reference], Outcome]
KeysOf = Callable[[Event], tuple[str, ...]]
