"""`revcycle ingest`: files in, once."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from connectors.files import find_files
from streams.cli.common import (
    DEFAULT_DATA,
    DataOption,
    JsonOption,
    KafkaAddress,
    StoreUrl,
    print_json,
    read_clock,
    spell_finding,
)
from streams.cli.screens import show_status
from streams.edge.ingest import ingest_paths
from streams.edge.submission import cut_submissions
from streams.installation import open_installation
from streams.reports.files import IngestReport, report_files
from streams.terminal import console, errors


def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders: FHIR, NDJSON, HL7 v2, X12 answers.")],
    data: DataOption = DEFAULT_DATA,
    kafka: KafkaAddress = None,
    store: StoreUrl = None,
    as_json: JsonOption = False,
) -> None:
    """Takes files in, runs the pipeline until it is quiet and cuts a submission. Safe to repeat.

    Exit status 1 when a file is refused or has findings, or an event is set aside; 2 when no file was taken at all.
    """
    installation = open_installation(data, kafka=kafka, store=store)
    now = read_clock()
    with Progress(console=errors, transient=True) as progress:
        task = progress.add_task("files", total=len(list(find_files(paths))))
        results = ingest_paths(installation, paths, now, lambda _: progress.advance(task))
    cut_submissions(installation.store, installation.publish, now)
    installation.engine.run_until_quiet()
    report = report_files(installation, results)
    if as_json:
        print_json(report)
    else:
        show_ingested(report)
    outcomes = {file.outcome for file in report.files}
    if not outcomes or outcomes == {"rejected"}:
        if not outcomes and not as_json:
            errors.say("no file found: give files, or folders that hold some")
        raise typer.Exit(2)
    if outcomes - {"accepted", "duplicate"} or any(file.findings for file in report.files) or report.status.set_aside:
        raise typer.Exit(1)


def show_ingested(report: IngestReport) -> None:
    """Each file with its outcome and findings, then the status."""
    for file in report.files:
        style = {"accepted": "green", "duplicate": "dim", "rejected": "red"}.get(file.outcome, "yellow")
        console.say((f"{file.outcome:<16}", style), f" {file.kind:<8} {file.events:>7} events  {file.path}")
        for finding in file.findings[:10]:
            console.say(f"    {spell_finding(finding)}")
        if len(file.findings) > 10:
            console.say(f"    and {len(file.findings) - 10} more findings: see --json")
    show_status(report.status)
