"""One event: CloudEvents attributes around a typed body, its key, and how its id is derived.

On Kafka the attributes travel as `ce_*` headers (CloudEvents 1.0, binary content mode) and the value is the bare
JSON of the body. No PHI stands in an attribute or a key.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from schemas.base import Frozen
from schemas.identifiers import list_claim_ids, make_id


class Body(Frozen):
    """What happened. `type` is the CloudEvents type, `topic` where it is published."""

    type: ClassVar[str]
    topic: ClassVar[str]
    schema_version: ClassVar[int] = 1
    earlier: ClassVar[tuple[tuple[str, str], ...]] = ()  # topics and types that it was published as before

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Its type, and those that it had before: the log is never changed."""
        return (cls.type, *(name for _, name in cls.earlier))

    @classmethod
    def topics(cls) -> tuple[str, ...]:
        """Where its events stand."""
        return (cls.topic, *(topic for topic, _ in cls.earlier))

    @property
    def key(self) -> str:
        """The partition key: what must keep its order has the same key."""
        raise TypeError(f"{self.type} is published with a key chosen at the edge")

    def identity(self) -> tuple[str | int, ...] | None:
        """The business identity, where a document or the outside world is the true cause; else None."""
        return None

    def describe(self) -> str:
        """What happened in one line, as a biller would say it, without a patient's name, birth date or member id."""
        raise TypeError(f"{self.type} has no sentence: write one beside its model")

    def subjects(self) -> Iterator[str]:
        """The ids under which people ask for it: claims, work item, encounter, remittance; here those of its fields."""
        fields = vars(self)  # a model takes long to say that it has no such attribute
        if claim_ids := list_claim_ids(fields.get("patient_control_number", "")):
            yield from claim_ids
        elif claim_id := fields.get("claim_id"):
            yield claim_id
        yield from (fields[name] for name in ("item_id", "encounter_id", "remittance_id") if fields.get(name))

    def correlation(self) -> str | None:
        """What the event belongs to, where the body alone says it, whatever its sender thinks; else None."""
        return None


@dataclass(frozen=True, slots=True)
class Event:
    """A body with its envelope. `decided_by` names the versions of rules and code sets that decided it."""

    event_id: str
    key: str
    occurred_at: datetime
    correlation_id: str
    causation_id: str | None
    decided_by: str
    body: Body


def publish_at_edge(body: Body, key: str, occurred_at: datetime, correlation_id: str) -> Event:
    """The first event of a chain: its id comes from its business identity, so that a repeat is recognised."""
    identity = body.identity()
    if identity is None:
        raise TypeError(f"{body.type} has no identity of its own: only a step may emit it")
    event_id = make_id(body.type, *identity)
    return Event(event_id, key, occurred_at.astimezone(UTC), correlation_id, None, "", body)


def derive_events(cause: Event, step: str, bodies: Iterable[Body], decided_by: str) -> tuple[Event, ...]:
    """The events that one step makes of one event: ids from (cause, step, index), time from the cause."""
    derived = []
    for index, body in enumerate(bodies):
        identity = body.identity()
        event_id = make_id(body.type, *identity) if identity else make_id(cause.event_id, step, index)
        correlation_id = vars(body).get("encounter_id") or cause.correlation_id
        derived.append(Event(event_id, body.key, cause.occurred_at, correlation_id, cause.event_id, decided_by, body))
    return tuple(derived)
