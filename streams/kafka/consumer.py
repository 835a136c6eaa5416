"""Faust's aiokafka consumer, told by the store where to begin, and given committed messages only.

By itself Faust seeks to the group's committed offsets, which acknowledge more than was done after an error and can be
reset from outside, and starts elsewhere without a word when they lie outside the log. The one method it asks is
answered here by `place_consumer` instead. And by itself it hands over what a publisher has taken back by aborting its
transaction, which must never be billed.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer
from faust.transport.consumer import Consumer as AnyConsumer
from faust.transport.drivers import aiokafka
from faust.types import TP

# Takes the assigned partitions over and answers the offset at which each goes on.
PlaceConsumer = Callable[[AnyConsumer], Awaitable[Mapping[TP, int]]]


class CommittedThread(aiokafka.AIOKafkaConsumerThread):
    """Faust's thread, whose consumer takes nothing of a transaction that is open or was aborted."""

    def _create_worker_consumer(self, transport: aiokafka.Transport) -> AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = "read_committed"  # read when it starts
        return consumer


class PositionedConsumer(aiokafka.Consumer):
    """A consumer whose committed offsets are only a hint."""

    def _new_consumer_thread(self) -> CommittedThread:
        return CommittedThread(self, loop=self.loop, beacon=self.beacon)

    async def seek_to_committed(self) -> Mapping[TP, int]:
        offsets = await self.transport.place_consumer(self)  # type: ignore[attr-defined]
        await self.seek_wait(offsets)
        return dict(offsets)


class PositionedTransport(aiokafka.Transport):
    """Makes that consumer; to be set as `app.transport`."""

    Consumer = PositionedConsumer

    def __init__(self, *arguments: Any, place_consumer: PlaceConsumer, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.place_consumer = place_consumer
