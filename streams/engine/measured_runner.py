"""A runner that tells the metrics what it does."""

from collections.abc import Sequence

from schemas.store import DeadLetter, Position, Record
from streams.engine import metrics
from streams.engine.step import Batch, Runner
from streams.terminal import errors


class MeasuredRunner:
    """A runner that counts and times what it commits."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self.name = runner.name
        self.consumes = runner.consumes
        self.batch_events = runner.batch_events
        self.takes = runner.takes
        self.use = runner.use

    def run_batch(
        self, messages: Sequence[Record | DeadLetter], read_at: Sequence[Position], move_to: Sequence[Position]
    ) -> Batch:
        """As the runner's own."""
        with metrics.time_step(self.name):
            batch = self.runner.run_batch(messages, read_at, move_to)
        metrics.count_batch(
            self.name,
            [message.topic for message in messages],
            [event.body.topic for event in batch.events],
            [letter.topic for letter in batch.letters],
        )
        for noted in batch.failed:
            errors.say(f"set aside: {noted.step} cannot take {noted.type} {noted.event_id}: {noted.reason}")
        return batch
