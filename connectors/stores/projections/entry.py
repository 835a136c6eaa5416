"""Journal entries, as their events hold them."""

from collections.abc import Iterator
from typing import Any

from connectors.stores.projections.projection import Projection, Statement
from schemas.event import Event
from schemas.events import EVENT_TYPES
from schemas.ledger import JournalEntry

WRITTEN = """INSERT INTO entry (entry_id, event_id, claim_id, encounter_id, remittance_id, occurred_at, sha256, segment)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
BOOKED = tuple(body_type for body_type in EVENT_TYPES.values() if "entry" in body_type.model_fields)


def _write(event: Event, body: Any) -> Iterator[Statement]:
    entry: JournalEntry | None = body.entry
    if entry is None:
        return
    sha256, segment = (entry.document.sha256, entry.document.segment) if entry.document else (None, None)
    # The entry of a deposit is none of its remittances': those move clearing by exactly BPR02.
    remittance_id = vars(body).get("remittance_id")
    about = (entry.claim_id, entry.encounter_id, remittance_id)
    yield WRITTEN, (entry.entry_id, event.event_id, *about, event.occurred_at.isoformat(), sha256, segment)


ENTRY = Projection(
    table="entry",
    keys=("entry_id",),
    ddl=(
        """CREATE TABLE IF NOT EXISTS entry (
        entry_id TEXT PRIMARY KEY, event_id TEXT NOT NULL, claim_id TEXT, encounter_id TEXT, remittance_id TEXT,
        occurred_at TEXT NOT NULL, sha256 TEXT, segment INTEGER)""",
        "CREATE INDEX IF NOT EXISTS entry_of_claim ON entry (claim_id)",
    ),
    rows=dict.fromkeys(BOOKED, _write),
)
