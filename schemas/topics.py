"""What a Kafka topic should be, what it is, and how the two differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

DEAD_LETTER_SUFFIX = ".deadletter"


def name_dead_letter_topic(topic: str) -> str:
    """Where the unreadable messages of a topic go, with their original bytes and headers."""
    return topic + DEAD_LETTER_SUFFIX


@dataclass(frozen=True)
class TopicPlan:
    """One topic: its partitions, its replicas, and its configuration by Kafka's own names."""

    name: str
    partitions: int
    replicas: int
    configs: Mapping[str, str]


def compare_topics(planned: Sequence[TopicPlan], found: Mapping[str, TopicPlan]) -> list[str]:
    """One sentence for each way in which a planned topic differs from the one found; topics beyond the plan are
    somebody else's."""
    return [problem for plan in planned for problem in _compare(plan, found.get(plan.name))]


def _compare(plan: TopicPlan, topic: TopicPlan | None) -> list[str]:
    if topic is None:
        return [f"{plan.name} is missing: run `revcycle topics create`"]
    problems: list[str] = []
    if topic.partitions != plan.partitions:
        # A key hashes to another partition when the count changes, and its events lose their order.
        problems.append(
            f"{plan.name} has {topic.partitions} partitions, not {plan.partitions}: partitions are never changed "
            "under existing events; ask for the number that stands, or start with new topics"
        )
    if topic.replicas != plan.replicas:
        problems.append(f"{plan.name} has {topic.replicas} replicas, not {plan.replicas}: reassign them")
    for name, value in plan.configs.items():
        if topic.configs.get(name) != value:
            problems.append(f"{plan.name} has {name}={topic.configs.get(name)}, not {value}: alter it")
    return problems
