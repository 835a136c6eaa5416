"""Reading a piece of a partition again, apart from any group: are there records where none were handed over, and is
every offset accounted for?"""

from collections.abc import Iterator
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from connectors.kafka.offsets import COMMITTED, UNCOMMITTED
from connectors.settings import Settings
from schemas.errors import PositionError, TransportError

POLL_MS = 2_000
EMPTY_POLLS_MAX = 5


def count_records(settings: Settings, place: tuple[str, int], start: int, end: int) -> int:
    """How many committed records a partition holds from offset `start` up to `end`, where one is known to stand.

    Only the record at `end` itself shows that nothing was passed over; raises TransportError where it does not come.
    Raises PositionError when an offset between holds neither a record nor the control record of a transaction: what
    stood there is gone, since our topics are never compacted.
    """
    markers: set[int] = set()
    written = _count(settings, place, start, end, UNCOMMITTED, markers)
    missing = end - start - written - sum(start <= offset < end for offset in markers)
    if missing:
        raise PositionError(
            f"{missing} messages of {place[0]} partition {place[1]}, between the offsets {start} and {end - 1}, are "
            "gone unread: the topic was compacted, or its log lost. Fill it from the store by `revcycle topics "
            "rebuild`, and have its publishers send again what they sent since then: what is known does no harm"
        )
    return _count(settings, place, start, end, COMMITTED, set()) if written else 0


def _count(settings: Settings, place: tuple[str, int], start: int, end: int, isolation: str, markers: set[int]) -> int:
    """How many records come; `markers` is told the offsets of control records on the way."""
    partition = TopicPartition(*place)
    try:
        consumer = KafkaConsumer(
            bootstrap_servers=settings.kafka.split(","),
            **settings.kafka_security,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="none",
            isolation_level=isolation,
        )
        try:
            consumer._fetcher.PartitionRecords = _tell_markers(consumer._fetcher.PartitionRecords, markers)
            consumer.assign([partition])
            consumer.seek(partition, start)
            found: int = 0
            empty = 0
            while empty <= EMPTY_POLLS_MAX:
                records = consumer.poll(timeout_ms=POLL_MS).get(partition, ())
                found += sum(record.offset < end for record in records)
                if records and records[-1].offset >= end:
                    return found
                empty = 0 if records else empty + 1
            raise TransportError(f"{place[0]} partition {place[1]} gives nothing from offset {start}")
        finally:
            consumer.close()
    except KafkaError as error:
        raise TransportError(f"{place[0]} cannot be read again ({type(error).__name__})") from error


def _tell_markers(records_class: Any, markers: set[int]) -> Any:
    """kafka-python's reader of what was fetched, which by itself passes over control records without a word."""

    class Telling(records_class):  # type: ignore[misc]
        def _unpack_records(self, tp: TopicPartition, batches: Any, *deserializers: Any) -> Iterator[Any]:
            return super()._unpack_records(tp, _Batches(batches, markers), *deserializers)  # type: ignore[no-any-return]

    return Telling


class _Batches:
    """The batches of a fetch, of which those of control records are noted."""

    def __init__(self, batches: Any, markers: set[int]) -> None:
        self.batches = batches
        self.markers = markers

    def next_batch(self) -> Any:
        batch = self.batches.next_batch()
        if batch is not None and batch.magic == 2 and batch.is_control_batch:
            self.markers.update(range(batch.base_offset, batch.next_offset))
        return batch
