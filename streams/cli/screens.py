"""What people see: the same reports as `--json`, laid out for a terminal."""

import sys
from pathlib import Path

from rich.table import Table

from streams.edge.ingest import IngestedFile
from streams.installation import Opened
from streams.reports.claims import Json, money
from streams.terminal import console

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
    console.rule("revcycle demo")
    console.say(
        (str(encounters["total"]), "bold"), " encounters -> ", (f"{encounters['coded']} coded", "green"), ", ",
        (f"{encounters['held']} held", "yellow"), f", {encounters['withdrawn']} withdrawn",
    )  # fmt: skip
    console.say(
        (str(built), "bold"), f" claims -> {submitted} submitted -> ", (f"{acknowledged} acknowledged", "green"), ", ",
        (f"{rejected} rejected", "red"), " -> ", (f"{claims['paid']} paid", "green"), ", ",
        (f"{claims['denied']} denied", "red"), f" whole, {denied} with a denied line -> {posted} posted",
    )  # fmt: skip
    console.say()
    show_tie(installation)
    _show_denials(installation)
    kinds = ", ".join(f"{len(paths)} {kind}" for kind, paths in result["files"].items())
    sent, received = (f"{data}/outbox", "bold"), (f"{data}/received", "bold")
    console.say()
    console.say(f"Files: {kinds}, in ", sent, " (sent) and ", received, " (answers)")
    console.say(
        f"Work: {result['work_items']['open']} open items. Digest {result['digest'][:16]}. {result['seconds']} s"
    )
    found = connection.execute(
        "SELECT claim_id FROM claim WHERE denied = 1 AND paid_cents = 0 ORDER BY charge_cents DESC, claim_id LIMIT 1"
    ).fetchone()
    program = name_program()
    console.say()
    console.say("Try next:")
    tries = [
        ("worklist", "who has to do what, by when"),
        ("kpi", "denial rate, first-pass yield, days in A/R ..."),
        ("statements", "what patients owe, in plain words"),
        ("replay verify", "rebuild everything from the events"),
    ]
    if found:
        tries.insert(0, (f"claim {found[0]}", "the timeline of a denied claim"))
    for command, what in tries:
        console.say(f"  {f'{program} {command} --data {data}':<66} {what}")


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
    table.add_row("charges", money(charges), style="bold")
    console.print(table)
    difference = charges - sum(cents for _, cents in parts)
    verdict = ("ties to the cent", "green") if difference == 0 else (f"off by {money(difference)}", "red")
    console.say(verdict, f"; debits = credits in {_count_entries(installation)} entries")


def _count_entries(installation: Opened) -> int:
    return int(installation.store.connection.execute("SELECT count(*) FROM entry").fetchone()[0])


def _show_denials(installation: Opened) -> None:
    rows = installation.store.connection.execute(
        "SELECT category, queue, count(*), sum(amount_cents) FROM work_item WHERE reason LIKE 'denied %' "
        "AND state = 'open' GROUP BY category, queue ORDER BY 4 DESC, 1"
    ).fetchall()
    if not rows:
        return
    table = make_table("Denials", "category", "team", "items", "dollars", right=("items", "dollars"))
    for category, queue, count, cents in rows:
        table.add_row(category, queue, str(count), money(cents))
    console.say()
    console.print(table)


def show_ingested(results: list[IngestedFile], status: Json) -> None:
    """Each file with its outcome and findings, then the status."""
    for file in results:
        style = {"accepted": "green", "duplicate": "dim", "rejected": "red"}.get(file.outcome, "yellow")
        console.say((f"{file.outcome:<16}", style), f" {file.kind:<8} {file.events:>7} events  {file.path}")
        for finding in file.findings[:10]:
            text = f"{finding.severity} {finding.code} at {finding.where}: {finding.what} -> {finding.remedy}"
            console.say(f"    {text}")
        if len(file.findings) > 10:
            console.say(f"    and {len(file.findings) - 10} more findings: see --json")
    show_status(status)


def show_status(report: Json) -> None:
    """Counts, topics, work and trial balance."""
    for name in ("encounters", "claims"):
        console.say(f"{name}: " + ", ".join(f"{count} {state}" for state, count in report[name].items()))
    table = make_table("Topics", "topic", "events", "lag", right=("events", "lag"))
    for topic in report["topics"]:
        table.add_row(topic["name"], str(topic["events"]), str(topic["lag"]))
    console.say()
    console.print(table)
    work = report["work_items"]
    queues = ", ".join(f"{queue} {count}" for queue, count in work["by_queue"].items())
    unread = f"dead letters: {report['dead_letters']}; set aside: {report['set_aside']}"
    console.say()
    console.say(f"open work: {work['open']} ({queues or 'none'}); {unread}")
    if report["set_aside"]:
        console.say("events that a step cannot take wait, and all that comes under their keys: `revcycle aside list`")
    _show_accounts(report["ledger"]["accounts"])
    _say_balanced(report["ledger"])
    for warning in report["warnings"]:
        console.say(f"note: {warning}")


def _say_balanced(ledger: Json) -> None:
    console.say("balanced" if ledger["balanced"] else ("NOT BALANCED", "red"))


def _show_accounts(accounts: list[Json]) -> None:
    table = make_table("Ledger", "account", "debit", "credit", "balance", right=("debit", "credit", "balance"))
    for account in accounts:
        table.add_row(account["account"], account["debit"], account["credit"], account["balance"])
    console.say()
    console.print(table)


def show_claim(report: Json) -> None:
    """A claim's amounts and its timeline."""
    style = STATE_STYLES.get(report["state"], "bold")
    console.say((report["id"], "bold"), " is ", (report["state"], style), f"  (encounter {report['encounter_id']})")
    names = ("charge", "paid", "adjusted", "patient", "open")
    console.say("  ".join(f"{name} {report[f'{name}_amount']}" for name in names))
    show_timeline(report["timeline"])


def show_timeline(timeline: list[Json]) -> None:
    """Events in order, each with what was found and the document that says it."""
    for event in timeline:
        console.say(f"{event['at'][:16]}  {event['type']:<24} {event['summary']}")
        for finding in event["findings"]:
            text = f"{finding['severity']} {finding['code']} at {finding['where']}: {finding['what']}"
            console.say(f"{'':43}{text} -> {finding['remedy']}")
        for item in event["uncoded"]:
            text = f'{item["kind"]} not mapped: {item["system"]} {item["code"]} "{item["description"]}"'
            console.say(f"{'':43}{text}")
            for candidate in item["candidates"]:
                text = f"{'=>' if candidate['is_chosen'] else '  '} {candidate['target']:<8} {candidate['advice']}"
                console.say(f"{'':45}{text}")
        for words in event["words"]:
            console.say(f'{"":43}"{words}"')
        place = event["document"]
        if place:
            segment = f", segment {place['segment']}" if place["segment"] else ""
            console.say(f"{'':43}", (f"document {place['sha256'][:12]}{segment}", "dim"))


def show_codes(rows: list[Json]) -> None:
    """Loaded releases, oldest first within a set; the digest by its first twelve digits, as events carry it."""
    table = make_table("", "set", "version", "from", "through", "rows", "sha256", right=("rows",))
    for row in rows:
        dates = (row["effective_from"], row["effective_to"] or "")
        table.add_row(row["set"], row["version"], *dates, f"{row['rows']:,}", row["sha256"][:12])
    console.print(table)


def show_ledger(report: Json, *, with_entries: bool) -> None:
    """Trial balance, and the entries of one claim when it was asked for."""
    if with_entries:
        for entry in report["entries"]:
            place = entry["document"]
            segment = f" segment {place['segment']}" if place["segment"] else ""
            source = f"document {place['sha256'][:12]}{segment}" if place["sha256"] else ""
            dim = (f"{entry['entry_id']}  {source}", "dim")
            console.say(f"{entry['occurred_at'][:10]}  {entry['what']}  ", dim)
            for line in entry["lines"]:
                console.say(f"    {line['account']:<50} {line['debit']:>12} {line['credit']:>12}")
    else:
        _show_accounts(report["accounts"])
    _say_balanced(report)


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
