"""What one step has decoded the next ones take as it is: the very same record only, and not without bound."""

from dataclasses import replace

import pytest

from connectors.kafka.messages import make_record
from schemas.errors import UnreadableMessageError
from schemas.event import Event
from schemas.events import EncounterWithdrawn
from schemas.wire import decode_record, hash_body
from streams.engine.decoded_events import RecentEvents
from tests.builders import NOW

WITHDRAWN = EncounterWithdrawn(account_key="KQ3ZB7VN2A", encounter_id="an encounter", revision=2)
RECORD = make_record(Event("an id", "a key", NOW, "an encounter", None, "", WITHDRAWN))


def test_an_event_is_decoded_once() -> None:
    recent = RecentEvents()

    event, body_hash = recent.decode(RECORD)

    assert (event, body_hash) == (decode_record(RECORD), hash_body(RECORD.body))
    assert recent.decode(replace(RECORD))[0] is event


def test_another_record_under_the_same_id_is_another_event() -> None:
    recent = RecentEvents()
    first, first_hash = recent.decode(RECORD)
    changed = replace(RECORD, body=RECORD.body.replace(b'"revision":2', b'"revision":3'))
    moved = replace(RECORD, correlation_id="another encounter")

    event, body_hash = recent.decode(changed)
    assert event.body == WITHDRAWN.model_copy(update={"revision": 3})
    assert body_hash == hash_body(changed.body) != first_hash
    assert recent.decode(moved)[0].correlation_id == "another encounter"
    assert recent.decode(RECORD) == (first, first_hash)


def test_what_cannot_be_read_is_refused_every_time() -> None:
    recent = RecentEvents()
    recent.decode(RECORD)

    for _ in range(2):
        with pytest.raises(UnreadableMessageError):
            recent.decode(replace(RECORD, body=b"{}"))


def test_memory_is_bounded() -> None:
    """The oldest leave first; an event larger than the bound is not kept at all."""
    recent = RecentEvents(bytes_max=3 * len(RECORD.body))
    records = [replace(RECORD, event_id=f"event {number}") for number in range(5)]
    events = [recent.decode(record)[0] for record in records]

    newest_first = zip(reversed(records), reversed(events), strict=True)
    assert [recent.decode(record)[0] is event for record, event in newest_first] == [True, True, True, False, False]

    large = replace(RECORD, event_id="large", body=RECORD.body + b" " * 3 * len(RECORD.body))
    assert recent.decode(large)[0] is not recent.decode(large)[0]
