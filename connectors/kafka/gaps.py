"""Reading a piece of a partition again, apart from any group: are there records where none were handed over?"""

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from connectors.kafka.offsets import COMMITTED
from connectors.settings import Settings
from schemas.errors import TransportError

POLL_MS = 2_000
EMPTY_POLLS_MAX = 5


def count_records(settings: Settings, place: tuple[str, int], start: int, end: int) -> int:
    """How many records a partition holds from offset `start` up to `end`, where one is known to stand; control records
    of transactions and what compaction took away are none.

    Only the record at `end` itself shows that nothing was passed over; raises TransportError where it does not come.
    """
    partition = TopicPartition(*place)
    try:
        consumer = KafkaConsumer(
            bootstrap_servers=settings.kafka.split(","),
            **settings.kafka_security,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="none",
            isolation_level=COMMITTED,
        )
        try:
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
