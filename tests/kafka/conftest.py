"""The secured broker, which several files share."""

from collections.abc import Iterator

import pytest

from tests.kafka.secured import SecuredBroker, start_secured_broker
from tests.services import BrokerForTests


@pytest.fixture(scope="session")
def secured(kafka: BrokerForTests, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredBroker]:
    """Skipped where no broker with listeners of our own can be started."""
    if "local JVM" not in kafka.label:
        pytest.skip(f"needs a local JVM to start a broker with other listeners: {kafka.label}")
    broker = start_secured_broker(tmp_path_factory.mktemp("secured"))
    yield broker
    broker.node.stop()
