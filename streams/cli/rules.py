"""`revcycle rules`: payer rules that billers own."""

import typer

from streams.cli.common import DEFAULT_DATA, DataOption, JsonOption, print_json
from streams.reports.rules import report_rules
from streams.terminal import console

rules_app = typer.Typer(no_args_is_help=True, help="Payer rules that billers own.")


@rules_app.command("check")
def check_payer_rules(data: DataOption = DEFAULT_DATA, as_json: JsonOption = False) -> None:
    """Runs every payer rule of `rules/*.toml` on its own examples and explains conflicts.

    Exit status 1 when there are findings.
    """
    report = report_rules(data)
    if as_json:
        print_json(report)
    else:
        for finding in report.findings:
            console.say(f"{finding.code} at {finding.where}: {finding.what} -> {finding.remedy}")
        console.say(f"{report.rules} rules, {len(report.findings)} findings")
    if report.findings:
        raise typer.Exit(1)
