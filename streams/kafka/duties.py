"""What one worker of an installation does beside its steps: takes the inbox in, ticks the clock, cuts submissions.

A lease in the store says which one. When that worker dies its connection ends, the lease is free, and another has it
at its next look.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from connectors.settings import Settings
from schemas.reference import Reference
from streams.installation import open_installation
from streams.kafka.engine import leave
from streams.kafka.remote import KafkaPublish
from streams.terminal import console
from streams.watching import Watcher

LEASE = "duties"
LOOK_SECONDS = 2.0


class OthersWork:
    """The engine of somebody who publishes and does not wait: the workers' steps run as they may."""

    def __init__(self, partitions: int, publish: KafkaPublish) -> None:
        self.partitions = partitions
        self.publish = publish

    def use(self, reference: Reference) -> None:
        """Nothing here looks anything up: each worker takes up changed rules by itself."""

    def run_until_quiet(self, on_batch: Callable[[int], None] = lambda events: None) -> int:
        """Reads nothing; sends what somebody who died before publishing left."""
        self.publish.send_waiting()
        return 0

    def read_lags(self) -> Mapping[str, int]:
        """Knows of none."""
        return {}


class Duties(threading.Thread):
    """Runs beside the engine; ends the process when it cannot go on, as a step would."""

    def __init__(self, data: Path, settings: Settings, now: Callable[[], datetime], cut_seconds: float) -> None:
        super().__init__(name="duties", daemon=True)
        self.data = data
        self.settings = settings
        self.now = now
        self.cut_seconds = cut_seconds
        self.stopping = threading.Event()

    def run(self) -> None:
        try:
            opened = open_installation(
                self.data, kafka=self.settings.kafka, store=self.settings.store.get_secret_value()
            )
            assert isinstance(opened.publish, KafkaPublish)
            installation = replace(opened, engine=OthersWork(opened.engine.partitions, opened.publish))
            while not self.stopping.is_set() and not installation.store.take_lease(LEASE):
                self.stopping.wait(LOOK_SECONDS)
            if not self.stopping.is_set():
                Watcher(installation, self.now, self.cut_seconds, console.say, self.stopping).watch()
        except Exception as error:
            leave(error)

    def stop(self) -> None:
        """After the file in hand."""
        self.stopping.set()
        self.join()
