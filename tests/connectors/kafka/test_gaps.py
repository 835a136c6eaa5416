"""Is there a record where none was handed over? Markers of transactions take an offset and are none."""

import time
import uuid
from itertools import count

import pytest
from confluent_kafka import Producer

from connectors.kafka.gaps import count_records
from connectors.kafka.offsets import LogEnds
from connectors.kafka.topics import connect_admin, create_topics
from connectors.settings import Settings
from schemas.errors import PositionError, TransportError
from schemas.topics import TopicPlan
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


def test_what_was_compacted_away_is_missed(real_kafka: BrokerForTests) -> None:
    """Ten versions of one key; the cleaner leaves the last of them, and of an idle segment nothing else."""
    name = f"test.{uuid.uuid4().hex[:12]}"
    quick = {"cleanup.policy": "compact", "segment.ms": "100", "min.cleanable.dirty.ratio": "0.01"}
    with connect_admin(real_kafka.address) as client:
        create_topics(client, [TopicPlan(name, 1, 1, {**quick, "max.compaction.lag.ms": "100"})])
    producer = Producer({"bootstrap.servers": real_kafka.address})
    settings = Settings(kafka=real_kafka.address)
    deadline = time.monotonic() + 90
    for number in count():
        producer.produce(name, f"version {number}", key=b"one", partition=0)
        producer.flush()
        if number < 10:
            continue  # each stands in a segment of its own once the one before is old enough
        assert time.monotonic() < deadline, "nothing was compacted"
        time.sleep(0.5)
        try:
            assert count_records(settings, (name, 0), 0, number) == number
        except PositionError as error:
            assert "gone unread" in str(error) and name in str(error)
            break
        except TransportError:
            continue  # the cleaner works on it


def test_where_no_record_shows_it_the_gap_is_not_called_empty(
    real_kafka: BrokerForTests, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.kafka.gaps.POLL_MS", 100)
    with pytest.raises(TransportError, match="gives nothing from offset 4"):
        count_records(Settings(kafka=real_kafka.address), (topic, 0), 4, 5)


def test_a_topic_that_is_not_there_never_looks_as_read(real_kafka: BrokerForTests) -> None:
    with pytest.raises(TransportError, match=r"rcm.nowhere.v1 is not on .*topics create"):
        LogEnds(Settings(kafka=real_kafka.address), ["rcm.nowhere.v1"]).read()
