"""Dead letters: what nothing could read, and how it comes back once the publisher, the file or the program is mended.

A letter goes back the way it came: a document, or a line of one, is ingested; a message is published again on its topic
with its original key and headers; on the embedded engine the steps look again at the record, which the log still holds.
Identity decides what is new, so a retry that is repeated, or that dies half way, does nothing twice.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.kafka.messages import Message, read_message, restore_headers, sign_message
from connectors.kafka.signing import Trust
from schemas.errors import ConfigurationError, UnreadableMessageError
from schemas.store import DeadLetter, Record
from schemas.wire import decode_record
from streams.edge.ingest import ingest_bytes
from streams.edge.reading import UNREAD_CODES, WHOLE_DOCUMENT
from streams.engine.embedded import EmbeddedEngine
from streams.installation import Opened
from streams.kafka.origin import prove
from streams.reports.base import Report

NEVER_CHANGED = (
    "this message stands in the log of events, which is never changed: mend the program that could not read it"
)


@dataclass(frozen=True)
class Republish:
    """How messages are published on Kafka, and whom it believes."""

    publish: Callable[[Sequence[Message]], None]
    trust: Trust


class RetriedLetter(Report):
    """What became of one letter: given back, or still unreadable for this reason."""

    id: int
    given_back: bool
    reason: str


class RetriedLettersReport(Report):
    """What became of each letter that was tried again."""

    dead_letters: tuple[RetriedLetter, ...]


def retry_dead_letter(
    installation: Opened, letter_id: int, mended: bytes | None, now: datetime, republish: Republish | None
) -> RetriedLetter:
    """Gives one letter back, with `mended` instead of its bytes if given, and marks it; `republish` publishes on Kafka,
    by whoever's word the message was published before.

    A letter that is still unreadable stays as it is. Raises ConfigurationError when there is no such letter.
    """
    found = installation.store.find_dead_letter(letter_id)
    if found is None:
        raise ConfigurationError(f"no dead letter has the id {letter_id}: `revcycle deadletters list` shows them")
    letter, retried = found
    if retried:
        return RetriedLetter(id=letter_id, given_back=True, reason="given back before")
    document = json.loads(letter.headers).get("document")
    if document is not None:
        reason = _ingest_again(installation, letter_id, letter, document, mended, now)
    elif republish is not None:
        reason = _publish_again(installation, letter, mended, republish)
    else:
        reason = _read_again(installation, letter, mended)
    if reason:
        return RetriedLetter(id=letter_id, given_back=False, reason=reason)
    installation.store.mark_retried(letter_id)
    return RetriedLetter(id=letter_id, given_back=True, reason="given back")


def _ingest_again(
    installation: Opened, letter_id: int, letter: DeadLetter, document: str, mended: bytes | None, now: datetime
) -> str:
    """A letter holds the beginning of a file that was refused whole; the archive holds all of it."""
    try:
        original = installation.archive.read(document) if letter.offset == WHOLE_DOCUMENT else letter.body
    except FileNotFoundError:
        return f"the archived document {document} is gone: restore it from a backup"
    except ValueError as error:
        return str(error)
    file = ingest_bytes(installation, mended or original, f"deadletter-{letter_id}", now, bury=False)
    installation.engine.run_until_quiet()
    unread = file.outcome == "rejected" or any(finding.code in UNREAD_CODES for finding in file.findings)
    return "; ".join(f"{x.where}: {x.what}" for x in file.findings[:5]) if unread else ""


def _publish_again(installation: Opened, letter: DeadLetter, mended: bytes | None, republish: Republish) -> str:
    """Read first: bytes that are still unreadable would only come back as another letter, and a stranger's message
    becomes ours by no retry. What is ours is signed anew; what is from outside goes as it came."""
    key, headers = restore_headers(letter.headers)
    place = (letter.topic, letter.partition, letter.offset)
    record = read_message(*place, key, letter.body, headers, republish.trust)
    if mended is not None:
        if isinstance(record, Record) and record.origin != "outside":
            raise ConfigurationError(NEVER_CHANGED)
        record = read_message(*place, key, mended, headers, republish.trust)
    if isinstance(record, DeadLetter):
        return record.reason
    try:
        decode_record(record)
    except UnreadableMessageError as error:
        return str(error)
    (proven,) = prove(installation.store, [record])
    if isinstance(proven, DeadLetter):
        return proven.reason
    if record.origin == "outside":
        republish.publish([Message(letter.topic, key, record.body, headers)])
    else:
        republish.publish([sign_message(record, republish.trust.key)])
    return ""


def _read_again(installation: Opened, letter: DeadLetter, mended: bytes | None) -> str:
    if mended is not None:
        raise ConfigurationError(NEVER_CHANGED)
    engine = installation.engine
    assert isinstance(engine, EmbeddedEngine)
    (record,) = installation.store.read([letter.topic], letter.offset, 1)
    try:
        decode_record(record)
    except UnreadableMessageError as error:
        return str(error)
    engine.run_again(record)
    engine.run_until_quiet()
    return ""
