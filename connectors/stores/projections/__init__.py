"""Projections: each event as upserts of the tables that people read, a module a table.

Statements of different kinds commute (but for those in ORDERED), so that a batch may be grouped by statement, and
events of different steps may come in any order.
"""

from collections.abc import Iterator

from connectors.stores.projections.claim import CLAIM
from connectors.stores.projections.denial import DENIAL
from connectors.stores.projections.deposit import DEPOSIT
from connectors.stores.projections.encounter import ENCOUNTER
from connectors.stores.projections.entry import ENTRY
from connectors.stores.projections.entry_line import ENTRY_LINE
from connectors.stores.projections.patient_balance import PATIENT_BALANCE
from connectors.stores.projections.projection import Projection, Rows, Statement
from connectors.stores.projections.remittance import REMITTANCE
from connectors.stores.projections.statement import STATEMENT
from connectors.stores.projections.timeline import TIMELINE
from connectors.stores.projections.work_item import WORK_ITEM
from schemas.event import Body, Event
from schemas.events import EVENT_TYPES

PROJECTIONS: tuple[Projection, ...] = (
    *(ENCOUNTER, CLAIM, DENIAL, REMITTANCE, ENTRY, ENTRY_LINE, WORK_ITEM),
    # The timeline asks a work item what it is about: after all others.
    *(PATIENT_BALANCE, DEPOSIT, STATEMENT, TIMELINE),
)
ORDERED = frozenset(statement for projection in PROJECTIONS for statement in projection.ordered)
ROWS: dict[type[Body], tuple[Rows, ...]] = {
    body_type: tuple(projection.rows[body_type] for projection in PROJECTIONS if body_type in projection.rows)
    for body_type in EVENT_TYPES.values()
}


def project(event: Event) -> Iterator[Statement]:
    """The upserts that one event makes, each as (SQL, parameters)."""
    for rows in ROWS[type(event.body)]:
        yield from rows(event, event.body)
