"""What became of files that were taken in."""

from collections.abc import Sequence

from schemas.findings import Finding
from streams.edge.ingest import IngestedFile, Outcome
from streams.installation import Asked
from streams.reports.base import Report
from streams.reports.status import StatusReport, report_status


class FileReport(Report):
    """One file: what it is, what became of it, how many events it gave, and what is wrong with it."""

    path: str
    kind: str
    outcome: Outcome
    events: int
    findings: tuple[Finding, ...]


class IngestReport(Report):
    """Each file, and how the installation stands after all of them."""

    files: tuple[FileReport, ...]
    status: StatusReport


def report_files(installation: Asked, files: Sequence[IngestedFile]) -> IngestReport:
    """What became of these files, and the status."""
    reports = (
        FileReport(path=file.path, kind=file.kind, outcome=file.outcome, events=file.events, findings=file.findings)
        for file in files
    )
    return IngestReport(files=tuple(reports), status=report_status(installation))
