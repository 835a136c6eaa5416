"""A Kafka to develop against: it answers, makes no topic by a typing error, and can be killed, frozen and restarted."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from connectors.kafka.dev_broker import GivenKafka, container_environment
from connectors.kafka.local_broker import LocalKafka, find_free_ports, read_nodes
from connectors.kafka.topics import connect_admin, create_topics
from schemas.errors import TransportError
from schemas.topics import TopicPlan
from tests.services import BrokerForTests


def send(address: str, topic: str, value: bytes, **settings: object) -> None:
    producer = KafkaProducer(bootstrap_servers=address.split(","), **settings)
    try:
        producer.send(topic, value, partition=0).get(timeout=30)
    finally:
        producer.close()


def read_all(address: str, topic: str, **settings: object) -> list[bytes]:
    """The values of partition 0, up to its end."""
    consumer = KafkaConsumer(bootstrap_servers=address.split(","), **settings)
    partition = TopicPartition(topic, 0)
    try:
        consumer.assign([partition])
        consumer.seek_to_beginning(partition)
        (end,) = consumer.end_offsets([partition]).values()
        values: list[bytes] = []
        while consumer.position(partition) < end:
            values += [record.value for records in consumer.poll(500).values() for record in records]
        return values
    finally:
        consumer.close()


def test_what_is_sent_is_read_again(kafka: BrokerForTests) -> None:
    topic = kafka.create_topic()
    settings = {} if kafka.is_real else {"api_version": (2, 3)}  # what kafka-python needs against the mock
    send(kafka.address, topic, b"one", **settings)
    assert read_all(kafka.address, topic, **settings) == [b"one"]


def test_no_topic_comes_into_being_by_a_typing_error(real_kafka: BrokerForTests) -> None:
    with pytest.raises(KafkaError):
        send(real_kafka.address, "rcm.encuonter.v1", b"lost?", max_block_ms=1_000)
    with connect_admin(real_kafka.address) as client:
        assert "rcm.encuonter.v1" not in client.list_topics()


def test_the_topics_of_the_map_are_there_and_empty(event_topics: BrokerForTests) -> None:
    settings = {} if event_topics.is_real else {"api_version": (2, 3)}
    send(event_topics.address, "rcm.encounter.v1", b"{}", **settings)
    assert read_all(event_topics.address, "rcm.encounter.v1", **settings) == [b"{}"]


def test_an_acknowledged_message_outlives_the_broker_that_took_it(real_kafka: BrokerForTests, tmp_path: Path) -> None:
    cluster = LocalKafka(tmp_path, nodes=3)
    cluster.start()
    try:
        assert read_nodes(cluster.address) == {1, 2, 3}
        with connect_admin(cluster.address) as client:
            create_topics(client, [TopicPlan("test.kept", 1, 3, {"min.insync.replicas": "2"})])
            (topic,) = client.describe_topics(["test.kept"])
        send(cluster.address, "test.kept", b"before", acks="all")
        leader = cluster.nodes[topic["partitions"][0]["leader_id"] - 1]
        leader.kill()
        assert not leader.is_running
        send(cluster.address, "test.kept", b"while it is away", acks="all")
        leader.start()
        cluster.wait_ready()
        assert read_all(cluster.address, "test.kept") == [b"before", b"while it is away"]
        leader.pause()
        assert read_nodes(cluster.addresses[leader.node - 1]) == set()
        leader.resume()
        cluster.wait_ready()
    finally:
        for node in cluster.nodes:
            node.kill()  # in order takes five seconds: the last controller waits for a successor


def test_a_broker_that_cannot_start_says_why(real_kafka: BrokerForTests, tmp_path: Path) -> None:
    taken = int(real_kafka.address.rpartition(":")[2])
    with pytest.raises(TransportError, match="Address already in use"):
        LocalKafka(tmp_path, first_port=taken).start()


def test_a_broker_does_not_outlive_a_process_that_dies_on_the_spot(real_kafka: BrokerForTests, tmp_path: Path) -> None:
    if "local JVM" not in real_kafka.label:
        pytest.skip(f"needs a local JVM: {real_kafka.label}")
    start = (
        "node = LocalKafka(Path(sys.argv[1])).nodes[0]; node.start(); print(node.process.pid, flush=True); os._exit(9)"
    )
    imports = "import os, sys; from pathlib import Path; from connectors.kafka.local_broker import LocalKafka"
    command = [sys.executable, "-c", f"{imports}; {start}", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 9, done.stderr
    deadline = time.monotonic() + 20
    while Path(f"/proc/{int(done.stdout)}/cmdline").exists():
        assert time.monotonic() < deadline, "an orphan"
        time.sleep(0.1)


def test_an_address_where_nothing_answers_is_no_broker() -> None:
    (port,) = find_free_ports(1)
    with pytest.raises(TransportError, match=f"no Kafka answers at 127.0.0.1:{port}"):
        GivenKafka(f"127.0.0.1:{port}")


def test_the_command_runs_a_broker_until_it_is_told_to_stop(real_kafka: BrokerForTests, tmp_path: Path) -> None:
    (port,) = find_free_ports(1)
    program = str(Path(sys.executable).parent / "revcycle")
    command = [program, "dev", "kafka", "--port", str(port), "--folder", str(tmp_path)]
    environment = {name: value for name, value in os.environ.items() if name != "REVCYCLE_KAFKA"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        assert f"answers at 127.0.0.1:{port}" in process.stdout.readline()
        assert f"revcycle topics create --kafka 127.0.0.1:{port}" in process.stdout.readline()
        assert read_nodes(f"127.0.0.1:{port}") == {1}
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert read_nodes(f"127.0.0.1:{port}") == set()


def test_the_container_gets_the_same_properties_by_its_own_names() -> None:
    environment = container_environment(9092)
    assert environment["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
    assert environment["KAFKA_ADVERTISED_LISTENERS"] == "PLAINTEXT://127.0.0.1:9092"
    assert environment["KAFKA_LISTENERS"].startswith("PLAINTEXT://0.0.0.0:9092,CONTROLLER://127.0.0.1:")
    assert all(re.fullmatch(r"KAFKA_[A-Z_]+|CLUSTER_ID", name) for name in environment)


def test_each_test_has_a_database_of_its_own(postgres: str) -> None:
    with psycopg.connect(postgres) as connection:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert rows == []
