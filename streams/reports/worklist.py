"""The work list: what is open, what was done, and one item's story."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from schemas.money import Sum
from streams.installation import Asked
from streams.reports.base import Instant, Report, money
from streams.reports.lookup import Found, find
from streams.reports.timeline import TimelineEvent, list_timeline

COLUMNS = (
    "item_id, queue, owner, priority, claim_id, encounter_id, reason, category, next_action, deadline, amount_cents, "
    "opened_by, remittance_id, state, assignee, resolution, opened_at, root_cause, edits, appeal_level, appeal_name"
)


class WorkItem(Report):
    """Something that somebody has to do, or had; `edits` are those of ours that look for what caused it."""

    id: str
    queue: str
    owner: str
    priority: Annotated[int, Field(ge=1, le=9)]  # 1 first
    claim_id: str | None
    encounter_id: str | None
    reason: str
    category: str
    next_action: str
    deadline: date | None
    amount: Sum | None
    opened_by: str
    remittance_id: str | None
    state: Literal["open", "closed"]
    assignee: str | None
    resolution: str | None
    opened_at: Instant
    root_cause: str
    edits: tuple[str, ...]
    appeal_level: int
    appeal_name: str


class ItemStory(WorkItem):
    """A work item with everything that happened to it, in order."""

    history: tuple[TimelineEvent, ...]


class WorklistReport(Report):
    """Work items by priority, deadline and queue."""

    items: tuple[WorkItem, ...]


@dataclass(frozen=True, slots=True)
class WorkFilter:
    """What a person wants to see; None is everything. `claim` is a claim, control number or encounter."""

    queue: str | None = None
    owner: str | None = None
    claim: str | None = None
    reason: str | None = None  # any part of the reason or category
    assignee: str | None = None  # "" for what nobody has taken
    overdue_on: date | None = None  # only what had its deadline before this day
    closed: bool = False


def report_worklist(installation: Asked, wanted: WorkFilter = WorkFilter()) -> WorklistReport:
    """Open items (or closed ones) by priority, deadline and queue. Raises RefusedError for a claim that is none."""
    claim = find(installation, wanted.claim, "claim", "encounter") if wanted.claim is not None else None
    where, parameters = _condition(wanted, claim)
    rows = installation.store.connection.execute(
        f"SELECT {COLUMNS} FROM work_item WHERE {where} ORDER BY priority, deadline IS NULL, deadline, queue, item_id",
        parameters,
    )
    return WorklistReport(items=tuple(_make_item(row) for row in rows))


def _condition(wanted: WorkFilter, claim: Found | None) -> tuple[str, list[str]]:
    conditions, parameters = ["state = ?"], ["closed" if wanted.closed else "open"]
    for column, value in (("queue", wanted.queue), ("owner", wanted.owner), ("assignee", wanted.assignee)):
        if value is not None:
            conditions.append(f"{column} = ?")
            parameters.append(value)
    if claim is not None:
        conditions.append("claim_id = ?" if claim.kind == "claim" else "encounter_id = ?")
        parameters.append(claim.id)
    if wanted.reason is not None:
        pattern = re.sub(r"([\\%_])", r"\\\1", wanted.reason.lower())
        conditions.append("(lower(reason) LIKE ? ESCAPE '\\' OR lower(category) LIKE ? ESCAPE '\\')")
        parameters += [f"%{pattern}%"] * 2
    if wanted.overdue_on is not None:
        conditions.append("deadline < ?")
        parameters.append(wanted.overdue_on.isoformat())
    return " AND ".join(conditions), parameters


def _make_item(row: tuple[Any, ...]) -> WorkItem:
    return WorkItem(
        id=row[0],
        queue=row[1],
        owner=row[2],
        priority=row[3],
        claim_id=row[4],
        encounter_id=row[5],
        reason=row[6],
        category=row[7],
        next_action=row[8],
        deadline=date.fromisoformat(row[9]) if row[9] else None,
        amount=None if row[10] is None else money(row[10]),
        opened_by=row[11],
        remittance_id=row[12],
        state=row[13],
        assignee=row[14] or None,
        resolution=row[15] or None,
        opened_at=row[16],
        root_cause=row[17],
        edits=tuple(row[18].split()),
        appeal_level=row[19],
        appeal_name=row[20],
    )


def find_item(installation: Asked, wanted: str) -> WorkItem:
    """One item by its id, or by the beginning of it that only one item has. Raises RefusedError."""
    item_id = find(installation, wanted, "work item").id
    query = f"SELECT {COLUMNS} FROM work_item WHERE item_id = ?"
    return _make_item(installation.store.connection.execute(query, (item_id,)).fetchone())


def report_item(installation: Asked, wanted: str) -> ItemStory:
    """One item with everything that happened to it, in order. Raises RefusedError."""
    item = find_item(installation, wanted)
    return ItemStory(**dict(item), history=list_timeline(installation, [item.id]))
