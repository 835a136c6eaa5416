"""How fast the embedded engine carries encounters through the whole cycle, against the least that SQLite needs.

Run by `make bench`; prints tables, writes nothing but a temporary folder. Encounters are made beforehand; timed are
reading them as NDJSON, every step, the cut, the simulated payer, and reading and posting its answers.

The limit is merely appending the same events to an empty file of the same tables in the same transactions: no
reading, no deciding, no state, no projections.
"""

import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from connectors.demo import generate_encounters
from connectors.practice_payer.simulator import answer_interchange
from connectors.stores.sqlite import SqliteStore, SqliteTransaction
from schemas.encounter import Encounter
from schemas.event import Event
from schemas.wire import encode_body, hash_body
from streams.cli.common import collect_rarely
from streams.edge.ingest import ingest_paths
from streams.edge.submission import cut_submissions
from streams.installation import Opened, open_installation

SEED = 1
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
RUNS = 3
ENCOUNTERS = 1000
SLICE_ENCOUNTERS = 100
SLICES = 7  # the figures of growth are medians of so many
FEW_EVENTS = 1_000
MANY_EVENTS = 100_000

INSERT = (
    "INSERT INTO event (topic, event_id, type, schema_version, key, occurred_at, correlation_id, causation_id, "
    "decided_by, body, body_hash, source) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
Row = tuple[object, ...]


@dataclass(frozen=True)
class Cycle:
    """Seconds of one cycle, and those of them that the simulated payer took."""

    seconds: float
    cpu_seconds: float
    payer_seconds: float
    events: int


def run_cycle(installation: Opened, encounters: Sequence[Encounter]) -> Cycle:
    """Encounters in, claims cut, the payer answers, everything posted."""
    source = installation.data / "encounters.ndjson"
    source.write_bytes(b"".join(encounter.model_dump_json().encode() + b"\n" for encounter in encounters))
    before = count_events(installation)
    started, cpu_started = time.perf_counter(), time.process_time()
    ingest_paths(installation, [source], NOW)
    cut_submissions(installation.store, installation.publish, NOW)
    installation.engine.run_until_quiet()
    payer_started = time.perf_counter()
    answers = []
    for sent in sorted(installation.outbox.glob("*.837")):
        for answer in answer_interchange(sent.read_bytes(), SEED):
            answers.append(installation.inbox / answer.name)
            answers[-1].write_bytes(answer.data)
        sent.unlink()
    payer_seconds = time.perf_counter() - payer_started
    ingest_paths(installation, answers, NOW)
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu_started
    return Cycle(seconds, cpu_seconds, payer_seconds, count_events(installation) - before)


def count_events(installation: Opened) -> int:
    (found,) = installation.store.connection.execute("SELECT COALESCE(MAX(sequence), 0) FROM event").fetchone()
    return int(found)


def record_batches(installation: Opened, batches: list[list[Event]]) -> None:
    """Has the installation's store write down what each of its transactions appends."""
    begin = installation.store.transaction

    @contextmanager
    def transaction() -> Iterator[SqliteTransaction]:
        with begin() as opened:
            append = opened.append
            batch: list[Event] = []
            opened.append = lambda events, source: (batch.extend(events), append(events, source))[1]
            yield opened
            batches.append(batch)

    installation.store.transaction = transaction


def make_row(event: Event) -> Row:
    """An event as a row of the log, its body as JSON."""
    kind, body = type(event.body), encode_body(event)
    head = (kind.topic, event.event_id, kind.type, kind.schema_version, event.key, event.occurred_at.isoformat())
    return (*head, event.correlation_id, event.causation_id, event.decided_by, body, hash_body(body), "bench")


def time_append(path: Path, batches: Sequence[Sequence[Row]]) -> float:
    """Seconds to append rows to a new file, each batch in one transaction (WAL, synchronous=FULL)."""
    store = SqliteStore(path)
    started = time.perf_counter()
    for batch in batches:
        with store.transaction() as opened:
            opened.connection.executemany(INSERT, batch)
    seconds = time.perf_counter() - started
    store.close()
    return seconds


def time_encode(batches: Sequence[Sequence[Event]]) -> float:
    """Seconds to make the rows that `time_append` appends."""
    started = time.perf_counter()
    for batch in batches:
        for event in batch:
            make_row(event)
    return time.perf_counter() - started


def measure_throughput() -> list[tuple[str, str]]:
    """The whole cycle on one core, and its ratio to the limit; medians of RUNS."""
    encounters = list(generate_encounters(ENCOUNTERS, SEED))
    cycles: list[Cycle] = []
    limits: list[tuple[float, float]] = []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as folder:
            installation = open_installation(Path(folder) / "data")
            batches: list[list[Event]] = []
            record_batches(installation, batches)
            cycles.append(run_cycle(installation, encounters))
            installation.store.close()
            rows = [[make_row(event) for event in {e.event_id: e for e in batch}.values()] for batch in batches]
            limits.append((time_append(Path(folder) / "limit.db", rows), time_encode(batches)))
    seconds = statistics.median(cycle.seconds for cycle in cycles)
    cpu_seconds = statistics.median(cycle.cpu_seconds for cycle in cycles)
    payer_seconds = statistics.median(cycle.payer_seconds for cycle in cycles)
    append = statistics.median(append for append, _ in limits)
    encode_and_append = statistics.median(map(sum, limits))
    return [
        ("encounters, with those sent again", f"{len(encounters):,}"),
        ("events, in transactions", f"{cycles[0].events:,}, {len(batches):,}"),
        ("seconds for the whole cycle", f"{seconds:.2f}"),
        ("  of them the simulated payer", f"{payer_seconds:.2f}"),
        ("encounters a second", f"{len(encounters) / seconds:,.0f}"),
        ("encounters a second of processor time", f"{len(encounters) / cpu_seconds:,.0f}"),
        ("limit: seconds to append the rows", f"{append:.3f}"),
        ("limit: seconds to write events as JSON and append them", f"{encode_and_append:.3f}"),
        ("ratio to appending rows", f"{seconds / append:.1f}"),
        ("ratio to writing and appending events", f"{seconds / encode_and_append:.1f}"),
    ]


def measure_growth() -> list[tuple[str, str]]:
    """Time for each event with few and with many events stored, and the memory at both points.

    The same encounters go in turn into a small and a large installation: what slows the machine slows both.
    """
    with tempfile.TemporaryDirectory() as folder:
        small = fill_installation(Path(folder) / "small", FEW_EVENTS)
        peak_few = read_peak_megabytes()
        large = fill_installation(Path(folder) / "large", MANY_EVENTS)
        peak_many = read_peak_megabytes()
        encounters = generate_encounters(2 * SLICES * SLICE_ENCOUNTERS, SEED + 1)
        costs: list[tuple[float, float]] = []
        for _ in range(SLICES):
            piece = list(islice(encounters, SLICE_ENCOUNTERS))
            few, many = run_cycle(small, piece), run_cycle(large, piece)
            costs.append((few.cpu_seconds / few.events, many.cpu_seconds / many.events))
        size = (large.data / "revcycle.db").stat().st_size
        for installation in (small, large):
            installation.store.close()
    return [
        (f"microseconds an event, from {FEW_EVENTS:,} stored", f"{statistics.median(c[0] for c in costs) * 1e6:,.0f}"),
        (f"microseconds an event, from {MANY_EVENTS:,} stored", f"{statistics.median(c[1] for c in costs) * 1e6:,.0f}"),
        ("ratio (median of the pairs)", f"{statistics.median(many / few for few, many in costs):.2f}"),
        (f"peak memory, at {FEW_EVENTS:,} events", f"{peak_few:,} MB"),
        (f"peak memory, at {MANY_EVENTS:,} events", f"{peak_many:,} MB"),
        (f"database, at {MANY_EVENTS:,} events", f"{size / 1e6:,.0f} MB"),
    ]


def fill_installation(data: Path, events: int) -> Opened:
    """An installation with at least so many events stored; an encounter makes about eight."""
    installation = open_installation(data)
    encounters = generate_encounters(events // 4, SEED)
    while count_events(installation) < events:
        run_cycle(installation, list(islice(encounters, SLICE_ENCOUNTERS)))
    return installation


def read_peak_megabytes() -> int:
    """The most memory that this process has held so far; `ru_maxrss` is KB on Linux, bytes on macOS."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1e6 if sys.platform == "darwin" else 1e3))


def print_table(title: str, rows: Sequence[tuple[str, str]]) -> None:
    width = max(len(label) for label, _ in rows)
    print(f"\n{title}\n")
    for label, value in rows:
        print(f"  {label:<{width}}  {value:>14}")


def main() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # one core, SQLite's own work included
    collect_rarely()  # as the command line does
    # Growth first: its peak of memory must not be that of a list of recorded events.
    print_table("As the log grows (processor time)", measure_growth())
    print_table(f"The whole cycle, embedded, on one core (median of {RUNS})", measure_throughput())


if __name__ == "__main__":
    main()
