"""Messages to Kafka, each acknowledged by all replicas in sync before anybody counts on it."""

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from connectors.kafka.messages import LETTER_BYTES_MAX, Message
from connectors.settings import Settings
from schemas.errors import TransportError
from streams.kafka.security import make_security


class Publisher:
    """One idempotent producer of a process; made on the event loop that uses it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    async def start(self) -> None:
        """Connects; raises TransportError when no broker answers."""
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self.settings.kafka.split(","),
            acks="all",
            enable_idempotence=True,
            max_request_size=LETTER_BYTES_MAX,
            **make_security(self.settings),
        )
        try:
            await self._producer.start()
        except KafkaError as error:
            raise TransportError(f"Kafka does not answer ({type(error).__name__})") from error

    async def publish(self, messages: Sequence[Message]) -> None:
        """Returns when every message is acknowledged, in this order a partition; raises TransportError else."""
        try:
            sent = [
                await self._producer.send(x.topic, value=x.value, key=x.key, headers=x.headers, partition=x.partition)
                for x in messages
            ]
            await asyncio.gather(*sent)
        except KafkaError as error:
            raise TransportError(f"Kafka did not take a message ({type(error).__name__})") from error

    async def stop(self) -> None:
        """Flushes and closes."""
        await self._producer.stop()
