"""The step: a line of the map, and what every engine drives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from schemas.base import Frozen
from schemas.errors import PassingConflictError, TransportError
from schemas.event import Body, Event
from schemas.processing import Function, KeysOf
from schemas.reference import Reference
from schemas.store import DeadLetter, Position, Record, SetAside

BATCH_EVENTS = 500
BATCH_EVENTS_MAX = 10_000


@dataclass(frozen=True)
class Step:
    """One line of the map. `keys` lists every state key that `function` may touch for an event, to which a tick of the
    clock adds the states that are due; the text before the first colon of a key picks its model in `states`."""

    name: str
    takes: tuple[type[Body], ...]
    keys: KeysOf
    function: Function
    produces: tuple[type[Body], ...]
    states: Mapping[str, type[Frozen]]
    batch_events: int = BATCH_EVENTS_MAX  # the most that one transaction takes; fewer where one event makes many

    @property
    def consumes(self) -> tuple[str, ...]:
        """The topics where events that it takes stand."""
        return tuple(dict.fromkeys(topic for body in self.takes for topic in body.topics()))


@dataclass(frozen=True)
class Effect:
    """What the outside world sees of the cycle, beside the steps: of which events, and what it says once it is done."""

    name: str
    takes: tuple[type[Body], ...]
    produces: tuple[type[Body], ...]

    @property
    def consumes(self) -> tuple[str, ...]:
        """The topics where events that it takes stand."""
        return tuple(dict.fromkeys(topic for body in self.takes for topic in body.topics()))


class StalePositionError(Exception):
    """Another process has moved this step on, or owns its partitions now: look again before reading on."""


# Of the machine or of another process: the event is not to blame, and the same batch is tried again.
NOT_OF_AN_EVENT = (StalePositionError, TransportError, PassingConflictError)


# The source of events that other programs published on Kafka: known here, never published from here.
OUTSIDE = "outside"


@dataclass(frozen=True)
class Batch:
    """What one transaction has made: the events new to the store, what nothing could read, and what the step could not
    take."""

    events: tuple[Event, ...]
    letters: tuple[DeadLetter, ...]
    failed: tuple[SetAside, ...] = ()


class Runner(Protocol):
    """What an engine drives: a step of the map, or an effect that keeps a position like one."""

    @property
    def name(self) -> str: ...

    @property
    def consumes(self) -> tuple[str, ...]: ...

    @property
    def batch_events(self) -> int:
        """The most that one transaction takes."""
        ...

    def takes(self, event_type: str) -> bool: ...

    def use(self, reference: Reference) -> None:
        """From the next batch on, what is looked up is this."""
        ...

    def run_batch(
        self, messages: Sequence[Record | DeadLetter], read_at: Sequence[Position], move_to: Sequence[Position]
    ) -> Batch: ...
