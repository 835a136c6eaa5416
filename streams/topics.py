"""How each topic of the map is kept on Kafka. Event topics are the record of the business: never compacted, never
expired."""

from schemas.topics import TopicPlan, name_dead_letter_topic
from streams.pipeline import TOPICS

KEEP_ALL = {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1", "compression.type": "producer"}


def plan_topics(partitions: int, replicas: int) -> tuple[TopicPlan, ...]:
    """Every topic of the map and its dead-letter topic, in the map's order.

    With three replicas two must hold a message before it is acknowledged, so that one broker may be away; with fewer
    there is no such choice, and one must do. A dead-letter topic has one partition: a person reads it, in order.
    """
    configs = {**KEEP_ALL, "min.insync.replicas": "2" if replicas >= 3 else "1"}
    plans: list[TopicPlan] = []
    for topic in TOPICS:
        plans.append(TopicPlan(topic, partitions, replicas, configs))
        plans.append(TopicPlan(name_dead_letter_topic(topic), 1, replicas, configs))
    return tuple(plans)
