"""`revcycle status`."""

from streams.cli.common import (
    DEFAULT_DATA,
    DataOption,
    JsonOption,
    ask_existing,
    print_json,
)
from streams.cli.screens import show_status
from streams.reports.status import report_status


def status(data: DataOption = DEFAULT_DATA, as_json: JsonOption = False) -> None:
    """Topics with counts and lag; held, dead letters, open work; the ledger's trial balance."""
    report = report_status(ask_existing(data))
    if as_json:
        print_json(report)
    else:
        show_status(report)
