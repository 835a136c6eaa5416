"""What people see: the same reports as `--json`, laid out for a terminal."""

import sys
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from streams.cli.common import console
from streams.ingest import IngestedFile
from streams.installation import Opened
from streams.reports import Json, money

STATE_STYLES = {"paid": "green", "denied": "red", "rejected": "red", "held": "yellow"}


def make_table(title: str, *columns: str, right: tuple[str, ...] = ()) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left")
    return table


def show_demo(installation: Opened, result: Json, data: Path) -> None:
    """The demonstration's last screen: the funnel, the money that ties, denials, files, and what to try next."""
    encounters, claims = result["encounters"], result["claims"]
    connection = installation.store.connection
    built, submitted, acknowledged, rejected, denied, posted = connection.execute(
        "SELECT count(*), coalesce(sum(submitted), 0), coalesce(sum(accepted <> ''), 0), "
        "coalesce(sum(rejected <> ''), 0), coalesce(sum(denied), 0), coalesce(sum(posted), 0) FROM claim"
    ).fetchone()
    console.rule("[bold]revcycle demo")
    console.print(
        f"[bold]{encounters['total']}[/] encounters -> [green]{encounters['coded']} coded[/], "
        f"[yellow]{encounters['held']} held[/], {encounters['withdrawn']} withdrawn"
    )
    console.print(
        f"[bold]{built}[/] claims -> {submitted} submitted -> [green]{acknowledged} acknowledged[/], "
        f"[red]{rejected} rejected[/] -> [green]{claims['paid']} paid[/], [red]{claims['denied']} denied[/] whole, "
        f"{denied} with a denied line -> {posted} posted",
        soft_wrap=True,
    )
    console.print()
    show_tie(installation)
    _show_denials(installation)
    kinds = ", ".join(f"{len(paths)} {kind}" for kind, paths in result["files"].items())
    console.print(f"\nFiles: {kinds}, in [bold]{data}/outbox[/] (sent) and [bold]{data}/received[/] (answers)")
    console.print(
        f"Work: {result['work_items']['open']} open items. Digest {result['digest'][:16]}. {result['seconds']} s"
    )
    found = connection.execute(
        "SELECT claim_id FROM claim WHERE denied = 1 AND paid_cents = 0 ORDER BY charge_cents DESC, claim_id LIMIT 1"
    ).fetchone()
    program = name_program()
    console.print("\nTry next:")
    tries = [
        ("worklist", "who has to do what, by when"),
        ("kpi", "denial rate, first-pass yield, days in A/R ..."),
        ("statements", "what patients owe, in plain words"),
        ("replay verify", "rebuild everything from the events"),
    ]
    if found:
        tries.insert(0, (f"claim {found[0]}", "the timeline of a denied claim"))
    for command, what in tries:
        console.print(f"  {f'{program} {command} --data {data}':<66} {what}", highlight=False, soft_wrap=True)


def name_program() -> str:
    """How this program was called, as the user can call it again from here."""
    path = Path(sys.argv[0])
    if path.name != "revcycle":
        return "revcycle"
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def show_tie(installation: Opened) -> None:
    """Charges = paid + contractual + patient + written off + still open, from the ledger, to the cent."""
    balances = dict(
        installation.store.connection.execute(
            "SELECT account, sum(debit_cents) - sum(credit_cents) FROM entry_line GROUP BY account"
        ).fetchall()
    )
    connection = installation.store.connection
    (paid,) = connection.execute("SELECT coalesce(sum(paid_cents), 0) FROM claim").fetchone()
    # What patients paid of their share left the receivable; their share is still part of the charges.
    (by_patients,) = connection.execute(
        "SELECT coalesce(sum(paid_cents - refund_cents), 0) FROM patient_balance"
    ).fetchone()
    parts = [
        ("paid by insurance", paid),
        ("contractual", balances.get("contractual_adjustments", 0)),
        ("sequestration", balances.get("sequestration", 0)),
        ("paid by patients", by_patients),
        ("owed by patients", balances.get("patient_receivable", 0)),
        ("written off", balances.get("denial_write_offs", 0) + balances.get("other_write_offs", 0)),
        ("still open", balances.get("insurance_receivable", 0)),
    ]
    (excess,) = connection.execute(
        "SELECT coalesce(sum(debit_cents) - sum(credit_cents), 0) FROM entry_line "
        "WHERE account = 'unapplied_payments' AND qualifier <> 'patient'"
    ).fetchone()
    if excess:
        parts.append(("of it unapplied", excess))
    table = make_table("Where the charges went", "", "dollars", right=("dollars",))
    for name, cents in parts:
        table.add_row(name, money(cents))
    charges = -balances.get("gross_charges", 0)
    table.add_row("[bold]charges", f"[bold]{money(charges)}")
    console.print(table)
    difference = charges - sum(cents for _, cents in parts)
    verdict = "[green]ties to the cent" if difference == 0 else f"[red]off by {money(difference)}"
    console.print(f"{verdict}[/]; debits = credits in {_count_entries(installation)} entries")


def _count_entries(installation: Opened) -> int:
    return int(installation.store.connection.execute("SELECT count(*) FROM entry").fetchone()[0])


def _show_denials(installation: Opened) -> None:
    rows = installation.store.connection.execute(
        "SELECT category, queue, count(*), sum(amount_cents) FROM work_item WHERE reason LIKE 'denied %' "
        "AND state = 'open' GROUP BY category, queue ORDER BY 4 DESC, 1"
    ).fetchall()
    if not rows:
        return
    table = make_table("\nDenials", "category", "team", "items", "dollars", right=("items", "dollars"))
    for category, queue, count, cents in rows:
        table.add_row(escape(category), escape(queue), str(count), money(cents))
    console.print(table)


def show_ingested(results: list[IngestedFile], status: Json) -> None:
    """Each file with its outcome and findings, then the status."""
    for file in results:
        style = {"accepted": "green", "duplicate": "dim", "rejected": "red"}.get(file.outcome, "yellow")
        line = f"[{style}]{file.outcome:<16}[/] {file.kind:<8} {file.events:>7} events  {escape(file.path)}"
        console.print(line, highlight=False, soft_wrap=True)
        for finding in file.findings[:10]:
            text = f"{finding.severity} {finding.code} at {finding.where}: {finding.what} -> {finding.remedy}"
            console.print(f"    {escape(text)}", highlight=False, soft_wrap=True)
        if len(file.findings) > 10:
            console.print(f"    and {len(file.findings) - 10} more findings: see --json")
    show_status(status)


def show_status(report: Json) -> None:
    """Counts, topics, work and trial balance."""
    for name in ("encounters", "claims"):
        console.print(f"{name}: " + ", ".join(f"{count} {state}" for state, count in report[name].items()))
    table = make_table("\nTopics", "topic", "events", "lag", right=("events", "lag"))
    for topic in report["topics"]:
        table.add_row(topic["name"], str(topic["events"]), str(topic["lag"]))
    console.print(table)
    work = report["work_items"]
    queues = ", ".join(f"{queue} {count}" for queue, count in work["by_queue"].items())
    console.print(f"\nopen work: {work['open']} ({queues or 'none'}); dead letters: {report['dead_letters']}")
    _show_accounts(report["ledger"]["accounts"])
    console.print("balanced" if report["ledger"]["balanced"] else "[red]NOT BALANCED[/]")
    for warning in report["warnings"]:
        console.print(f"note: {escape(warning)}", highlight=False, soft_wrap=True)


def _show_accounts(accounts: list[Json]) -> None:
    table = make_table("\nLedger", "account", "debit", "credit", "balance", right=("debit", "credit", "balance"))
    for account in accounts:
        table.add_row(escape(account["account"]), account["debit"], account["credit"], account["balance"])
    console.print(table)


def show_claim(report: Json) -> None:
    """A claim's amounts and its timeline."""
    style = STATE_STYLES.get(report["state"], "bold")
    console.print(f"[bold]{report['id']}[/] is [{style}]{report['state']}[/]  (encounter {report['encounter_id']})")
    names = ("charge", "paid", "adjusted", "patient", "open")
    console.print("  ".join(f"{name} {report[f'{name}_amount']}" for name in names), highlight=False, soft_wrap=True)
    show_timeline(report["timeline"])


def show_timeline(timeline: list[Json]) -> None:
    """Events in order, each with what was found and the document that says it."""
    for event in timeline:
        console.print(
            f"{event['at'][:16]}  {event['type']:<24} {escape(event['summary'])}", highlight=False, soft_wrap=True
        )
        for finding in event["findings"]:
            text = f"{finding['severity']} {finding['code']} at {finding['where']}: {finding['what']}"
            console.print(f"{'':43}{escape(text)} -> {escape(finding['remedy'])}", highlight=False, soft_wrap=True)
        for item in event["uncoded"]:
            text = f'{item["kind"]} not mapped: {item["system"]} {item["code"]} "{item["description"]}"'
            console.print(f"{'':43}{escape(text)}", highlight=False, soft_wrap=True)
            for candidate in item["candidates"]:
                text = f"{'=>' if candidate['is_chosen'] else '  '} {candidate['target']:<8} {candidate['advice']}"
                console.print(f"{'':45}{escape(text)}", highlight=False, soft_wrap=True)
        for words in event["words"]:
            console.print(f'{"":43}"{escape(words)}"', highlight=False, soft_wrap=True)
        place = event["document"]
        if place:
            segment = f", segment {place['segment']}" if place["segment"] else ""
            console.print(f"{'':43}[dim]document {place['sha256'][:12]}{segment}[/]", highlight=False, soft_wrap=True)


def show_codes(rows: list[Json]) -> None:
    """Loaded releases, oldest first within a set; the digest by its first twelve digits, as events carry it."""
    table = make_table("", "set", "version", "from", "through", "rows", "sha256", right=("rows",))
    for row in rows:
        dates = (row["effective_from"], row["effective_to"] or "")
        table.add_row(row["set"], escape(row["version"]), *dates, f"{row['rows']:,}", row["sha256"][:12])
    console.print(table)


def show_ledger(report: Json, *, with_entries: bool) -> None:
    """Trial balance, and the entries of one claim when it was asked for."""
    if with_entries:
        for entry in report["entries"]:
            place = entry["document"]
            segment = f" segment {place['segment']}" if place["segment"] else ""
            source = f"document {place['sha256'][:12]}{segment}" if place["sha256"] else ""
            console.print(
                f"{entry['occurred_at'][:10]}  {escape(entry['what'])}  [dim]{entry['entry_id']}  {source}[/]",
                highlight=False,
                soft_wrap=True,
            )
            for line in entry["lines"]:
                console.print(
                    f"    {line['account']:<50} {line['debit']:>12} {line['credit']:>12}",
                    highlight=False,
                    soft_wrap=True,
                )
    else:
        _show_accounts(report["accounts"])
    console.print("balanced" if report["balanced"] else "[red]NOT BALANCED[/]")


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
        rates = make_table(f"\nBy {by}", by, *names, right=names)
        for row in report[f"by_{by}"]:
            found = {kpi["key"]: _show_value(kpi, units[kpi["key"]]) for kpi in row["kpis"]}
            rates.add_row(escape(row[by]), *(found.get(key, "") for key in shown))
        console.print(rates)


def _show_value(kpi: Json, unit: str) -> str:
    if kpi["value"] is None:
        return "-"
    return f"{kpi['value']} {'%' if unit == 'percent' else unit}"
