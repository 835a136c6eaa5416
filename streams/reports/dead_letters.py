"""What nothing could read: where it came from and why."""

import json

from streams.installation import Asked
from streams.reports.base import Report


class DeadLetterReport(Report):
    """One dead letter: where it stood, the archived document it is of, and why; its content, key and headers may be
    PHI and are not shown."""

    id: int
    topic: str
    partition: int
    place: int
    document: str | None
    reason: str
    bytes: int
    retried: bool


class DeadLettersReport(Report):
    """Every dead letter, in the order of their coming; `retried` where it was given back."""

    dead_letters: tuple[DeadLetterReport, ...]


def report_dead_letters(installation: Asked) -> DeadLettersReport:
    """What nothing could read: where it came from and why, without its content, key or headers."""
    rows = installation.store.connection.execute(
        'SELECT sequence, topic, partition, "offset", headers, reason, length(body), retried FROM dead_letter '
        "ORDER BY sequence"
    ).fetchall()
    letters = (
        DeadLetterReport(
            id=sequence,
            topic=topic,
            partition=partition,
            place=offset,
            document=json.loads(headers).get("document"),
            reason=reason,
            bytes=size,
            retried=bool(retried),
        )
        for sequence, topic, partition, offset, headers, reason, size, retried in rows
    )
    return DeadLettersReport(dead_letters=tuple(letters))
