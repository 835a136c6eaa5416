"""The timeline of a claim or an encounter: each event as people read it."""

from collections.abc import Iterator, Sequence
from typing import Any

from connectors.stores.common import RECORD_COLUMNS
from schemas import events as e
from schemas.event import Body
from schemas.findings import Finding
from schemas.ledger import DocumentPlace, JournalEntry
from schemas.store import Record
from schemas.wire import decode_record
from streams.installation import Asked


def select_records(installation: Asked, subjects: Sequence[str]) -> Iterator[Record]:
    """The events of these subjects (encounter, claim, remittance, work item), in the order of the log."""
    marks = ",".join("?" * len(subjects))
    rows = installation.store.connection.execute(
        f"SELECT {RECORD_COLUMNS} FROM event WHERE event_id IN "
        f"(SELECT event_id FROM timeline WHERE subject IN ({marks})) ORDER BY sequence",
        subjects,
    )
    yield from (Record(*row) for row in rows)


def describe_record(record: Record) -> dict[str, Any]:
    """One event as a timeline shows it."""
    event = decode_record(record)
    place = _place_of(event.body)
    return {
        "at": record.occurred_at,
        "type": record.type,
        "event_id": record.event_id,
        "caused_by": record.causation_id,
        "summary": event.body.describe(),
        "findings": _list_findings(event.body),
        "uncoded": _list_uncoded(event.body),
        "words": _list_words(event.body),
        "document": {"sha256": place.sha256, "segment": place.segment} if place else None,
    }


def _list_words(body: Body) -> list[str]:
    """What people said about an encounter: reasons, questions, answers (PHI)."""
    match body:
        case e.EncounterCorrected() | e.OverrideRequested():
            return [body.why]
        case e.ProviderQueried():
            return [body.question]
        case e.ProviderAnswered():
            return [body.answer]
    return []


def _list_findings(body: Body) -> list[dict[str, Any]]:
    """The findings that an event carries, in the contract's form."""
    findings: tuple[Finding, ...] = getattr(body, "findings", ())
    return [finding.model_dump() for finding in findings]


def _list_uncoded(body: Body) -> list[dict[str, Any]]:
    """What a coder has to code, in the words of the record (PHI)."""
    return [item.model_dump() for item in body.uncoded] if isinstance(body, e.EncounterHeld) else []


def _place_of(body: Body) -> DocumentPlace | None:
    """The document behind an event, at the segment that says it."""
    place: DocumentPlace | None = getattr(body, "document", None)
    if isinstance(body, e.ClaimRemitted):
        return DocumentPlace(sha256=body.document.sha256, segment=body.claim.segment_index)
    entry = getattr(body, "entry", None)
    return place or (entry.document if isinstance(entry, JournalEntry) else None)
