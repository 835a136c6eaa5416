"""Publishing from outside the engine: files taken in, people's commands, dead letters given back."""

from collections.abc import Sequence

from kafka import KafkaProducer
from kafka.errors import KafkaError

from connectors.kafka.messages import LETTER_BYTES_MAX, Message
from connectors.settings import Settings
from schemas.errors import TransportError

ACKNOWLEDGED_SECONDS = 60
ABANDONED_SECONDS = 5


class EdgeProducer:
    """An idempotent producer that waits for all replicas in sync."""

    def __init__(self, settings: Settings) -> None:
        try:
            self._producer = KafkaProducer(
                bootstrap_servers=settings.kafka.split(","),
                **settings.kafka_security,
                acks="all",
                max_request_size=LETTER_BYTES_MAX,
            )
        except KafkaError as error:
            raise TransportError(f"Kafka at {settings.kafka} does not answer ({type(error).__name__})") from error

    def publish(self, messages: Sequence[Message]) -> None:
        """Returns when every message is acknowledged; raises TransportError else."""
        try:
            sent = [
                self._producer.send(x.topic, value=x.value, key=x.key, headers=x.headers, partition=x.partition)
                for x in messages
            ]
            self._producer.flush(timeout=ACKNOWLEDGED_SECONDS)
            for future in sent:
                future.get(timeout=ACKNOWLEDGED_SECONDS)
        except KafkaError as error:
            self._abandon()
            raise TransportError(f"Kafka did not take a message ({type(error).__name__})") from error

    def _abandon(self) -> None:
        """Gives up what is on its way. The client's own `close` waits for it in vain, ends in a traceback, and leaves a
        thread that goes on trying beside whoever sends the same again."""
        sender = self._producer._sender
        sender.force_close()
        sender.join(ABANDONED_SECONDS)

    def close(self) -> None:
        """Flushes and closes."""
        self._producer.close()
