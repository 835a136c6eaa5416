"""Commands that answer questions and change nothing: status, ledger, export, doctor."""

import json
import sys
from enum import StrEnum
from typing import Annotated

import typer

from streams.cli.common import DEFAULT_DATA, DataOption, JsonOption, console, open_existing, print_json
from streams.cli.screens import show_ledger, show_status
from streams.installation import open_installation
from streams.reports import report_ledger, report_status


class ExportFormat(StrEnum):
    NDJSON = "ndjson"


def status(data: DataOption = DEFAULT_DATA, as_json: JsonOption = False) -> None:
    """Topics with counts and lag; held, dead letters, open work; the ledger's trial balance."""
    report = report_status(open_existing(data))
    if as_json:
        print_json(report)
    else:
        show_status(report)


def ledger(
    claim: Annotated[str | None, typer.Option(help="The entries of one claim.")] = None,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Trial balance and entries."""
    report = report_ledger(open_existing(data), claim)
    if as_json:
        print_json(report)
    else:
        show_ledger(report, with_entries=claim is not None)
    if not report["balanced"]:
        raise typer.Exit(1)


def export(
    topic: Annotated[str | None, typer.Option(help="One topic; all without it.")] = None,
    format: Annotated[ExportFormat, typer.Option(help="One JSON object a line.")] = ExportFormat.NDJSON,
    data: DataOption = DEFAULT_DATA,
) -> None:
    """Every event, in order, with its envelope, on standard output: for analysts. It holds PHI."""
    connection = open_existing(data).store.connection
    where, parameters = ("WHERE topic = ?", (topic,)) if topic else ("", ())
    columns = ("sequence", "topic", "event_id", "type", "schema_version", "key", "occurred_at", "correlation_id")
    names = (*columns, "causation_id", "decided_by")
    query = f"SELECT {', '.join(names)}, body FROM event {where} ORDER BY sequence"
    for *envelope, body in connection.execute(query, parameters):
        head = json.dumps(dict(zip(names, envelope, strict=True)), ensure_ascii=False)
        # The body is JSON already: parsing it only to print it again would double the work.
        sys.stdout.write(f'{head[:-1]}, "body": {body.decode()}}}\n')


def doctor(data: DataOption = DEFAULT_DATA, as_json: JsonOption = False) -> None:
    """Says what is missing or misconfigured, and the command that mends it."""
    installation = open_installation(data)
    checks = [("data folder", True, str(data))]
    (integrity,) = installation.store.connection.execute("PRAGMA quick_check").fetchone()
    checks.append(("database", integrity == "ok", str(integrity)))
    report = report_status(installation)
    checks.append(("ledger", report["ledger"]["balanced"], f"{report['ledger']['entries']} entries"))
    lag = sum(topic["lag"] for topic in report["topics"])
    checks.append(("topics", lag == 0, f"lag {lag}" + ("" if lag == 0 else ": start `revcycle run`")))
    letters = report["dead_letters"]
    checks.append(
        (
            "dead letters",
            letters == 0,
            f"{letters} messages that nothing could read" + ("" if letters == 0 else ": `revcycle deadletters list`"),
        )
    )
    if as_json:
        rows = [{"check": name, "ok": ok, "detail": detail} for name, ok, detail in checks]
        print_json({"checks": rows, "warnings": report["warnings"]})
    else:
        for name, ok, detail in checks:
            console.print(f"{'ok ' if ok else 'BAD'}  {name}: {detail}")
        for warning in report["warnings"]:
            console.print(f"note {warning}")
    if not all(ok for _, ok, _ in checks):
        raise typer.Exit(1)
