"""`revcycle tick --back-to`: a person sets a clock back that stands too far ahead."""

from datetime import date

from connectors.stores.common import SqlStore
from schemas.errors import RefusedError
from schemas.event import publish_at_edge
from schemas.events import ClockSetBack
from schemas.identifiers import make_id
from schemas.roles import By
from streams.actions.door import identify_person
from streams.edge.clock import read_clock_of, require_day
from streams.engine.publish import Publish
from streams.installation import Opened
from streams.reports.base import Report


class TickReport(Report):
    """The day that an installation was told, and how much work is open before and after."""

    date: date
    open_before: int
    open_after: int


def set_back(installation: Opened, business_date: date, by: By) -> None:
    """Sets a clock back, and runs the steps. Raises RefusedError."""
    person = identify_person(installation, "set_clock_back", by)
    publish_set_back(installation.store, installation.publish, business_date, person, installation.engine.partitions)
    installation.engine.run_until_quiet()


def publish_set_back(store: SqlStore, publish: Publish, business_date: date, person: By, partitions: int = 1) -> None:
    """Says that the days after `business_date` tick anew, to each partition. Raises RefusedError."""
    require_day(business_date)
    clock = read_clock_of(store)
    if clock.stands_at is None or business_date >= clock.stands_at:
        raise RefusedError(f"the clock stands at {clock.stands_at or 'no day yet'}: --back-to names a day before it")
    told = [
        ClockSetBack(
            action_id=make_id("back", business_date.isoformat(), clock.stands_at.isoformat(), clock.setting + 1),
            who=person.who,
            why=person.why,
            role=person.role,
            business_date=business_date,
            stood_at=clock.stands_at,
            partition=partition,
            partitions=partitions,
            setting=clock.setting + 1,
        )
        for partition in range(partitions)
    ]
    publish([publish_at_edge(body, body.key, person.at, body.key) for body in told], "clock")
