"""A header whose name is not UTF-8 stops Kafka's Python clients themselves; the way past it is that of the page."""

import time
from dataclasses import replace

from kafka.structs import TopicPartition

from connectors.kafka.producer import EdgeProducer
from connectors.kafka.topics import connect_admin
from connectors.settings import Settings
from tests.faults.dose import SEED, SESSION_SECONDS, long_dose
from tests.faults.fleet import Fleet, run_cycle
from tests.faults.test_bad_messages import encounter_messages
from tests.faults.test_logs_and_stores import rebuild_topics
from tests.streams.kafka.workers import Workers

TOPIC = "rcm.encounter.v1"


class RawName(str):
    """A name as a client in C may send it."""

    def encode(self, *_: object) -> bytes:
        return b"x-\xff\xfe"


@long_dose
def test_the_message_is_deleted_and_the_topics_are_filled_again(workers: Workers) -> None:
    with Fleet(workers, 1):
        before = run_cycle(workers, 20, SEED)
    (good, *_) = encounter_messages(1)
    producer = EdgeProducer(Settings(kafka=workers.kafka))
    producer.publish([replace(good, headers=[*good.headers, (RawName("x"), b"v")], partition=0)])
    producer.close()

    assert workers.start().wait(60) == 75
    assert "UnicodeDecodeError" in workers.log.read_text()
    time.sleep(2 * SESSION_SECONDS)  # the group still counts it
    with connect_admin(workers.kafka) as client:
        client.delete_records({TopicPartition(TOPIC, 0): -1})  # up to its end
    rebuild_topics(workers)

    with Fleet(workers, 1) as fleet:
        after = run_cycle(workers, 20, SEED)
        assert fleet.exits == []
    assert after["digest"] == before["digest"]
