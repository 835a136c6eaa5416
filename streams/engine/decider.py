"""A step's function and its states: which events are new, which states they touch, what follows and what is kept."""

import json
from collections.abc import Sequence
from itertools import groupby

from schemas.base import Frozen
from schemas.event import Event, derive_events
from schemas.events import OfClock
from schemas.identifiers import make_id
from schemas.processing import Outcome, Timed
from schemas.reference import Reference
from schemas.store import Applied, Due, StoreTransaction
from schemas.wire import encode_body, hash_body
from schemas.work_item import open_work
from schemas.work_kinds import EVENT_CONFLICT
from streams.edge.clock import find_partition
from streams.engine.step import Step

Hashed = tuple[Event, bytes]  # an event, and the hash of its body
NONE_HELD: frozenset[str] = frozenset()


class Decider:
    """Applies events to the states of one step, within a transaction that the caller opens and ends."""

    def __init__(self, step: Step, reference: Reference) -> None:
        self.step = step
        self.use(reference)
        self._produced_types = frozenset(step.produces)

    def use(self, reference: Reference) -> None:
        """From the next event on, what is looked up is this, and events name its versions."""
        self.reference = reference
        self.decided_by = json.dumps(dict(sorted(reference.versions.items())), separators=(",", ":"))

    def apply(
        self, transaction: StoreTransaction, events: Sequence[Hashed], held: frozenset[str] = NONE_HELD
    ) -> list[Event]:
        """Runs the step's function over the events that it has not seen, and saves states and ids.

        Returns the outputs, which the caller appends (or, in a replay, compares with the recorded ones). What is due
        at a tick depends on everything before it, so a tick is looked at by itself; what is due under a held key is
        left alone.
        """
        outputs: list[Event] = []
        for is_tick, run in groupby(events, key=lambda pair: isinstance(pair[0].body, OfClock)):
            for part in [[pair] for pair in run] if is_tick else [list(run)]:
                outputs.extend(self._apply_together(transaction, part, held))
        return outputs

    def _apply_together(
        self, transaction: StoreTransaction, events: Sequence[Hashed], held: frozenset[str]
    ) -> list[Event]:
        seen = dict(transaction.seen(self.step.name, [event.event_id for event, _ in events]))
        new: list[tuple[Event, tuple[str, ...]]] = []
        applied: list[Applied] = []
        outputs: list[Event] = []
        for event, body_hash in events:
            earlier = seen.get(event.event_id)
            if earlier is None:
                seen[event.event_id] = body_hash
                applied.append(Applied(event.event_id, event.key, body_hash))
                new.append((event, (*self.step.keys(event), *self.find_due(transaction, event, held))))
            elif earlier != body_hash:
                outputs.append(report_conflict(event, self.step.name))
        outputs += self._decide(transaction, new, self.step.name)
        transaction.mark_applied(self.step.name, applied)
        return outputs

    def tick_key(self, transaction: StoreTransaction, event: Event, key: str) -> list[Event]:
        """Tells a tick to the due states of one partition key alone. Returns the outputs, with ids of their own."""
        due = tuple(name for name, of in self.find_due(transaction, event, NONE_HELD).items() if of == key)
        return self._decide(transaction, [(event, due)], f"{self.step.name}.{key}")

    def _decide(
        self, transaction: StoreTransaction, events: Sequence[tuple[Event, tuple[str, ...]]], label: str
    ) -> list[Event]:
        """Each event with the state keys that it may touch; `label` goes into the ids of what follows."""
        step = self.step
        stored = transaction.load_states(step.name, sorted({key for _, keys in events for key in keys}))
        states = {key: self._read_state(key, value) for key, value in stored.items() if value}
        changed: dict[str, Frozen] = {}
        due: dict[str, Due] = {}
        outputs: list[Event] = []
        for event, keys in events:
            outcome = step.function({key: states[key] for key in keys if key in states}, event, self.reference)
            self._require_named(outcome, keys)
            states.update(outcome.states)
            changed.update(outcome.states)
            for key, state in outcome.states.items():
                if isinstance(state, Timed):
                    due[key] = Due(key, event.key, state.due_on)
            outputs.extend(derive_events(event, label, outcome.outputs, self.decided_by))
        transaction.save_states(step.name, {key: state.model_dump_json().encode() for key, state in changed.items()})
        transaction.save_due(step.name, list(due.values()))
        return outputs

    def find_due(self, transaction: StoreTransaction, event: Event, held: frozenset[str]) -> dict[str, str]:
        """What a tick touches beside the keys that its step names: the due states of the tick's partition, each with
        the partition key that it has, but for those that are held."""
        tick = event.body
        if not isinstance(tick, OfClock):
            return {}
        return {
            due.key: due.partition_key
            for due in transaction.list_due(self.step.name, tick.looks_at)
            if due.partition_key not in held and find_partition(due.partition_key, tick.partitions) == tick.partition
        }

    def _require_named(self, outcome: Outcome, keys: Sequence[str]) -> None:
        """The map is the truth: what a function does beside it would be lost to locks, topics and readers."""
        if not outcome.states.keys() <= set(keys):
            raise RuntimeError(f"{self.step.name} touched a state key that it did not name")
        for body in outcome.outputs:
            if type(body) not in self._produced_types:
                raise RuntimeError(f"{self.step.name} produced {body.type}, which the map does not name")

    def _read_state(self, key: str, value: bytes) -> Frozen:
        return self.step.states[key.partition(":")[0]].model_validate_json(value)


def report_conflict(event: Event, step: str) -> Event:
    """The same id with another body is never applied; somebody must find out who sent it. However many bodies come
    under one id, each is asked about once."""
    content = make_id("content", event.key, hash_body(encode_body(event)).hex())
    item = open_work(
        EVENT_CONFLICT,
        make_id("event_conflict", event.event_id, content),
        event.key,
        {"type": event.body.type, "event_id": event.event_id},
        encounter_id=event.correlation_id,
    )
    (derived,) = derive_events(event, f"{step}.conflict.{content}", (item,), "")
    return derived
