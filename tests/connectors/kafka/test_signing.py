"""Who said a message: our own by its MAC, an EHR by source and id, and nobody by what they write about themselves."""

from dataclasses import replace

import pytest

from connectors.kafka.messages import Message, make_record, read_message, sign_message, write_message
from connectors.kafka.signing import MAC_HEADER, Trust, compute_mac
from schemas.event import derive_events, publish_at_edge
from schemas.events import ClockTicked, EncounterReceived, EncounterWithdrawn
from schemas.store import DeadLetter, Record
from tests.builders import NOW, make_encounter_events

TRUST = Trust(b"the workers' key of a test only", frozenset({EncounterReceived.type}))
TICK = publish_at_edge(ClockTicked(business_date=NOW.date()), "clock", NOW, "clock")
GONE = EncounterWithdrawn(account_key="ABCDEFGHIJ", encounter_id="e1", revision=2)
(EVENT,) = derive_events(TICK, "test", (GONE,), '{"icd10cm":"FY2026"}')
SIGNED = sign_message(make_record(EVENT), TRUST.key)
(ENCOUNTER,) = make_encounter_events(1, 1)
FROM_EHR = write_message(make_record(ENCOUNTER))


def read(message: Message) -> Record | DeadLetter:
    return read_message(message.topic, 0, 7, message.key, message.value, message.headers, TRUST)


def say(message: Message, **said: str) -> Message:
    headers = {**dict(message.headers), **{name: value.encode() for name, value in said.items()}}
    return replace(message, headers=list(headers.items()))


def test_what_is_signed_is_ours_whatever_its_type() -> None:
    for record in (make_record(EVENT), make_record(ENCOUNTER)):
        read_back = read(sign_message(record, TRUST.key))
        assert isinstance(read_back, Record)
        assert read_back == replace(record, offset=7, headers=read_back.headers)
        assert read_back.origin == "ours"


@pytest.mark.parametrize(
    "forged",
    [
        say(SIGNED, ce_id="another"),
        say(SIGNED, ce_type="rcm.coded.superseded"),
        say(SIGNED, ce_time="2026-01-01T00:00:00Z"),
        say(SIGNED, ce_causationid="another"),
        say(SIGNED, ce_correlationid="another"),
        say(SIGNED, ce_decidedby="{}"),
        say(SIGNED, ce_schemaversion="2"),
        say(SIGNED, rcm_mac="0" * 64),
        say(SIGNED, rcm_mac=""),
        say(SIGNED, rcm_mac="\N{LATIN SMALL LETTER E WITH ACUTE}"),
        replace(SIGNED, key=b"KLMNOPQRST"),
        replace(SIGNED, value=(SIGNED.value or b"") + b" "),
        replace(SIGNED, topic="rcm.held.v1"),
        sign_message(make_record(EVENT), b"another installation's workers' key"),
        replace(SIGNED, headers=[x for x in SIGNED.headers if x[0] != MAC_HEADER]),
        sign_message(make_record(ENCOUNTER), b"another installation's workers' key"),
    ],
)
def test_what_was_changed_or_signed_by_another_or_not_at_all_is_unproven(forged: Message) -> None:
    record = read(forged)
    assert isinstance(record, Record)
    assert record.origin == "unproven"


def test_an_ehr_says_neither_what_caused_nor_who_decided_its_message() -> None:
    plain, adorned = read(FROM_EHR), read(say(FROM_EHR, ce_causationid="x", ce_decidedby="y", ce_correlationid="z"))
    assert isinstance(plain, Record) and isinstance(adorned, Record)
    assert (adorned.origin, adorned.causation_id, adorned.decided_by) == ("outside", None, "")
    assert adorned == replace(plain, headers=adorned.headers)


def test_two_publishers_with_one_id_are_two_events_and_never_one_of_ours() -> None:
    sources = ("ehr-a", "ehr-b", "revcycle")
    records = [read(say(FROM_EHR, ce_source=source, ce_id=ENCOUNTER.event_id)) for source in sources]
    ids = {record.event_id for record in records if isinstance(record, Record)}
    assert len(ids) == 3 and ENCOUNTER.event_id not in ids
    assert read(say(FROM_EHR, ce_source="ehr-a")) == read(say(FROM_EHR, ce_source="ehr-a"))


def test_no_attribute_can_pass_for_another() -> None:
    record = make_record(EVENT)
    moved = replace(record, correlation_id=f"{record.correlation_id}x", causation_id=(record.causation_id or "")[1:])
    assert compute_mac(record, TRUST.key) != compute_mac(moved, TRUST.key)
