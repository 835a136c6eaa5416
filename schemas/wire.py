"""Events as records and back: the one place that reads and writes the envelope and the JSON body."""

import hashlib
from datetime import datetime

from pydantic import ValidationError

from schemas.bounds import BODY_BYTES_MAX, is_in_calendar
from schemas.errors import NewerSchemaError, UnreadableMessageError
from schemas.event import Event
from schemas.events import PLACES
from schemas.store import Record
from schemas.validation import describe_validation


def encode_body(event: Event) -> bytes:
    """The bare JSON value of an event. Raises ValueError for one that no topic takes."""
    body = event.body.model_dump_json().encode()
    if len(body) > BODY_BYTES_MAX:
        raise ValueError(f"{event.body.type} has more than {BODY_BYTES_MAX} bytes")
    return body


def hash_body(body: bytes) -> bytes:
    """Tells one body from another under the same event id."""
    return hashlib.blake2b(body, digest_size=16).digest()


def decode_record(record: Record) -> Event:
    """The event that a record holds.

    Raises UnreadableMessageError when no schema accepts it (it belongs on the dead-letter topic), and
    NewerSchemaError for a known type with a higher version (consumers deploy first: stop, lose nothing).
    """
    body_type = PLACES.get((record.topic, record.type))
    if body_type is None:
        raise UnreadableMessageError(f"unknown event type on {record.topic}")
    if record.schema_version > body_type.schema_version:
        raise NewerSchemaError(
            f"{record.type} has schema version {record.schema_version}, this program reads up to "
            f"{body_type.schema_version}: deploy the newer revcycle here first"
        )
    try:
        body = body_type.model_validate_json(record.body)
        occurred_at = datetime.fromisoformat(record.occurred_at)
    except ValidationError as error:
        raise UnreadableMessageError(describe_validation(error)) from None
    except ValueError:
        raise UnreadableMessageError("ce_time is not an ISO 8601 instant") from None
    if occurred_at.tzinfo is None:
        raise UnreadableMessageError("ce_time names no time zone: end it with Z or +00:00")
    if not is_in_calendar(occurred_at.date()):
        raise UnreadableMessageError("ce_time lies outside of the years 1900 to 2100")
    return Event(
        record.event_id,
        record.key,
        occurred_at,
        body.correlation() or record.correlation_id,
        record.causation_id,
        record.decided_by,
        body,
    )
