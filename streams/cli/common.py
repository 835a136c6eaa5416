"""What the commands share: the data folder, one JSON document and nothing else, the wall clock at the edge."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from streams.installation import Opened, open_installation

DataOption = Annotated[
    Path,
    typer.Option("--data", envvar="REVCYCLE_DATA", help="The installation's folder.", file_okay=False),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
DEFAULT_DATA = Path("revcycle-data")

console = Console()
errors = Console(stderr=True)


def print_json(document: Any) -> None:
    """One JSON document on standard output."""
    print(json.dumps(document, indent=2, ensure_ascii=False))


def read_clock() -> datetime:
    """The one place where the command line reads the time."""
    return datetime.now(UTC).replace(microsecond=0)


def open_existing(data: Path) -> Opened:
    """The installation in `data`; exit status 2 where there is none."""
    if not (data / "revcycle.db").exists():
        errors.print(f"{data} holds no installation yet: run `revcycle ingest` or `revcycle demo`, or give --data")
        raise typer.Exit(2)
    return open_installation(data)
