"""Topics on a live broker, read and created through kafka-python's admin client."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.errors import KafkaError, KafkaTimeoutError

from connectors.kafka.refusals import explain_refusal
from schemas.errors import TransportError
from schemas.topics import TopicPlan

BOOTSTRAP_TIMEOUT_MS = 5_000


@contextmanager
def connect_admin(address: str, security: Mapping[str, Any] | None = None) -> Iterator[KafkaAdminClient]:
    """An admin client of the brokers at `host:port,host:port`, by the TLS and SASL of `Settings.kafka_security`.

    Raises TransportError when they are away or refuse.
    """
    try:
        client = KafkaAdminClient(
            bootstrap_servers=address.split(","), bootstrap_timeout_ms=BOOTSTRAP_TIMEOUT_MS, **(security or {})
        )
        try:
            yield client
        finally:
            client.close()
    except KafkaTimeoutError as error:
        why = explain_refusal(address, security or {})
        raise TransportError(
            f"no Kafka at {address} let us in within {BOOTSTRAP_TIMEOUT_MS // 1000} s: {why}"
        ) from error
    except KafkaError as error:
        raise TransportError(
            f"Kafka at {address} does not do as asked ({error}): see its log, and whether our rights suffice"
        ) from error


def describe_topics(client: KafkaAdminClient, names: Sequence[str]) -> dict[str, TopicPlan]:
    """Those of the named topics that exist, as they stand, with every configuration value in force."""
    existing = sorted(set(names) & set(client.list_topics()))
    if not existing:
        return {}
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in existing]
    configs = client.describe_configs(resources, config_filter="all")["topic"]
    return {
        topic["name"]: TopicPlan(
            topic["name"],
            len(topic["partitions"]),
            min(len(partition["replica_nodes"]) for partition in topic["partitions"]),
            {name: entry["value"] for name, entry in configs[topic["name"]].items()},
            str(topic["topic_id"]),
        )
        for topic in client.describe_topics(existing)
    }


def create_topics(client: KafkaAdminClient, plans: Sequence[TopicPlan]) -> None:
    """Creates topics and waits until each has a leader."""
    client.create_topics(
        {
            plan.name: {
                "num_partitions": plan.partitions,
                "replication_factor": plan.replicas,
                "configs": dict(plan.configs),
            }
            for plan in plans
        },
        wait_for_metadata=True,
    )


def list_under_replicated(client: KafkaAdminClient, names: Sequence[str]) -> list[str]:
    """The partitions of these topics of which not every replica is in sync, as `topic-partition`."""
    return [
        f"{topic['name']}-{partition['partition_index']}"
        for topic in (client.describe_topics(list(names)) if names else ())
        for partition in topic["partitions"]
        if len(partition["isr_nodes"]) < len(partition["replica_nodes"])
    ]


def creates_topics(client: KafkaAdminClient) -> bool:
    """Whether a broker makes a topic when somebody asks for one that is not there."""
    brokers = [str(broker["broker_id"]) for broker in client.describe_cluster()["brokers"]]
    resources = [ConfigResource(ConfigResourceType.BROKER, broker) for broker in brokers]
    configs = client.describe_configs(resources, config_filter="all")["broker"]
    return any(configs[broker]["auto.create.topics.enable"]["value"] == "true" for broker in brokers)
