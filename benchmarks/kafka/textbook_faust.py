"""Faust as its own pages teach it: one event at a time, a Record, a table, topic.send. `textbook_faust.py ADDRESS
DATA`, until SIGTERM. It loses and doubles what its guarantees allow."""

import sys

import faust
from deciding import SOURCE, TRUST, decide_one, keys_of, open_reference

from connectors.kafka.messages import make_record, read_message, write_message
from schemas.store import Record

address, data = sys.argv[1:]
reference = open_reference(data)
app = faust.App(
    "textbook",
    broker=f"kafka://{address}",
    store="memory://",
    datadir=f"{data}/faust",
    web_enabled=False,
    topic_partitions=4,
    topic_replication_factor=1,
)


class Kept(faust.Record):  # type: ignore[misc]
    """One state, as JSON."""

    text: str = ""


encounters = app.topic(SOURCE, key_type=bytes, value_type=bytes, value_serializer="raw")
states = app.Table("states", default=Kept, partitions=4)
sinks: dict[str, faust.TopicT] = {}


@app.agent(encounters)
async def validate(stream: faust.StreamT[bytes]) -> None:
    """Decides each encounter and sends what follows."""
    async for event in stream.events():
        message = event.message
        record = read_message(
            message.topic, message.partition, message.offset, message.key, message.value, list(message.headers), TRUST
        )
        assert isinstance(record, Record)
        known = {key: states[key].text for key in keys_of(record)}
        changed, made = decide_one(record, known, reference)
        for key, text in changed.items():
            states[key] = Kept(text=text)
        for new in made:
            out = write_message(make_record(new))
            if out.topic not in sinks:
                sinks[out.topic] = app.topic(out.topic, key_type=bytes, value_type=bytes, value_serializer="raw")
            await sinks[out.topic].send(key=out.key, value=out.value, headers=dict(out.headers))


if __name__ == "__main__":
    sys.argv[1:] = ["worker", "--loglevel", "warn"]
    app.main()
