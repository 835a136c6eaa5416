"""Work items: what somebody has to do, whose it is, and how it ended."""

from collections.abc import Iterator

from connectors.stores.projections.projection import Projection, Statement
from schemas.event import Event
from schemas.events import WorkItemClosed, WorkItemOpened, WorkItemReopened, WorkItemResolved, WorkItemTaken
from schemas.money import to_cents

OPENED = """INSERT INTO work_item (item_id, queue, owner, priority, reason, category, claim_id, encounter_id,
    remittance_id, next_action, deadline, amount_cents, opened_by, opened_at, root_cause, edits,
    appeal_level, appeal_name, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open')
    ON CONFLICT (item_id) DO UPDATE SET state = 'open', queue = excluded.queue, owner = excluded.owner,
    priority = excluded.priority, reason = excluded.reason, category = excluded.category,
    next_action = excluded.next_action, deadline = excluded.deadline, amount_cents = excluded.amount_cents,
    opened_by = excluded.opened_by, root_cause = excluded.root_cause, edits = excluded.edits,
    appeal_level = excluded.appeal_level, appeal_name = excluded.appeal_name,
    opened_at = CASE WHEN work_item.state = 'open' THEN work_item.opened_at ELSE excluded.opened_at END"""
CLOSED = "UPDATE work_item SET state = 'closed', resolution = ? WHERE item_id = ?"
REOPENED = "UPDATE work_item SET state = 'open', resolution = '' WHERE item_id = ?"
TAKEN = "UPDATE work_item SET assignee = ? WHERE item_id = ?"


def _open(event: Event, body: WorkItemOpened) -> Iterator[Statement]:
    deadline = body.deadline.isoformat() if body.deadline else None
    amount = None if body.amount is None else to_cents(body.amount)
    place = (body.claim_id, body.encounter_id, body.remittance_id)
    what = (body.queue, body.owner, body.priority, body.reason, body.category)
    opened = (event.event_id, event.occurred_at.isoformat())
    about = (body.root_cause, " ".join(body.edits), body.appeal_level, body.appeal_name)
    yield OPENED, (body.item_id, *what, *place, body.next_action, deadline, amount, *opened, *about)


def _close(_event: Event, body: WorkItemClosed) -> Iterator[Statement]:
    yield CLOSED, (body.reason, body.item_id)


def _resolve(_event: Event, body: WorkItemResolved) -> Iterator[Statement]:
    yield CLOSED, (f"resolved by {body.who}", body.item_id)


def _reopen(_event: Event, body: WorkItemReopened) -> Iterator[Statement]:
    yield REOPENED, (body.item_id,)


def _take(_event: Event, body: WorkItemTaken) -> Iterator[Statement]:
    yield TAKEN, (body.who, body.item_id)


WORK_ITEM = Projection(
    table="work_item",
    keys=("item_id",),
    ddl=(
        """CREATE TABLE IF NOT EXISTS work_item (
        item_id TEXT PRIMARY KEY, queue TEXT NOT NULL, owner TEXT NOT NULL, priority INTEGER NOT NULL,
        reason TEXT NOT NULL, category TEXT NOT NULL, claim_id TEXT, encounter_id TEXT, remittance_id TEXT,
        next_action TEXT NOT NULL, deadline TEXT, amount_cents BIGINT, opened_by TEXT NOT NULL,
        opened_at TEXT NOT NULL, state TEXT NOT NULL, assignee TEXT NOT NULL DEFAULT '',
        resolution TEXT NOT NULL DEFAULT '', root_cause TEXT NOT NULL DEFAULT '', edits TEXT NOT NULL DEFAULT '',
        appeal_level INTEGER NOT NULL DEFAULT 0, appeal_name TEXT NOT NULL DEFAULT '')""",
    ),
    rows={
        WorkItemOpened: _open,
        WorkItemClosed: _close,
        WorkItemResolved: _resolve,
        WorkItemReopened: _reopen,
        WorkItemTaken: _take,
    },
    ordered=frozenset({OPENED, CLOSED, REOPENED, TAKEN}),
)
