"""Quix Streams with the same decision: `python quix.py ADDRESS DATA`, until SIGTERM. States lie in its RocksDB, one for
each message key, with its default guarantee (at least once)."""

import sys
from typing import Any

from deciding import SINKS, SOURCE, TRUST, decide_one, keys_of, open_reference
from quixstreams import Application
from quixstreams.models.serializers import Serializer

from connectors.kafka.messages import make_record, read_message, write_message
from schemas.store import Record

address, data = sys.argv[1:]
reference = open_reference(data)
app = Application(
    broker_address=address,
    consumer_group="quix",
    auto_offset_reset="earliest",
    state_dir=f"{data}/quix",
    loglevel="WARNING",
    auto_create_topics=True,
)
source = app.topic(SOURCE, value_deserializer="bytes", key_deserializer="bytes")


class BodySerializer(Serializer):  # type: ignore[misc]
    """The bytes that the message was written as."""

    def __call__(self, value: dict[str, Any], _ctx: Any) -> bytes:
        return bytes(value["value"])


sinks = {name: app.topic(name, value_serializer=BodySerializer()) for name in (*SINKS, "rcm.worklist.v1")}


def validate(value: bytes, key: bytes, _timestamp: int, headers: Any, state: Any) -> list[dict[str, Any]]:
    """Decides one encounter; the states of its patient stand under the message's key."""
    record = read_message(SOURCE, 0, 0, key, value, list(headers or ()), TRUST)
    assert isinstance(record, Record)
    changed, made = decide_one(record, {name: state.get(name, "") for name in keys_of(record)}, reference)
    for name, text in changed.items():
        state.set(name, text)
    messages = [write_message(make_record(event)) for event in made]
    return [{"topic": x.topic, "value": x.value, "headers": x.headers, "key": x.key} for x in messages]


frame = app.dataframe(source).apply(validate, stateful=True, metadata=True, expand=True)
frame = frame.set_headers(lambda row, _key, _timestamp, _headers: row["headers"])
frame.to_topic(lambda row, _key, _timestamp, _headers: sinks[row["topic"]])
app.run()
