"""What a worker tells Prometheus: every name once, and the functions by which the engines speak of themselves.

Labels are steps and topics of the map, partition numbers and outcomes of files, nothing else: never a key, an id or a
text from outside. The dashboard and docs/operations.md name these metrics; a test holds them together.
"""

import time
from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime

from prometheus_client import Counter, Gauge, Histogram, start_http_server

from schemas.errors import ConfigurationError
from streams.engine.lag import Place

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000)
DEFAULT_PORT = 9464

CONSUMED = Counter("revcycle_events_consumed", "Messages that a step has taken and committed.", ["step", "topic"])
PRODUCED = Counter("revcycle_events_produced", "Events that a step has made and committed.", ["step", "topic"])
DEAD_LETTERED = Counter(
    "revcycle_events_dead_lettered", "Messages that a step could not read, by the topic that they came from.",
    ["step", "topic"],
)  # fmt: skip
BATCH_EVENTS = Histogram("revcycle_batch_events", "Messages in one batch.", ["step"], buckets=SIZES)
STEP_SECONDS = Histogram(
    "revcycle_step_seconds", "One batch from its first byte to its commit.", ["step"], buckets=SECONDS
)
TRANSACTION_SECONDS = Histogram(
    "revcycle_store_transaction_seconds", "One transaction of the store, from begin to commit.", ["step"],
    buckets=SECONDS,
)  # fmt: skip
LAG_MESSAGES = Gauge("revcycle_lag_messages", "Messages that a step has still to read.", ["step", "topic", "partition"])
LAG_SECONDS = Gauge(
    "revcycle_lag_seconds", "Age of the oldest message that a step has still to read; 0 when there is none.",
    ["step", "topic", "partition"],
)  # fmt: skip
OLDEST_UNPROCESSED = Gauge(
    "revcycle_oldest_unprocessed_event_timestamp_seconds",
    "When the oldest event that any step has still to read came in (Unix time); 0 when there is none.",
)
CLOCK = Gauge(
    "revcycle_clock_timestamp_seconds", "The business date at which the clock stands (Unix time of its begin)."
)
SET_ASIDE = Gauge(
    "revcycle_set_aside_events", "Events that a step could not take, or that wait behind one, by their topic.",
    ["step", "topic"],
)  # fmt: skip
OUTBOX_MESSAGES = Gauge("revcycle_outbox_messages", "Committed, and not yet acknowledged by the broker.", ["step"])
OUTBOX_SECONDS = Gauge("revcycle_outbox_seconds", "Age of the oldest message in the outbox; 0 when empty.", ["step"])
REBALANCES = Counter("revcycle_rebalances", "How often the brokers gave this worker other partitions.")

DEAD_LETTERS = Gauge(
    "revcycle_dead_letters", "Messages in the store that nothing could read, not given back.", ["topic"]
)
INBOX_FILES = Counter("revcycle_inbox_files", "Entries that left the inbox, by what became of them.", ["outcome"])
SAMPLES_FAILED = Counter("revcycle_samples_failed", "Looks at lag and outbox that store or broker did not answer.")
SAMPLED = Gauge(
    "revcycle_sample_timestamp_seconds", "When store and broker last told lag and outbox (Unix time); 0 before that."
)


def count_batch(step: str, consumed: Iterable[str], produced: Iterable[str], buried: Iterable[str]) -> None:
    """A committed batch: the topic of each message taken, of each event made, and of each message buried."""
    size = 0
    for counter, topics in ((CONSUMED, consumed), (PRODUCED, produced), (DEAD_LETTERED, buried)):
        for topic, count in Tally(topics).items():
            counter.labels(step, topic).inc(count)
            size += count if counter is CONSUMED else 0
    BATCH_EVENTS.labels(step).observe(size)


@contextmanager
def time_step(step: str) -> Iterator[None]:
    """Around one batch; one that fails is not counted, since the process ends with it."""
    started = time.perf_counter()
    yield
    STEP_SECONDS.labels(step).observe(time.perf_counter() - started)


@contextmanager
def time_transaction(step: str) -> Iterator[None]:
    """Around one transaction of the store, commit included."""
    started = time.perf_counter()
    yield
    TRANSACTION_SECONDS.labels(step).observe(time.perf_counter() - started)


def set_lags(lags: dict[Place, tuple[int, float | None]], now: float) -> None:
    """How far behind each step is: messages unread, and the Unix time of the oldest."""
    oldest = [since for messages, since in lags.values() if messages and since is not None]
    for place, (messages, since) in lags.items():
        LAG_MESSAGES.labels(*place).set(messages)
        LAG_SECONDS.labels(*place).set(max(0.0, now - since) if messages and since is not None else 0.0)
    OLDEST_UNPROCESSED.set(min(oldest, default=0.0))


def set_outbox(step: str, messages: int, since: float | None, now: float) -> None:
    """How many messages wait in a step's outbox, and the Unix time of the oldest."""
    OUTBOX_MESSAGES.labels(step).set(messages)
    OUTBOX_SECONDS.labels(step).set(max(0.0, now - since) if messages and since is not None else 0.0)


def set_set_aside(waiting: Mapping[tuple[str, str], int]) -> None:
    """How many events are set aside, by step and topic; every pair that may ever have one is named, with 0 too."""
    for place, events in waiting.items():
        SET_ASIDE.labels(*place).set(events)


def set_clock(stands_at: date | None) -> None:
    """Where the clock stands; one that has not ticked yet stands at the begin of Unix time."""
    begins = datetime(stands_at.year, stands_at.month, stands_at.day, tzinfo=UTC) if stands_at else None
    CLOCK.set(begins.timestamp() if begins else 0.0)


def count_file(outcome: str) -> None:
    """An entry of the inbox was read, or refused by name."""
    INBOX_FILES.labels(outcome).inc()


def count_rebalance() -> None:
    """The brokers have assigned partitions anew."""
    REBALANCES.inc()


def count_failed_sample() -> None:
    """Store or broker did not answer: lag and outbox are unknown, which is not 0, and are not told."""
    SAMPLES_FAILED.inc()
    for gauge in (LAG_MESSAGES, LAG_SECONDS, OUTBOX_MESSAGES, OUTBOX_SECONDS, SET_ASIDE, DEAD_LETTERS):
        gauge.clear()


def set_sampled(now: float) -> None:
    """Store and broker have answered everything."""
    SAMPLED.set(now)


def set_dead_letters(letters: Mapping[str, int]) -> None:
    """How many letters of each topic wait."""
    for topic, count in letters.items():
        DEAD_LETTERS.labels(topic).set(count)


def begin_counting(consumers: Mapping[str, Iterable[str]]) -> None:
    """Counters of each step's topics begin at 0, so that the first one counted is a rise that an alarm can see."""
    for step, topics in consumers.items():
        for topic in topics:
            CONSUMED.labels(step, topic)
            DEAD_LETTERED.labels(step, topic)


def serve_metrics(address: str) -> str | None:
    """Serves `/metrics` from a thread of its own at `host:port`, or not at all for `off`; returns the URL.

    A second worker on the machine finds the usual port taken and takes a free one; a port that somebody asked for is
    had or it is an error.
    """
    if address == "off":
        return None
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    try:
        server, _ = start_http_server(int(port), host)
    except OSError as error:
        if int(port) != DEFAULT_PORT:
            raise ConfigurationError(
                f"metrics cannot be served at {address} ({error.strerror}): name another address, or off"
            ) from error
        server, _ = start_http_server(0, host)
    return f"http://{host}:{server.server_port}/metrics"
