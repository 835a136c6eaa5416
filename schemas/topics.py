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
    topic_id: str = ""  # the brokers' own, another one when a topic is deleted and created again; "" in a plan


def compare_topics(planned: Sequence[TopicPlan], found: Mapping[str, TopicPlan]) -> list[str]:
    """One sentence for each way in which a planned topic differs from the one found; topics beyond the plan are
    somebody else's."""
    return [problem for plan in planned for problem in _compare(plan, found.get(plan.name))]


@dataclass(frozen=True)
class KnownTopic:
    """What the positions of a store speak of: a topic as it was when the first message of it was read."""

    topic_id: str
    partitions: int


def find_losses(
    planned: Sequence[TopicPlan], keep: Sequence[str], found: Mapping[str, TopicPlan], known: Mapping[str, KnownTopic]
) -> list[str]:
    """One sentence for each way in which a topic may have lost, or may lose, what was not read: it is away, it is
    another one than the positions speak of, its keys go elsewhere, or one of the settings `keep` is not as planned."""
    return [problem for plan in planned for problem in _find_loss(plan, keep, found.get(plan.name), known)]


def _find_loss(
    plan: TopicPlan, keep: Sequence[str], topic: TopicPlan | None, known: Mapping[str, KnownTopic]
) -> list[str]:
    before = known.get(plan.name)
    if topic is None:
        again = ", and fill it by `revcycle topics rebuild`" if before else ""
        return [f"{plan.name} is missing: make it by `revcycle topics create`{again}"]
    problems = []
    if before and topic.topic_id != before.topic_id:
        problems.append(
            f"{plan.name} was deleted and created again (the positions speak of topic id {before.topic_id}, this one "
            f"is {topic.topic_id}): fill it from the store by `revcycle topics rebuild`"
        )
    elif before and topic.partitions != before.partitions:
        # What a key's events were sent to and what they are sent to now are two partitions: their order is lost.
        problems.append(
            f"{plan.name} had {before.partitions} partitions and has {topic.partitions}, so that keys go to others: "
            "stop the publishers and distribute it anew by `revcycle topics rebuild`"
        )
    for name in keep:
        if topic.configs.get(name) != plan.configs[name]:
            problems.append(
                f"{plan.name} has {name}={topic.configs.get(name)}, by which events vanish: set it to "
                f"{plan.configs[name]} (kafka-configs --alter --topic {plan.name} "
                f"--add-config {name}={plan.configs[name]})"
            )
    return problems


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
