"""How far behind each step is on Kafka: from its position in the store to the end of the topic."""

from connectors.kafka.offsets import LogEnds, read_times
from connectors.settings import Settings
from connectors.stores.common import SqlStore
from schemas.errors import TransportError
from streams.engine.lag import Lags
from streams.pipeline import CONSUMERS


def read_kafka_lags(store: SqlStore, settings: Settings, log_ends: LogEnds) -> Lags:
    """From the positions in the store to the ends of the topics, with the time of the first message between."""
    # Positions first: what is published after them shows as lag, never the other way round.
    positions = {step: store.positions(step) for step in CONSUMERS}
    ends = log_ends.read()
    next_offsets = {
        (step, *place): positions[step].get(place, 0)
        for step, topics in CONSUMERS.items()
        for place in ends
        if place[0] in topics
    }
    behind = {
        (topic, number, at): ends[topic, number]
        for (_, topic, number), at in next_offsets.items()
        if at < ends[topic, number]
    }
    times = read_times(settings, behind)
    lags: Lags = {}
    for (step, topic, number), at in next_offsets.items():
        since = times.get((topic, number, at), 0.0)
        # Behind the last message may stand the control records of its transaction: nobody ever reads those.
        messages = 0 if since is None else max(0, ends[topic, number] - at)
        if messages and not since:
            raise TransportError(f"{topic} does not say how old its messages are")
        lags[step, topic, number] = (messages, since or None)
    return lags
