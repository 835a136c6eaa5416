"""The events that were decoded last: many steps take the same event, and its JSON is most of what a light one costs."""

from threading import Lock

from schemas.errors import UnreadableMessageError
from schemas.event import Event
from schemas.store import Record
from schemas.wire import decode_record, encode_body, hash_body

RECENT_BYTES_MAX = 16_000_000  # of JSON; as objects it is some six times as much


class RecentEvents:
    """Shared by the steps of a process. An event is frozen and follows from its record alone, so that nothing in here
    is ever out of date; the oldest leave first."""

    def __init__(self, bytes_max: int = RECENT_BYTES_MAX) -> None:
        self.bytes_max = bytes_max
        self._found: dict[str, tuple[Record, Event, bytes]] = {}
        self._bytes = 0
        self._lock = Lock()

    def decode(self, record: Record) -> tuple[Event, bytes]:
        """The event of a record and the hash of its body as the log has it, made once for the very same record.

        Raises what `decode_record` raises.
        """
        found = self._found.get(record.event_id)
        if found is None or found[0] != record:
            event = decode_record(record)
            found = (record, event, hash_body(_as_kept(record, event)))
            self._keep(found)
        return found[1:]

    def _keep(self, found: tuple[Record, Event, bytes]) -> None:
        record = found[0]
        with self._lock:
            replaced = self._found.pop(record.event_id, None)
            self._found[record.event_id] = found
            self._bytes += len(record.body) - (len(replaced[0].body) if replaced else 0)
            while self._bytes > self.bytes_max:
                oldest = self._found.pop(next(iter(self._found)))[0]
                self._bytes -= len(oldest.body)


def _as_kept(record: Record, event: Event) -> bytes:
    """Of others the log keeps the event in our own writing, whatever spaces and defaults theirs had."""
    if record.origin != "outside":
        return record.body
    try:
        return encode_body(event)
    except ValueError as error:
        raise UnreadableMessageError(str(error)) from None


decode_recent = RecentEvents().decode
