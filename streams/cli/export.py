"""`revcycle export`: events for analysts."""

import sys
from enum import StrEnum
from typing import Annotated

import typer

from schemas.showing import show_json
from streams.cli.common import (
    DEFAULT_DATA,
    DataOption,
    ask_existing,
)
from streams.reports.export import list_events


class ExportFormat(StrEnum):
    NDJSON = "ndjson"


def export(
    topic: Annotated[str | None, typer.Option(help="One topic; all without it.")] = None,
    format: Annotated[  # noqa: ARG001 (one so far, named for those to come)
        ExportFormat, typer.Option(help="One JSON object a line.")
    ] = ExportFormat.NDJSON,
    data: DataOption = DEFAULT_DATA,
) -> None:
    """Every event, in order, with its envelope, on standard output: for analysts. It holds PHI."""
    for line in list_events(ask_existing(data), topic):
        sys.stdout.write(show_json(f"{line}\n"))
