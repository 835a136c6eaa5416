"""Every event with its envelope, for analysts."""

import json
from collections.abc import Iterator

from streams.installation import Asked

ENVELOPE = (
    *("sequence", "topic", "event_id", "type", "schema_version", "key", "occurred_at", "correlation_id"),
    *("causation_id", "decided_by"),
)


def list_events(installation: Asked, topic: str | None = None) -> Iterator[str]:
    """Each event of one topic, or of all, in order, as one line of JSON; it holds PHI."""
    where, parameters = ("WHERE topic = ?", (topic,)) if topic else ("", ())
    query = f"SELECT {', '.join(ENVELOPE)}, body FROM event {where} ORDER BY sequence"
    for *envelope, body in installation.store.connection.execute(query, parameters):
        head = json.dumps(dict(zip(ENVELOPE, envelope, strict=True)), ensure_ascii=False)
        # The body is JSON already: parsing it only to print it again would double the work.
        yield f'{head[:-1]}, "body": {body.decode()}}}'
