"""The store's port: what the step and the command line need of a database, and nothing of how it does it."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Literal, Protocol

from schemas.event import Event
from schemas.identifiers import make_id

# A message is ours, by the store or by its MAC; from outside, of a type that others may publish; or unproven: of
# another type without a MAC, or with one that does not fit. Then it is ours where the store has the very same event.
Origin = Literal["ours", "outside", "unproven"]


@dataclass(frozen=True, slots=True)
class Record:
    """One message as a topic holds it: attributes and the bare JSON body. `offset` is its place in the partition;
    `headers` are those of a Kafka message as they came, for its dead letter; `origin` says whose it is."""

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
    headers: str = ""
    origin: Origin = "ours"


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

    @property
    def letter_id(self) -> str:
        """The same message buried by two steps, or again after a crash, is one letter; another message at its offset,
        in a topic that was created again, is another."""
        body_hash = sha256(self.body).hexdigest()
        return make_id("dead_letter", self.topic, self.partition, self.offset, self.headers, body_hash)


@dataclass(frozen=True, slots=True)
class SetAside:
    """An event that a step could not take, or (`reason` is "") one that waits behind it, so that its key keeps its
    order. `key` is the event's; for a tick of the clock, the key of those whose due states it was not told."""

    step: str
    key: str
    event_id: str
    topic: str
    type: str
    reason: str  # the kind of the exception and the lines of code that it passed; never a value

    @property
    def item_id(self) -> str:
        """The work item of an event that could not be taken; those behind it have none."""
        return make_id("event_set_aside", self.step, self.key, self.event_id)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message of the outbox: an event's record, or a dead letter, committed and not yet acknowledged by the broker.

    `topic` and `partition` are those of the message that caused it; only their owner may publish it.
    """

    message_id: str
    topic: str
    partition: int
    record: Record | None
    letter: DeadLetter | None


@dataclass(frozen=True, slots=True)
class PublishResult:
    """Which of the published events were new, and the ids of repeats and of conflicts (same id, another body).

    One that came twice in one call is new once and a repeat once: what is to be sent on is `new`, never "all that was
    not repeated".
    """

    new: tuple[Event, ...]
    repeated: tuple[str, ...]
    conflicting: tuple[str, ...]


class StoreTransaction(Protocol):
    """One database transaction of one step: everything in it happens, or nothing."""

    def savepoint(self) -> AbstractContextManager[None]:
        """What is done within it is undone by itself when it raises; what the transaction did before stays."""
        ...

    def lock_held_keys(self, step: str) -> frozenset[str]:
        """The keys of which this step has set something aside. They stay so until the transaction ends."""
        ...

    def set_aside(self, events: Sequence[SetAside]) -> None:
        """Keeps what a step could not take, and what waits behind it, in this order; repeats add nothing."""
        ...

    def lock_set_aside(self, step: str, key: str) -> list[SetAside]:
        """What a step has set aside under a key, in its order; nobody adds to it until the transaction ends."""
        ...

    def give_reason(self, event: SetAside) -> None:
        """What only waited behind another cannot be taken itself, for this reason."""
        ...

    def give_back(self, step: str, key: str, event_ids: Sequence[str], ended: str) -> None:
        """These are set aside no more: `ended` says "taken", or "dropped" by a person."""
        ...

    def lock_positions(self, step: str, positions: Sequence[Position], owner: str = "") -> bool:
        """Locks the step's position rows; False when they are not those that the batch was read at, or when another
        owner has claimed one of them since."""
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

    def project(self, events: Iterable[Event]) -> None:
        """Applies the projections of events; `append` does so for those that are new."""
        ...

    def add_dead_letters(self, letters: Sequence[DeadLetter]) -> None: ...

    def add_outbox(self, step: str, messages: Sequence[tuple[str, str, int]]) -> None:
        """Notes (event id or letter id, source topic, source partition) as still to be published."""
        ...

    def lock_sending(self, source: str, wait: bool) -> bool:
        """Whether this transaction is, until it ends, the only one that sends what `source` left in the outbox."""
        ...

    def remove_outbox(self, message_ids: Sequence[str]) -> None:
        """The broker has acknowledged these."""
        ...

    def mark_applied(self, step: str, applied: Iterable[Applied]) -> None: ...

    def save_positions(self, step: str, positions: Sequence[Position]) -> None: ...


class Store(Protocol):
    """A database with the topics (embedded engine) or the outbox (Kafka), state, and projections."""

    def transaction(self) -> AbstractContextManager[StoreTransaction]: ...

    def read(self, topics: Sequence[str], next_offset: int, limit: int) -> list[Record]:
        """The next records of these topics in the order in which they were appended."""
        ...

    def find_hashes(self, event_ids: Sequence[str]) -> Mapping[str, bytes]:
        """The hash of the body of each of these events that the store has."""
        ...

    def positions(self, step: str) -> Mapping[tuple[str, int], int]: ...

    def claim_partitions(self, step: str, starts: Mapping[tuple[str, int], int], owner: str) -> list[Position]:
        """Makes `owner` the one whose batches of these partitions count, and returns where each goes on: at the given
        start of the log where nothing was read yet.

        An owner before it, that does not know yet, finds its next batch refused by `lock_positions`.
        """
        ...

    def owned_positions(self, step: str, owner: str) -> Mapping[tuple[str, int], int]:
        """The next offset of each partition that this owner has claimed and nobody else since."""
        ...

    def has_event(self, event_id: str) -> bool:
        """Whether the log holds this event."""
        ...

    def find_staged(self, file_name: str) -> str | None:
        """The hidden file that is to become this file of the outbox, or did and is not said to have yet."""
        ...

    def keep_staged(self, file_name: str, staged_name: str) -> None:
        """That file is ready: from now on its name is given once; another that was kept stays. Within the caller's
        transaction."""
        ...

    def find_sent_before(self, file_name: str, numbers: Sequence[str]) -> list[tuple[str, str]]:
        """Name and sha256 of each file that went out under this name, or with one of these patient control numbers,
        though the log does not know it: the store was set back since."""
        ...

    def list_set_aside(self) -> Sequence[SetAside]:
        """Everything that is set aside now, in the order in which it was."""
        ...

    def read_outbox(self, step: str, partitions: Sequence[tuple[str, int]], limit: int) -> list[Outgoing]:
        """What these partitions caused and nobody has published, letters first, then events as they were made."""
        ...

    def acknowledge(self, message_ids: Sequence[str]) -> None:
        """The broker has these: they leave the outbox. Forgetting it costs a repeat, so it need not be durable."""
        ...

    def close(self) -> None: ...
