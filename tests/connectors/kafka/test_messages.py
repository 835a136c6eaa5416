"""An event as a Kafka message and back, and the messages that nobody can read: kept to the byte, with the reason."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.kafka.messages import (
    VALUE_BYTES_MAX,
    keep_headers,
    make_record,
    read_message,
    restore_headers,
    sign_message,
    write_letter,
)
from connectors.kafka.signing import Trust
from schemas.event import derive_events, publish_at_edge
from schemas.events import ClockTicked, WorkItemOpened
from schemas.store import DeadLetter, Record
from schemas.wire import decode_record
from tests.builders import NOW

TICK = publish_at_edge(ClockTicked(business_date=NOW.date()), "clock", NOW, "clock")
OPENED = WorkItemOpened(
    item_id="item-1",
    account_key="ABCDEFGHIJ",
    queue="coding",
    owner="coder",
    priority=3,
    reason="needs_coding",
    next_action="code it",
)
(EVENT,) = derive_events(TICK, "test", (OPENED,), '{"icd10cm":"FY2026"}')
TRUST = Trust(b"the workers' key of a test only", frozenset({"rcm.encounter"}))
GOOD = sign_message(make_record(EVENT), TRUST.key)


def read(**changes: object) -> Record | DeadLetter:
    message = replace(GOOD, **changes)  # type: ignore[arg-type]
    return read_message(message.topic, 2, 77, message.key, message.value, message.headers, TRUST)


def without(name: str) -> list[tuple[str, bytes]]:
    return [header for header in GOOD.headers if header[0] != name]


def with_header(name: str, value: bytes) -> list[tuple[str, bytes]]:
    return [*without(name), (name, value)]


def test_an_event_comes_back_as_it_went() -> None:
    record = read()

    assert isinstance(record, Record)
    assert decode_record(record) == EVENT
    assert (record.partition, record.offset) == (2, 77)


def test_the_attributes_are_cloudevents_in_binary_mode_and_hold_no_content() -> None:
    headers = dict(GOOD.headers)

    assert headers["ce_specversion"] == b"1.0"
    assert headers["ce_type"] == b"rcm.worklist"
    assert headers["content-type"] == b"application/json"
    assert GOOD.key == b"ABCDEFGHIJ"
    assert b"code it" not in b"".join(headers.values())


def test_what_an_ehr_need_not_send_has_a_sensible_value() -> None:
    few = [header for header in GOOD.headers if header[0] in ("ce_specversion", "ce_id", "ce_type", "ce_time")]

    record = read(headers=few)

    assert isinstance(record, Record)
    assert (record.schema_version, record.causation_id, record.correlation_id) == (1, None, EVENT.event_id)
    assert record.origin == "unproven"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"value": None}, "no value"),
        ({"value": b""}, "no value"),
        ({"value": b"x" * (VALUE_BYTES_MAX + 1)}, "more than"),
        ({"key": None}, "no key"),
        ({"key": b""}, "the key is not printable ASCII"),
        ({"key": b"Jos\xc3\xa9"}, "the key is not printable ASCII"),
        ({"key": b"k" * 201}, "the key is not printable ASCII"),
        ({"headers": []}, "ce_specversion is missing"),
        ({"headers": without("ce_id")}, "ce_id is missing"),
        ({"headers": without("ce_time")}, "ce_time is missing"),
        ({"headers": with_header("ce_specversion", b"0.3")}, "ce_specversion is not 1.0"),
        ({"headers": with_header("ce_id", b"a\x00b")}, "ce_id is not printable ASCII"),
        ({"headers": with_header("ce_type", b"\xff\xfe")}, "ce_type is not printable ASCII"),
        ({"headers": [*GOOD.headers, ("ce_id", b"another")]}, "ce_id stands twice"),
        ({"headers": with_header("ce_schemaversion", b"one")}, "ce_schemaversion is not a number"),
        ({"headers": with_header("ce_schemaversion", b"0")}, "ce_schemaversion is not a number"),
    ],
)
def test_a_wrong_envelope_is_a_dead_letter_that_says_why(changes: dict[str, object], reason: str) -> None:
    letter = read(**changes)

    assert isinstance(letter, DeadLetter)
    assert reason in letter.reason
    assert letter.body == (changes.get("value", GOOD.value) or b"")


@given(
    key=st.none() | st.binary(max_size=40),
    value=st.none() | st.binary(max_size=40),
    headers=st.lists(st.tuples(st.text(max_size=10), st.binary(max_size=20)), max_size=5),
)
def test_whatever_comes_is_read_or_kept_to_the_byte(
    key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]]
) -> None:
    letter = read_message("rcm.encounter.v1", 0, 0, key, value, headers, TRUST)

    assert isinstance(letter, DeadLetter)
    assert restore_headers(letter.headers) == (key, headers)
    assert restore_headers(keep_headers(key, headers)) == (key, headers)
    message = write_letter(letter)
    assert message.topic == "rcm.encounter.v1.deadletter"
    assert (message.key, message.value) == (key, value or b"")
    assert message.headers[: len(headers)] == headers
    assert dict(message.headers)["deadletter_offset"] == b"0"
