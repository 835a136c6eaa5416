"""Commands that answer questions and change nothing: status, kpi, ledger, export, doctor."""

import json
import sys
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from schemas.showing import show_json
from streams.actions.payments import admit_remittance, apply_payment, unapply_payment
from streams.audit.ledger_checks import find_violations
from streams.cli.common import (
    DEFAULT_DATA,
    DataOption,
    JsonOption,
    KafkaAddress,
    RoleOption,
    StoreUrl,
    WhoOption,
    ask_existing,
    open_existing,
    print_json,
    read_clock,
    read_person,
)
from streams.cli.screens import show_kpis, show_ledger, show_status
from streams.reports.claims import report_ledger, report_status
from streams.reports.kpis import DAYS, find_latest_day, report_kpis
from streams.terminal import console

ledger_app = typer.Typer()


class ExportFormat(StrEnum):
    NDJSON = "ndjson"


def status(data: DataOption = DEFAULT_DATA, as_json: JsonOption = False) -> None:
    """Topics with counts and lag; held, dead letters, open work; the ledger's trial balance."""
    report = report_status(ask_existing(data))
    if as_json:
        print_json(report)
    else:
        show_status(report)


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


@ledger_app.callback(invoke_without_command=True)
def ledger(
    context: typer.Context,
    claim: Annotated[str | None, typer.Option(help="The entries of one claim.")] = None,
    remittance: Annotated[str | None, typer.Option(help="The entries of one remittance, by its id.")] = None,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Trial balance and entries; `ledger verify` checks every invariant of the ledger."""
    if context.invoked_subcommand is not None:
        return
    report = report_ledger(ask_existing(data), claim, remittance)
    if as_json:
        print_json(report)
    else:
        show_ledger(report, with_entries=bool(claim or remittance))
    if not report["balanced"]:
        raise typer.Exit(1)


@ledger_app.command("verify")
def verify_ledger(data: DataOption = DEFAULT_DATA, as_json: JsonOption = False) -> None:
    """Reads the whole ledger again and says what does not hold: entries, remittances, claims. Exit status 1 if any."""
    connection = ask_existing(data).store.connection
    violations = list(find_violations(connection))
    (entries,) = connection.execute("SELECT count(*) FROM entry").fetchone()
    if as_json:
        rows = [{"what": v.what, "where": v.where, "detail": str(v)} for v in violations]
        print_json({"holds": not violations, "entries": entries, "violations": rows})
    else:
        for violation in violations:
            console.say(f"BROKEN  {violation}")
        console.say(
            f"{entries} entries: " + (f"{len(violations)} violations" if violations else "every invariant holds")
        )
    if violations:
        raise typer.Exit(1)


@ledger_app.command("apply")
def apply(
    item_id: Annotated[str, typer.Argument(metavar="ITEM", help="The work item of the unmatched payment.")],
    claim_id: Annotated[str, typer.Argument(metavar="CLAIM", help="Whose it is: a claim or patient control number.")],
    who: WhoOption,
    why: Annotated[str, typer.Option("--why", help="How you know.")],
    role: RoleOption = "",
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Applies a payment that named no claim of ours: from unapplied payments to the claim, as an event."""
    item = apply_payment(open_existing(data), item_id, claim_id, read_person(who, why, role))
    if as_json:
        print_json(item)
    else:
        console.say(f"applied to {claim_id[:16]}; work item {item['id'][:8]} is {item['state']}")


@ledger_app.command("unapply")
def unapply(
    item_id: Annotated[str, typer.Argument(metavar="ITEM", help="The work item that the payment was applied from.")],
    who: WhoOption,
    why: Annotated[str, typer.Option("--why", help="How you know.")],
    role: RoleOption = "",
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Takes a payment off the claim that a person applied it to by mistake, as new entries; then apply it anew."""
    item = unapply_payment(open_existing(data), item_id, read_person(who, why, role))
    if as_json:
        print_json(item)
    else:
        console.say(f"taken off; work item {item['id'][:8]} is {item['state']}")


@ledger_app.command("admit")
def admit(
    item_id: Annotated[str, typer.Argument(metavar="ITEM", help="The work item of the held remittance.")],
    who: WhoOption,
    why: Annotated[str, typer.Option("--why", help="How you know that it is to be posted.")],
    role: RoleOption = "",
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Posts a remittance that was held because another has its trace, date, amount and payee, and is not the same; or
    because it seemed to be somebody else's, and is ours."""
    item = admit_remittance(open_existing(data), item_id, read_person(who, why, role))
    if as_json:
        print_json(item)
    else:
        console.say(f"work item {item['id'][:8]} is {item['state']}: {item['resolution'] or 'nothing was posted'}")


def export(
    topic: Annotated[str | None, typer.Option(help="One topic; all without it.")] = None,
    format: Annotated[ExportFormat, typer.Option(help="One JSON object a line.")] = ExportFormat.NDJSON,
    data: DataOption = DEFAULT_DATA,
) -> None:
    """Every event, in order, with its envelope, on standard output: for analysts. It holds PHI."""
    connection = ask_existing(data).store.connection
    where, parameters = ("WHERE topic = ?", (topic,)) if topic else ("", ())
    columns = ("sequence", "topic", "event_id", "type", "schema_version", "key", "occurred_at", "correlation_id")
    names = (*columns, "causation_id", "decided_by")
    query = f"SELECT {', '.join(names)}, body FROM event {where} ORDER BY sequence"
    for *envelope, body in connection.execute(query, parameters):
        head = json.dumps(dict(zip(names, envelope, strict=True)), ensure_ascii=False)
        # The body is JSON already: parsing it only to print it again would double the work.
        sys.stdout.write(show_json(f'{head[:-1]}, "body": {body.decode()}}}\n'))


def doctor(
    data: DataOption = DEFAULT_DATA, kafka: KafkaAddress = None, store: StoreUrl = None, as_json: JsonOption = False
) -> None:
    """Says what is missing or misconfigured, and the command that mends it."""
    from streams.reports.doctor import examine

    checks, warnings = examine(data, kafka=kafka, store=store)
    if as_json:
        rows = [{"check": check.name, "ok": check.ok, "detail": check.detail} for check in checks]
        print_json({"checks": rows, "warnings": warnings})
    else:
        for check in checks:
            text = f"{'ok ' if check.ok else 'BAD'}  {check.name}: {check.detail}"
            console.say(text)
        for warning in warnings:
            console.say(f"note {warning}")
    if not all(check.ok for check in checks):
        raise typer.Exit(1)
