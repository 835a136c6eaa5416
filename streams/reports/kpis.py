"""Key figures of the revenue cycle, each with its numerator, denominator, window and what it leaves out."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from pydantic import Field

from connectors.stores.kpi_queries import KPI_QUERIES, KpiQuery, write_query
from schemas.money import Sum
from streams.installation import Asked
from streams.reports.base import Report, money

DAYS = 90


class Figure(Report):
    """Two sums, in dollars or counts, and what they come to in the unit of the key figure; none of nothing."""

    key: str
    numerator: int | Sum
    denominator: int | Sum
    value: Decimal | None


class KeyFigure(Report):
    """A figure over all, with what it counts and what it leaves out."""

    key: str
    name: str
    unit: Literal["days", "percent"]
    numerator: int | Sum
    denominator: int | Sum
    value: Decimal | None
    window: str
    exclusions: str


class Window(Report):
    """The days that count, both included."""

    start: date = Field(alias="from")
    through: date
    days: int


class PayerFigures(Report):
    """The figures of one payer."""

    payer: str
    kpis: tuple[Figure, ...]


class MonthFigures(Report):
    """The figures of one month, `2026-01`; a balance is of one day and has no month."""

    month: str
    kpis: tuple[Figure, ...]


class KpiReport(Report):
    """Every key figure of a window: over all, by payer, by month."""

    as_of: date
    window: Window
    kpis: tuple[KeyFigure, ...]
    by_payer: tuple[PayerFigures, ...]
    by_month: tuple[MonthFigures, ...]


def find_latest_day(installation: Asked) -> date | None:
    """The day of the latest event: what figures are of when nobody names a day."""
    (latest,) = installation.store.connection.execute("SELECT max(occurred_at) FROM event").fetchone()
    return date.fromisoformat(latest[:10]) if latest else None


def report_kpis(installation: Asked, as_of: date, days: int = DAYS) -> KpiReport:
    """Every figure for the window of `days` that ends with `as_of`: over all, by payer, by month."""
    start = as_of - timedelta(days=days - 1)
    payers = _group(installation, "payer", as_of, days)
    months = _group(installation, "month", as_of, days)
    return KpiReport(
        as_of=as_of,
        window=Window(start=start, through=as_of, days=days),
        kpis=tuple(_make_key_figure(installation, query, start, as_of, days) for query in KPI_QUERIES),
        by_payer=tuple(PayerFigures(payer=name, kpis=tuple(payers[name])) for name in sorted(payers)),
        by_month=tuple(MonthFigures(month=name, kpis=tuple(months[name])) for name in sorted(months)),
    )


def _make_key_figure(installation: Asked, query: KpiQuery, start: date, as_of: date, days: int) -> KeyFigure:
    figure = _make_figure(query, _sum(installation, query, "all", as_of, days).get("all", (0, 0)), days)
    return KeyFigure(
        **dict(figure),
        name=query.name,
        unit=query.unit,
        window=f"as of {as_of}" if query.is_balance else f"{start} through {as_of}",
        exclusions=query.exclusions,
    )


def _group(installation: Asked, by: str, as_of: date, days: int) -> dict[str, list[Figure]]:
    """For each payer or month the figures that know it."""
    rows: dict[str, list[Figure]] = {}
    for query in KPI_QUERIES:
        if by == "month" and query.is_balance:
            continue
        for name, sums in _sum(installation, query, by, as_of, days).items():
            rows.setdefault(name, []).append(_make_figure(query, sums, days))
    return rows


def _sum(installation: Asked, query: KpiQuery, by: str, as_of: date, days: int) -> dict[str, tuple[int, int]]:
    rows = installation.store.connection.execute(write_query(query, by, as_of, days))
    # Money of no claim has no payer: it counts over all and in no row.
    return {str(name): (int(above or 0), int(below or 0)) for name, above, below in rows if name}


def _make_figure(query: KpiQuery, sums: tuple[int, int], days: int) -> Figure:
    above, below = map(Decimal, sums)
    if query.key == "days_in_ar":
        below = (below / days).quantize(Decimal(1))  # the average day, in cents
    factor = 100 if query.unit == "percent" else 1
    show = money if query.amounts else int
    return Figure(
        key=query.key,
        numerator=show(int(above)),
        denominator=show(int(below)),
        value=None if not below else (above * factor / below).quantize(Decimal("0.01")),
    )
