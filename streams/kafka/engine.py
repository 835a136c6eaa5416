"""The Kafka engine: one Faust agent for each step of the map, and a handler that ends in success or in exit.

Faust acknowledges an event whatever its agent did, so the handler never lets an exception through: what is not done is
not acknowledged, because the process is gone by then. Where to go on is the store's to say.
"""

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, cast

import faust
from faust.transport.consumer import Consumer
from faust.types import TP, EventT
from yarl import URL

from connectors.kafka.messages import (
    Headers,
    Message,
    make_record,
    read_message,
    sign_message,
    write_letter,
    write_outgoing,
)
from connectors.settings import Settings
from schemas.errors import RevcycleError, TransportError
from streams.engine.kill_points import reach
from streams.engine.metrics import count_rebalance
from streams.engine.step import Batch
from streams.kafka.agent import OwnedAgent
from streams.kafka.belonging import name_group
from streams.kafka.consumer import PositionedTransport
from streams.kafka.guarding import guard_topics
from streams.kafka.origin import make_trust, run_proven
from streams.kafka.owned import Place
from streams.kafka.publisher import Publisher
from streams.kafka.security import make_credentials
from streams.terminal import errors, say_bug

EXIT_TRANSPORT = 75  # EX_TEMPFAIL: a supervisor starts us again
EXIT_STOPPED = 1  # a person has to look first
LINGER_SECONDS = 0.02  # how long a step waits for more messages before it takes those that it has
LOST_SECONDS = 20.0


class KafkaEngine:
    """The steps of this process on the partitions that Kafka assigns to it."""

    def __init__(
        self,
        agents: Sequence[OwnedAgent],
        settings: Settings,
        work_folder: Path,
        beside: Sequence[Callable[[], Coroutine[Any, Any, None]]] = (),
    ) -> None:
        """`beside`: what else this process minds while its steps run, until it stops."""
        self.beside = beside
        self.agents = agents
        self.settings = settings
        self.trust = make_trust(settings)
        self.publisher = Publisher(settings)
        self.app = self._make_app(settings, work_folder)
        self._running: set[asyncio.Task[None]] = set()

    def _make_app(self, settings: Settings, work_folder: Path) -> faust.App:
        app = faust.App(
            name_group(settings),
            broker=[URL(f"aiokafka://{each}") for each in settings.kafka.split(",")],
            broker_credentials=make_credentials(settings),
            broker_client_id=settings.instance_id or f"{socket.gethostname()}-{os.getpid()}",
            autodiscover=False,
            datadir=work_folder,
            store="memory://",
            web_enabled=False,  # it would serve on every interface
            topic_allow_declare=False,
            topic_disable_leader=True,
            broker_session_timeout=settings.kafka_session_seconds,
            broker_heartbeat_interval=settings.kafka_session_seconds / 3,
            stream_wait_empty=False,
        )
        app.transport = PositionedTransport(
            app.conf.broker_consumer, app, app.loop, place_consumer=self._place_consumer
        )
        for agent in self.agents:
            channel = app.topic(*agent.consumes, key_type=bytes, value_type=bytes, value_serializer="raw")
            app.agent(channel, name=agent.name, concurrency=1)(self._make_handler(agent))
        return app

    def _make_handler(self, agent: OwnedAgent) -> Callable[[Any], Any]:
        async def handle(stream: Any) -> None:
            async for events in stream.take_events(agent.batch_events, within=LINGER_SECONDS):
                # A task of its own: when Faust cancels the agent, the batch in hand still goes to its end.
                await asyncio.shield(self._start(self._run(agent, events)))

        return handle

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def _run(self, agent: OwnedAgent, events: Sequence[EventT[bytes]]) -> None:
        try:
            messages = [
                read_message(x.topic, x.partition, x.offset, x.key, x.value, cast(Headers, x.headers or ()), self.trust)
                for x in (event.message for event in events)
            ]
            async with agent.lock:
                batch = await agent.call(run_proven, agent.step, messages)
                # One batch is on its way to the broker while the next one is decided, never two: they keep their order.
                await agent.published()
                agent.publishing = self._start(self._publish_batch(agent, batch))
            lost = {(x.topic, x.partition) for x in messages} - agent.step.next_offsets.keys()
            if lost:
                asyncio.get_running_loop().call_later(LOST_SECONDS, self._require_moved, agent, lost)
        except Exception as error:
            leave(error)

    async def _mind(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:
            leave(error)

    async def _publish_batch(self, agent: OwnedAgent, batch: Batch) -> None:
        try:
            await self._publish(agent, write_batch(batch, self.trust.key))
        except Exception as error:
            leave(error)

    async def _publish(self, agent: OwnedAgent, outgoing: Sequence[tuple[str, Message]]) -> None:
        if not outgoing:
            return
        reach("kafka.before_publish")
        await self.publisher.publish([message for _, message in outgoing])
        reach("kafka.after_publish")
        await agent.call(agent.step.store.acknowledge, [message_id for message_id, _ in outgoing])

    def _require_moved(self, agent: OwnedAgent, places: set[Place]) -> None:
        """A partition that Kafka still assigns to us while another has taken it over: one of us is a zombie, and
        if it was the other, nobody would read on. Starting again settles it."""
        assigned = {(tp.topic, tp.partition) for tp in self.app.consumer.assignment()}
        if (places - agent.step.next_offsets.keys()) & assigned:
            leave(TransportError(f"{agent.name}: partitions that are assigned here were taken over by another process"))

    async def _place_consumer(self, consumer: Consumer) -> Mapping[TP, int]:
        """Once assigned: takes partitions over, publishes what their last owner left, and says where to go on."""
        try:
            count_rebalance()
            await asyncio.to_thread(guard_topics, self.settings)
            assigned = consumer.assignment()
            starts = by_place(await consumer.earliest_offsets(*assigned))
            # All steps at once: each has its own connection, and the store may be far away.
            placed = await asyncio.gather(*(self._place(agent, consumer, starts) for agent in self.agents))
            offsets: dict[TP, int] = {}
            for next_offsets in placed:
                for (topic, partition), next_offset in next_offsets.items():
                    place = TP(topic, partition)
                    # Two steps on one topic: read from the lower position, each skips what it has.
                    offsets[place] = min(next_offset, offsets.get(place, next_offset))
            return offsets
        except Exception as error:
            leave(error)

    async def _place(self, agent: OwnedAgent, consumer: Consumer, starts: Mapping[Place, int]) -> Mapping[Place, int]:
        async with agent.lock:
            await agent.published()
            next_offsets = await agent.call(agent.step.claim, starts)
            agent.step.require_log(starts, by_place(await consumer.highwaters(*(TP(*x) for x in starts))))
            while waiting := await agent.call(agent.step.read_outbox):
                await self._publish(agent, write_outgoing(waiting, self.trust.key))
        return next_offsets

    async def run(self, until: asyncio.Event) -> None:
        """Works until told to stop: the batches in hand are finished, the rest stays in the topics."""
        await asyncio.gather(*(agent.open() for agent in self.agents))
        await self.publisher.start()
        await self.app.start()
        beside = [asyncio.create_task(self._mind(work())) for work in self.beside]
        stopped = asyncio.create_task(self.app.wait_until_stopped())
        await asyncio.wait({asyncio.create_task(until.wait()), stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not until.is_set():
            leave(TransportError(f"Faust stopped by itself ({type(self.app.crash_reason).__name__})"))
        for task in beside:
            task.cancel()
        await self.app.stop()
        while self._running:  # a batch that ends starts its publishing
            await asyncio.gather(*self._running)
        await self.publisher.stop()
        for agent in self.agents:
            await agent.close()


def by_place(offsets: Mapping[TP, int]) -> dict[Place, int]:
    """Faust's offsets in the store's words."""
    return {(tp.topic, tp.partition): offset for tp, offset in offsets.items()}


def write_batch(batch: Batch, key: bytes) -> list[tuple[str, Message]]:
    """The messages of a batch, each with its id in the outbox, those of events signed."""
    letters = [(letter.letter_id, write_letter(letter)) for letter in batch.letters]
    return letters + [(event.event_id, sign_message(make_record(event), key)) for event in batch.events]


def leave(error: Exception) -> NoReturn:
    """Ends the process before anything is acknowledged. The text of a foreign exception may hold a patient's data, so
    only its kind and the lines of code that it passed are printed."""
    if isinstance(error, RevcycleError):
        errors.say(f"revcycle stops: {error}")
    else:
        say_bug(error, "revcycle stops at a bug")
    os._exit(EXIT_TRANSPORT if isinstance(error, TransportError) else EXIT_STOPPED)


def run_engine(make_engine: Callable[[], KafkaEngine]) -> None:
    """Runs an engine on an event loop of its own until SIGTERM or SIGINT."""

    async def work() -> None:
        until = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, until.set)
        await make_engine().run(until)

    asyncio.run(work())
