"""The Kafka and Postgres that tests/conftest.py hands to tests."""

import time
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from confluent_kafka import Producer
from kafka.admin import KafkaAdminClient

from connectors.kafka.topics import connect_admin, create_topics
from schemas.topics import TopicPlan
from streams.kafka.topic_plan import plan_topics

PARTITIONS = 4  # as many as the mock gives each topic


@dataclass(frozen=True)
class BrokerForTests:
    """An address, what answers there, and, for a mock, what keeps it alive."""

    address: str
    label: str
    mock: Any = None

    @property
    def is_real(self) -> bool:
        return self.mock is None

    def create_topic(self, partitions: int = PARTITIONS) -> str:
        """A new topic with a name of its own; on the mock always with 4 partitions."""
        name = f"test.{uuid.uuid4().hex[:12]}"
        if self.mock is not None:
            self.mock.list_topics(name, timeout=10)  # its only way to make one is to be asked for it
            return name
        with connect_admin(self.address) as client:
            create_topics(client, [TopicPlan(name, partitions, 1, {})])
        return name

    def create_event_topics(self) -> None:
        """The topics of the map, which must not stand there: a test never touches somebody's events."""
        plans = plan_topics(PARTITIONS, 1)
        with connect_admin(self.address) as client:
            standing = self._find_event_topics(client)
            assert not standing, f"{self.address} has topics of a pipeline already: name another broker"
            create_topics(client, plans)

    def delete_event_topics(self) -> None:
        """Returns when they are gone: a broker goes on naming them for a moment."""
        with connect_admin(self.address) as client:
            client.delete_topics(self._find_event_topics(client))
            deadline = time.monotonic() + 30
            while self._find_event_topics(client):
                assert time.monotonic() < deadline, f"{self.address} does not delete its topics"
                time.sleep(0.1)

    def _find_event_topics(self, client: KafkaAdminClient) -> list[str]:
        return sorted({plan.name for plan in plan_topics(PARTITIONS, 1)} & set(client.list_topics()))


def start_mock(why: str) -> BrokerForTests:
    """librdkafka's mock cluster: no admin calls, 5 MiB a partition, and gone with its last reference."""
    producer = Producer({"bootstrap.servers": "", "test.mock.num.brokers": 1})
    brokers = producer.list_topics(timeout=10).brokers.values()
    return BrokerForTests(",".join(f"{each.host}:{each.port}" for each in brokers), f"only a mock ({why})", producer)


def with_database(url: str, database: str) -> str:
    """The same server's URL with another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))
