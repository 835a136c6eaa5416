"""Commands about events that a step could not take: list, show, retry, drop."""

from typing import Annotated

import typer

from streams.actions.asides import (
    GivenBack,
    GivenBackReport,
    drop_set_aside,
    list_first_of_each_key,
    retry_set_aside,
)
from streams.cli.common import (
    DEFAULT_DATA,
    DataOption,
    JsonOption,
    KafkaAddress,
    RoleOption,
    StoreUrl,
    WhoOption,
    WhyOption,
    print_json,
    read_person,
)
from streams.installation import open_installation, open_to_ask
from streams.reports.asides import find_set_aside, report_aside, report_set_aside
from streams.terminal import console

aside_app = typer.Typer(no_args_is_help=True, help="What a step could not take, and again after the mend.")
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The work item's id, or its beginning.")]


@aside_app.command("list")
def list_aside(
    data: DataOption = DEFAULT_DATA, kafka: KafkaAddress = None, store: StoreUrl = None, as_json: JsonOption = False
) -> None:
    """Which step cannot take which event, where in the program, and how many wait behind it."""
    report = report_set_aside(open_to_ask(data, kafka=kafka, store=store))
    if as_json:
        print_json(report)
        return
    for row in report.set_aside:
        text = f"{row.id[:8]}  {row.step}: {row.type} {row.event_id}, {row.behind} behind it"
        console.say(f"{text}: {row.reason}")
    console.say(f"{len(report.set_aside)} events set aside; `aside retry ID` once the program is mended")


@aside_app.command("show")
def show_aside(
    wanted: IdArgument,
    data: DataOption = DEFAULT_DATA,
    kafka: KafkaAddress = None,
    store: StoreUrl = None,
    as_json: JsonOption = False,
) -> None:
    """One event that is set aside: where it came from and what is wrong. Its body may hold PHI and is not shown."""
    report = report_aside(open_to_ask(data, kafka=kafka, store=store), wanted)
    if as_json:
        print_json(report)
        return
    for name, value in report:
        console.say(f"{name:>12}  {value}")


@aside_app.command("retry")
def retry_aside(
    wanted: Annotated[str, typer.Argument(metavar="[ID]", help="The work item's id, or its beginning.")] = "",
    every: Annotated[bool, typer.Option("--all", help="Everything that is set aside.")] = False,
    data: DataOption = DEFAULT_DATA,
    kafka: KafkaAddress = None,
    store: StoreUrl = None,
    as_json: JsonOption = False,
) -> None:
    """Has the step take an event again, then what waited behind it. Safe to repeat.

    Exit status 1 when one still cannot be taken.
    """
    if bool(wanted) == every:
        raise typer.BadParameter("name one, or give --all")
    installation = open_installation(data, kafka=kafka, store=store)
    if every:
        results = [retry_set_aside(installation, noted) for noted in list_first_of_each_key(installation)]
    else:
        results = [retry_set_aside(installation, find_set_aside(installation, wanted))]
    _report(results, as_json)


@aside_app.command("drop")
def drop_aside(
    wanted: IdArgument,
    who: WhoOption = "",
    why: WhyOption = "",
    role: RoleOption = "",
    data: DataOption = DEFAULT_DATA,
    kafka: KafkaAddress = None,
    store: StoreUrl = None,
    as_json: JsonOption = False,
) -> None:
    """An event must never be taken: it stays in the log, and what waited behind it is taken.

    Exit status 1 when what waited cannot be taken either.
    """
    installation = open_installation(data, kafka=kafka, store=store)
    noted = find_set_aside(installation, wanted)
    _report([drop_set_aside(installation, noted, read_person(who, why, role))], as_json)


def _report(results: list[GivenBack], as_json: bool) -> None:
    if as_json:
        print_json(GivenBackReport(set_aside=tuple(results)))
    else:
        for result in results:
            still = f", {result.waiting} still wait: {result.reason}" if result.waiting else ""
            text = f"{result.item_id[:8]}  {result.step}: {result.taken} taken{still}"
            console.say(text)
    if any(result.waiting for result in results):
        raise typer.Exit(1)
