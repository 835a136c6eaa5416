"""How each topic of the map is kept on Kafka. Event topics are the record of the business: never compacted, never
expired."""

from collections.abc import Mapping

from connectors.kafka.messages import LETTER_BYTES_MAX, MESSAGE_BYTES_MAX
from schemas.topics import TopicPlan, name_dead_letter_topic
from streams.pipeline import TOPICS

DEFAULT_PARTITIONS = 12
DEFAULT_REPLICAS = 3
KEEP_ALL = {
    "cleanup.policy": "delete",
    "retention.ms": "-1",
    "retention.bytes": "-1",
    "compression.type": "producer",
    # The broker's own clock: it refuses messages whose sender is an hour ahead of it, and lag in seconds is told by it.
    "message.timestamp.type": "LogAppendTime",
}

KEPT_WHOLE = ("cleanup.policy", "retention.ms", "retention.bytes")  # without these, events vanish


def plan_topics(partitions: int, replicas: int) -> tuple[TopicPlan, ...]:
    """Every topic of the map and its dead-letter topic, in the map's order.

    With three replicas two must hold a message before it is acknowledged, so that one broker may be away; with fewer
    there is no such choice, and one must do. A dead-letter topic has one partition: a person reads it, in order.
    """
    configs = {**KEEP_ALL, "min.insync.replicas": "2" if replicas >= 3 else "1"}
    events = {**configs, "max.message.bytes": str(MESSAGE_BYTES_MAX)}
    letters = {**configs, "max.message.bytes": str(LETTER_BYTES_MAX)}
    plans: list[TopicPlan] = []
    for topic in TOPICS:
        plans.append(TopicPlan(topic, partitions, replicas, events))
        plans.append(TopicPlan(name_dead_letter_topic(topic), 1, replicas, letters))
    return tuple(plans)


def plan_as_found(found: Mapping[str, TopicPlan]) -> tuple[TopicPlan, ...]:
    """The plan with the partitions and replicas that somebody chose when the first topic was created."""
    first = found.get(TOPICS[0])
    if first is None:
        return plan_topics(DEFAULT_PARTITIONS, DEFAULT_REPLICAS)
    return plan_topics(first.partitions, first.replicas)
