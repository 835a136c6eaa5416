"""`revcycle doctor`."""

import typer

from streams.cli.common import (
    DEFAULT_DATA,
    DataOption,
    JsonOption,
    KafkaAddress,
    StoreUrl,
    print_json,
)
from streams.terminal import console


def doctor(
    data: DataOption = DEFAULT_DATA, kafka: KafkaAddress = None, store: StoreUrl = None, as_json: JsonOption = False
) -> None:
    """Says what is missing or misconfigured, and the command that mends it.

    Exit status 1 when a check fails.
    """
    from streams.reports.doctor import examine

    report = examine(data, kafka=kafka, store=store)
    if as_json:
        print_json(report)
    else:
        for check in report.checks:
            console.say(f"{'ok ' if check.ok else 'BAD'}  {check.name}: {check.detail}")
        for warning in report.warnings:
            console.say(f"note {warning}")
    if not all(check.ok for check in report.checks):
        raise typer.Exit(1)
