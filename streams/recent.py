"""The events that were decoded last: many steps take the same event, and its JSON is most of what a light one costs."""

from threading import Lock

from schemas.event import Event
from schemas.store import Record
from schemas.wire import decode_record

RECENT_BYTES_MAX = 8_000_000  # of JSON; as objects it is some six times as much


class RecentEvents:
    """Shared by the steps of a process. An event is frozen and follows from its record alone, so that nothing in here
    is ever out of date; the oldest leave first."""

    def __init__(self, bytes_max: int = RECENT_BYTES_MAX) -> None:
        self.bytes_max = bytes_max
        self._found: dict[str, tuple[Record, Event]] = {}
        self._bytes = 0
        self._lock = Lock()

    def decode(self, record: Record) -> Event:
        """As `decode_record`, and raises what it raises; of the very same record once."""
        earlier, event = self._found.get(record.event_id, (None, None))
        if event is None or earlier != record:
            event = decode_record(record)
            self._keep(record, event)
        return event

    def _keep(self, record: Record, event: Event) -> None:
        with self._lock:
            replaced, _ = self._found.pop(record.event_id, (None, None))
            self._found[record.event_id] = (record, event)
            self._bytes += len(record.body) - (len(replaced.body) if replaced else 0)
            while self._bytes > self.bytes_max:
                oldest, _ = self._found.pop(next(iter(self._found)))
                self._bytes -= len(oldest.body)


decode_recent = RecentEvents().decode
