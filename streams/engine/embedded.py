"""The embedded engine: the topics are a table, so that consume, process and produce are one local transaction."""

from collections.abc import Callable

from connectors.clearinghouse.outbox import OutboxWriter
from connectors.stores.common import SqlStore
from schemas.reference import Reference
from schemas.store import Position, Record
from streams.engine.interchange_writer import InterchangeWriter
from streams.engine.lag import count_unread
from streams.engine.measured_runner import MeasuredRunner
from streams.engine.step import Runner, StalePositionError
from streams.engine.step_runner import StepRunner
from streams.pipeline import STEPS

# Nobody waits for a batch here, and every commit writes the pages again that many batches touch.
BATCH_EVENTS = 2000
# What a step has made at once before the others take it, while it is still at hand decoded (decoded_events).
MADE_EVENTS = 2000


class EmbeddedEngine:
    """Runs every step, in the order of the map, until no topic holds anything unread."""

    partitions = 1

    def __init__(
        self, store: SqlStore, reference: Reference, writer: OutboxWriter, batch_events: int = BATCH_EVENTS
    ) -> None:
        self.store = store
        steps = [StepRunner(step, store, reference, batch_events=batch_events) for step in STEPS]
        runners: list[Runner] = [*steps, InterchangeWriter(store, writer)]
        self.runners = [MeasuredRunner(runner) for runner in runners]

    def use(self, reference: Reference) -> None:
        """From the next batch on, what is looked up is this."""
        for runner in self.runners:
            runner.use(reference)

    def run_until_quiet(self, on_batch: Callable[[int], None] = lambda _: None) -> int:
        """Processes until nothing is left to read; returns how many events were read. `on_batch` hears of each."""
        total = 0
        while read := sum(self._drain(runner, on_batch) for runner in self.runners):
            total += read
        return total

    def run_again(self, record: Record) -> None:
        """Has every step that takes it look once more at a record that the log holds; its positions stay."""
        for runner in self.runners:
            if record.topic in runner.consumes and runner.takes(record.type):
                read_at, _ = self._positions(runner.name, runner.consumes)
                runner.run_batch([record], read_at, read_at)

    def read_lags(self) -> dict[str, int]:
        """For each topic, how many events the step that is furthest behind has still to read."""
        return count_unread(self.store)

    def _drain(self, runner: Runner, on_batch: Callable[[int], None]) -> int:
        """Runs batches until nothing is left to read, or enough is made for the steps that follow."""
        total = made = 0
        while made < MADE_EVENTS:
            read, more = self._run_batch(runner)
            if not read:
                break
            on_batch(read)
            total, made = total + read, made + more
        return total

    def _run_batch(self, runner: Runner) -> tuple[int, int]:
        """How many events were read and made."""
        topics = runner.consumes
        read_at, next_offset = self._positions(runner.name, topics)
        records = self.store.read(topics, next_offset, runner.batch_events)
        if not records:
            return 0, 0
        # All topics are one log here: a step moves on in all of them together.
        after = records[-1].offset + 1
        try:
            batch = runner.run_batch(records, read_at, [Position(topic, 0, after) for topic in topics])
        except StalePositionError:
            return 1, 0  # another process did this batch: look again
        return len(records), len(batch.events)

    def _positions(self, step: str, topics: tuple[str, ...]) -> tuple[list[Position], int]:
        known = self.store.positions(step)
        read_at = [Position(topic, 0, known.get((topic, 0), 0)) for topic in topics]
        return read_at, max((position.next_offset for position in read_at), default=0)
