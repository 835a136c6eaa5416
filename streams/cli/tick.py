"""`revcycle tick`: what day it is."""

from datetime import datetime
from typing import Annotated

import typer

from schemas.errors import RefusedError
from streams.actions.clock import TickReport, set_back
from streams.cli.common import (
    DEFAULT_DATA,
    DataOption,
    JsonOption,
    RoleOption,
    WhoOption,
    WhyOption,
    open_existing,
    print_json,
    read_clock,
    read_person,
)
from streams.edge.clock import LEAP_DAYS_MAX, find_leap, publish_tick, read_clock_of
from streams.reports.status import count_open_work
from streams.terminal import console


def tick(
    day: Annotated[datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="Today without it.")] = None,
    force: Annotated[bool, typer.Option("--force", help=f"Even more than {LEAP_DAYS_MAX} days ahead.")] = False,
    back_to: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Sets a clock back that is too far ahead.")
    ] = None,
    who: WhoOption = "",
    why: WhyOption = "",
    role: RoleOption = "",
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Tells the installation what day it is: silence becomes work, unpaid claims are asked for. `run` does it daily."""
    installation = open_existing(data)
    store, publish, partitions = installation.store, installation.publish, installation.engine.partitions
    business_date = (back_to or day or read_clock()).date()
    before = count_open_work(installation).open
    if back_to:
        set_back(installation, business_date, read_person(who, why, role))
    else:
        leap = find_leap(read_clock_of(store), business_date, read_clock().date() if day else None)
        if leap and not force:
            raise RefusedError(leap)
        publish_tick(store, publish, business_date, partitions)
    installation.engine.run_until_quiet()
    after = count_open_work(installation).open
    if as_json:
        print_json(TickReport(date=business_date, open_before=before, open_after=after))
    else:
        console.say(f"{business_date}: {before} open work items before, {after} after; see `revcycle worklist`")
