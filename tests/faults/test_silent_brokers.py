"""A broker that is there and says nothing: its connections stay open, and nobody is told that they are of no use."""

import random
import time
from pathlib import Path
from typing import Any

import pytest

import connectors.kafka.producer
from connectors.kafka.local_broker import LocalKafka
from connectors.kafka.producer import EdgeProducer
from connectors.settings import Settings
from schemas.errors import TransportError
from tests.faults.dose import LONG, SEED, SESSION_SECONDS, long_dose
from tests.faults.fleet import Fleet, run_in_trouble
from tests.faults.oracle import check
from tests.faults.test_bad_messages import encounter_messages
from tests.streams.kafka.workers import Workers


@long_dose
@pytest.mark.parametrize("seconds", [60, 150] if LONG else [60])
def test_brokers_that_are_silent_for_a_while(
    own_kafka: LocalKafka, postgres: str, tmp_path: Path, expected: dict[str, Any], seconds: int
) -> None:
    workers = Workers(tmp_path / "data", own_kafka.address, postgres, SESSION_SECONDS)
    fleet = Fleet(workers, 2)

    def fall_silent() -> None:
        for node in own_kafka.nodes:
            node.pause()
        time.sleep(seconds)
        for node in own_kafka.nodes:
            node.resume()

    found = run_in_trouble(fleet, fall_silent, (5, 6), random.Random(SEED))
    print(f"workers left with {fleet.exits}")
    check(workers, found, expected)
    assert set(fleet.exits) <= {0, 75}


@long_dose
def test_a_command_that_gives_up_leaves_nothing_on_its_way(
    own_kafka: LocalKafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closing the producer would wait for it, and for ever."""
    monkeypatch.setattr(connectors.kafka.producer, "ACKNOWLEDGED_SECONDS", 2)
    producer = EdgeProducer(Settings(kafka=own_kafka.address))
    messages = encounter_messages(20)
    producer.publish(messages)
    for node in own_kafka.nodes:
        node.pause()
    with pytest.raises(TransportError, match="did not take a message"):
        producer.publish(messages)
    producer.close()
