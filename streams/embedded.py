"""The embedded engine: the topics are a table, so that consume, process and produce are one local transaction."""

from collections.abc import Callable

from connectors.clearinghouse.outbox import OutboxWriter
from schemas.reference import Reference
from schemas.store import Position, Store
from streams.checkpoints import reach
from streams.pipeline import STEPS
from streams.step import StalePositionError, StepRunner

BATCH_EVENTS = 500
WRITER = "outbox_writer"
INTERCHANGES = "rcm.interchange.v1"


class EmbeddedEngine:
    """Runs every step, in the order of the map, until no topic holds anything unread."""

    def __init__(self, store: Store, reference: Reference, writer: OutboxWriter) -> None:
        self.store = store
        self.writer = writer
        self.use(reference)

    def use(self, reference: Reference) -> None:
        """From the next batch on, what is looked up is this."""
        self.runners = [StepRunner(step, self.store, reference) for step in STEPS]

    def run_until_quiet(self, on_batch: Callable[[int], None] = lambda events: None) -> int:
        """Processes until nothing is left to read; returns how many events were read. `on_batch` hears of each."""
        total = 0
        while True:
            read = sum(self._drain(runner, on_batch) for runner in self.runners) + self._write_interchanges()
            if not read:
                return total
            total += read

    def _drain(self, runner: StepRunner, on_batch: Callable[[int], None]) -> int:
        total = 0
        while read := self._run_batch(runner):
            on_batch(read)
            total += read
        return total

    def _run_batch(self, runner: StepRunner) -> int:
        topics = runner.step.consumes
        read_at, next_offset = self._positions(runner.step.name, topics)
        records = self.store.read(topics, next_offset, BATCH_EVENTS)
        if not records:
            return 0
        # All topics are one log here: a step moves on in all of them together.
        after = records[-1].offset + 1
        try:
            runner.run_batch(records, read_at, [Position(topic, 0, after) for topic in topics])
        except StalePositionError:
            return 1  # another process did this batch: look again
        return len(records)

    def _positions(self, step: str, topics: tuple[str, ...]) -> tuple[list[Position], int]:
        known = self.store.positions(step)
        read_at = [Position(topic, 0, known.get((topic, 0), 0)) for topic in topics]
        return read_at, max((position.next_offset for position in read_at), default=0)

    def _write_interchanges(self) -> int:
        """The outbox writer is an effect: the file first, then the event; a repeat writes the same bytes."""
        read_at, next_offset = self._positions(WRITER, (INTERCHANGES,))
        records = self.store.read((INTERCHANGES,), next_offset, 20)
        if not records:
            return 0
        written = [event for record in records if (event := self.writer.write(record)) is not None]
        reach("outbox.before_publish")
        with self.store.transaction() as transaction:
            if not transaction.lock_positions(WRITER, read_at):
                return 1
            transaction.append(written, WRITER)
            transaction.save_positions(WRITER, [Position(INTERCHANGES, 0, records[-1].offset + 1)])
        reach("outbox.after_publish")
        return len(records)
