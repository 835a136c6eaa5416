"""Key figures of the revenue cycle, each with its numerator, denominator, window and what it leaves out."""

from datetime import date, timedelta
from decimal import Decimal

from connectors.stores.kpi_queries import KPI_QUERIES, KpiQuery, write_query
from schemas.money import format_money, from_cents
from streams.installation import Asked
from streams.reports.base import Json

DAYS = 90


def find_latest_day(installation: Asked) -> date | None:
    """The day of the latest event: what figures are of when nobody names a day."""
    (latest,) = installation.store.connection.execute("SELECT max(occurred_at) FROM event").fetchone()
    return date.fromisoformat(latest[:10]) if latest else None


def report_kpis(installation: Asked, as_of: date, days: int = DAYS) -> Json:
    """Every figure for the window of `days` that ends with `as_of`: over all, by payer, by month."""
    start = as_of - timedelta(days=days - 1)
    return {
        "as_of": as_of.isoformat(),
        "window": {"from": start.isoformat(), "through": as_of.isoformat(), "days": days},
        "kpis": [
            {
                "key": query.key,
                "name": query.name,
                "unit": query.unit,
                **_take_sums(query, _sum(installation, query, "all", as_of, days).get("all", (0, 0)), days),
                "window": f"as of {as_of}" if query.is_balance else f"{start} through {as_of}",
                "exclusions": query.exclusions,
            }
            for query in KPI_QUERIES
        ],
        "by_payer": _group(installation, "payer", as_of, days),
        "by_month": _group(installation, "month", as_of, days),
    }


def _group(installation: Asked, by: str, as_of: date, days: int) -> list[Json]:
    """One row a payer or month, with the figures that know it."""
    rows: dict[str, list[Json]] = {}
    for query in KPI_QUERIES:
        if by == "month" and query.is_balance:
            continue
        for name, sums in _sum(installation, query, by, as_of, days).items():
            rows.setdefault(name, []).append({"key": query.key, **_take_sums(query, sums, days)})
    return [{by: name, "kpis": rows[name]} for name in sorted(rows)]


def _sum(installation: Asked, query: KpiQuery, by: str, as_of: date, days: int) -> dict[str, tuple[int, int]]:
    rows = installation.store.connection.execute(write_query(query, by, as_of, days))
    # Money of no claim has no payer: it counts over all and in no row.
    return {str(name): (int(above or 0), int(below or 0)) for name, above, below in rows if name}


def _take_sums(query: KpiQuery, sums: tuple[int, int], days: int) -> Json:
    above, below = map(Decimal, sums)
    if query.key == "days_in_ar":
        below = (below / days).quantize(Decimal(1))  # the average day, in cents
    factor = 100 if query.unit == "percent" else 1
    value = None if not below else str((above * factor / below).quantize(Decimal("0.01")))
    if query.amounts:
        shown = (format_money(from_cents(int(above))), format_money(from_cents(int(below))))
        return {"numerator": shown[0], "denominator": shown[1], "value": value}
    return {"numerator": int(above), "denominator": int(below), "value": value}
