"""Named points at which a test may kill the process, to show that nothing is lost or doubled there."""

import os
from collections import Counter

EXIT_AT = "REVCYCLE_EXIT_AT"  # "name:n": exit when the point is reached for the n-th time

POINTS = (
    "ingest.archived",
    "ingest.before_publish",
    "ingest.after_publish",
    "step.after_read",
    "step.before_commit",
    "step.after_commit",
    "outbox.after_temporary",
    "outbox.after_rename",
    "outbox.before_publish",
    "outbox.after_publish",
    "cut.before_publish",
    "cut.after_publish",
)

# Those that only the Kafka engine has: a batch is committed and on its way to the broker.
KAFKA_POINTS = (
    *("kafka.before_publish", "kafka.after_publish", "edge.before_publish", "edge.after_publish"),
    "rebuild.after_commit",
)

# Of what people do about events that are set aside.
ASIDE_POINTS = ("aside.after_commit", "aside.after_send", "aside.after_drop")

_reached: Counter[str] = Counter()


def reach(point: str) -> None:
    """Marks a point of no return; dies there, as by kill -9, when the environment asks for it."""
    wanted = os.environ.get(EXIT_AT)
    if not wanted:
        return
    _reached[point] += 1
    if wanted == f"{point}:{_reached[point]}":
        os._exit(137)
