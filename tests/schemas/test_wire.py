"""Records on a topic: read as they were written, or refused without repeating what they hold."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import NewerSchemaError, UnreadableMessageError
from schemas.event import Body, Event
from schemas.events import EVENT_TYPES, EncounterWithdrawn
from schemas.store import Record
from schemas.wire import decode_record, encode_body, hash_body
from streams.catalogue.events import read_example

WITHDRAWN = EncounterWithdrawn(account_key="KQ3ZB7VN2A", encounter_id="an encounter", revision=2)


def put_on_topic(body: Body) -> tuple[Event, Record]:
    """An event, and the record that a topic holds of it."""
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    belongs_to = body.correlation() or "an encounter"
    event = Event("an id", "a key", at, belongs_to, None, '{"icd10cm":"FY2026"}', body)
    record = Record(
        topic=body.topic,
        partition=0,
        offset=7,
        event_id=event.event_id,
        type=body.type,
        schema_version=body.schema_version,
        key=event.key,
        occurred_at=at.isoformat(),
        correlation_id=event.correlation_id,
        causation_id=event.causation_id,
        decided_by=event.decided_by,
        body=encode_body(event),
    )
    return event, record


@pytest.mark.parametrize("body_type", EVENT_TYPES.values(), ids=EVENT_TYPES)
def test_an_event_is_read_as_it_was_written(body_type: type[Body]) -> None:
    event, record = put_on_topic(read_example(body_type))

    assert decode_record(record) == event
    assert encode_body(decode_record(record)) == record.body


def test_the_same_body_has_the_same_hash_and_another_another() -> None:
    _, record = put_on_topic(WITHDRAWN)
    _, other = put_on_topic(WITHDRAWN.model_copy(update={"revision": 3}))

    assert hash_body(record.body) == hash_body(bytes(record.body)) != hash_body(other.body)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda record: replace(record, type="rcm.coded.lost"),
        lambda record: replace(record, topic="rcm.paid.v1"),
        lambda record: replace(record, occurred_at="yesterday"),
        lambda record: replace(record, body=b""),
        lambda record: replace(record, body=b"[]"),
        lambda record: replace(record, body=record.body[:-1]),
        lambda record: replace(record, body=b"\xff" + record.body),
        lambda record: replace(record, body=record.body.replace(b"revision", b"version")),
        lambda record: replace(record, body=record.body.replace(b'"revision":2', b'"revision":"2"')),
    ],
    ids=["type", "topic", "time", "empty", "list", "cut", "not UTF-8", "misspelt field", "wrong type"],
)
def test_an_unreadable_record_is_refused(spoil: Callable[[Record], Record]) -> None:
    _, record = put_on_topic(WITHDRAWN)

    with pytest.raises(UnreadableMessageError):
        decode_record(spoil(record))


def test_a_newer_version_stops_the_consumer_instead_of_being_guessed() -> None:
    _, record = put_on_topic(WITHDRAWN)

    with pytest.raises(NewerSchemaError, match="deploy the newer revcycle here first"):
        decode_record(replace(record, schema_version=2))


def test_a_refusal_names_the_fields_and_never_a_value() -> None:
    _, record = put_on_topic(WITHDRAWN)
    body = b'{"account_key": "DOE, JANE 1931-04-05", "encounter_id": 99887766, "revision": "MRN 4711", "DOE": 1}'

    with pytest.raises(UnreadableMessageError) as refusal:
        decode_record(replace(record, body=body))
    said = str(refusal.value)
    assert all(field in said for field in ("account_key", "encounter_id", "revision"))
    assert not any(value in said for value in ("JANE", "1931", "99887766", "4711"))
    assert refusal.value.__cause__ is None and refusal.value.__suppress_context__


@given(st.binary(max_size=200))
def test_any_bytes_are_an_event_or_unreadable(body: bytes) -> None:
    _, record = put_on_topic(WITHDRAWN)

    with pytest.raises(UnreadableMessageError):
        decode_record(replace(record, body=body))


def test_an_event_that_no_topic_takes_is_not_written() -> None:
    wide = WITHDRAWN.model_copy(update={"encounter_id": "x" * 8_000_000})

    with pytest.raises(ValueError, match="more than 8000000 bytes"):
        encode_body(Event("an id", "a key", datetime(2026, 3, 2, tzinfo=UTC), "c", None, "", wide))
