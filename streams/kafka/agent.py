"""What Faust's agent and the step's thread share: the step, the thread that its database calls run on, and a lock."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from schemas.errors import TransportError
from streams.kafka.owned import OwnedStep

P = ParamSpec("P")
R = TypeVar("R")


class OwnedAgent:
    """One step of this process. The store is opened, used and closed by one thread, off the event loop."""

    step: OwnedStep

    def __init__(
        self,
        name: str,
        consumes: tuple[str, ...],
        batch_events: int,
        make_step: Callable[[], OwnedStep],
        patience_seconds: float,
    ) -> None:
        self.name = name
        self.consumes = consumes
        self.batch_events = batch_events
        self.patience_seconds = patience_seconds  # for one call, which may be many statements
        self.lock = asyncio.Lock()  # a batch and a claim never overlap
        self.publishing: asyncio.Task[None] | None = None  # the last batch that was decided
        self._make_step = make_step
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    async def call(self, function: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
        """Runs a database call off the event loop, where the heartbeats live. Raises TransportError where none of its
        statements can take so long: the connection is silent, and with it the locks that others wait for."""
        loop = asyncio.get_running_loop()
        called = loop.run_in_executor(self._thread, lambda: function(*arguments, **named))
        done, _ = await asyncio.wait([called], timeout=self.patience_seconds)
        if not done:
            raise TransportError(f"{self.name}: the store has not answered for {self.patience_seconds:.0f} s")
        return called.result()

    async def published(self) -> None:
        """Returns when what was decided last is acknowledged by the broker."""
        if self.publishing is not None:
            await self.publishing

    async def open(self) -> None:
        """Opens the store."""
        self.step = await self.call(self._make_step)

    async def close(self) -> None:
        """Closes the store."""
        await self.call(self.step.store.close)
        self._thread.shutdown()
