"""TLS, SCRAM and mutual TLS against a broker that asks for them: by settings, for every client that we use."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from connectors.demo import generate_encounters
from connectors.kafka.local_broker import (
    LocalNode,
    broker_properties,
    find_free_ports,
    find_jars,
    read_cluster_id,
    read_nodes,
)
from connectors.kafka.topics import connect_admin
from connectors.settings import Settings, load_settings
from schemas.errors import TransportError
from tests.services import BrokerForTests
from tests.streams.kafka.workers import START, Workers

PASSWORD = "correct-horse-9"


@dataclass(frozen=True)
class SecuredBroker:
    """A broker with a SCRAM listener over TLS and one that wants certificates; `files` are ours."""

    scram: str
    mutual: str
    files: Path

    def settings(self, **fields: object) -> Settings:
        return load_settings(self.files, kafka_tls=True, kafka_ca_file=self.files / "ca.crt", **fields)


def make_certificates(folder: Path) -> None:
    """An authority, a broker for 127.0.0.1, and a client; the broker wants key and certificate in one file."""

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=ca")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    for name in ("broker", "client"):
        openssl(
            "req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", "request", "-subj", f"/CN={name}"
        )
        signed = ("-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names", "-out", f"{name}.crt")
        openssl("x509", "-req", "-in", "request", *signed)
    (folder / "broker.pem").write_text((folder / "broker.key").read_text() + (folder / "broker.crt").read_text())


@pytest.fixture(scope="module")
def secured(kafka: BrokerForTests, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredBroker]:
    if "local JVM" not in kafka.label:
        pytest.skip(f"needs a local JVM to start a broker with other listeners: {kafka.label}")
    folder = tmp_path_factory.mktemp("secured")
    make_certificates(folder)
    plain, scram, mutual, controller = find_free_ports(4)
    properties = broker_properties(1, [plain], [controller], "127.0.0.1")
    for name, entry in {
        "listeners": f"SCRAM://127.0.0.1:{scram},MUTUAL://127.0.0.1:{mutual}",
        "advertised.listeners": f"SCRAM://127.0.0.1:{scram},MUTUAL://127.0.0.1:{mutual}",
        "listener.security.protocol.map": "SCRAM:SASL_SSL,MUTUAL:SSL",
    }.items():
        properties[name] += f",{entry}"
    login = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
    properties |= {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(folder / "broker.pem"),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(folder / "ca.crt"),
        "listener.name.mutual.ssl.client.auth": "required",
        "sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "listener.name.scram.sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "listener.name.scram.scram-sha-512.sasl.jaas.config": login,
    }
    node = LocalNode(find_jars(), folder, 1, properties, read_cluster_id(folder), {"worker": PASSWORD})
    node.start()
    while not read_nodes(f"127.0.0.1:{plain}"):
        assert node.is_running, node.log.read_text()[-2000:]
    yield SecuredBroker(f"127.0.0.1:{scram}", f"127.0.0.1:{mutual}", folder)
    node.stop()


async def produce(settings: Settings) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka, **settings.kafka_security)
    await producer.start()  # which asks for metadata
    await producer.stop()


def test_scram_over_tls(secured: SecuredBroker) -> None:
    settings = secured.settings(
        kafka=secured.scram, kafka_sasl="SCRAM-SHA-512", kafka_username="worker", kafka_password=PASSWORD
    )
    with connect_admin(settings.kafka, settings.kafka_security) as client:
        assert client.list_topics() == []
    asyncio.run(produce(settings))


def test_mutual_tls(secured: SecuredBroker) -> None:
    settings = secured.settings(
        kafka=secured.mutual,
        kafka_certificate_file=secured.files / "client.crt",
        kafka_key_file=secured.files / "client.key",
    )
    with connect_admin(settings.kafka, settings.kafka_security) as client:
        assert client.list_topics() == []
    asyncio.run(produce(settings))


def test_a_wrong_password_is_refused_and_never_shown(secured: SecuredBroker) -> None:
    settings = secured.settings(
        kafka=secured.scram, kafka_sasl="SCRAM-SHA-512", kafka_username="worker", kafka_password="tr0ub4dor-3"
    )
    with (
        pytest.raises(TransportError, match="password") as refused,
        connect_admin(settings.kafka, settings.kafka_security),
    ):
        pass
    assert "tr0ub4dor-3" not in str(refused.value)


def test_without_a_certificate_the_broker_does_not_answer(secured: SecuredBroker) -> None:
    settings = secured.settings(kafka=secured.mutual)
    with pytest.raises(TransportError), connect_admin(settings.kafka, settings.kafka_security):
        pass


def test_a_worker_takes_files_in_over_scram_and_tls(secured: SecuredBroker, postgres: str, tmp_path: Path) -> None:
    settings = {
        "REVCYCLE_KAFKA_TLS": "true",
        "REVCYCLE_KAFKA_CA_FILE": str(secured.files / "ca.crt"),
        "REVCYCLE_KAFKA_SASL": "SCRAM-SHA-512",
        "REVCYCLE_KAFKA_USERNAME": "worker",
        "REVCYCLE_KAFKA_PASSWORD": PASSWORD,
    }
    workers = Workers(tmp_path / "data", secured.scram, postgres)

    def run(*command: str) -> str:
        environment = {**os.environ, **settings}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, check=False)
        assert done.returncode in (0, 1), done.stdout + done.stderr
        return done.stdout

    create = ("topics", "create", "--partitions", "1", "--replicas", "1", "--kafka", secured.scram)
    assert "stood already" in run(sys.executable, "-c", START, *create)
    workers.start(settings)
    file = tmp_path / "encounters.ndjson"
    file.write_bytes(b"".join(each.model_dump_json().encode() + b"\n" for each in generate_encounters(3, seed=2)))
    try:
        status = json.loads(run(*workers.arguments("ingest", str(file), "--json")))["status"]
        counts = status["encounters"]
        assert counts["total"] == counts["coded"] + counts["held"] + counts["withdrawn"] == 3
    finally:
        assert workers.stop() == [0], workers.log.read_text()[-2000:]
    assert PASSWORD not in workers.log.read_text()
