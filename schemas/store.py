"""The store's port: what the step and the command line need of a database, and nothing of how it does it."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from schemas.event import Event


@dataclass(frozen=True, slots=True)
class Record:
    """One message as a topic holds it: attributes and the bare JSON body. `offset` is its place in the partition."""

    topic: str
    partition: int
    offset: int
    event_id: str
    type: str
    schema_version: int
    key: str
    occurred_at: str
    correlation_id: str
    causation_id: str | None
    decided_by: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Position:
    """The next offset that a step will read of one partition."""

    topic: str
    partition: int
    next_offset: int


@dataclass(frozen=True, slots=True)
class Applied:
    """A step has taken this event: its place in the order of the step, and the hash of its body."""

    event_id: str
    key: str
    body_hash: bytes


@dataclass(frozen=True, slots=True)
class Due:
    """When a state must be looked at (None: not any more), and the partition key of the events that made it."""

    key: str
    partition_key: str
    due_on: date | None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that nothing here can read, kept as it came, with the reason (which never quotes its content)."""

    topic: str
    partition: int
    offset: int
    headers: str
    body: bytes
    reason: str


@dataclass(frozen=True, slots=True)
class PublishResult:
    """Which of the published event ids were new, repeats, or conflicts (same id, another body)."""

    new: int
    repeated: tuple[str, ...]
    conflicting: tuple[str, ...]


class StoreTransaction(Protocol):
    """One database transaction of one step: everything in it happens, or nothing."""

    def lock_positions(self, step: str, positions: Sequence[Position]) -> bool:
        """Locks the step's position rows; False when they are not those that the batch was read at."""
        ...

    def seen(self, step: str, event_ids: Sequence[str]) -> Mapping[str, bytes]:
        """The event ids that this step has taken before, with the hash of the body taken."""
        ...

    def load_states(self, step: str, keys: Sequence[str]) -> Mapping[str, bytes]:
        """Inserts missing state keys, locks all of them in the given order, and returns those that have a value."""
        ...

    def save_states(self, step: str, states: Mapping[str, bytes]) -> None: ...

    def save_due(self, step: str, due: Sequence[Due]) -> None:
        """Keeps the dates on which states become due; a state that has a partition key already keeps it."""
        ...

    def list_due(self, step: str, on: date) -> Sequence[Due]:
        """The states of a step that are due on this date or were due before it, by key."""
        ...

    def append(self, events: Sequence[Event], source: str) -> PublishResult:
        """Adds events to their topics (or the outbox of them) and to the projections; repeats add nothing."""
        ...

    def add_dead_letters(self, letters: Sequence[DeadLetter]) -> None: ...

    def mark_applied(self, step: str, applied: Iterable[Applied]) -> None: ...

    def save_positions(self, step: str, positions: Sequence[Position]) -> None: ...


class Store(Protocol):
    """A database with the topics (embedded engine) or the outbox (Kafka), state, and projections."""

    def transaction(self) -> AbstractContextManager[StoreTransaction]: ...

    def read(self, topics: Sequence[str], next_offset: int, limit: int) -> list[Record]:
        """The next records of these topics in the order in which they were appended."""
        ...

    def positions(self, step: str) -> Mapping[tuple[str, int], int]: ...
