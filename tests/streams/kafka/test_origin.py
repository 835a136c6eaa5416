"""A batch before a step takes it: strangers' words become dead letters, and what is ours stands in the store."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.kafka import messages
from connectors.kafka.messages import read_message, write_message
from connectors.kafka.signing import Trust
from connectors.stores.postgres import PostgresStore
from connectors.stores.sqlite import SqliteStore
from schemas.errors import PositionError
from schemas.event import Event
from schemas.store import DeadLetter, Record
from streams.kafka.origin import OPEN_TYPES, prove
from tests.builders import make_encounter_events, make_record

EVENTS = make_encounter_events(3, 1)
KNOWN, *_, UNKNOWN = (make_record(event, place) for place, event in enumerate(EVENTS))


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqliteStore | PostgresStore]:
    """One that has every event but the last."""
    opened = (
        SqliteStore(tmp_path / "revcycle.db")
        if request.param == "sqlite"
        else PostgresStore(request.getfixturevalue("postgres"))
    )
    with opened.transaction() as transaction:
        transaction.append(EVENTS[:-1], "ingest")
    yield opened
    opened.close()


def read_from_ehr(event: Event) -> Record:
    message = write_message(messages.make_record(event))
    trust = Trust(b"not asked for", OPEN_TYPES)
    record = read_message(message.topic, 0, 5, message.key, message.value, message.headers, trust)
    assert isinstance(record, Record)
    return record


def unproven(record: Record, **changes: object) -> Record:
    return replace(record, origin="unproven", **changes)  # type: ignore[arg-type]


def test_a_strangers_word_is_a_dead_letter_and_the_rest_of_the_batch_goes_on(
    store: SqliteStore | PostgresStore,
) -> None:
    letter = DeadLetter(KNOWN.topic, 0, 9, "{}", b"?", "unreadable")
    outside = read_from_ehr(EVENTS[-1])
    before = unproven(KNOWN)  # published by a program that did not sign yet
    batch: list[Record | DeadLetter] = [unproven(UNKNOWN), KNOWN, letter, outside, unproven(KNOWN, body=b"{}"), before]

    forged, *rest = prove(store, batch)
    changed = rest.pop(3)

    assert rest == [KNOWN, letter, outside, KNOWN]
    for found in (forged, changed):
        assert isinstance(found, DeadLetter)
        assert "no rcm_mac by" in found.reason and "rcm.encounter" in found.reason


@pytest.mark.parametrize("record", [UNKNOWN, replace(KNOWN, body=b"{}")])
def test_one_of_ours_that_the_store_lacks_tells_that_the_store_was_set_back(
    store: SqliteStore | PostgresStore, record: Record
) -> None:
    with pytest.raises(PositionError, match="topics rebuild"):
        prove(store, [KNOWN, record])


def test_what_an_ehr_sent_before_the_upgrade_and_sends_again_keeps_the_id_under_which_it_was_taken(
    store: SqliteStore | PostgresStore,
) -> None:
    again, new = prove(store, [read_from_ehr(EVENTS[0]), read_from_ehr(EVENTS[-1])])
    assert isinstance(again, Record) and isinstance(new, Record)
    assert (again.event_id, again.causation_id) == (KNOWN.event_id, None)
    assert new.event_id not in {event.event_id for event in EVENTS}
