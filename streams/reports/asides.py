"""What steps could not take: each event that is set aside, and how many wait behind it."""

from collections.abc import Sequence

from schemas.errors import RefusedError
from schemas.store import SetAside
from streams.installation import Asked
from streams.reports.base import Instant, Report


class EventSetAside(Report):
    """An event that a step could not take; `reason` names the place in the program, never content."""

    id: str
    step: str
    topic: str
    type: str
    event_id: str
    reason: str
    behind: int


class AsidesReport(Report):
    """Everything that is set aside."""

    set_aside: tuple[EventSetAside, ...]


class AsideReport(EventSetAside):
    """One of them: where it came from, and how much it holds. The content may be PHI and is not shown."""

    occurred_at: Instant
    caused_by: str | None
    bytes: int


def report_set_aside(installation: Asked) -> AsidesReport:
    """Each event that a step could not take, with how many wait behind it, and why; no content."""
    keys = group_by_key(installation.store.list_set_aside()).values()
    return AsidesReport(set_aside=tuple(_describe(row, rows) for rows in keys for row in _find_heads(rows)))


def report_aside(installation: Asked, wanted: str) -> AsideReport:
    """One event that is set aside, by its work item's id. Raises RefusedError."""
    noted = find_set_aside(installation, wanted)
    record = installation.store.find_record(noted.event_id)
    assert record is not None
    behind = group_by_key(installation.store.list_set_aside())[noted.step, noted.key]
    return AsideReport(
        **dict(_describe(noted, behind)),
        occurred_at=record.occurred_at,
        caused_by=record.causation_id,
        bytes=len(record.body),
    )


def find_set_aside(installation: Asked, wanted: str) -> SetAside:
    """The one whose work item has this id, or begins so. Raises RefusedError."""
    heads = [row for rows in group_by_key(installation.store.list_set_aside()).values() for row in _find_heads(rows)]
    found = [row for row in heads if row.item_id.startswith(wanted)]
    if len(found) != 1:
        many = "more than one event that is set aside begins" if found else "nothing that is set aside begins"
        raise RefusedError(f"{many} with the id {wanted[:40]}: `revcycle aside list` shows them")
    return found[0]


def group_by_key(waiting: Sequence[SetAside]) -> dict[tuple[str, str], list[SetAside]]:
    """What waits under each key of each step, in the order in which it is to be taken."""
    keys: dict[tuple[str, str], list[SetAside]] = {}
    for row in waiting:
        keys.setdefault((row.step, row.key), []).append(row)
    return keys


def _find_heads(rows: Sequence[SetAside]) -> list[SetAside]:
    """Of one key, what could not be taken, and the first: where a retry died behind that, the rest still waits."""
    return [row for place, row in enumerate(rows) if row.reason or place == 0]


def _describe(row: SetAside, rows: Sequence[SetAside]) -> EventSetAside:
    return EventSetAside(
        id=row.item_id,
        step=row.step,
        topic=row.topic,
        type=row.type,
        event_id=row.event_id,
        reason=row.reason or "what stood before it is taken or dropped; giving back was broken off here",
        behind=len(rows) - len(_find_heads(rows)),
    )
