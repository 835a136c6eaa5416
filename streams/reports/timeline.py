"""The timeline of a claim or an encounter: each event as people read it."""

from collections.abc import Iterator, Sequence

from connectors.stores.common import RECORD_COLUMNS
from schemas import events as e
from schemas.event import Body
from schemas.findings import Finding
from schemas.ledger import DocumentPlace, JournalEntry
from schemas.store import Record
from schemas.wire import decode_record
from streams.installation import Asked
from streams.reports.base import Instant, PhiWords, Report


class TimelineEvent(Report):
    """One event as people read it; `words` are what people said about an encounter."""

    at: Instant
    type: str
    event_id: str
    caused_by: str | None
    summary: PhiWords  # a person's reason stands in it, and may name the patient
    findings: tuple[Finding, ...]
    uncoded: tuple[e.UncodedItem, ...]
    words: tuple[PhiWords, ...]
    document: DocumentPlace | None


def select_records(installation: Asked, subjects: Sequence[str]) -> Iterator[Record]:
    """The events of these subjects (encounter, claim, remittance, work item), in the order of the log."""
    marks = ",".join("?" * len(subjects))
    rows = installation.store.connection.execute(
        f"SELECT {RECORD_COLUMNS} FROM event WHERE event_id IN "
        f"(SELECT event_id FROM timeline WHERE subject IN ({marks})) ORDER BY sequence",
        subjects,
    )
    yield from (Record(*row) for row in rows)


def describe_record(record: Record) -> TimelineEvent:
    """One event as a timeline shows it."""
    event = decode_record(record)
    return TimelineEvent(
        at=record.occurred_at,
        type=record.type,
        event_id=record.event_id,
        caused_by=record.causation_id,
        summary=event.body.describe(),
        findings=getattr(event.body, "findings", ()),
        # What a coder has to code, in the words of the record.
        uncoded=event.body.uncoded if isinstance(event.body, e.EncounterHeld) else (),
        words=_list_words(event.body),
        document=_place_of(event.body),
    )


def list_timeline(installation: Asked, subjects: Sequence[str]) -> tuple[TimelineEvent, ...]:
    """The events of these subjects as a timeline shows them."""
    return tuple(describe_record(record) for record in select_records(installation, subjects))


def _list_words(body: Body) -> tuple[str, ...]:
    match body:
        case e.EncounterCorrected() | e.OverrideRequested():
            return (body.why,)
        case e.ProviderQueried():
            return (body.question,)
        case e.ProviderAnswered():
            return (body.answer,)
    return ()


def _place_of(body: Body) -> DocumentPlace | None:
    """The document behind an event, at the segment that says it."""
    place: DocumentPlace | None = getattr(body, "document", None)
    if isinstance(body, e.ClaimRemitted):
        return DocumentPlace(sha256=body.document.sha256, segment=body.claim.segment_index)
    entry = getattr(body, "entry", None)
    return place or (entry.document if isinstance(entry, JournalEntry) else None)
