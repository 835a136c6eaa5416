"""The work list: what is open, and what people do with it.

An action is checked against the item as it stands and published as an event; two people who act in the same moment
both stand in the item's story, and the later one decides.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from schemas.errors import RefusedError
from schemas.event import publish_at_edge
from schemas.events import (
    WorkItemAction,
    WorkItemNoted,
    WorkItemReopened,
    WorkItemResolved,
    WorkItemTaken,
)
from schemas.identifiers import PATIENT_CONTROL_NUMBER, claim_id_of
from schemas.person import fold_name
from streams.acts import make_act, take_act
from streams.installation import Opened
from streams.publishing import mint_action_id
from streams.reports import Json, describe_record, money, select_records

ACTIONS: dict[str, type[WorkItemAction]] = {
    "take": WorkItemTaken,
    "note": WorkItemNoted,
    "resolve": WorkItemResolved,
    "reopen": WorkItemReopened,
}
COLUMNS = (
    "item_id, queue, owner, priority, claim_id, encounter_id, reason, category, next_action, deadline, amount_cents, "
    "opened_by, remittance_id, state, assignee, resolution, opened_at, root_cause, edits, appeal_level, appeal_name"
)


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


def report_worklist(installation: Opened, wanted: WorkFilter = WorkFilter()) -> Json:
    """Open items (or closed ones) by priority, deadline and queue."""
    where, parameters = _condition(wanted)
    rows = installation.store.connection.execute(
        f"SELECT {COLUMNS} FROM work_item WHERE {where} ORDER BY priority, deadline IS NULL, deadline, queue, item_id",
        parameters,
    )
    return {"items": [_describe_item(row) for row in rows]}


def _condition(wanted: WorkFilter) -> tuple[str, list[str]]:
    conditions, parameters = ["state = ?"], ["closed" if wanted.closed else "open"]
    for column, value in (("queue", wanted.queue), ("owner", wanted.owner), ("assignee", wanted.assignee)):
        if value is not None:
            conditions.append(f"{column} = ?")
            parameters.append(value)
    if wanted.claim is not None:
        ours = PATIENT_CONTROL_NUMBER.fullmatch(wanted.claim)
        claim_id = claim_id_of(wanted.claim) if ours else wanted.claim
        conditions.append("(claim_id = ? OR encounter_id = ?)")
        parameters += [claim_id, wanted.claim]
    if wanted.reason is not None:
        conditions.append("(lower(reason) LIKE ? OR lower(category) LIKE ?)")
        parameters += [f"%{wanted.reason.lower()}%"] * 2
    if wanted.overdue_on is not None:
        conditions.append("deadline < ?")
        parameters.append(wanted.overdue_on.isoformat())
    return " AND ".join(conditions), parameters


def _describe_item(row: tuple[Any, ...]) -> Json:
    return {
        "id": row[0],
        "queue": row[1],
        "owner": row[2],
        "priority": row[3],
        "claim_id": row[4],
        "encounter_id": row[5],
        "reason": row[6],
        "category": row[7],
        "next_action": row[8],
        "deadline": row[9],
        "amount": None if row[10] is None else money(row[10]),
        "opened_by": row[11],
        "remittance_id": row[12],
        "state": row[13],
        "assignee": row[14] or None,
        "resolution": row[15] or None,
        "opened_at": row[16],
        "root_cause": row[17],
        "edits": row[18].split(),
        "appeal_level": row[19],
        "appeal_name": row[20],
    }


def find_item(installation: Opened, wanted: str) -> Json:
    """One item by its id, or by the beginning of it that only one item has. Raises RefusedError."""
    if len(wanted) < 4 or not all(character in "0123456789abcdef-" for character in wanted):
        raise RefusedError(f"'{wanted[:40]}' is no work item id: give one as `revcycle worklist` shows it")
    rows = installation.store.connection.execute(
        f"SELECT {COLUMNS} FROM work_item WHERE item_id LIKE ? ORDER BY item_id LIMIT 2", (f"{wanted}%",)
    ).fetchall()
    if not rows:
        raise RefusedError(f"no work item has the id {wanted}: `revcycle worklist` shows the ids of open ones")
    if len(rows) > 1:
        raise RefusedError(f"several work items begin with {wanted}: give more of the id")
    return _describe_item(rows[0])


def report_item(installation: Opened, wanted: str) -> Json:
    """One item with everything that happened to it, in order. Raises RefusedError."""
    item = find_item(installation, wanted)
    return {**item, "history": [describe_record(record) for record in select_records(installation, [item["id"]])]}


def act_on_item(installation: Opened, action: str, wanted: str, who: str, why: str, now: datetime) -> Json:
    """Publishes one action of a person, runs the pipeline, and returns the item as it stands then.

    Raises RefusedError where there is no such item, or it cannot take the action.
    """
    item = find_item(installation, wanted)
    refusal = _refuse(item, action, who, why)
    if refusal:
        raise RefusedError(f"work item {item['id'][:8]} {refusal}")
    body = make_act(
        ACTIONS[action],
        action_id=mint_action_id(),
        item_id=item["id"],
        account_key=key_of_item(installation, item),
        claim_id=item["claim_id"],
        who=who,
        why=why,
    )
    correlation_id = item["encounter_id"] or item["id"]
    take_act(installation, publish_at_edge(body, body.key, now, correlation_id), "work")
    return find_item(installation, item["id"])


def _refuse(item: Json, action: str, who: str, why: str) -> str | None:
    """Why the item cannot take this action, or None."""
    if not who:
        return "was not changed: say who you are"
    if action in ("note", "resolve", "reopen") and not why:
        return f"was not changed: to {action} it, say why"
    if action == "reopen" and item["state"] == "open":
        return "is open already"
    if action in ("take", "resolve") and item["state"] == "closed":
        return f"is closed ({item['resolution']}): reopen it first, and say why"
    if action == "take" and item["assignee"] and fold_name(item["assignee"]) == fold_name(who):
        return f"is {who}'s already"
    if action == "take" and item["assignee"] and not why:
        return f"is {item['assignee']}'s: to take it over, say why"
    return None


def key_of_item(installation: Opened, item: Json) -> str:
    """An action has the key of the event that opened the item, so that they keep their order."""
    query = "SELECT key FROM event WHERE event_id = ?"
    return str(installation.store.connection.execute(query, (item["opened_by"],)).fetchone()[0])
