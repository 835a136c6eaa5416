"""Where the logs of topics end, read from the broker again and again over one connection."""

from collections.abc import Sequence

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from connectors.settings import Settings
from schemas.errors import TransportError


def count_partitions(settings: Settings, topic: str) -> int:
    """Into how many partitions a topic is divided. Raises TransportError."""
    ends = LogEnds(settings, [topic])
    try:
        return len(ends.read())
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
        """As they are now. Raises TransportError."""
        try:
            if self._consumer is None:
                self._consumer = KafkaConsumer(
                    bootstrap_servers=self.settings.kafka.split(","),
                    **self.settings.kafka_security,
                    group_id=None,
                    enable_auto_commit=False,
                )
                self._partitions = [
                    TopicPartition(topic, partition)
                    for topic in self.topics
                    for partition in sorted(self._consumer.partitions_for_topic(topic) or ())
                ]
            ends = self._consumer.end_offsets(self._partitions)
        except KafkaError as error:
            self.close()
            raise TransportError(f"Kafka at {self.settings.kafka} does not answer ({type(error).__name__})") from error
        return {(place.topic, place.partition): end for place, end in ends.items()}

    def close(self) -> None:
        """Ends the connection; the next look makes another."""
        if self._consumer is not None:
            self._consumer.close()
            self._consumer = None
