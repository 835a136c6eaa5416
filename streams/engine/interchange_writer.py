"""The outbox writer as a step: an effect with a position. The file first, then the event; a crash anywhere between is
mended by doing it again, and a file that stood in the outbox before is never put there again."""

import os
from collections.abc import Sequence

from connectors.clearinghouse.outbox import AGAIN, OutboxFile, OutboxWriter
from schemas.errors import TransportError, UnreadableMessageError
from schemas.event import Event, derive_events
from schemas.events import InquiryBuilt, InterchangeBuilt, WorkItemOpened
from schemas.identifiers import make_id, sha256_hex
from schemas.reference import Reference
from schemas.store import DeadLetter, Position, Record, SetAside, Store
from schemas.work_item import open_work
from schemas.work_kinds import SENT_BEFORE
from streams.bugs import describe_failure
from streams.engine.decoded_events import decode_recent
from streams.engine.kill_points import reach
from streams.engine.metrics import time_transaction
from streams.engine.setting_aside import SOURCE, Conclude, FailureShare, note_set_aside, open_item
from streams.engine.step import NOT_OF_AN_EVENT, OUTSIDE, Batch, StalePositionError


class InterchangeWriter:
    """Runs like a step: what `StepRunner` decides by a pure function, this one does to the outbox folder. No file
    waits for another: one that cannot be written is set aside alone."""

    name = "outbox_writer"
    consumes = (InterchangeBuilt.topic,)
    batch_events = 20  # each holds up to 250 claims

    def __init__(self, store: Store, writer: OutboxWriter, owner: str = "") -> None:
        self.store = store
        self.writer = writer
        self.owner = owner
        self._failures = FailureShare(self.name)

    def takes(self, _event_type: str) -> bool:
        """Its repeats are told by the file, not by ids seen: there is none to ask about."""
        return False

    def use(self, reference: Reference) -> None:
        """Looks nothing up."""

    def run_batch(
        self, messages: Sequence[Record | DeadLetter], read_at: Sequence[Position], move_to: Sequence[Position]
    ) -> Batch:
        """Writes the file of each interchange, then says so. What cannot be read is buried by the tracking step."""
        sources: dict[str, tuple[str, int]] = {}
        said: list[Event] = []
        failed: list[tuple[SetAside, Event]] = []
        for message in messages:
            if not isinstance(message, Record) or message.type not in (InterchangeBuilt.type, InquiryBuilt.type):
                continue
            try:
                cause, _ = decode_recent(message)
            except UnreadableMessageError:
                continue
            sources[cause.event_id] = (message.topic, message.partition)
            try:
                said += self._write(cause, read_at)
            except NOT_OF_AN_EVENT:
                raise
            except OSError as error:
                raise TransportError(f"the outbox cannot be written ({error.strerror})") from error
            except Exception as error:
                failed.append((note_set_aside(self.name, cause.key, cause, describe_failure(error)), cause))
        reach("outbox.before_publish")
        with time_transaction(self.name), self.store.transaction() as transaction:
            if not transaction.lock_positions(self.name, read_at, self.owner):
                raise StalePositionError(self.name)
            transaction.append([cause for _, cause in failed], OUTSIDE)  # known already, unless a stranger sent it
            transaction.set_aside([noted for noted, _ in failed])
            items = [open_item(noted, cause) for noted, cause in failed]
            new = (*transaction.append(said, self.name).new, *transaction.append(items, SOURCE).new)
            if self.owner:
                transaction.add_outbox(self.name, [(x.event_id, *sources[x.causation_id or ""]) for x in new])
            transaction.save_positions(self.name, move_to)
        reach("outbox.after_publish")
        self._failures.require_sound(len(messages), [noted for noted, _ in failed])
        return Batch(new, (), tuple(noted for noted, _ in failed))

    def take_again(self, _noted: SetAside, record: Record) -> Conclude:
        """Has the file of an interchange that was set aside stand in the outbox; raises what `_write` raises."""
        said = self._write(decode_recent(record)[0], ())
        return lambda transaction: list(transaction.append(said, self.name).new)

    def _write(self, cause: Event, read_at: Sequence[Position]) -> list[Event]:
        """Has the file of one interchange stand in the outbox, if it never did; returns what is to be said of it."""
        file = self.writer.prepare(cause)
        assert file is not None
        if self.store.has_event(file.written.event_id):
            return []  # and where an uploader took it away, it is not put there again
        before = self.store.find_sent_before(file.name, file.numbers)
        if before and before != [(file.name, sha256_hex(file.data))]:
            self.writer.keep_back(file)
            item = ask_whether_to_send(file, [name for name, _ in before])
            return [file.written, *derive_events(cause, f"{self.name}.again", (item,), cause.decided_by)]
        if not before and not self.writer.stands(file):
            self.writer.give_name(self._stage(file, read_at), file)
        self.writer.clear(file)
        return [file.written]

    def _stage(self, file: OutboxFile, read_at: Sequence[Position]) -> str:
        """The name under which the file waits for its own: noted by us now, or by whoever died after that."""
        staged_name = self.store.find_staged(file.name)
        if staged_name is None:
            own_name = self.writer.stage(file, self.owner or str(os.getpid()))
            with self.store.transaction() as transaction:
                if not transaction.lock_positions(self.name, read_at, self.owner):
                    raise StalePositionError(self.name)
                self.store.keep_staged(file.name, own_name)
                staged_name = self.store.find_staged(file.name)  # another process may have been quicker
        assert staged_name is not None
        return staged_name


def ask_whether_to_send(file: OutboxFile, before: Sequence[str]) -> WorkItemOpened:
    """Claims went to the payer in another file, which this store does not know since it was set back."""
    return open_work(
        SENT_BEFORE,
        make_id("sent_before", file.name, sha256_hex(file.data)),
        file.written.key,
        {"file_name": file.name, "before": ", ".join(before[:5]), "folder": AGAIN},
    )
