"""`revcycle codes`: official code sets and edit tables."""

from pathlib import Path
from typing import Annotated

import typer

from schemas.errors import RevcycleError
from streams.bugs import describe_failure
from streams.cli.common import DEFAULT_DATA, DataOption, JsonOption, print_json
from streams.cli.screens import make_table
from streams.installation import open_installation
from streams.reports.base import Json
from streams.terminal import console, errors

codes_app = typer.Typer(no_args_is_help=True, help="Code sets and edit tables from the official files.")


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
        refusal = f"refused, its reader failed ({describe_failure(error)}): `revcycle codes list` shows what is loaded"
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


def show_codes(rows: list[Json]) -> None:
    """Loaded releases, oldest first within a set; the digest by its first twelve digits, as events carry it."""
    table = make_table("", "set", "version", "from", "through", "rows", "sha256", right=("rows",))
    for row in rows:
        dates = (row["effective_from"], row["effective_to"] or "")
        table.add_row(row["set"], row["version"], *dates, f"{row['rows']:,}", row["sha256"][:12])
    console.print(table)
