"""Real worker processes for tests: started as an operator starts them, ended only by their own process id."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from connectors.settings import load_settings
from streams.kafka.belonging import name_group

START = "import sys; from streams.cli import main; sys.argv[0] = 'revcycle'; main()"


@dataclass
class Workers:
    """The workers of one installation, all over one data folder, one broker and one store."""

    data: Path
    kafka: str
    store: str
    session_seconds: float = 6.0
    prelude: str = ""  # Python that each worker runs before it starts: a fault planted in the program
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def log(self) -> Path:
        return self.data.with_name(self.data.name + ".log")

    @property
    def group(self) -> str:
        """The consumer group of this installation."""
        return name_group(load_settings(self.data))

    def arguments(self, *command: str) -> list[str]:
        """A command of revcycle on this installation."""
        where = ("--data", str(self.data), "--kafka", self.kafka, "--store", self.store)
        return [sys.executable, "-c", START, *command, *where]

    def start(
        self, environment: Mapping[str, str] | None = None, *, duties: bool = False, cut_seconds: float = 60.0
    ) -> subprocess.Popen[bytes]:
        """One more worker; with `duties` it also minds inbox, clock and submissions, which it cuts so often."""
        command = self.arguments("run", *(["--cut-seconds", str(cut_seconds)] if duties else ["--steps-only"]))
        command[2] = self.prelude + command[2]
        settings = {"REVCYCLE_KAFKA_SESSION_SECONDS": str(self.session_seconds), "REVCYCLE_METRICS": "off"}
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **settings, **(environment or {})},
            )
        self.processes.append(process)
        return process

    def stop(self) -> list[int]:
        """SIGTERM to each that runs; returns their exit statuses."""
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + 40
        for process in self.processes:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        return [process.returncode for process in self.processes]
