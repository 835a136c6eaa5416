"""What one worker of an installation does beside its steps: takes the inbox in, ticks the clock, cuts submissions.

A lease in the store says which one. When that worker dies, or is frozen for `store_seconds`, its connection ends, the
lease is free, and another has it at its next look. Who comes back from a pause finds that out before it does anything.
What time it is the store says: the workers' own clocks may differ, and time must not go back when the lease goes over.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from connectors.settings import Settings
from connectors.stores.address import open_store
from schemas.errors import TransportError
from schemas.event import Event
from schemas.reference import Reference
from schemas.store import PublishResult
from streams.edge.inbox import Watcher
from streams.installation import open_installation
from streams.kafka.engine import leave
from streams.kafka.remote import KafkaPublish
from streams.terminal import console

LEASE = "duties"
LOOK_SECONDS = 2.0


class Lease:
    """A lock of a connection of its own, which a thread keeps alive while this process is."""

    def __init__(self, settings: Settings) -> None:
        self.seconds = settings.store_seconds  # of silence, after which the server takes the lease away
        self.store = open_store(settings, {"idle_session_timeout": f"{self.seconds:.0f}s"})
        self._asking = threading.Lock()

    def take(self) -> bool:
        """Whether it is ours now. Raises TransportError when the connection is gone."""
        with self._asking:
            return self.store.take_lease(LEASE)

    def require(self) -> None:
        """Raises TransportError when it is not ours any more."""
        with self._asking:
            self.store.ping()

    def read_clock(self) -> datetime:
        """The time of the store's machine, which all workers share. Raises TransportError as `take` does."""
        with self._asking:
            return self.store.read_clock()

    def keep(self, stopping: threading.Event) -> None:
        """Until told to stop, or it is lost."""
        while not stopping.wait(self.seconds / 6):
            self.require()


class HeldPublish(KafkaPublish):
    """Publishes nothing once the lease is lost: another worker has the duties then."""

    def __init__(self, publish: KafkaPublish, lease: Lease) -> None:
        super().__init__(publish.store, publish.settings)
        self.lease = lease

    def __call__(self, events: Sequence[Event], source: str) -> PublishResult:
        self.lease.require()
        return super().__call__(events, source)

    def send(self, source: str, *, wait: bool = True) -> int:
        self.lease.require()
        return super().send(source, wait=wait)


class OthersWork:
    """The engine of somebody who publishes and does not wait: the workers' steps run as they may."""

    def __init__(self, partitions: int, publish: KafkaPublish) -> None:
        self.partitions = partitions
        self.publish = publish

    def use(self, reference: Reference) -> None:
        """Nothing here looks anything up: each worker takes up changed rules by itself."""

    def run_until_quiet(self, _on_batch: Callable[[int], None] = lambda _: None) -> int:
        """Reads nothing; sends what somebody who died before publishing left."""
        self.publish.send_waiting()
        return 0

    def read_lags(self) -> Mapping[str, int]:
        """Knows of none."""
        return {}


class Duties(threading.Thread):
    """Runs beside the engine; ends the process when it cannot go on, as a step would."""

    def __init__(self, data: Path, settings: Settings, cut_seconds: float) -> None:
        super().__init__(name="duties", daemon=True)
        self.data = data
        self.settings = settings
        self.cut_seconds = cut_seconds
        self.stopping = threading.Event()

    def run(self) -> None:
        try:
            lease = Lease(self.settings)
            while not self.stopping.is_set() and not lease.take():
                self.stopping.wait(LOOK_SECONDS)
            if not self.stopping.is_set():
                threading.Thread(target=self._keep, args=(lease,), name="lease", daemon=True).start()
                self._work(lease)
        except OSError as error:
            leave(TransportError(f"the data folder {self.data} cannot be used ({error.strerror})"))
        except Exception as error:
            leave(error)

    def _work(self, lease: Lease) -> None:
        opened = open_installation(self.data, kafka=self.settings.kafka, store=self.settings.store.get_secret_value())
        assert isinstance(opened.publish, KafkaPublish)
        publish = HeldPublish(opened.publish, lease)
        installation = replace(opened, publish=publish, engine=OthersWork(opened.engine.partitions, publish))
        Watcher(installation, lease.read_clock, self.cut_seconds, console.say, self.stopping).watch()

    def _keep(self, lease: Lease) -> None:
        try:
            lease.keep(self.stopping)
        except Exception as error:
            leave(error)

    def stop(self) -> None:
        """After the file in hand."""
        self.stopping.set()
        self.join()
