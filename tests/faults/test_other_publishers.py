"""Whoever else publishes: in transactions, some aborted, by any compression; and what no publisher should send."""

from dataclasses import replace
from itertools import cycle
from typing import Any

from confluent_kafka import Producer

from connectors.kafka.messages import VALUE_BYTES_MAX, Message
from connectors.kafka.reading import read_all
from connectors.settings import Settings
from connectors.stores.postgres import PostgresStore
from schemas.events import EncounterReceived
from schemas.identifiers import make_id
from schemas.store import Record
from streams.kafka.lag import read_kafka_lags
from streams.kafka.origin import make_trust
from streams.kafka.remote import RemoteWorkers
from tests.faults.dose import ENCOUNTERS, SEED
from tests.faults.fleet import Fleet, run_cycle
from tests.faults.oracle import check, find_wrongs, wait_healed
from tests.faults.test_bad_messages import encounter_messages
from tests.streams.kafka.workers import Workers

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
BATCH = 20


def send(producer: Producer, messages: list[Message]) -> None:
    for x in messages:
        producer.produce(x.topic, x.value, x.key, headers=list(x.headers))


def name_event(message: Message) -> str:
    """The id of what others publish: by who they are and their id of it."""
    headers = dict(message.headers)
    return make_id("outside", headers["ce_source"].decode(), headers["ce_id"].decode())


def test_transactions_and_every_compression(workers: Workers, expected: dict[str, Any]) -> None:
    """What was aborted was never said. The markers of transactions are no message: nobody waits for them."""
    producers = [
        Producer({"bootstrap.servers": workers.kafka, "transactional.id": f"ehr-{codec}", "compression.type": codec})
        for codec in CODECS
    ]
    for producer in producers:
        producer.init_transactions()
    messages = encounter_messages(ENCOUNTERS)
    aborted = [
        replace(x, headers=[(n, b"taken-back-" + v if n == "ce_id" else v) for n, v in x.headers]) for x in messages
    ]
    with Fleet(workers, 2) as fleet:
        for start, producer in zip(range(0, len(messages), BATCH), cycle(producers), strict=False):
            for said, batch in ((False, aborted), (True, messages)):
                producer.begin_transaction()
                send(producer, batch[start : start + BATCH])
                producer.flush()
                producer.commit_transaction() if said else producer.abort_transaction()
        found = run_cycle(workers, ENCOUNTERS, SEED)
        wait_healed(workers)
        assert fleet.exits == []
    check(workers, found, expected)
    store = PostgresStore(workers.store)
    taken_back = {name_event(message) for message in aborted}
    assert not store.find_hashes(sorted(taken_back))
    settings = Settings(kafka=workers.kafka)
    remote = RemoteWorkers(store, settings)
    assert set(remote.read_lags().values()) == {0}
    assert {messages for messages, _ in read_kafka_lags(store, settings, remote.log_ends).values()} == {0}
    ends = {place: end for place, end in remote.log_ends.read().items() if place[0] == EncounterReceived.topic}
    # As `topics rebuild` reads them.
    told = {x.event_id for x in read_all(settings, ends, make_trust(settings)) if isinstance(x, Record)}
    assert {name_event(message) for message in messages} <= told
    assert not taken_back & told
    store.close()


def test_what_no_publisher_should_send_becomes_a_letter_each(workers: Workers) -> None:
    """No headers, no key, a tombstone, and by compression more than a topic takes uncompressed."""
    good = encounter_messages(3)
    bomb = replace(good[0], value=b" " * 12_000_000)
    large = replace(good[0], value=b" " * 2_000_000)
    odd = [bomb, replace(good[0], headers=[]), replace(good[0], key=None), replace(good[0], value=None), large]
    sizes = {"message.max.bytes": VALUE_BYTES_MAX * 2}
    with Fleet(workers, 1) as fleet:
        for codec in CODECS[1:]:
            producer = Producer({"bootstrap.servers": workers.kafka, "compression.type": codec, **sizes})
            send(producer, odd)
            assert producer.flush(30) == 0
        send(producer, good)
        assert producer.flush(30) == 0
        store = PostgresStore(workers.store)
        RemoteWorkers(store, Settings(kafka=workers.kafka)).run_until_quiet()
        assert fleet.exits == []
    letters = store.connection.execute("SELECT length(body) FROM dead_letter").fetchall()
    assert len(letters) == len(odd) * len(CODECS[1:])
    assert sum(length == 12_000_000 for (length,) in letters) == len(CODECS[1:])
    assert store.connection.execute("SELECT count(*) FROM encounter").fetchone() == (3,)
    assert find_wrongs(workers.store, None, workers.log.read_text()) == []
    store.close()
