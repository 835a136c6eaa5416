"""A step at work: one database transaction for a batch of events, the same on both engines.

Positions, event ids seen, state, outputs, dead letters and projections are written together or not at all. Identity
decides what is a duplicate; the position only says where to resume. An event that the step cannot take is set aside
(`streams/engine/setting_aside.py`), and the batch goes on without it.
"""

import json
from collections.abc import Iterator, Sequence

from schemas.errors import NewerSchemaError, UnreadableMessageError
from schemas.event import Event
from schemas.events import PLACES, OfClock
from schemas.reference import Reference
from schemas.store import Applied, DeadLetter, Position, Record, SetAside, Store, StoreTransaction
from streams.bugs import describe_failure
from streams.edge.clock import find_partition
from streams.engine.decider import Decider, Hashed
from streams.engine.decoded_events import decode_recent
from streams.engine.kill_points import reach
from streams.engine.metrics import time_transaction
from streams.engine.setting_aside import SOURCE, Conclude, FailureShare, note_set_aside, open_item
from streams.engine.step import NOT_OF_AN_EVENT, OUTSIDE, Batch, StalePositionError, Step

BATCH_EVENTS = 500


class StepRunner:
    """Runs one step over batches of records, each in one transaction.

    With an `owner` (on Kafka) the new events also stand in the outbox, by the partition that caused them, and what
    came from outside is kept beside them; without one the store's log is the topic itself.
    """

    def __init__(
        self, step: Step, store: Store, reference: Reference, owner: str = "", batch_events: int = BATCH_EVENTS
    ) -> None:
        self.decider = Decider(step, reference)
        self.store = store
        self.owner = owner
        self.name = step.name
        self.consumes = step.consumes
        self.batch_events = min(batch_events, step.batch_events)
        self._taken_types = {name for body in step.takes for name in body.names()}
        self._passed_types = {
            topic: {name for place, name in PLACES if place == topic} - self._taken_types for topic in step.consumes
        }
        self._failures = FailureShare(step.name)

    def use(self, reference: Reference) -> None:
        """From the next batch on, what is looked up is this, and events name its versions."""
        self.decider.use(reference)

    def takes(self, event_type: str) -> bool:
        """Whether the step's function is given events of this type."""
        return event_type in self._taken_types

    def run_batch(
        self, messages: Sequence[Record | DeadLetter], read_at: Sequence[Position], move_to: Sequence[Position]
    ) -> Batch:
        """Applies a batch and moves the step's positions, in one transaction. A message that was unreadable before it
        became a record comes as a dead letter.

        Raises StalePositionError when the positions are not `read_at` any more or belong to another owner (nothing is
        written), and TooManySetAsideError after the commit where event after event cannot be taken.
        """
        events, letters = self._decode(messages)
        reach("step.after_read")
        failed: list[SetAside] = []
        with time_transaction(self.name):
            try:
                batch = self._commit(messages, events, letters, read_at, move_to, None)
            except NOT_OF_AN_EVENT:
                raise
            except Exception:
                # Nothing was written. Taken one by one, the events show which of them the step cannot take.
                batch = self._commit(messages, events, letters, read_at, move_to, failed)
        reach("step.after_commit")
        self._failures.require_sound(len(events), failed)
        return batch

    def _commit(
        self,
        messages: Sequence[Record | DeadLetter],
        events: Sequence[Hashed],
        unreadable: Sequence[DeadLetter],
        read_at: Sequence[Position],
        move_to: Sequence[Position],
        failed: list[SetAside] | None,
    ) -> Batch:
        """Takes the events together, or one by one where `failed` hears of those that cannot be taken."""
        letters = list(unreadable)
        with self.store.transaction() as transaction:
            if not transaction.lock_positions(self.name, read_at, self.owner):
                raise StalePositionError(self.name)
            if failed is None:
                new = self._take(transaction, events)
            else:
                new = []
                records = {x.event_id: x for x in messages if isinstance(x, Record)}
                for pair in events:
                    new += self._take_by_itself(transaction, pair, records[pair[0].event_id], failed, letters)
            transaction.add_dead_letters(letters)
            batch = Batch(tuple(new), tuple(letters), tuple(failed or ()))
            if self.owner:
                transaction.add_outbox(self.name, list(_trace_sources(messages, batch)))
            transaction.save_positions(self.name, move_to)
            reach("step.before_commit")
        return batch

    def _take(self, transaction: StoreTransaction, events: Sequence[Hashed]) -> list[Event]:
        """Keeps what came from outside, applies what nothing is in the way of, and returns what is new of it."""
        self._keep_outside(transaction, [event for event, _ in events])
        held = transaction.lock_held_keys(self.name)
        if held:
            events = self._leave_behind(transaction, events, held)
        return self._append(transaction, self.decider.apply(transaction, events, held))

    def _keep_outside(self, transaction: StoreTransaction, events: Sequence[Event]) -> None:
        if self.owner:
            transaction.append([event for event in events if event.causation_id is None], OUTSIDE)

    def _append(self, transaction: StoreTransaction, outputs: Sequence[Event]) -> list[Event]:
        result = transaction.append(outputs, self.name)
        if result.conflicting:
            raise RuntimeError(f"{self.name} made two different events with one id: {result.conflicting[0]}")
        return list(result.new)

    def _leave_behind(
        self, transaction: StoreTransaction, events: Sequence[Hashed], held: frozenset[str]
    ) -> list[Hashed]:
        """Sets aside what comes under a key of which something is set aside already; returns the others. A tick is for
        every key: it goes on, and waits once more for each that is held in its partition."""
        behind: list[tuple[SetAside, Event]] = []
        free: list[Hashed] = []
        for event, body_hash in events:
            tick = event.body
            if isinstance(tick, OfClock):
                keys = [key for key in sorted(held) if find_partition(key, tick.partitions) == tick.partition]
                behind += [(note_set_aside(self.name, key, event), event) for key in keys]
                free.append((event, body_hash))
            elif event.key in held:
                behind.append((note_set_aside(self.name, event.key, event), event))
            else:
                free.append((event, body_hash))
        self._set_aside(transaction, behind)
        return free

    def _set_aside(self, transaction: StoreTransaction, waiting: Sequence[tuple[SetAside, Event]]) -> None:
        """The log must have an event before it may wait: it is read from there when it is given back."""
        if transaction.append([event for _, event in waiting], OUTSIDE).conflicting:
            raise RuntimeError(f"{self.name} was given another event under an id that is known")
        transaction.set_aside([noted for noted, _ in waiting])

    def _take_by_itself(
        self,
        transaction: StoreTransaction,
        pair: Hashed,
        record: Record,
        failed: list[SetAside],
        letters: list[DeadLetter],
    ) -> list[Event]:
        """One event with a savepoint before it. What cannot even be kept, as it came from outside, is buried."""
        event, _ = pair
        try:
            with transaction.savepoint():
                return self._take(transaction, [pair])
        except NOT_OF_AN_EVENT:
            raise
        except Exception as error:
            reason = describe_failure(error)
        if isinstance(event.body, OfClock):
            return self._tick_by_key(transaction, pair, failed)
        noted = note_set_aside(self.name, event.key, event, reason)
        try:
            with transaction.savepoint():
                self._set_aside(transaction, [(noted, event)])
                reported = list(transaction.append([open_item(noted, event)], SOURCE).new)
        except NOT_OF_AN_EVENT:
            raise
        except Exception as error:
            letters.append(bury_record(record, f"the event cannot be kept: {describe_failure(error)}"))
            return []
        failed.append(noted)
        return reported

    def _tick_by_key(self, transaction: StoreTransaction, pair: Hashed, failed: list[SetAside]) -> list[Event]:
        """A tick that cannot be told to all at once is told key by key, and set aside for those that cannot take it."""
        event, body_hash = pair
        new: list[Event] = []
        held = transaction.lock_held_keys(self.name)
        self._leave_behind(transaction, [pair], held)
        for key in sorted(set(self.decider.find_due(transaction, event, held).values())):
            try:
                with transaction.savepoint():
                    new += self._append(transaction, self.decider.tick_key(transaction, event, key))
            except NOT_OF_AN_EVENT:
                raise
            except Exception as error:
                failed.append(note_set_aside(self.name, key, event, describe_failure(error)))
                self._set_aside(transaction, [(failed[-1], event)])
                new += transaction.append([open_item(failed[-1], event)], SOURCE).new
        transaction.mark_applied(self.name, [Applied(event.event_id, event.key, body_hash)])
        return new

    def take_again(self, noted: SetAside, record: Record) -> Conclude:
        """Applies an event that was set aside, and appends what follows."""
        pair = decode_recent(record)

        def conclude(transaction: StoreTransaction) -> list[Event]:
            if isinstance(pair[0].body, OfClock):
                return self._append(transaction, self.decider.tick_key(transaction, pair[0], noted.key))
            return self._append(transaction, self.decider.apply(transaction, [pair]))

        return conclude

    def _decode(self, messages: Sequence[Record | DeadLetter]) -> tuple[list[Hashed], list[DeadLetter]]:
        events: list[Hashed] = []
        letters: list[DeadLetter] = []
        for message in messages:
            if isinstance(message, DeadLetter):
                letters.append(message)
                continue
            if message.type in self._passed_types[message.topic]:
                continue  # another step's event on a shared topic
            try:
                events.append(decode_recent(message))
            except UnreadableMessageError as error:
                letters.append(bury_record(message, str(error)))
            except NewerSchemaError as error:
                # A publisher who is ahead of us harms nobody but itself; a step of a newer release must not be lost.
                if message.origin != "outside":
                    raise
                letters.append(bury_record(message, str(error)))
        return events, letters


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
