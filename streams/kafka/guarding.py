"""Whether the topics are still those that the positions in the store speak of, and keep what nobody has read yet.

Looked at before anything is read, at every assignment, and now and then while a worker runs: an operator's mistake is
named before it costs an event.
"""

from connectors.kafka.topics import connect_admin, describe_topics
from connectors.settings import Settings
from connectors.stores.address import open_store
from schemas.errors import PositionError
from schemas.topics import KnownTopic, find_losses
from streams.kafka.topic_plan import KEPT_WHOLE, plan_as_found
from streams.pipeline import TOPICS

GUARD_SECONDS = 30.0  # between two looks while a worker runs
SHOWN = 3


def guard_topics(settings: Settings) -> None:
    """Looks at every event topic, on connections of its own, and remembers those seen for the first time. Raises
    PositionError, which names each topic that is not right and what mends it."""
    with connect_admin(settings.kafka, settings.kafka_security) as client:
        found = describe_topics(client, TOPICS)
    store = open_store(settings)
    try:
        known = store.read_topics()
        planned = [plan for plan in plan_as_found(found) if plan.name in TOPICS]
        problems = find_losses(planned, KEPT_WHOLE, found, known)
        if problems:
            more = f"; and {len(problems) - SHOWN} more, see `revcycle topics check`" * (len(problems) > SHOWN)
            raise PositionError("; ".join(problems[:SHOWN]) + more + ". Then start the workers again")
        new = {name: KnownTopic(x.topic_id, x.partitions) for name, x in found.items() if name not in known}
        if new:
            with store.transaction():
                store.save_topics(new)
    finally:
        store.close()
