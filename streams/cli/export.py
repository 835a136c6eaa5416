"""`revcycle export`: events for analysts."""

import json
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
    connection = ask_existing(data).store.connection
    where, parameters = ("WHERE topic = ?", (topic,)) if topic else ("", ())
    columns = ("sequence", "topic", "event_id", "type", "schema_version", "key", "occurred_at", "correlation_id")
    names = (*columns, "causation_id", "decided_by")
    query = f"SELECT {', '.join(names)}, body FROM event {where} ORDER BY sequence"
    for *envelope, body in connection.execute(query, parameters):
        head = json.dumps(dict(zip(names, envelope, strict=True)), ensure_ascii=False)
        # The body is JSON already: parsing it only to print it again would double the work.
        sys.stdout.write(show_json(f'{head[:-1]}, "body": {body.decode()}}}\n'))
