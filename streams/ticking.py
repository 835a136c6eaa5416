"""The clock: one tick for each business date and partition, never backwards. Time enters the pipeline only here."""

from datetime import UTC, date, datetime

from connectors.stores.common import SqlStore
from schemas.errors import RefusedError
from schemas.event import Event, publish_at_edge
from schemas.events import ClockTicked
from streams.publishing import Publish


def find_partition(key: str, partitions: int) -> int:
    """The partition that Kafka's default partitioner gives a key: murmur2, as its Java client has it."""
    if partitions == 1:
        return 0
    from kafka.partitioner.default import murmur2

    return int((murmur2(key.encode()) & 0x7FFFFFFF) % partitions)


def make_tick(business_date: date, partition: int = 0, partitions: int = 1) -> Event:
    """The tick of a date; its time is the beginning of the day, so that a repeat is the same event."""
    body = ClockTicked(business_date=business_date, partition=partition, partitions=partitions)
    begins = datetime(business_date.year, business_date.month, business_date.day, tzinfo=UTC)
    return publish_at_edge(body, body.key, begins, body.key)


def read_clock_of(store: SqlStore) -> date | None:
    """The latest business date that has ticked."""
    query = "SELECT max(key) FROM event WHERE topic = ?"
    (latest,) = store.connection.execute(query, (ClockTicked.topic,)).fetchone()
    return date.fromisoformat(latest) if latest else None


def publish_tick(store: SqlStore, publish: Publish, business_date: date, partitions: int = 1) -> None:
    """Publishes the ticks of a date, all or none; a repeat adds nothing. Raises RefusedError for a date before the
    latest."""
    latest = read_clock_of(store)
    if latest and business_date < latest:
        raise RefusedError(f"the clock stands at {latest} and does not go back to {business_date}")
    publish([make_tick(business_date, partition, partitions) for partition in range(partitions)], "clock")
