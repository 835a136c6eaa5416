"""`revcycle kpi`."""

from datetime import datetime
from typing import Annotated

import typer

from streams.cli.common import (
    DEFAULT_DATA,
    DataOption,
    JsonOption,
    ask_existing,
    print_json,
    read_clock,
)
from streams.cli.screens import make_table
from streams.reports.base import Json
from streams.reports.kpis import DAYS, find_latest_day, report_kpis
from streams.terminal import console


def kpi(
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The window's last day; else the latest event's."),
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=3660, help="The window's length.")] = DAYS,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Key figures with numerator, denominator, window and exclusions; by payer and by month."""
    installation = ask_existing(data)
    last_day = as_of.date() if as_of else find_latest_day(installation) or read_clock().date()
    report = report_kpis(installation, last_day, days)
    if as_json:
        print_json(report)
    else:
        show_kpis(report)


def show_kpis(report: Json) -> None:
    """The figures over all, then the rates of each payer and month."""
    window = report["window"]
    table = make_table(
        f"Key figures, {window['from']} through {window['through']}", "", "value", "numerator", "denominator",
        right=("value", "numerator", "denominator"),
    )  # fmt: skip
    for kpi in report["kpis"]:
        table.add_row(kpi["name"], _show_value(kpi, kpi["unit"]), str(kpi["numerator"]), str(kpi["denominator"]))
    console.print(table)
    units = {kpi["key"]: kpi["unit"] for kpi in report["kpis"]}
    shown = ("clean_claim_rate", "initial_denial_rate", "first_pass_yield", "net_collection_rate", "overturned_share")
    for by in ("payer", "month"):
        names = ("clean", "denied", "first pass", "collected", "overturned")
        rates = make_table(f"By {by}", by, *names, right=names)
        for row in report[f"by_{by}"]:
            found = {kpi["key"]: _show_value(kpi, units[kpi["key"]]) for kpi in row["kpis"]}
            rates.add_row(row[by], *(found.get(key, "") for key in shown))
        console.say()
        console.print(rates)


def _show_value(kpi: Json, unit: str) -> str:
    if kpi["value"] is None:
        return "-"
    return f"{kpi['value']} {'%' if unit == 'percent' else unit}"
