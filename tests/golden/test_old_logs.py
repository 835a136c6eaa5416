"""Logs that earlier releases wrote are read for ever: the same books, the same digest, under today's names."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from connectors.stores.digests import digest
from connectors.stores.sqlite import SqliteStore
from schemas.event import Event
from schemas.events import EVENT_TYPES, PLACES
from schemas.reference import Reference
from schemas.store import Record
from schemas.wire import decode_record
from tests.builders import find_violations, open_small, publish

HERE = Path(__file__).parent
# Each log with the digest that its release told of it: `revcycle demo --encounters 30`, exported.
LOGS = {"log-of-0.1.ndjson.gz": "e38192b1cdea6b110fd93362b1c4ba9a946d9719f0f2c3cb8b429ba9c5f394fd"}


def read_lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gzip.decompress((HERE / name).read_bytes()).splitlines()]


def read_log(name: str) -> list[Event]:
    return [read_event(line) for line in read_lines(name)]


def read_event(line: dict[str, Any]) -> Event:
    envelope = {name: value for name, value in line.items() if name not in ("sequence", "body")}
    return decode_record(Record(**envelope, partition=0, offset=0, body=json.dumps(line["body"]).encode()))


@pytest.mark.parametrize("name", LOGS)
def test_an_old_log_gives_the_books_that_its_release_had(name: str, tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "revcycle.db")
    with store.transaction() as transaction:
        transaction.append(read_log(name), "golden")

    assert digest(store.connection) == LOGS[name]


@pytest.mark.parametrize("name", LOGS)
def test_what_came_from_outside_then_is_decided_alike_today(name: str, tmp_path: Path, reference: Reference) -> None:
    installation = open_small(tmp_path, reference)
    for document in read_lines(name.replace("log", "documents")):
        installation.archive.keep(document["text"].encode())
    for event in read_log(name):
        if event.causation_id is None:
            publish(installation, [event])
            installation.engine.run_until_quiet()

    assert digest(installation.store.connection) == LOGS[name]
    assert find_violations(installation.store.connection) == []


def test_every_earlier_name_is_read_as_a_type_of_today() -> None:
    earlier = {place: body for body in EVENT_TYPES.values() for place in body.earlier}

    assert earlier and all(PLACES[place] is body for place, body in earlier.items())
    assert not {name for _, name in earlier} & set(EVENT_TYPES), "a name means one thing"


def test_an_earlier_name_stands_in_an_old_log() -> None:
    old = {(line["topic"], line["type"]) for name in LOGS for line in read_lines(name)} - {
        (x.topic, x.type) for x in EVENT_TYPES.values()
    }

    assert old and old <= {place for body in EVENT_TYPES.values() for place in body.earlier}
