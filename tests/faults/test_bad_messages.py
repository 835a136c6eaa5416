"""What comes over the topics is repeated, reordered, broken or poisonous; nothing of it stops or doubles the rest."""

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.demo import generate_encounters
from connectors.kafka.messages import Message, make_record, write_message
from connectors.kafka.producer import EdgeProducer
from connectors.settings import Settings
from connectors.stores.postgres import PostgresStore
from schemas.event import Event, publish_at_edge
from schemas.events import EncounterReceived
from streams.kafka.remote import RemoteWorkers
from tests.builders import make_encounter_events
from tests.faults.dose import LONG, MANY_ENCOUNTERS, SEED
from tests.faults.fleet import Fleet, run_cycle
from tests.faults.oracle import check, find_wrongs
from tests.streams.kafka.workers import Workers

MUTANTS = 10_000 if LONG else 400
POISON = 1_000


def list_published(count: int) -> list[Event]:
    """The demonstration's encounters as its own edge will publish them: same ids, same bodies, same times."""
    encounters = list(generate_encounters(count, SEED))
    last_day = max(x.end_date or x.start_date for x in encounters)
    now = datetime(last_day.year, last_day.month, last_day.day, 18, tzinfo=UTC) + timedelta(days=1)
    bodies = [EncounterReceived.model_validate(x.model_dump()) for x in encounters]
    return [publish_at_edge(body, f"patient-{body.patient.id}"[:40], now, "an EHR's own") for body in bodies]


def encounter_messages(count: int) -> list[Message]:
    return [write_message(make_record(event)) for event in list_published(count)]


def reorder(messages: list[Message], dice: random.Random, within: int) -> list[Message]:
    """Each may move by up to `within` places, but those of one key keep their order."""
    moved = sorted(range(len(messages)), key=lambda place: place + dice.uniform(0, within))
    by_key: dict[bytes | None, Iterator[Message]] = {}
    for message in messages:
        by_key.setdefault(message.key, iter([x for x in messages if x.key == message.key]))
    return [next(by_key[messages[place].key]) for place in moved]


def test_every_message_comes_one_to_five_times_and_out_of_order(
    workers: Workers, expected_of_many: dict[str, Any]
) -> None:
    """An EHR publishes by itself, keyed by its own ids; then the same encounters come once more as a file."""
    dice = random.Random(SEED)
    messages = reorder(encounter_messages(MANY_ENCOUNTERS), dice, 1_000)
    repeated = [message for message in messages for _ in range(dice.randint(1, 5))]
    producer = EdgeProducer(Settings(kafka=workers.kafka))
    with Fleet(workers, 2):
        producer.publish(repeated)
        found = run_cycle(workers, MANY_ENCOUNTERS, SEED)
    producer.close()
    check(workers, found, expected_of_many)


def mutate(message: Message, dice: random.Random) -> Message:
    """One thing is wrong with it, and what is wrong can be told from the message alone."""
    value = message.value or b""
    document = json.loads(value)
    headers = dict(message.headers)
    kinds = {
        "cut": lambda: replace(message, value=value[: dice.randrange(len(value))]),
        "empty": lambda: replace(message, value=b""),
        "tombstone": lambda: replace(message, value=None),
        "not JSON": lambda: replace(message, value=b"\x00\xff" + value),
        "NaN": lambda: replace(message, value=b'{"charge": NaN}'),
        "deep": lambda: replace(message, value=b"[" * 50_000),
        "unknown field": lambda: replace(message, value=json.dumps({**document, "surprise": 1}).encode()),
        "missing field": lambda: replace(message, value=json.dumps({**document, "patient": None}).encode()),
        "unknown type": lambda: replace(message, headers=list({**headers, "ce_type": b"rcm.invented"}.items())),
        "another topic's type": lambda: replace(message, headers=list({**headers, "ce_type": b"rcm.clock"}.items())),
        "no id": lambda: replace(message, headers=[x for x in message.headers if x[0] != "ce_id"]),
        "odd id": lambda: replace(message, headers=list({**headers, "ce_id": b"\xf0\x9f\x92\xa3\x00"}.items())),
        "no time": lambda: replace(message, headers=list({**headers, "ce_time": b"yesterday"}.items())),
        "no key": lambda: replace(message, key=None),
    }
    return kinds[dice.choice(sorted(kinds))]()


def test_each_mutant_is_one_dead_letter(workers: Workers) -> None:
    """Good ones stand between them, so that it is bad luck and not a bad deploy."""
    dice = random.Random(SEED)
    good = encounter_messages(60)
    stream: list[Message] = []
    for place in range(MUTANTS):
        stream.append(mutate(dice.choice(good), dice))
        if place % 10 == 0:
            stream.append(good[place // 10 % len(good)])
    producer = EdgeProducer(Settings(kafka=workers.kafka))
    store = PostgresStore(workers.store)
    with Fleet(workers, 1) as fleet:
        producer.publish(stream)
        RemoteWorkers(store, Settings(kafka=workers.kafka)).run_until_quiet()
        (letters,) = store.connection.execute("SELECT count(*) FROM dead_letter").fetchone() or (0,)
        assert letters == MUTANTS
        assert fleet.exits == []
    assert find_wrongs(workers.store, None, workers.log.read_text()) == []
    reasons = store.connection.execute("SELECT DISTINCT reason FROM dead_letter").fetchall()
    assert len(reasons) >= 8
    names = {
        event.body.patient.family_name for event in make_encounter_events(60, SEED) if hasattr(event.body, "patient")
    }
    assert not any(name in reason for name in names for (reason,) in reasons)
    store.close()
    producer.close()


@pytest.mark.parametrize(
    "headers",
    [{"ce_type": b"rcm.invented"}, {"ce_schemaversion": b"99"}],
    ids=["1,000 unreadable in a row", "a newer schema"],
)
def test_a_bad_deploy_upstream_stops_nobody_else(workers: Workers, headers: dict[str, bytes]) -> None:
    first, *_, last = encounter_messages(20)
    bad = replace(first, headers=list({**dict(first.headers), **headers}.items()))
    producer = EdgeProducer(Settings(kafka=workers.kafka))
    store = PostgresStore(workers.store)
    with Fleet(workers, 1) as fleet:
        producer.publish([*[bad] * POISON, last])
        RemoteWorkers(store, Settings(kafka=workers.kafka)).run_until_quiet()
        assert fleet.exits == []
    assert store.connection.execute("SELECT count(*) FROM dead_letter").fetchone() == (POISON,)
    assert store.connection.execute("SELECT count(*) FROM encounter").fetchone() == (1,)
    store.close()
    producer.close()
