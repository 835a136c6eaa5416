"""Where the logs of topics end, and when a message came, read from the broker again and again over one connection."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from connectors.settings import Settings
from schemas.errors import TransportError

TIMES_SECONDS = 3.0
COMMITTED = "read_committed"  # what an open or aborted transaction wrote is neither there nor waited for

UNCOMMITTED = "read_uncommitted"


def count_partitions(settings: Settings, topic: str) -> int:
    """Into how many partitions a topic is divided. Raises TransportError."""
    ends = LogEnds(settings, [topic])
    try:
        return len(ends.read())
    finally:
        ends.close()


def has_messages(settings: Settings, topics: Sequence[str]) -> bool:
    """Whether one of these topics holds anything. Raises TransportError."""
    ends = LogEnds(settings, topics)
    try:
        return any(end > start for start, end in zip(ends.read_starts().values(), ends.read().values(), strict=True))
    finally:
        ends.close()


class LogEnds:
    """The next offset of every partition of some topics."""

    def __init__(self, settings: Settings, topics: Sequence[str]) -> None:
        self.settings = settings
        self.topics = topics
        self._consumer: KafkaConsumer | None = None
        self._partitions: list[TopicPartition] = []

    def read(self) -> dict[tuple[str, int], int]:
        """As they are now. Raises TransportError, also for a topic that the brokers do not know (yet): without it
        everything would look as read."""
        return self._ask(lambda consumer: consumer.end_offsets(self._partitions))

    def read_starts(self) -> dict[tuple[str, int], int]:
        """The first offset of every partition that still stands."""
        return self._ask(lambda consumer: consumer.beginning_offsets(self._partitions))

    def _ask(self, ask: Callable[[KafkaConsumer], Mapping[TopicPartition, int]]) -> dict[tuple[str, int], int]:
        try:
            if self._consumer is None:
                self._consumer = KafkaConsumer(
                    bootstrap_servers=self.settings.kafka.split(","),
                    **self.settings.kafka_security,
                    group_id=None,
                    enable_auto_commit=False,
                    isolation_level=COMMITTED,
                )
                self._partitions = list(self._find_partitions(self._consumer))
            offsets = ask(self._consumer)
        except KafkaError as error:
            self.close()
            raise TransportError(f"Kafka at {self.settings.kafka} does not answer ({type(error).__name__})") from error
        return {(place.topic, place.partition): end for place, end in sorted(offsets.items())}

    def _find_partitions(self, consumer: KafkaConsumer) -> Iterator[TopicPartition]:
        for topic in self.topics:
            partitions = consumer.partitions_for_topic(topic)
            if not partitions:
                self.close()
                raise TransportError(f"{topic} is not on {self.settings.kafka}: `revcycle topics create` makes it")
            yield from (TopicPartition(topic, partition) for partition in sorted(partitions))

    def close(self) -> None:
        """Ends the connection; the next look makes another."""
        if self._consumer is not None:
            self._consumer.close()
            self._consumer = None


def read_times(
    settings: Settings, spans: Mapping[tuple[str, int, int], int]
) -> dict[tuple[str, int, int], float | None]:
    """The Unix time of the first message at or after each (topic, partition, offset); None where nothing but the
    control records of transactions, or what they took back, stands before the given end. Those that do not come within
    TIMES_SECONDS are left out. Raises TransportError."""
    times: dict[tuple[str, int, int], float | None] = {}
    if not spans:
        return times
    try:
        consumer = KafkaConsumer(
            bootstrap_servers=settings.kafka.split(","),
            **settings.kafka_security,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level=COMMITTED,
            max_partition_fetch_bytes=1,  # brings one batch all the same: only its first record is looked at
        )
        try:
            waiting = sorted(spans)
            deadline = time.monotonic() + TIMES_SECONDS
            while waiting and time.monotonic() < deadline:
                # Two steps may stand at two offsets of one partition: each is looked up in a round of its own.
                now = {TopicPartition(topic, number): offset for topic, number, offset in reversed(waiting)}
                consumer.assign(list(now))
                for partition, offset in now.items():
                    consumer.seek(partition, offset)
                times.update(_poll_times(consumer, now, spans))
                waiting = [place for place in waiting if place not in times]
            return times
        finally:
            consumer.close()
    except KafkaError as error:
        raise TransportError(f"Kafka at {settings.kafka} does not answer ({type(error).__name__})") from error


def _poll_times(
    consumer: KafkaConsumer, now: Mapping[TopicPartition, int], spans: Mapping[tuple[str, int, int], int]
) -> Iterator[tuple[tuple[str, int, int], float | None]]:
    polled = consumer.poll(timeout_ms=500)
    for partition, offset in now.items():
        place = (partition.topic, partition.partition, offset)
        records = polled.get(partition)
        if records and records[0].offset < spans[place]:
            yield place, records[0].timestamp / 1000
        elif consumer.position(partition) >= spans[place]:
            yield place, None
