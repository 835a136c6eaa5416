"""The topics of the map as they stand on the brokers."""

from collections.abc import Iterable

from schemas.topics import TopicPlan
from streams.reports.base import Report


class TopicReport(Report):
    """A topic as it stands; of its configuration the values that the map asks for, as the broker has them."""

    name: str
    partitions: int
    replicas: int
    configs: dict[str, str | None]


class TopicsReport(Report):
    """Those topics of the map that exist."""

    topics: tuple[TopicReport, ...]


def report_topics(found: Iterable[TopicPlan], configs: Iterable[str]) -> TopicsReport:
    """What was found, with these configuration values."""
    names = tuple(configs)
    topics = (
        TopicReport(
            name=topic.name,
            partitions=topic.partitions,
            replicas=topic.replicas,
            configs={name: topic.configs.get(name) for name in names},
        )
        for topic in found
    )
    return TopicsReport(topics=tuple(topics))
