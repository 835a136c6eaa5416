"""Topics that follow from the store again, after one of the two was set back: Postgres restored to an earlier moment,
or topics lost.

Steps that decided something go on to decide it again in another order, and so give other events under the same ids: the
topics must not hold both. What came from outside is taken over from the topics first, because nobody else has it. Then
every event of the store is published anew behind the present end of its topic, and what stood before it is deleted.
Each part may be cut off and done again.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from kafka.structs import TopicPartition

from connectors.kafka.offsets import LogEnds
from connectors.kafka.reading import read_all
from connectors.kafka.topics import connect_admin
from connectors.settings import Settings
from connectors.stores.common import SqlStore
from schemas.errors import RefusedError, UnreadableMessageError
from schemas.event import Event
from schemas.store import DeadLetter, Position
from schemas.wire import decode_record
from streams.checkpoints import reach
from streams.kafka.remote import KafkaPublish
from streams.measuring import CONSUMERS
from streams.pipeline import TOPICS
from streams.step import OUTSIDE, bury_record

BATCH_MESSAGES = 500
BUSY = ("STABLE", "PREPARING_REBALANCE", "COMPLETING_REBALANCE")  # states of a group that has members
REBUILD = "rebuild"  # the source under which the outbox holds what is published anew


@dataclass(frozen=True)
class Rebuilt:
    """Counts: events from outside that the store did not know, and events published."""

    taken_over: int
    published: int


def rebuild_topics(store: SqlStore, settings: Settings, group: str) -> Rebuilt:
    """Takes over what came from outside, publishes the whole store anew, and deletes what stood before. The members of
    `group` must have stopped; raises RefusedError when they have not."""
    with connect_admin(settings.kafka, settings.kafka_security) as client:
        if group in {each["group_id"] for each in client.list_groups(states_filter=BUSY)}:
            raise RefusedError("workers are running: stop them all, and whoever publishes, then give the command again")
    ends = LogEnds(settings, TOPICS).read()
    taken_over = 0
    for events, unreadable in _read_outside(settings, ends):
        with store.transaction() as transaction:
            taken_over += len(transaction.append(events, OUTSIDE).new)
            transaction.add_dead_letters(unreadable)
    with store.transaction() as transaction:
        for step, topics in CONSUMERS.items():
            positions = [Position(*place, end) for place, end in sorted(ends.items()) if place[0] in topics]
            transaction.save_positions(step, positions)
        store.refill_outbox(REBUILD)
    reach("rebuild.after_commit")
    with connect_admin(settings.kafka, settings.kafka_security) as client:
        client.delete_records({TopicPartition(*place): end for place, end in ends.items() if end})
    return Rebuilt(taken_over, KafkaPublish(store, settings).send_waiting())


def _read_outside(
    settings: Settings, ends: dict[tuple[str, int], int]
) -> Iterator[tuple[list[Event], list[DeadLetter]]]:
    """What no step has made, a batch at a time, and what cannot be read."""
    events: list[Event] = []
    letters: list[DeadLetter] = []
    for message in read_all(settings, ends):
        if isinstance(message, DeadLetter):
            letters.append(message)
        elif message.causation_id is None:
            try:
                events.append(decode_record(message))
            except UnreadableMessageError as error:
                letters.append(bury_record(message, str(error)))
        if len(events) + len(letters) >= BATCH_MESSAGES:
            yield events, letters
            events, letters = [], []
    yield events, letters
