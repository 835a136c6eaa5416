"""Commands about records: payer rules, verify a replay, load code sets."""

from pathlib import Path
from typing import Annotated

import typer

from connectors.payer_rules import load_payer_rules
from processors.coding.payer_rules import check_rules
from schemas.errors import RevcycleError
from streams.bugs import name_bug
from streams.cli.common import DEFAULT_DATA, DataOption, JsonOption, open_existing, print_json
from streams.cli.screens import show_codes
from streams.installation import RULES, open_installation
from streams.terminal import console, errors

replay_app = typer.Typer(no_args_is_help=True, help="Rebuild everything from the recorded events.")
codes_app = typer.Typer(no_args_is_help=True, help="Code sets and edit tables from the official files.")
rules_app = typer.Typer(no_args_is_help=True, help="Payer rules that billers own.")


@rules_app.command("check")
def check_payer_rules(data: DataOption = DEFAULT_DATA, as_json: JsonOption = False) -> None:
    """Runs every payer rule of `rules/*.toml` on its own examples and explains conflicts."""
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


@replay_app.command("verify")
def verify(
    data: DataOption = DEFAULT_DATA,
    decide: Annotated[bool, typer.Option("--decide", help="Also rerun every decision.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Folds the recorded events into an empty store: must be identical. Never publishes."""
    from streams.audit.replay import verify_replay

    result = verify_replay(open_existing(data), decide=decide)
    if as_json:
        print_json(
            {
                "identical": result.identical,
                "events": result.events,
                "digest": result.digest,
                "journal_digest": result.journal_digest,
                "first_difference": result.first_difference,
            }
        )
    else:
        word = "identical" if result.identical else f"DIFFERENT: {result.first_difference}"
        console.say(f"{result.events} events replayed: {word}")
        console.say(f"digest {result.digest}")
    if not result.identical:
        raise typer.Exit(1)


@codes_app.command("load")
def load_codes(
    files: Annotated[list[Path], typer.Argument(help="Official files, zipped or not, any quarter.")],
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Recognises and loads official code sets and edit tables; a wrong file is refused whole."""
    from connectors.codesets import CodeFileError
    from connectors.codesets.loading import load_files

    try:
        loaded = load_files(files, data)
    except (CodeFileError, OSError) as error:
        refusal = f"refused, nothing changed: {error}"
    except RevcycleError:
        raise
    except Exception as error:
        refusal = f"refused, its reader failed ({name_bug(error)}): `revcycle codes list` shows what is loaded"
    else:
        refusal = ""
    if refusal:
        if as_json:
            print_json({"loaded": [], "error": refusal})
        else:
            errors.say(refusal)
        raise typer.Exit(2)
    rows = [
        {"set": about.kind, "version": about.version, "rows": about.rows, "sha256": about.sha256} for about in loaded
    ]
    if as_json:
        print_json({"loaded": rows})
    else:
        for row in rows:
            console.say(f"loaded {row['set']} {row['version']}: {row['rows']} rows")


@codes_app.command("list")
def list_codes(data: DataOption = DEFAULT_DATA, as_json: JsonOption = False) -> None:
    """Every loaded release: set, version, dates, rows, sha256; and what is not checked for want of a set."""
    from connectors.codesets.loading import list_sets

    codesets = open_installation(data).reference.codesets
    rows = [
        {
            "set": about.kind,
            "version": about.label,
            "effective_from": about.effective_from.isoformat(),
            "effective_to": about.effective_to.isoformat() if about.effective_to else None,
            "rows": about.rows,
            "sha256": about.sha256,
            "source": about.source,
        }
        for about in list_sets(data)
    ]
    if as_json:
        in_use = dict(sorted(codesets.digests().items()))
        print_json({"sets": rows, "in_use": in_use, "not_loaded": list(codesets.not_loaded())})
        return
    show_codes(rows)
    for sentence in codesets.not_loaded():
        console.say(f"note: {sentence}")
