"""A topic from its first message to its end, apart from any group."""

from collections.abc import Iterator, Mapping

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from connectors.kafka.messages import read_message
from connectors.kafka.offsets import COMMITTED
from connectors.kafka.signing import Trust
from connectors.settings import Settings
from schemas.errors import TransportError
from schemas.store import DeadLetter, Record

POLL_MS = 2_000
EMPTY_POLLS_MAX = 15


def read_all(settings: Settings, ends: Mapping[tuple[str, int], int], trust: Trust) -> Iterator[Record | DeadLetter]:
    """Every message before the given end of each partition, in the order of each partition; one that is no record comes
    as a dead letter. Raises TransportError when messages that are there do not come."""
    try:
        consumer = KafkaConsumer(
            bootstrap_servers=settings.kafka.split(","),
            **settings.kafka_security,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level=COMMITTED,
        )
        try:
            places = {TopicPartition(*place): end for place, end in ends.items()}
            starts = consumer.beginning_offsets(list(places))
            unread = {place for place, end in places.items() if starts[place] < end}
            consumer.assign(sorted(unread))
            empty = 0
            while unread:
                polled = consumer.poll(timeout_ms=POLL_MS)
                empty = 0 if polled else empty + 1
                if empty > EMPTY_POLLS_MAX:
                    raise TransportError(f"{min(unread).topic} gives nothing before its end")
                for place, messages in polled.items():
                    for x in messages:
                        if x.offset < places[place]:
                            yield read_message(x.topic, x.partition, x.offset, x.key, x.value, x.headers, trust)
                unread = {place for place in unread if consumer.position(place) < places[place]}
        finally:
            consumer.close()
    except KafkaError as error:
        raise TransportError(f"the topics cannot be read ({type(error).__name__})") from error
