"""docker-compose.production.yml on a real broker: its listeners, users and ACLs, and nothing beside them."""

import asyncio
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from aiokafka import AIOKafkaProducer
from aiokafka.errors import TopicAuthorizationFailedError
from kafka.admin import ACL, ACLOperation, ACLPermissionType, ACLResourcePatternType, ResourcePattern, ResourceType

from connectors.kafka.local_broker import LocalNode, broker_properties, find_free_ports, find_jars, read_cluster_id
from connectors.kafka.local_broker import read_nodes as read_brokers
from connectors.kafka.topics import connect_admin
from connectors.settings import Settings, load_settings
from tests.kafka.secured import make_certificates
from tests.services import BrokerForTests
from tests.streams.kafka.workers import START, Workers

FILE = Path(__file__).parents[2] / "docker-compose.production.yml"
SERVICES = yaml.safe_load(FILE.read_text())["services"]
PASSWORDS = {"revcycle": "correct-horse-9", "ehr": "battery-staple-7"}


@dataclass(frozen=True)
class Production:
    """The broker as production has it; `admin` is the listener that only its own container reaches."""

    address: str
    admin: str
    files: Path

    def settings(self, user: str) -> Settings:
        return load_settings(
            self.files,
            kafka=self.address,
            kafka_tls=True,
            kafka_ca_file=self.files / "ca.crt",
            kafka_sasl="SCRAM-SHA-512",
            kafka_username=user,
            kafka_password=PASSWORDS[user],
        )


def read_properties() -> dict[str, str]:
    """The broker's settings by the rule of its image: KAFKA_A__B___C_D is a_b-c.d."""
    found = {}
    for name, value in SERVICES["kafka"]["environment"].items():
        words = name.removeprefix("KAFKA_").lower().replace("___", "-").replace("__", "\0").replace("_", ".")
        found[words.replace("\0", "_")] = value
    return found


def read_rights() -> list[ACL]:
    """What the lines `allow USER ...` of the file give, one for each operation."""
    acls = []
    for line in SERVICES["kafka-rights"]["command"][0].splitlines():
        words = shlex.split(line)
        if words[:1] != ["allow"]:
            continue
        options = list(zip(words[2:], [*words[3:], ""], strict=True))
        given = {name: value for name, value in options if name.startswith("--") and name != "--operation"}
        kind = next(kind for kind in ("topic", "group", "cluster") if f"--{kind}" in given)
        name = "kafka-cluster" if kind == "cluster" else given[f"--{kind}"]
        prefixed = given.get("--resource-pattern-type") == "prefixed"
        pattern = ACLResourcePatternType.PREFIXED if prefixed else ACLResourcePatternType.LITERAL
        for _, operation in (pair for pair in options if pair[0] == "--operation"):
            spelt = ACLOperation[re.sub(r"(?<!^)(?=[A-Z])", "_", operation).upper()]
            where = ResourcePattern(ResourceType[kind.upper()], name, pattern)
            acls.append(ACL(f"User:{words[1]}", "*", spelt, ACLPermissionType.ALLOW, where))
    return acls


@pytest.fixture(scope="module")
def production(kafka: BrokerForTests, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    if "local JVM" not in kafka.label:
        pytest.skip(f"needs a local JVM to start a broker with other listeners: {kafka.label}")
    folder = tmp_path_factory.mktemp("production")
    make_certificates(folder)
    inside, host, admin, controller = find_free_ports(4)
    ports = {"0.0.0.0:9092": inside, "kafka:9092": inside, "0.0.0.0:19092": host, "127.0.0.1:19092": host}
    ports |= {"127.0.0.1:9094": admin, "127.0.0.1:9093": controller}
    properties = broker_properties(1, [admin], [controller], "127.0.0.1")
    for name, value in read_properties().items():
        for address, port in ports.items():
            value = value.replace(address, f"127.0.0.1:{port}")
        properties[name] = value.replace("/run/secrets/broker.pem", str(folder / "broker.pem"))
    node = LocalNode(find_jars(), folder, 1, properties, read_cluster_id(folder), PASSWORDS)
    node.start()
    while not read_brokers(f"127.0.0.1:{admin}"):
        assert node.is_running, node.log.read_text()[-2000:]
    with connect_admin(f"127.0.0.1:{admin}") as client:
        rights = read_rights()
        assert len(client.create_acls(rights)["succeeded"]) == len(rights) > 10
    yield Production(f"127.0.0.1:{inside}", f"127.0.0.1:{admin}", folder)
    node.stop()


def test_the_workers_may_do_all_that_they_do(production: Production, postgres: str, tmp_path: Path) -> None:
    """Topics are made and looked at, a demonstration goes through, and the topics are filled anew from the store."""
    settings = production.settings("revcycle")
    environment = {
        "REVCYCLE_KAFKA_TLS": "true",
        "REVCYCLE_KAFKA_CA_FILE": str(settings.kafka_ca_file),
        "REVCYCLE_KAFKA_SASL": "SCRAM-SHA-512",
        "REVCYCLE_KAFKA_USERNAME": "revcycle",
        "REVCYCLE_KAFKA_PASSWORD": PASSWORDS["revcycle"],
    }
    workers = Workers(tmp_path / "data", production.address, postgres)

    def run(*command: str) -> str:
        variables = {**os.environ, **environment}
        done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=100, check=False)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        return done.stdout

    for command in ("create", "check"):
        planned = ("--partitions", "2", "--replicas", "1", "--kafka", production.address)
        run(sys.executable, "-c", START, "topics", command, *planned)
    workers.start(environment)
    demo = json.loads(run(*workers.arguments("demo", "--encounters", "20", "--seed", "7", "--json")))
    assert sum(demo["claims"].values()) > 10 and demo["ledger"]["balanced"]
    assert workers.stop() == [0], workers.log.read_text()[-2000:]
    run(*workers.arguments("topics", "rebuild", "--yes"))


def test_the_ehr_may_publish_encounters_and_nothing_else(production: Production) -> None:
    settings = production.settings("ehr")

    async def publish(topic: str) -> None:
        producer = AIOKafkaProducer(
            bootstrap_servers=settings.kafka, request_timeout_ms=5_000, **settings.kafka_security
        )
        await producer.start()
        try:
            await producer.send_and_wait(topic, b"{}", b"a key")
        finally:
            await producer.stop()

    asyncio.run(publish("rcm.encounter.v1"))
    for topic in ("rcm.remittance.v1", "rcm.clock.v1", "rcm.coded.v1"):
        with pytest.raises(TopicAuthorizationFailedError):
            asyncio.run(publish(topic))
