"""Events as Kafka messages and back: CloudEvents 1.0, binary content mode; and the messages that nothing can read.

Attributes travel as `ce_*` headers, the value is the bare JSON of the body, the key decides the partition. No PHI
stands in a header or a key. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from connectors.kafka.signing import MAC_HEADER, Trust, compute_mac, establish_origin
from schemas.bounds import BODY_BYTES_MAX
from schemas.errors import UnreadableMessageError
from schemas.event import Event
from schemas.events import ClockTicked
from schemas.store import DeadLetter, Outgoing, Record
from schemas.topics import name_dead_letter_topic
from schemas.wire import encode_body

SPEC_VERSION = "1.0"
SOURCE = "revcycle"
CONTENT_TYPE = "application/json"
VALUE_BYTES_MAX = BODY_BYTES_MAX  # an interchange of 250 large claims is the largest event
MESSAGE_BYTES_MAX = VALUE_BYTES_MAX + 100_000  # with key and headers: what event topics take
LETTER_BYTES_MAX = VALUE_BYTES_MAX + 1_000_000  # whatever an event topic took fits into its dead-letter topic
# Names and keys are ours to print and to keep: printable ASCII of bounded length.
PRINTABLE = re.compile(r"[\x20-\x7e]{1,200}")

Headers = Sequence[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Message:
    """What a producer is given. `key` is None only where the message it repeats had none; `partition` is named only
    where the key does not decide it."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]
    partition: int | None = None


def make_record(event: Event) -> Record:
    """The record of an event that has no offset yet."""
    kind = type(event.body)
    attributes = (event.event_id, kind.type, kind.schema_version, event.key, event.occurred_at.isoformat())
    return Record(
        kind.topic, 0, 0, *attributes, event.correlation_id, event.causation_id, event.decided_by, encode_body(event)
    )


def write_message(record: Record) -> Message:
    """The Kafka message of a record, as anybody might publish it."""
    headers = {
        "ce_specversion": SPEC_VERSION,
        "ce_id": record.event_id,
        "ce_source": SOURCE,
        "ce_type": record.type,
        "ce_time": record.occurred_at,
        "ce_schemaversion": str(record.schema_version),
        "ce_correlationid": record.correlation_id,
        "ce_causationid": record.causation_id or "",
        "ce_decidedby": record.decided_by,
        "content-type": CONTENT_TYPE,
    }
    written = [(name, value.encode()) for name, value in headers.items() if value]
    # Every partition is told the time by an event of its own, under one key.
    partition = json.loads(record.body)["partition"] if record.topic == ClockTicked.topic else None
    return Message(record.topic, record.key.encode(), record.body, written, partition)


def sign_message(record: Record, key: bytes) -> Message:
    """The Kafka message of a record of ours, with its MAC by the workers' key."""
    message = write_message(record)
    message.headers.append((MAC_HEADER, compute_mac(record, key)))
    return message


def read_message(
    topic: str, partition: int, offset: int, key: bytes | None, value: bytes | None, headers: Headers, trust: Trust
) -> Record | DeadLetter:
    """The record that a message holds, with its origin, or the dead letter that it becomes when its envelope cannot be
    read."""
    kept = keep_headers(key, headers)
    try:
        record = _read_envelope(topic, partition, offset, key, value, headers, kept)
        given = dict(headers)
        source = _read_text(given["ce_source"], "the header ce_source", 200) if "ce_source" in given else ""
        return establish_origin(record, source, given.get(MAC_HEADER), trust)
    except UnreadableMessageError as error:
        return DeadLetter(topic, partition, offset, kept, value or b"", str(error))


def find_claimed_id(record: Record) -> str:
    """The ce_id that the sender of a message gave it, whatever the event is called here."""
    return dict(restore_headers(record.headers)[1])["ce_id"].decode()


def _read_envelope(
    topic: str, partition: int, offset: int, key: bytes | None, value: bytes | None, headers: Headers, kept: str
) -> Record:
    if not value:
        raise UnreadableMessageError("the message has no value: an event is the bare JSON of its body")
    if len(value) > VALUE_BYTES_MAX:
        raise UnreadableMessageError(f"the value has more than {VALUE_BYTES_MAX} bytes")
    attributes: dict[str, str] = {}
    for name, raw in headers:
        if name.startswith("ce_"):
            if name in attributes:
                raise UnreadableMessageError(f"the header {name} stands twice")
            attributes[name] = _read_text(raw, f"the header {name}", 4_000 if name == "ce_decidedby" else 200)
    for name in ("ce_specversion", "ce_id", "ce_type", "ce_time"):
        if name not in attributes:
            raise UnreadableMessageError(f"the header {name} is missing (CloudEvents 1.0, binary content mode)")
    if attributes["ce_specversion"] != SPEC_VERSION:
        raise UnreadableMessageError("ce_specversion is not 1.0")
    version = attributes.get("ce_schemaversion", "1")
    if not re.fullmatch(r"[1-9][0-9]{0,3}", version):
        raise UnreadableMessageError("ce_schemaversion is not a number from 1")
    if key is None:
        raise UnreadableMessageError("the message has no key: use a stable opaque id of the patient")
    return Record(
        topic,
        partition,
        offset,
        attributes["ce_id"],
        attributes["ce_type"],
        int(version),
        _read_text(key, "the key", 200),
        attributes["ce_time"],
        attributes.get("ce_correlationid") or attributes["ce_id"],
        attributes.get("ce_causationid"),
        attributes.get("ce_decidedby", ""),
        value,
        kept,
    )


def _read_text(raw: bytes | None, what: str, length_max: int) -> str:
    text = (raw or b"").decode("ascii", errors="replace")
    if len(text) > length_max or not text.isprintable() or "\N{REPLACEMENT CHARACTER}" in text or not text:
        raise UnreadableMessageError(f"{what} is not printable ASCII of 1 to {length_max} characters")
    return text


def keep_headers(key: bytes | None, headers: Headers) -> str:
    """Key and headers as JSON from which every byte can be restored (surrogate escapes stand for odd bytes)."""
    return json.dumps({"key": _keep(key), "headers": [[name, _keep(value)] for name, value in headers]})


def restore_headers(kept: str) -> tuple[bytes | None, list[tuple[str, bytes]]]:
    """Key and headers as they came."""
    document = json.loads(kept)
    return _restore(document["key"]), [(name, _restore(value) or b"") for name, value in document["headers"]]


def _keep(raw: bytes | None) -> str | None:
    return None if raw is None else raw.decode("utf-8", errors="surrogateescape")


def _restore(text: str | None) -> bytes | None:
    return None if text is None else text.encode("utf-8", errors="surrogateescape")


def write_letter(letter: DeadLetter) -> Message:
    """A dead letter as a message: the original bytes, key and headers, with where it came from and what is wrong.

    A batch that its publisher compressed may hold more than a topic takes: of such a value the first VALUE_BYTES_MAX
    bytes go out, and `deadletter_bytes` says how many it had; all of them stand in the store.
    """
    key, headers = restore_headers(letter.headers)
    place = [
        ("deadletter_topic", letter.topic.encode()),
        ("deadletter_partition", str(letter.partition).encode()),
        ("deadletter_offset", str(letter.offset).encode()),
        ("deadletter_reason", letter.reason.encode()),
    ]
    if len(letter.body) > VALUE_BYTES_MAX:
        place.append(("deadletter_bytes", str(len(letter.body)).encode()))
    return Message(name_dead_letter_topic(letter.topic), key, letter.body[:VALUE_BYTES_MAX], [*headers, *place])


def write_outgoing(waiting: Iterable[Outgoing], key: bytes) -> list[tuple[str, Message]]:
    """The messages of outbox rows, each with its id in the outbox: letters, then events in their order, signed."""
    letters = [(x.message_id, write_letter(x.letter)) for x in waiting if x.letter]
    return letters + [(x.message_id, sign_message(x.record, key)) for x in waiting if x.record]
