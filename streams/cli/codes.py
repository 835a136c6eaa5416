"""`revcycle codes`: official code sets and edit tables."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from schemas.errors import RevcycleError
from streams.bugs import describe_failure
from streams.cli.common import DEFAULT_DATA, DataOption, JsonOption, print_json
from streams.cli.screens import make_table
from streams.terminal import console, errors

if TYPE_CHECKING:
    from streams.reports.codes import CodesReport

codes_app = typer.Typer(no_args_is_help=True, help="Code sets and edit tables from the official files.")


@codes_app.command("load")
def load(
    files: Annotated[list[Path], typer.Argument(help="Official files, zipped or not, any quarter.")],
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Recognises and loads official code sets and edit tables; a wrong file is refused whole."""
    from connectors.codesets import CodeFileError
    from streams.reports.codes import LoadReport, load_codes

    try:
        report = load_codes(files, data)
    except (CodeFileError, OSError) as error:
        report = LoadReport(loaded=(), error=f"refused, nothing changed: {error}")
    except RevcycleError:
        raise
    except Exception as error:
        why = f"refused, its reader failed ({describe_failure(error)}): `revcycle codes list` shows what is loaded"
        report = LoadReport(loaded=(), error=why)
    if as_json:
        print_json(report)
    elif report.error:
        errors.say(report.error)
    else:
        for row in report.loaded:
            console.say(f"loaded {row.kind} {row.version}: {row.rows} rows")
    if report.error:
        raise typer.Exit(2)


@codes_app.command("list")
def list_codes(data: DataOption = DEFAULT_DATA, as_json: JsonOption = False) -> None:
    """Every loaded release: set, version, dates, rows, sha256; and what is not checked for want of a set."""
    from streams.reports.codes import report_codes

    report = report_codes(data)
    if as_json:
        print_json(report)
        return
    show_codes(report)
    for sentence in report.not_loaded:
        console.say(f"note: {sentence}")


def show_codes(report: "CodesReport") -> None:
    """Loaded releases, oldest first within a set; the digest by its first twelve digits, as events carry it."""
    table = make_table("", "set", "version", "from", "through", "rows", "sha256", right=("rows",))
    for row in report.sets:
        dates = (str(row.effective_from), str(row.effective_to or ""))
        table.add_row(row.kind, row.version, *dates, f"{row.rows:,}", row.sha256[:12])
    console.print(table)
