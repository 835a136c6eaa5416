"""The step: one database transaction for a batch of events, the same on both engines.

Positions, event ids seen, state, outputs, dead letters and projections are written together or not at all. Identity
decides what is a duplicate; the position only says where to resume.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

from schemas.base import Frozen
from schemas.errors import TooManyDeadLettersError, UnreadableMessageError
from schemas.event import Body, Event, derive_events
from schemas.events import EVENT_TYPES, OfClock, WorkItemOpened
from schemas.identifiers import make_id
from schemas.processing import Function, KeysOf, Outcome, Timed
from schemas.reference import Reference
from schemas.store import Applied, DeadLetter, Due, Position, Record, Store, StoreTransaction
from streams.checkpoints import reach
from streams.metrics import time_transaction
from streams.recent import decode_recent
from streams.ticking import find_partition

# More unreadable messages than this without a readable one between them is a bad deploy upstream, not bad luck.
DEAD_LETTERS_IN_A_ROW_MAX = 100
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
        """The topics of the event types that it takes."""
        return tuple(dict.fromkeys(body.topic for body in self.takes))


class StalePositionError(Exception):
    """Another process has moved this step on, or owns its partitions now: look again before reading on."""


@dataclass(frozen=True)
class Batch:
    """What one transaction has made: the events new to the store, and what nothing could read."""

    events: tuple[Event, ...]
    letters: tuple[DeadLetter, ...]


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


# The source of events that other programs published on Kafka: known here, never published from here.
OUTSIDE = "outside"


class StepRunner:
    """Runs one step over batches of records, each in one transaction.

    With an `owner` (on Kafka) the new events also stand in the outbox, by the partition that caused them, and what
    came from outside is kept beside them; without one the store's log is the topic itself.
    """

    def __init__(
        self, step: Step, store: Store, reference: Reference, owner: str = "", batch_events: int = BATCH_EVENTS
    ) -> None:
        self.step = step
        self.store = store
        self.owner = owner
        self.use(reference)
        self.name = step.name
        self.consumes = step.consumes
        self.batch_events = min(batch_events, step.batch_events)
        self._taken_types = {body.type for body in step.takes}
        self._passed_types = {
            topic: {x.type for x in EVENT_TYPES.values() if x.topic == topic} - self._taken_types
            for topic in step.consumes
        }
        self._produced_types = frozenset(step.produces)
        self._unreadable_in_a_row = 0

    def use(self, reference: Reference) -> None:
        """From the next batch on, what is looked up is this, and events name its versions."""
        self.reference = reference
        self.decided_by = json.dumps(dict(sorted(reference.versions.items())), separators=(",", ":"))

    def takes(self, event_type: str) -> bool:
        """Whether the step's function is given events of this type."""
        return event_type in self._taken_types

    def run_batch(
        self, messages: Sequence[Record | DeadLetter], read_at: Sequence[Position], move_to: Sequence[Position]
    ) -> Batch:
        """Applies a batch and moves the step's positions, in one transaction. A message that was unreadable before it
        became a record comes as a dead letter.

        Raises StalePositionError when the positions are not `read_at` any more or belong to another owner (nothing is
        written), and TooManyDeadLettersError instead of emptying a topic into its dead letters.
        """
        events, letters = self._decode(messages)
        reach("step.after_read")
        with time_transaction(self.step.name), self.store.transaction() as transaction:
            if not transaction.lock_positions(self.step.name, read_at, self.owner):
                raise StalePositionError(self.step.name)
            if self.owner:
                transaction.append([event for event, _ in events if event.causation_id is None], OUTSIDE)
            outputs = self.apply(transaction, events)
            result = transaction.append(outputs, self.step.name)
            if result.conflicting:
                raise RuntimeError(f"{self.step.name} made two different events with one id: {result.conflicting[0]}")
            transaction.add_dead_letters(letters)
            batch = Batch(result.new, tuple(letters))
            if self.owner:
                transaction.add_outbox(self.step.name, list(_trace_sources(messages, batch)))
            transaction.save_positions(self.step.name, move_to)
            reach("step.before_commit")
        reach("step.after_commit")
        return batch

    def _decode(self, messages: Sequence[Record | DeadLetter]) -> tuple[list[tuple[Event, bytes]], list[DeadLetter]]:
        events: list[tuple[Event, bytes]] = []
        letters: list[DeadLetter] = []
        for message in messages:
            if isinstance(message, DeadLetter):
                letters.append(message)
                self._count_unreadable(message)
                continue
            if message.type in self._passed_types[message.topic]:
                continue  # another step's event on a shared topic
            try:
                events.append(decode_recent(message))
                self._unreadable_in_a_row = 0
            except UnreadableMessageError as error:
                letters.append(bury_record(message, str(error)))
                self._count_unreadable(letters[-1])
        return events, letters

    def _count_unreadable(self, letter: DeadLetter) -> None:
        self._unreadable_in_a_row += 1
        if self._unreadable_in_a_row > DEAD_LETTERS_IN_A_ROW_MAX:
            raise TooManyDeadLettersError(
                f"{self._unreadable_in_a_row} unreadable messages in a row on {letter.topic}: the last says "
                f"{letter.reason}. Mend the publisher, or read `revcycle deadletters list`, then start again"
            )

    def apply(self, transaction: StoreTransaction, events: Sequence[tuple[Event, bytes]]) -> list[Event]:
        """Runs the step's function over events, each with the hash of its body, and saves states and ids seen.

        Returns the outputs, which the caller appends (or, in a replay, compares with the recorded ones). What is due
        at a tick depends on everything before it, so a tick is looked at by itself.
        """
        outputs: list[Event] = []
        for is_tick, run in groupby(events, key=lambda pair: isinstance(pair[0].body, OfClock)):
            for part in [[pair] for pair in run] if is_tick else [list(run)]:
                outputs.extend(self._apply_together(transaction, part))
        return outputs

    def _apply_together(self, transaction: StoreTransaction, events: Sequence[tuple[Event, bytes]]) -> list[Event]:
        step = self.step
        seen = dict(transaction.seen(step.name, [event.event_id for event, _ in events]))
        keys_of_events = [(*step.keys(event), *self._find_due(transaction, event)) for event, _ in events]
        stored = transaction.load_states(step.name, sorted({key for keys in keys_of_events for key in keys}))
        states = {key: self._read_state(key, value) for key, value in stored.items() if value}
        changed: dict[str, Frozen] = {}
        due: dict[str, Due] = {}
        applied: list[Applied] = []
        outputs: list[Event] = []
        for (event, body_hash), keys in zip(events, keys_of_events, strict=True):
            earlier = seen.get(event.event_id)
            if earlier is not None:
                if earlier != body_hash:
                    outputs.append(report_conflict(event, step.name))
                continue
            seen[event.event_id] = body_hash
            applied.append(Applied(event.event_id, event.key, body_hash))
            outcome = step.function({key: states[key] for key in keys if key in states}, event, self.reference)
            self._require_named(outcome, keys)
            states.update(outcome.states)
            changed.update(outcome.states)
            for key, state in outcome.states.items():
                if isinstance(state, Timed):
                    due[key] = Due(key, event.key, state.due_on)
            outputs.extend(derive_events(event, step.name, outcome.outputs, self.decided_by))
        transaction.save_states(step.name, {key: state.model_dump_json().encode() for key, state in changed.items()})
        transaction.save_due(step.name, list(due.values()))
        transaction.mark_applied(step.name, applied)
        return outputs

    def _find_due(self, transaction: StoreTransaction, event: Event) -> tuple[str, ...]:
        """What a tick touches beside the keys that its step names: the due states of the tick's partition."""
        tick = event.body
        if not isinstance(tick, OfClock):
            return ()
        due = transaction.list_due(self.step.name, tick.looks_at)
        return tuple(x.key for x in due if find_partition(x.partition_key, tick.partitions) == tick.partition)

    def _require_named(self, outcome: Outcome, keys: Sequence[str]) -> None:
        """The map is the truth: what a function does beside it would be lost to locks, topics and readers."""
        if not outcome.states.keys() <= set(keys):
            raise RuntimeError(f"{self.step.name} touched a state key that it did not name")
        for body in outcome.outputs:
            if type(body) not in self._produced_types:
                raise RuntimeError(f"{self.step.name} produced {body.type}, which the map does not name")

    def _read_state(self, key: str, value: bytes) -> Frozen:
        return self.step.states[key.partition(":")[0]].model_validate_json(value)


def bury_record(record: Record, reason: str) -> DeadLetter:
    """The dead letter of a message that no schema accepts, with its headers as they came."""
    ours = {"ce_id": record.event_id, "ce_type": record.type, "ce_time": record.occurred_at, "key": record.key}
    headers = record.headers or json.dumps(ours)
    return DeadLetter(record.topic, record.partition, record.offset, headers, record.body, reason)


def _trace_sources(messages: Sequence[Record | DeadLetter], batch: Batch) -> Iterator[tuple[str, str, int]]:
    """For each event and letter of a batch: its id, and the partition of the message that caused it."""
    causes = {x.event_id: (x.topic, x.partition) for x in messages if isinstance(x, Record)}
    for event in batch.events:
        assert event.causation_id is not None
        yield event.event_id, *causes[event.causation_id]
    for letter in batch.letters:
        yield letter.letter_id, letter.topic, letter.partition


def report_conflict(event: Event, step: str) -> Event:
    """The same id with another body is never applied; somebody must find out who sent it."""
    item = WorkItemOpened(
        item_id=make_id("event_conflict", event.event_id),
        account_key=event.key,
        queue="operations",
        owner="operations",
        priority=2,
        reason="event_conflict",
        encounter_id=event.correlation_id,
        next_action=f"Two different {event.body.type} messages carry the id {event.event_id}: the first was applied, "
        "this one was not. Have the sender give the change a new version.",
    )
    (derived,) = derive_events(event, f"{step}.conflict", (item,), "")
    return derived
