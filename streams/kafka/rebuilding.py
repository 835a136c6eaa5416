"""Topics that follow from the store again, after one of the two was set back: Postgres restored to an earlier moment,
or topics lost.

Steps that decided something go on to decide it again in another order, and so give other events under the same ids: the
topics must not hold both. What came from outside is taken over from the topics first, because nobody else has it. Then
every event of the store is published anew behind the present end of its topic, and what stood before it is deleted.
What went out to a payer is not decided again: that a file was written is taken over too, and its claims are remembered
where the store knows nothing of it.
Each part may be cut off and done again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from kafka.structs import TopicPartition

from connectors.kafka.offsets import LogEnds
from connectors.kafka.reading import read_all
from connectors.kafka.topics import connect_admin, describe_topics
from connectors.settings import Settings
from connectors.stores.common import SqlStore
from schemas.errors import NewerSchemaError, RefusedError, UnreadableMessageError
from schemas.event import Event
from schemas.events import InterchangeBuilt, InterchangeWritten
from schemas.store import DeadLetter, Position, Record
from schemas.topics import KnownTopic
from schemas.wire import decode_record
from streams.engine.kill_points import reach
from streams.engine.step import OUTSIDE
from streams.engine.step_runner import bury_record
from streams.kafka.belonging import BUSY, GROUP
from streams.kafka.origin import find_known, make_trust, recognise
from streams.kafka.remote import KafkaPublish
from streams.pipeline import CONSUMERS, TOPICS

BATCH_MESSAGES = 500
REBUILD = "rebuild"  # the source under which the outbox holds what is published anew


@dataclass(frozen=True)
class Rebuilt:
    """Counts: events from outside that the store did not know, and events published."""

    taken_over: int
    published: int


def rebuild_topics(store: SqlStore, settings: Settings) -> Rebuilt:
    """Takes over what came from outside, publishes the whole store anew, and deletes what stood before; topics and
    store are this installation's then. All workers must have stopped; raises RefusedError when they have not."""
    with connect_admin(settings.kafka, settings.kafka_security) as client:
        if any(GROUP.fullmatch(each["group_id"]) for each in client.list_groups(states_filter=BUSY)):
            raise RefusedError(
                "workers are running, or one left without a word less than REVCYCLE_KAFKA_SESSION_SECONDS ago: stop "
                "them all, and whoever publishes, wait so long, then give the command again"
            )
        found = describe_topics(client, TOPICS)
    ends = LogEnds(settings, TOPICS).read()
    taken_over = 0
    sent = SentFiles(store)
    for events, unreadable in _read_outside(store, settings, ends, sent):
        with store.transaction() as transaction:
            taken_over += len(transaction.append(events, OUTSIDE).new)
            transaction.add_dead_letters(unreadable)
    with store.transaction() as transaction:
        for step, topics in CONSUMERS.items():
            positions = [Position(*place, end) for place, end in sorted(ends.items()) if place[0] in topics]
            transaction.save_positions(step, positions)
        store.save_topics({x.name: KnownTopic(x.topic_id, x.partitions) for x in found.values()})
        store.hand_to(settings.installation_id)
        store.refill_outbox(REBUILD)
    reach("rebuild.after_commit")
    with connect_admin(settings.kafka, settings.kafka_security) as client:
        client.delete_records({TopicPartition(*place): end for place, end in ends.items() if end})
    return Rebuilt(taken_over, KafkaPublish(store, settings).send_waiting())


class SentFiles:
    """What the topics say of files that were written, and the store does not know."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self._numbers: dict[str, list[str]] = {}  # of the claims of an interchange, by the id of its InterchangeBuilt

    def look(self, message: Record) -> Event | None:
        """Remembers the claims of a file that went out, or returns that it did where the store knows what is in it."""
        if message.type not in (InterchangeBuilt.type, InterchangeWritten.type):
            return None
        event = decode_record(message)
        if self.store.has_event(event.event_id):
            return None
        if isinstance(event.body, InterchangeBuilt):
            self._numbers[event.event_id] = [x.summary.patient_control_number for x in event.body.claims]
        if isinstance(event.body, InterchangeWritten) and event.causation_id is not None:
            if self.store.has_event(event.causation_id):
                return event
            with self.store.transaction():
                numbers = self._numbers.pop(event.causation_id, [])
                self.store.keep_sent_before(event.body.file_name, event.body.sha256, numbers)
        return None


def _read_outside(
    store: SqlStore, settings: Settings, ends: dict[tuple[str, int], int], sent: SentFiles
) -> Iterator[tuple[list[Event], list[DeadLetter]]]:
    """What no step has made, a batch at a time, that files were written, and what cannot be read or was said by who may
    not say it."""
    messages = read_all(settings, ends, make_trust(settings))
    while batch := list(islice(messages, BATCH_MESSAGES)):
        events: list[Event] = []
        letters: list[DeadLetter] = []
        for message in recognise(batch, find_known(store, batch)):
            if isinstance(message, DeadLetter):
                letters.append(message)
                continue
            try:
                found = decode_record(message) if message.causation_id is None else sent.look(message)
                events += [found] if found is not None else []
            except UnreadableMessageError as error:
                letters.append(bury_record(message, str(error)))
            except NewerSchemaError as error:
                if message.origin != "outside":
                    raise
                letters.append(bury_record(message, str(error)))
        yield events, letters
