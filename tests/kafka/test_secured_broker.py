"""TLS, SCRAM, tokens and mutual TLS against a broker that asks for them: by settings, for every client that we use."""

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from connectors.demo import generate_encounters
from connectors.kafka.topics import connect_admin
from connectors.settings import Settings
from schemas.errors import TransportError
from streams.kafka.security import make_security
from streams.reports.doctor import Check, examine
from tests.kafka.secured import PASSWORD, SESSION_MS, SecuredBroker, make_token, write_token
from tests.services import BrokerForTests
from tests.streams.kafka.workers import START, Workers

Login = Callable[[SecuredBroker, Path], dict[str, object]]


def by_password(secured: SecuredBroker, folder: Path, password: str = PASSWORD) -> dict[str, object]:
    login = {"kafka_sasl": "SCRAM-SHA-512", "kafka_username": "worker", "kafka_password": password}
    return {"kafka": secured.scram, **login}


def by_certificate(secured: SecuredBroker, folder: Path, name: str = "client") -> dict[str, object]:
    files = {"kafka_certificate_file": secured.files / f"{name}.crt", "kafka_key_file": secured.files / f"{name}.key"}
    return {"kafka": secured.mutual, **files}


def by_token(secured: SecuredBroker, folder: Path, seconds: int = 3_600) -> dict[str, object]:
    file = write_token(folder / "token", make_token(seconds))
    return {"kafka": secured.token, "kafka_sasl": "OAUTHBEARER", "kafka_token_file": file}


def by_junk(secured: SecuredBroker, folder: Path) -> dict[str, object]:
    return {**by_token(secured, folder), "kafka_token_file": write_token(folder / "token", "anybody.elses.token")}


LOGINS: dict[str, Login] = {"password": by_password, "certificate": by_certificate, "token": by_token}
WRONG: dict[str, tuple[Login, str]] = {
    "password": (
        lambda broker, folder: by_password(broker, folder, "tr0ub4dor-3"),
        "refuses our login by SCRAM-SHA-512.*REVCYCLE_KAFKA_PASSWORD",
    ),
    "certificate": (
        lambda broker, folder: by_certificate(broker, folder, "other"),
        "refuses our certificate.*REVCYCLE_KAFKA_CERTIFICATE_FILE",
    ),
    "no certificate": (
        lambda broker, folder: {"kafka": broker.mutual},
        "(refuses our certificate|hangs up).*(certificate|CERTIFICATE)",
    ),
    "expired token": (
        lambda broker, folder: by_token(broker, folder, -5),
        "refuses our login by OAUTHBEARER.*REVCYCLE_KAFKA_TOKEN_FILE.*not expired",
    ),
    "another token": (by_junk, "refuses our login by OAUTHBEARER.*REVCYCLE_KAFKA_TOKEN_FILE"),
}
SECRETS = re.compile(r"tr0ub4dor|anybody|eyJ")


async def produce(settings: Settings) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka, **make_security(settings))
    await producer.start()  # which asks for metadata
    await producer.stop()


def in_environment(fields: dict[str, object]) -> dict[str, str]:
    return {f"REVCYCLE_{name.upper()}": str(value) for name, value in fields.items()}


@pytest.mark.parametrize("way", LOGINS)
def test_both_clients_log_in(secured: SecuredBroker, tmp_path: Path, way: str) -> None:
    settings = secured.settings(**LOGINS[way](secured, tmp_path))
    with connect_admin(settings.kafka, settings.kafka_security) as client:
        assert isinstance(client.list_topics(), list)
    asyncio.run(produce(settings))


@pytest.fixture
def empty_again(secured: SecuredBroker) -> Iterator[None]:
    """The topics are gone after the test: each installation wants brokers of its own."""
    yield
    BrokerForTests(secured.plain, "secured").delete_event_topics()


def look(data: Path, secured: SecuredBroker, fields: dict[str, object], patch: pytest.MonkeyPatch) -> Check:
    for name, value in {**in_environment(fields), **secured.tls}.items():
        patch.setenv(name, value)
    report = examine(data)
    (brokers,) = (check for check in report.checks if check.name == "brokers")
    return brokers


@pytest.mark.parametrize("case", WRONG)
def test_doctor_tells_who_is_not_let_in_why_and_shows_no_secret(
    secured: SecuredBroker, tmp_path: Path, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    login, said = WRONG[case]
    brokers = look(tmp_path / "data", secured, login(secured, tmp_path), monkeypatch)
    assert not brokers.ok and re.search(said, brokers.detail), brokers.detail
    assert not SECRETS.search(brokers.detail)


@pytest.mark.parametrize("way", LOGINS)
def test_doctor_finds_brokers_that_let_us_in_well(
    secured: SecuredBroker, tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert look(tmp_path / "data", secured, LOGINS[way](secured, tmp_path), monkeypatch).ok


def test_a_broker_of_another_authority_is_not_trusted(secured: SecuredBroker) -> None:
    settings = secured.settings(kafka=secured.mutual).model_copy(update={"kafka_ca_file": None})
    with (
        pytest.raises(TransportError, match=r"its certificate is not trusted.*REVCYCLE_KAFKA_CA_FILE"),
        connect_admin(settings.kafka, settings.kafka_security),
    ):
        pass


def test_a_worker_with_a_token_that_has_expired_leaves_with_75_and_says_so(
    secured: SecuredBroker, postgres: str, tmp_path: Path
) -> None:
    fields = by_token(secured, tmp_path, -5)
    workers = Workers(tmp_path / "data", secured.token, postgres)
    worker = workers.start({**secured.tls, **in_environment(fields)})
    assert worker.wait(60) == 75
    log = workers.log.read_text()
    assert "refuses our login by OAUTHBEARER" in log and not SECRETS.search(log)


@pytest.mark.parametrize("way", LOGINS)
def test_a_worker_takes_files_in(
    secured: SecuredBroker, empty_again: None, postgres: str, tmp_path: Path, way: str
) -> None:
    """By token through more than one session, with another token in each: the file is read again at every login."""
    fields = LOGINS[way](secured, tmp_path)
    settings = {**secured.tls, **in_environment(fields)}
    workers = Workers(tmp_path / "data", str(fields["kafka"]), postgres)

    def run(*command: str) -> str:
        environment = {**os.environ, **settings}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, check=False)
        assert done.returncode in (0, 1), done.stdout + done.stderr
        return done.stdout

    def take_in(name: str, seed: int) -> dict[str, int]:
        file = tmp_path / name
        made = generate_encounters(3, seed=seed)
        file.write_bytes(b"".join(each.model_dump_json().encode() + b"\n" for each in made))
        status = json.loads(run(*workers.arguments("ingest", str(file), "--json")))["status"]
        counts: dict[str, int] = status["encounters"]
        return counts

    create = ("topics", "create", "--partitions", "1", "--replicas", "1", "--kafka", workers.kafka)
    assert "stood already" in run(sys.executable, "-c", START, *create)
    workers.start(settings)
    try:
        counts = take_in("first.ndjson", 2)
        assert counts["total"] == counts["coded"] + counts["held"] + counts["withdrawn"] == 3
        if way == "token":
            write_token(tmp_path / "token", make_token(7_200))
            time.sleep(2 * SESSION_MS / 1000)
        assert take_in("second.ndjson", 3)["total"] == 6
    finally:
        status, log = workers.stop(), workers.log.read_text()
    assert status == [0], log[-2000:]
    assert PASSWORD not in log and not SECRETS.search(log)
