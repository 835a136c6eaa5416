"""The outbox writer as a step: an effect with a position. The file first, then the event; a repeat writes the same
bytes, so a crash anywhere between is mended by doing it again."""

from collections.abc import Sequence

from connectors.clearinghouse.outbox import OutboxWriter
from schemas.events import InterchangeBuilt
from schemas.reference import Reference
from schemas.store import DeadLetter, Position, Record, Store
from streams.checkpoints import reach
from streams.metrics import time_transaction
from streams.step import Batch, StalePositionError


class InterchangeWriter:
    """Runs like a step: what `StepRunner` decides by a pure function, this one does to the outbox folder."""

    name = "outbox_writer"
    consumes = (InterchangeBuilt.topic,)
    batch_events = 20  # each holds up to 250 claims

    def __init__(self, store: Store, writer: OutboxWriter, owner: str = "") -> None:
        self.store = store
        self.writer = writer
        self.owner = owner

    def takes(self, event_type: str) -> bool:
        """Its repeats are told by the file, not by ids seen: there is none to ask about."""
        return False

    def use(self, reference: Reference) -> None:
        """Looks nothing up."""

    def run_batch(
        self, messages: Sequence[Record | DeadLetter], read_at: Sequence[Position], move_to: Sequence[Position]
    ) -> Batch:
        """Writes the file of each interchange, then says so. What cannot be read is buried by the tracking step."""
        sources = {}
        written = []
        for message in messages:
            event = self.writer.write(message) if isinstance(message, Record) else None
            if event is not None:
                sources[event.event_id] = (message.topic, message.partition)
                written.append(event)
        reach("outbox.before_publish")
        with time_transaction(self.name), self.store.transaction() as transaction:
            if not transaction.lock_positions(self.name, read_at, self.owner):
                raise StalePositionError(self.name)
            new = transaction.append(written, self.name).new
            if self.owner:
                transaction.add_outbox(self.name, [(event.event_id, *sources[event.event_id]) for event in new])
            transaction.save_positions(self.name, move_to)
        reach("outbox.after_publish")
        return Batch(new, ())
