"""Under which ids people ask for an event: encounter, claim, remittance, work item."""

from collections.abc import Iterator

from connectors.stores.projections.projection import Projection, Statement
from schemas.event import Body, Event
from schemas.events import EVENT_TYPES, WorkItemAction, WorkItemClosed

ABOUT = "INSERT INTO timeline (subject, event_id) VALUES (?, ?) ON CONFLICT DO NOTHING"
# What happens to an item belongs to the story of what the item is about.
ABOUT_ITEM = """INSERT INTO timeline (subject, event_id)
    SELECT claim_id, ? FROM work_item WHERE item_id = ? AND claim_id IS NOT NULL UNION
    SELECT encounter_id, ? FROM work_item WHERE item_id = ? AND encounter_id IS NOT NULL ON CONFLICT DO NOTHING"""


def _tell(event: Event, body: Body) -> Iterator[Statement]:
    for subject in body.subjects():
        yield ABOUT, (subject, event.event_id)


def _tell_of_item(event: Event, body: WorkItemClosed | WorkItemAction) -> Iterator[Statement]:
    yield ABOUT_ITEM, (event.event_id, body.item_id) * 2
    yield from _tell(event, body)


TIMELINE = Projection(
    table="timeline",
    keys=("subject", "event_id"),
    ddl=(
        """CREATE TABLE IF NOT EXISTS timeline (
        subject TEXT NOT NULL, event_id TEXT NOT NULL, PRIMARY KEY (subject, event_id))""",
    ),
    rows={
        body_type: _tell_of_item if issubclass(body_type, WorkItemClosed | WorkItemAction) else _tell
        for body_type in EVENT_TYPES.values()
    },
    ordered=frozenset({ABOUT_ITEM}),
)
