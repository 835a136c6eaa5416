"""A worker process: the engine over one installation's folder, its store and its brokers."""

import asyncio
import uuid
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from connectors.folder_mark import require_there
from connectors.kafka.gaps import count_records
from connectors.payer_rules import WatchedRules
from connectors.settings import Settings
from connectors.stores.address import open_worker_store
from schemas.errors import TransportError
from schemas.reference import Reference
from schemas.store import Store
from streams.edge.inbox import read_changed_rules
from streams.engine.interchange_writer import InterchangeWriter
from streams.engine.measured_runner import MeasuredRunner
from streams.engine.step import Runner, Step
from streams.engine.step_runner import StepRunner
from streams.installation import RULES, Folder, open_folder, with_payer_rules
from streams.kafka.agent import OwnedAgent
from streams.kafka.engine import KafkaEngine
from streams.kafka.guarding import GUARD_SECONDS, guard_topics
from streams.kafka.owned import OwnedStep
from streams.pipeline import STEPS
from streams.terminal import console

RULES_SECONDS = 2.0  # between two looks at the folder of payer rules
PINGS = 4  # of the store, within the time that it may be silent
CALL_STATEMENTS = 10  # a batch is many statements, and all of them together may take so many times as long as one


def make_engine(data: Path, settings: Settings) -> KafkaEngine:
    """The engine of this process; `data` is shared by the workers of an installation."""
    watched = WatchedRules(data / RULES)
    folder = open_folder(data)
    agents = make_agents(folder, settings)
    rules = partial(watch_rules, data, watched, folder.reference, agents)
    return KafkaEngine(agents, settings, data, (rules, partial(watch_topics, settings), partial(watch_store, settings)))


async def watch_topics(settings: Settings) -> None:
    """Ends the process when a topic is not any more what the positions speak of."""
    while True:
        await asyncio.sleep(GUARD_SECONDS)
        await asyncio.to_thread(guard_topics, settings)


async def watch_rules(data: Path, watched: WatchedRules, reference: Reference, agents: Sequence[OwnedAgent]) -> None:
    """Has every step take up payer rules that have changed, between two of its batches. Ends the process when it is the
    whole data folder that is away."""
    while True:
        await asyncio.sleep(RULES_SECONDS)
        await asyncio.to_thread(require_there, data)
        rules = await asyncio.to_thread(read_changed_rules, watched, console.say)
        if rules:
            for agent in agents:
                async with agent.lock:
                    agent.step.runner.use(with_payer_rules(reference, rules))


async def watch_store(settings: Settings) -> None:
    """Ends the process when the store is silent: its partitions go to others, and nobody takes it for a worker that has
    nothing to do."""
    store = await asyncio.to_thread(open_worker_store, settings)
    while True:
        await asyncio.sleep(settings.store_seconds / PINGS)
        ping = asyncio.ensure_future(asyncio.to_thread(store.ping))
        done, _ = await asyncio.wait([ping], timeout=settings.store_seconds)
        if not done:
            raise TransportError(f"the store {settings.store_label} has been silent for {settings.store_seconds:.0f} s")
        ping.result()


def make_agents(folder: Folder, settings: Settings) -> list[OwnedAgent]:
    """Every step of the map and the outbox writer, under an owner's name of this process."""
    owner = uuid.uuid4().hex  # a process that starts again is another owner
    agents = [_make_agent(step, folder, owner, settings) for step in STEPS]
    agents.append(
        OwnedAgent(
            InterchangeWriter.name,
            InterchangeWriter.consumes,
            InterchangeWriter.batch_events,
            _owned(lambda store: InterchangeWriter(store, folder.writer, owner), owner, settings),
            CALL_STATEMENTS * settings.store_seconds,
        )
    )
    return agents


def _make_agent(step: Step, folder: Folder, owner: str, settings: Settings) -> OwnedAgent:
    size = min(settings.batch_events, step.batch_events)
    make = _owned(lambda store: StepRunner(step, store, folder.reference, owner, size), owner, settings)
    return OwnedAgent(step.name, step.consumes, size, make, CALL_STATEMENTS * settings.store_seconds)


def _owned(make_runner: Callable[[Store], Runner], owner: str, settings: Settings) -> Callable[[], OwnedStep]:
    def make() -> OwnedStep:
        store = open_worker_store(settings)
        return OwnedStep(MeasuredRunner(make_runner(store)), store, owner, partial(count_records, settings))

    return make
