"""`revcycle statements`: who owes what, and a document for each."""

from typing import TYPE_CHECKING, Annotated

import typer

from streams.cli.common import (
    DEFAULT_DATA,
    DataOption,
    JsonOption,
    open_existing,
    print_json,
    read_clock,
    show_findings,
)
from streams.terminal import console

if TYPE_CHECKING:
    from streams.actions.statements import StatementsReport

HELD_BACK = {
    "waiting_for_insurance": "wait for a payer",
    "not_billable": "may not be billed",
    "refund_due": "are owed money back",
}


def statements(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say who would get one, and write nothing.")] = False,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Write a statement (HTML and PDF) for everybody who owes something now and was not asked for it lately.

    Exit status 1 when somebody's could not be written.
    """
    from streams.actions.statements import write_statements  # the PDF library is loaded only where it is needed

    report = write_statements(open_existing(data), read_clock(), dry_run=dry_run)
    if as_json:
        print_json(report)
    else:
        _show_statements(report)
    if report.findings:
        raise typer.Exit(1)


def _show_statements(report: "StatementsReport") -> None:
    for item in report.statements:
        line = f"{item.account_key}  {item.due_amount:>10}  {item.pdf}"
        console.say(line)
    held = ", ".join(f"{count} {HELD_BACK.get(status, status)}" for status, count in report.held_back.items())
    console.say(f"{len(report.statements)} statements" + (f"; claims without: {held}" if held else ""))
    show_findings(report.findings)
