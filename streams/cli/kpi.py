"""`revcycle kpi`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
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
from streams.reports.kpis import DAYS, Figure, KpiReport, find_latest_day, report_kpis
from streams.terminal import console

# The figures of payers and months, with what stands over their columns.
RATES = {
    "clean_claim_rate": "clean",
    "initial_denial_rate": "denied",
    "first_pass_yield": "first pass",
    "net_collection_rate": "collected",
    "overturned_share": "overturned",
}


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


def show_kpis(report: KpiReport) -> None:
    """The figures over all, then the rates of each payer and month."""
    window = report.window
    table = make_table(
        f"Key figures, {window.start} through {window.through}", "", "value", "numerator", "denominator",
        right=("value", "numerator", "denominator"),
    )  # fmt: skip
    for kpi in report.kpis:
        table.add_row(kpi.name, _show_value(kpi.value, kpi.unit), str(kpi.numerator), str(kpi.denominator))
    console.print(table)
    units = {kpi.key: kpi.unit for kpi in report.kpis}
    _show_rates("payer", {row.payer: row.kpis for row in report.by_payer}, units)
    _show_rates("month", {row.month: row.kpis for row in report.by_month}, units)


def _show_rates(by: str, rows: Mapping[str, Sequence[Figure]], units: Mapping[str, str]) -> None:
    rates = make_table(f"By {by}", by, *RATES.values(), right=tuple(RATES.values()))
    for name, kpis in rows.items():
        found = {kpi.key: _show_value(kpi.value, units[kpi.key]) for kpi in kpis}
        rates.add_row(name, *(found.get(key, "") for key in RATES))
    console.say()
    console.print(rates)


def _show_value(value: Decimal | None, unit: str) -> str:
    if value is None:
        return "-"
    return f"{value} {'%' if unit == 'percent' else unit}"
