"""The events that were decoded last: many steps take the same event, and its JSON is most of what a light one costs."""

from threading import Lock

from schemas.event import Event
from schemas.store import Record
from schemas.wire import decode_record, hash_body

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
        """The event of a record and the hash of its body, made once for the very same record.

        Raises what `decode_record` raises.
        """
        found = self._found.get(record.event_id)
        if found is None or found[0] != record:
            found = (record, decode_record(record), hash_body(record.body))
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


decode_recent = RecentEvents().decode
