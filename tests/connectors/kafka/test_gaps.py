"""Is there a record where none was handed over? Markers of transactions take an offset and are none."""

import pytest
from confluent_kafka import Producer

from connectors.kafka.gaps import count_records
from connectors.kafka.offsets import LogEnds
from connectors.settings import Settings
from schemas.errors import TransportError
from tests.services import BrokerForTests


@pytest.fixture
def topic(real_kafka: BrokerForTests) -> str:
    """Offsets 0 and 1: records; 2: the marker of their transaction; 3: a record; 4: its marker."""
    name = real_kafka.create_topic(1)
    producer = Producer({"bootstrap.servers": real_kafka.address, "transactional.id": name})
    producer.init_transactions()
    for values in ([b"first", b"second"], [b"third"]):
        producer.begin_transaction()
        for value in values:
            producer.produce(name, value, partition=0)
        producer.commit_transaction()
    return name


@pytest.mark.parametrize(("start", "end", "records"), [(2, 3, 0), (1, 3, 1), (0, 3, 2), (0, 1, 1)])
def test_only_records_count(real_kafka: BrokerForTests, topic: str, start: int, end: int, records: int) -> None:
    settings = Settings(kafka=real_kafka.address)
    assert count_records(settings, (topic, 0), start, end) == records
    assert LogEnds(settings, [topic]).read() == {(topic, 0): 5}


def test_where_no_record_shows_it_the_gap_is_not_called_empty(
    real_kafka: BrokerForTests, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.kafka.gaps.POLL_MS", 100)
    with pytest.raises(TransportError, match="gives nothing from offset 4"):
        count_records(Settings(kafka=real_kafka.address), (topic, 0), 4, 5)


def test_a_topic_that_is_not_there_never_looks_as_read(real_kafka: BrokerForTests) -> None:
    with pytest.raises(TransportError, match=r"rcm.nowhere.v1 is not on .*topics create"):
        LogEnds(Settings(kafka=real_kafka.address), ["rcm.nowhere.v1"]).read()
