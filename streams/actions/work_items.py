"""`revcycle work take|note|resolve|reopen`: an action is checked against the item as it stands, and is an event.

Two people who act in the same moment both stand in the item's story, and the later one decides.
"""

from schemas.errors import RefusedError
from schemas.events import WorkItemAction, WorkItemNoted, WorkItemReopened, WorkItemResolved, WorkItemTaken
from schemas.person import fold_name
from schemas.roles import By
from streams.actions.door import begin, require_done
from streams.installation import Opened
from streams.reports.worklist import WorkItem, find_item

ACTIONS: dict[str, type[WorkItemAction]] = {
    "take": WorkItemTaken,
    "note": WorkItemNoted,
    "resolve": WorkItemResolved,
    "reopen": WorkItemReopened,
}


def act_on_item(installation: Opened, action: str, wanted: str, by: By) -> WorkItem:
    """Publishes one action of a person, runs the pipeline, and returns the item as it stands then.

    Raises RefusedError where there is no such item, or it cannot take the action.
    """
    item = find_item(installation, wanted)
    begun = begin(installation, ACTIONS[action], by, item.id)
    if done := begun.find_done():
        require_done(done)
        return find_item(installation, item.id)
    if refusal := _refuse(item, action, begun.by):
        raise RefusedError(f"work item {item.id[:8]} {refusal}")
    begun.finish(
        item.encounter_id or item.id,
        item_id=item.id,
        account_key=key_of_item(installation, item),
        claim_id=item.claim_id,
    )
    return find_item(installation, item.id)


def _refuse(item: WorkItem, action: str, by: By) -> str | None:
    """Why the item cannot take this action, or None."""
    if action == "reopen" and item.state == "open":
        return "is open already"
    if action in ("take", "resolve") and item.state == "closed":
        return f"is closed ({item.resolution}): reopen it first, and say why"
    if action == "take" and item.assignee and fold_name(item.assignee) == fold_name(by.who):
        return f"is {by.who}'s already"
    if action == "take" and item.assignee and not by.why:
        return f"is {item.assignee}'s: to take it over, say why"
    return None


def key_of_item(installation: Opened, item: WorkItem) -> str:
    """An action has the key of the event that opened the item, so that they keep their order."""
    query = "SELECT key FROM event WHERE event_id = ?"
    return str(installation.store.connection.execute(query, (item.opened_by,)).fetchone()[0])
