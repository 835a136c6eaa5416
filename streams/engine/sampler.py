"""A thread that looks every few seconds how far behind each step is, and tells the metrics.

Every worker reports the lag of all steps and partitions, from the store and the broker: who asks takes the maximum over
workers, and one that dies takes no number with it.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from connectors.settings import Settings
from connectors.stores.common import SqlStore
from connectors.stores.sqlite import SqliteStore
from schemas.errors import TransportError
from streams.edge.clock import read_clock_of
from streams.engine import metrics
from streams.engine.lag import CONSUMED_TOPICS, Lags, read_store_lags
from streams.pipeline import CONSUMERS

SAMPLE_SECONDS = 10.0
OUTBOX_IDS_MAX = 5_000  # as many are followed to tell their age; more than that is an alarm by itself


def make_sampler(data: Path, settings: Settings) -> "Sampler":
    """The sampler of a worker, by its settings."""
    if not settings.kafka:
        return Sampler(lambda: SqliteStore(data / "revcycle.db"), read_store_lags)
    from connectors.kafka.offsets import LogEnds
    from connectors.stores.address import open_worker_store
    from streams.kafka.lag import read_kafka_lags

    log_ends = LogEnds(settings, CONSUMED_TOPICS)
    return Sampler(lambda: open_worker_store(settings), lambda store: read_kafka_lags(store, settings, log_ends))


class Sampler(threading.Thread):
    """Looks every few seconds, on a store connection of its own; one that fails is counted, and the next one comes."""

    def __init__(self, open_store: Callable[[], SqlStore], read_lags: Callable[[SqlStore], Lags]) -> None:
        super().__init__(name="sampler", daemon=True)
        self.open_store = open_store
        self.read_lags = read_lags
        self.stopping = threading.Event()
        self._store: SqlStore | None = None
        self._first_seen: dict[str, float] = {}
        self._sources = set(CONSUMERS)

    def run(self) -> None:
        metrics.begin_counting(CONSUMERS)
        while not self.stopping.wait(SAMPLE_SECONDS):
            try:
                self.sample(time.time())
            except TransportError:
                metrics.count_failed_sample()
                self._store = None  # a broken connection does not mend itself
        if self._store is not None:
            self._store.close()

    def sample(self, now: float) -> None:
        """One look at lag and outbox."""
        if self._store is None:
            self._store = self.open_store()
        metrics.set_lags(self.read_lags(self._store), now)
        waiting = Counter((x.step, x.topic) for x in self._store.list_set_aside())
        metrics.set_set_aside(
            {(step, topic): waiting[step, topic] for step, topics in CONSUMERS.items() for topic in topics}
        )
        metrics.set_clock(read_clock_of(self._store).stands_at)
        metrics.set_dead_letters(self._store.count_dead_letters(CONSUMED_TOPICS))
        self._set_outbox(self._store.list_outbox(OUTBOX_IDS_MAX), now)
        metrics.set_sampled(now)

    def _set_outbox(self, waiting: Mapping[str, Sequence[str]], now: float) -> None:
        """The outbox has no time of its own: a message is as old as our first sight of it."""
        ids = [message_id for messages in waiting.values() for message_id in messages]
        self._first_seen = {message_id: self._first_seen.get(message_id, now) for message_id in ids}
        self._sources |= waiting.keys()  # one whose last message has gone is told so too
        for step in sorted(self._sources):
            messages = waiting.get(step, ())
            since = min((self._first_seen[message_id] for message_id in messages), default=None)
            metrics.set_outbox(step, len(messages), since, now)

    def stop(self) -> None:
        """After the look in hand."""
        self.stopping.set()
        self.join()
