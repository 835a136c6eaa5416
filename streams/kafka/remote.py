"""The pipeline on Kafka as seen from outside it: publishing into it, and waiting until it is quiet.

Commands use this where the embedded engine would run the steps itself; here the workers do.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import cached_property

from connectors.kafka.messages import write_outgoing
from connectors.kafka.offsets import LogEnds, count_partitions, read_times
from connectors.kafka.producer import EdgeProducer
from connectors.settings import Settings
from connectors.stores.address import open_store
from connectors.stores.common import SqlStore
from schemas.errors import TransportError, UnknownOutcomeError
from schemas.event import Event
from schemas.events import ClockTicked
from schemas.reference import Reference
from schemas.store import PublishResult, StoreTransaction
from streams.engine.kill_points import reach
from streams.engine.lag import CONSUMED_TOPICS
from streams.engine.publish import note_taken
from streams.kafka.owned import OUTBOX_MESSAGES
from streams.pipeline import CONSUMERS

EDGE = ("", 0)  # where the outbox keeps what no message caused
Span = tuple[str, int, int, int]  # topic, partition, the next offset of a step, and the end of the log
POLL_SECONDS = 0.2
SETTLED_SECONDS = 1.0  # a commit whose connection has gone is over by then, one way or the other
STALLED_SECONDS = 60.0
QUIET_SECONDS = 1.0  # nothing moves: is what stands before the end a message at all?


class KafkaPublish:
    """`streams.engine.publish.Publish` on Kafka: the store and its outbox first, then the broker.

    What a process left unpublished when it died, the next one sends that publishes from the same source or waits for
    the workers, or the worker that has the duties.
    """

    def __init__(self, store: SqlStore, settings: Settings) -> None:
        self.store = store
        self.settings = settings

    @cached_property
    def producer(self) -> EdgeProducer:
        """Connects when there is something to publish: questions are answered without a broker."""
        return EdgeProducer(self.settings)

    def __call__(self, events: Sequence[Event], source: str) -> PublishResult:
        try:
            with self.store.transaction() as transaction:
                result = transaction.append(events, source)
                self.hand_over(transaction, result.new, source)
        except UnknownOutcomeError as error:
            raise self._find_outcome(error, events) from error
        note_taken(result.new)
        reach("edge.before_publish")
        self.send(source)
        return result

    def hand_over(self, transaction: StoreTransaction, events: Sequence[Event], source: str) -> None:
        """Into the outbox, in the transaction that made them."""
        transaction.add_outbox(source, [(x.event_id, *EDGE) for x in events])

    def send_waiting(self) -> int:
        """Sends what was left in the outbox of any source; returns how many messages that was."""
        return sum(self.send(source, wait=False) for source in self.store.list_outbox_steps(EDGE[0]))

    def send(self, source: str, *, wait: bool = True) -> int:
        """Sends what this source left in the outbox; returns how many messages that was. While somebody else does so,
        waits for them, or leaves it to them."""
        sent = 0
        while True:
            with self.store.transaction() as transaction:
                # Held until the broker has them: two processes that read the outbox together would send it twice.
                if not transaction.lock_sending(source, wait):
                    return sent
                waiting = self.store.read_outbox(source, [EDGE], OUTBOX_MESSAGES)
                if not waiting:
                    return sent
                self.producer.publish([message for _, message in write_outgoing(waiting, self.settings.workers_key)])
                reach("edge.after_publish")
                transaction.remove_outbox([x.message_id for x in waiting])
            sent += len(waiting)

    def _find_outcome(self, error: UnknownOutcomeError, events: Sequence[Event]) -> TransportError:
        """Asks over another connection what became of a commit whose answer was lost. Others send what is committed."""
        time.sleep(SETTLED_SECONDS)
        try:
            with closing(open_store(self.settings)) as store:
                known = store.find_hashes([event.event_id for event in events])
        except TransportError:
            return error
        if not known:
            return TransportError(str(error))
        note_taken(events)
        return TransportError(f"{error}, but what was asked for is committed")


class RemoteWorkers:
    """Stands where the embedded engine would: the workers run the steps, this one looks on."""

    def __init__(self, store: SqlStore, settings: Settings) -> None:
        self.store = store
        self.settings = settings
        self.log_ends = LogEnds(settings, CONSUMED_TOPICS)
        self.publish = KafkaPublish(store, settings)
        self._empty: set[Span] = set()

    @property
    def partitions(self) -> int:
        """Of the clock's topic, and so of every event topic."""
        return count_partitions(self.settings, ClockTicked.topic)

    def use(self, reference: Reference) -> None:
        """Nothing here looks anything up: each worker takes up changed rules by itself."""

    def read_lags(self) -> dict[str, int]:
        """For each topic, how far the step that is furthest behind is."""
        lags, _ = self._look(closely=True)
        return {topic: max(of_steps) for topic, of_steps in lags.items()}

    def _look(self, closely: bool) -> tuple[dict[str, list[int]], int]:
        """The lags of each topic's steps, and how much waits in the outbox. `closely` finds out whether there is a
        message before each end, or control records of transactions alone, which nobody reads.

        In this order: what a step made before its position was read is still in the outbox after that, or it was
        published, and then it counts in the ends.
        """
        positions = {name: self.store.positions(name) for name in CONSUMERS}
        outgoing = self.store.count_outbox()
        ends = self.log_ends.read()
        spans: dict[tuple[str, str], list[Span]] = {}
        for name, topics in CONSUMERS.items():
            for topic in topics:
                of_topic = [(place, end) for place, end in ends.items() if place[0] == topic]
                steps = [(*place, positions[name].get(place, 0), end) for place, end in of_topic]
                spans[name, topic] = [span for span in steps if span[2] < span[3]]
        if closely:
            self._find_empty({span for of_step in spans.values() for span in of_step} - self._empty)
        lags: dict[str, list[int]] = {}
        for (_, topic), of_step in spans.items():
            behind = sum(end - at for _, _, at, end in set(of_step) - self._empty)
            lags.setdefault(topic, []).append(behind)
        return lags, outgoing

    def _find_empty(self, spans: set[Span]) -> None:
        times = read_times(self.settings, {(topic, number, at): end for topic, number, at, end in spans})
        self._empty |= {span for span in spans if times.get(span[:3], 0.0) is None}

    def run_until_quiet(self, on_batch: Callable[[int], None] = lambda _: None) -> int:
        """Waits until no step has anything to read and nothing waits in the outbox; returns how much was read. What a
        publisher left when it died is sent first: nobody may come who publishes from the same source again."""
        self.publish.send_waiting()
        total, last, moved_at = 0, -1, time.monotonic()
        while True:
            lags, outgoing = self._look(closely=time.monotonic() - moved_at > QUIET_SECONDS)
            waiting = outgoing + sum(map(sum, lags.values()))
            if not waiting:
                return total
            if waiting != last:
                if last > waiting:
                    on_batch(last - waiting)
                    total += last - waiting
                last, moved_at = waiting, time.monotonic()
            elif time.monotonic() - moved_at > STALLED_SECONDS:
                raise TransportError(
                    f"{waiting} messages wait and nothing has moved for {STALLED_SECONDS:.0f} s: is a worker running? "
                    f"Start one with `revcycle run --kafka {self.settings.kafka} --store URL`"
                )
            time.sleep(POLL_SECONDS)
