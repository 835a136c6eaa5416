"""`revcycle rules`: payer rules that billers own."""

import typer

from connectors.payer_rules import load_payer_rules
from processors.coding.payer_rules import check_rules
from streams.cli.common import DEFAULT_DATA, DataOption, JsonOption, print_json
from streams.installation import RULES
from streams.terminal import console

rules_app = typer.Typer(no_args_is_help=True, help="Payer rules that billers own.")


@rules_app.command("check")
def check_payer_rules(data: DataOption = DEFAULT_DATA, as_json: JsonOption = False) -> None:
    """Runs every payer rule of `rules/*.toml` on its own examples and explains conflicts.

    Exit status 1 when there are findings.
    """
    pack = load_payer_rules(data / RULES)
    findings = check_rules(pack)
    if as_json:
        rows = [finding.model_dump() for finding in findings]
        print_json({"version": pack.version, "rules": len(pack.rules), "findings": rows})
    else:
        for finding in findings:
            text = f"{finding.code} at {finding.where}: {finding.what} -> {finding.remedy}"
            console.say(text)
        console.say(f"{len(pack.rules)} rules, {len(findings)} findings")
    if findings:
        raise typer.Exit(1)
