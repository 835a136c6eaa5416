"""What must be true of a store after any fault: written from the raw inputs and the final tables alone, with no code of
the application beside its database connection."""

import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psycopg
from kafka import KafkaConsumer, TopicPartition
from psycopg import IsolationLevel

from tests.streams.kafka.workers import Workers

HEALED_SECONDS = 120.0
ONE_STATE = ("coded", "held", "withdrawn")
# What must be empty, and what is wrong when it is not.
NOTHING = {
    "an entry does not balance": "SELECT entry_id FROM entry_line GROUP BY entry_id "
    "HAVING sum(debit_cents) <> sum(credit_cents)",
    "a remittance did not move its payment through clearing": "SELECT remittance_id FROM remittance r "
    "WHERE accepted = 1 AND payment_cents <> coalesce((SELECT sum(debit_cents - credit_cents) FROM entry e "
    "JOIN entry_line l USING (entry_id) WHERE e.remittance_id = r.remittance_id "
    "AND l.account = 'remittance_clearing'), 0)",
    "an encounter's charges are booked more than once": "SELECT encounter_id, sum(debit_cents) FROM entry "
    "JOIN entry_line USING (entry_id) WHERE account = 'gross_charges' GROUP BY encounter_id, claim_id "
    "HAVING count(*) > 1",
    "a message still waits in the outbox": "SELECT message_id FROM outbox",
    "an acknowledged encounter event was never applied": "SELECT event_id FROM event e "
    "WHERE topic = 'rcm.encounter.v1' AND NOT EXISTS (SELECT 1 FROM applied a WHERE a.event_id = e.event_id)",
    "a step never applied an event of a kind that it takes": "WITH takes AS (SELECT DISTINCT step, type FROM applied "
    "JOIN event USING (event_id)) SELECT step, type, e.event_id FROM takes JOIN event e USING (type) "
    "WHERE NOT EXISTS (SELECT 1 FROM applied a WHERE a.step = takes.step AND a.event_id = e.event_id)",
    "a step applied an event twice": "SELECT step, event_id FROM applied GROUP BY step, event_id HAVING count(*) > 1",
}


def find_wrongs(url: str, encounters_file: Path | None, logs: str) -> list[str]:
    """Every sentence that is not true of this store; [] when nothing was lost or doubled."""
    sent = [json.loads(line) for line in encounters_file.read_bytes().splitlines()] if encounters_file else []
    wrongs: list[str] = []
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT encounter_id, state FROM encounter").fetchall()
        states = Counter(state for _, state in rows)
        distinct = {(x["source_system"], x["source_id"]) for x in sent}
        if encounters_file and sum(states.values()) != len(distinct):
            wrongs.append(f"{len(distinct)} encounters came in, {sum(states.values())} have a state")
        if set(states) - set(ONE_STATE):
            wrongs.append(f"encounters in states that are none: {dict(states)}")
        for what, query in NOTHING.items():
            found = connection.execute(query.encode()).fetchall()
            if found:
                wrongs.append(f"{what}: {len(found)} of them, such as {found[0]}")
        names = connection.execute(
            "SELECT key || ' ' || correlation_id || ' ' || coalesce(causation_id, '') || ' ' || decided_by FROM event"
        ).fetchall()
    for person in {x["patient"]["family_name"] for x in sent if len(x["patient"]["family_name"]) > 5}:
        if person in logs:
            wrongs.append("a patient's name stands in a log")
        if any(person in name for (name,) in names):
            wrongs.append("a patient's name stands in a key or header")
    return wrongs


def wait_healed(workers: Workers) -> None:
    """Within HEALED_SECONDS every step has read every partition to its end and nothing waits in the outbox."""
    deadline = time.monotonic() + HEALED_SECONDS
    while waiting := _find_waiting(workers):
        assert time.monotonic() < deadline, f"after {HEALED_SECONDS:.0f} s there still wait {waiting}"
        time.sleep(0.5)


def _find_waiting(workers: Workers) -> dict[str, int]:
    with psycopg.connect(workers.store) as connection:
        # One moment: what a step made before its position was read is in the outbox, or in the log that is read next.
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        (outbox,) = connection.execute("SELECT count(*) FROM outbox").fetchone() or (0,)
        # The position of the step that is furthest behind, and how many steps have one at all.
        steps = {
            (topic, partition): (count, next_offset)
            for topic, partition, count, next_offset in connection.execute(
                "SELECT topic, partition, count(*), min(next_offset) FROM position GROUP BY topic, partition"
            )
        }
    readers = {topic: max(count for (of, _), (count, _) in steps.items() if of == topic) for topic, _ in steps}
    waiting = {"outbox": outbox} if outbox else {}
    consumer = KafkaConsumer(
        bootstrap_servers=workers.kafka.split(","), group_id=None, isolation_level="read_committed"
    )
    try:
        places = [TopicPartition(topic, number) for topic in readers for number in consumer.partitions_for_topic(topic)]
        for place, end in consumer.end_offsets(places).items():
            count, next_offset = steps.get((place.topic, place.partition), (0, 0))
            reached = next_offset if count == readers[place.topic] else 0
            if reached < end and _finds_message(consumer, place, reached, end):
                waiting[f"{place.topic}[{place.partition}]"] = end - reached
    finally:
        consumer.close()
    return waiting


def _finds_message(consumer: KafkaConsumer, place: TopicPartition, start: int, end: int) -> bool:
    """Whether anything but the markers of transactions, or what they took back, stands there."""
    consumer.assign([place])
    consumer.seek(place, start)
    deadline = time.monotonic() + 10
    while consumer.position(place) < end and time.monotonic() < deadline:
        if consumer.poll(timeout_ms=500):
            return True
    return bool(consumer.position(place) < end)


def check(workers: Workers, found: dict[str, Any], expected: dict[str, Any]) -> None:
    """Nothing lost, nothing doubled, nothing that a bug did."""
    logs = workers.log.read_text()
    assert "stops at a bug" not in logs, logs[-3_000:]
    wrongs = find_wrongs(workers.store, workers.data / "received" / "encounters.ndjson", logs)
    assert wrongs == [], wrongs
    compare(found, expected)


def compare(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """Two runs on the same inputs came to the same."""
    for part in ("encounters", "claims", "work_items", "ledger", "dead_letters", "digest"):
        assert found[part] == expected[part], f"{part}: {found[part]}, undisturbed {expected[part]}"
