"""What the fault tests share: the dose, the workers, and what the same inputs come to when nothing happens."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.fleet import run_undisturbed
from tests.services import BrokerForTests
from tests.streams.kafka.workers import Workers

DOSE = os.environ.get("REVCYCLE_FAULTS", "few")  # few of the faults; all of them; or all in long doses
LONG = DOSE == "long"
SEED = int(os.environ.get("REVCYCLE_FAULTS_SEED", "20261125"))
ENCOUNTERS = 6_000 if LONG else 250
SESSION_SECONDS = 3.0


# These take half a minute or more each, and are seldom the first to see a mistake.
long_dose = pytest.mark.skipif(DOSE == "few", reason="one of the slow faults: `make faults`")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A fault takes its time; the long doses take an hour together."""
    for item in items:
        if "/faults/" in str(item.path):
            item.add_marker(pytest.mark.timeout(1_800 if LONG else 240))


@pytest.fixture(scope="session")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The status of an undisturbed run of the embedded engine."""
    return run_undisturbed(tmp_path_factory.mktemp("undisturbed"), ENCOUNTERS, SEED)


@pytest.fixture
def workers(
    real_kafka: BrokerForTests, event_topics: BrokerForTests, postgres: str, tmp_path: Path
) -> Iterator[Workers]:
    """No worker yet, on an empty installation."""
    made = Workers(tmp_path / "data", event_topics.address, postgres, SESSION_SECONDS)
    yield made
    made.stop()
