"""A step on the partitions that this process owns: what to take of what Kafka brings, and what still has to go out.

Positions in the store are the truth. A message before its position is skipped (and must be one that was applied), a
message beyond it is a gap, and a batch of partitions that another process has taken over since is refused by the store.
Knows nothing of Faust; called by one thread at a time.
"""

from collections.abc import Callable, Mapping, Sequence

from schemas.errors import NewerSchemaError, PassingConflictError, PositionError, TransportError, UnreadableMessageError
from schemas.store import DeadLetter, Outgoing, Position, Record, Store
from schemas.wire import decode_record
from streams.engine.step import Batch, Runner, StalePositionError

Place = tuple[str, int]
CountRecords = Callable[[Place, int, int], int]  # of a partition, from an offset up to another
TRIES_MAX = 10
OUTBOX_MESSAGES = 500


class OwnedStep:
    """One runner, one store connection, and the next offset of each partition that is ours."""

    def __init__(self, runner: Runner, store: Store, owner: str, count_records: CountRecords) -> None:
        self.runner = runner
        self.store = store
        self.owner = owner
        self.count_records = count_records
        self.next_offsets: dict[Place, int] = {}

    def claim(self, starts: Mapping[Place, int]) -> Mapping[Place, int]:
        """Becomes the owner of these partitions, and of no others, and returns where each goes on; `starts` are the
        first offsets of their logs."""
        ours = {place: start for place, start in starts.items() if place[0] in self.runner.consumes}
        claimed = self.store.claim_partitions(self.runner.name, ours, self.owner)
        self.next_offsets = {(x.topic, x.partition): x.next_offset for x in claimed}
        return self.next_offsets

    def require_log(self, starts: Mapping[Place, int], ends: Mapping[Place, int]) -> None:
        """Raises PositionError when a log is not the one that its position speaks of. `ends` were read after the claim:
        until then another owner may have gone on beyond them."""
        for place, next_offset in self.next_offsets.items():
            start, end = starts[place], ends[place]
            if not start <= next_offset <= end:
                raise PositionError(
                    f"{self.runner.name} goes on at {next_offset} of {place[0]} partition {place[1]}, but that log "
                    f"begins at {start} and ends at {end}: it was re-created, truncated or expired. Nothing was read. "
                    "Restore the topic, or fill the topics from the store with `revcycle topics rebuild`"
                )

    def run(self, messages: Sequence[Record | DeadLetter]) -> Batch:
        """Applies what of these messages is ours and new, in one transaction."""
        for _ in range(TRIES_MAX):
            taken = self._take(messages)
            if not taken:
                return Batch((), ())
            read_at = {(x.topic, x.partition): self.next_offsets[x.topic, x.partition] for x in taken}
            move_to = {(x.topic, x.partition): x.offset + 1 for x in taken}
            try:
                batch = self.runner.run_batch(taken, _positions(read_at), _positions(move_to))
            except StalePositionError:
                self._look_again(read_at)
            except PassingConflictError:
                continue
            else:
                self.next_offsets.update(move_to)
                return batch
        raise TransportError(f"{self.runner.name}: other transactions were in the way {TRIES_MAX} times")

    def _take(self, messages: Sequence[Record | DeadLetter]) -> list[Record | DeadLetter]:
        taken: list[Record | DeadLetter] = []
        skipped: list[Record] = []
        next_offsets = dict(self.next_offsets)
        for message in messages:
            place = (message.topic, message.partition)
            next_offset = next_offsets.get(place)
            if next_offset is None:
                continue  # another process owns it now, and takes it
            if message.offset >= next_offset:
                taken.append(message)
                next_offsets[place] = message.offset + 1
            elif message.offset < self.next_offsets[place] and isinstance(message, Record):
                skipped.append(message)
        self._require_all_handed_over(taken)
        self._require_applied(skipped)
        return taken

    def _require_all_handed_over(self, taken: Sequence[Record | DeadLetter]) -> None:
        """What offsets pass over must be control records of transactions, or what was taken back."""
        offsets: dict[Place, list[int]] = {}
        for message in taken:
            offsets.setdefault((message.topic, message.partition), []).append(message.offset)
        for place, handed_over in offsets.items():
            first, last = self.next_offsets[place], handed_over[-1]
            if last + 1 - first == len(handed_over):
                continue
            if self.count_records(place, first, last) != len(handed_over) - 1:
                raise TransportError(
                    f"{self.runner.name}: not every message from {first} to {last - 1} of {place[0]} "
                    f"partition {place[1]} was handed over; starting again reads them"
                )

    def _require_applied(self, skipped: Sequence[Record]) -> None:
        """A log that was re-created holds other events at offsets that were read: skipping them would lose them."""
        if not skipped:
            return
        with self.store.transaction() as transaction:
            seen = transaction.seen(self.runner.name, [record.event_id for record in skipped])
        known = {*seen, *(x.event_id for x in self.store.list_set_aside() if x.step == self.runner.name)}
        for record in skipped:
            if record.event_id not in known and self.runner.takes(record.type) and _is_readable(record):
                raise PositionError(
                    f"offset {record.offset} of {record.topic} partition {record.partition} was read before, but holds "
                    f"an event that {self.runner.name} has never seen: the topic was re-created. Stop the publishers "
                    "and fill the topics from the store with `revcycle topics rebuild`"
                )

    def _look_again(self, places: Mapping[Place, int]) -> None:
        """Forgets the partitions that are not ours any more, and takes over the positions of those that are."""
        owned = self.store.owned_positions(self.runner.name, self.owner)
        for place in places:
            if place in owned:
                self.next_offsets[place] = owned[place]
            else:
                self.next_offsets.pop(place, None)

    def read_outbox(self) -> list[Outgoing]:
        """What an owner before us, or we before a fault, left unpublished."""
        return self.store.read_outbox(self.runner.name, list(self.next_offsets), OUTBOX_MESSAGES)


def _positions(offsets: Mapping[Place, int]) -> list[Position]:
    return [Position(topic, partition, offset) for (topic, partition), offset in sorted(offsets.items())]


def _is_readable(record: Record) -> bool:
    try:
        decode_record(record)
    except (UnreadableMessageError, NewerSchemaError):
        return False
    return True
