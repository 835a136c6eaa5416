"""How far behind each step is, from its position to the end of the log."""

from datetime import datetime

from connectors.stores.common import SqlStore
from streams.pipeline import CONSUMERS

CONSUMED_TOPICS = sorted({topic for topics in CONSUMERS.values() for topic in topics})

Place = tuple[str, str, int]  # step, topic, partition
Lags = dict[Place, tuple[int, float | None]]  # how many are unread, and since when the oldest of them waits


def count_unread(store: SqlStore) -> dict[str, int]:
    """For each topic of the embedded engine, how many events the step that is furthest behind has still to read."""
    lags: dict[str, int] = {}
    for (_, topic, _), (unread, _) in read_store_lags(store).items():
        lags[topic] = max(lags.get(topic, 0), unread)
    return lags


def read_store_lags(store: SqlStore) -> Lags:
    """The embedded engine's: its topics are the store's log."""
    lags: Lags = {}
    for step, topics in CONSUMERS.items():
        positions = store.positions(step)
        for topic in topics:
            next_offset = positions.get((topic, 0), 0)
            unread = store.count_events(topic, next_offset)
            oldest = store.read([topic], next_offset, 1) if unread else []
            since = datetime.fromisoformat(oldest[0].occurred_at).timestamp() if oldest else None
            lags[step, topic, 0] = (unread, since)
    return lags
