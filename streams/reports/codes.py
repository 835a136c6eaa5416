"""Code sets and edit tables: what is loaded, what is in use, and what is not checked for want of a set."""

from datetime import date
from pathlib import Path

from pydantic import Field

from connectors.codesets.loading import list_sets, load_files
from streams.installation import open_installation
from streams.reports.base import Report


class LoadedRelease(Report):
    """One release of a set that was loaded now."""

    kind: str = Field(alias="set")
    version: str
    rows: int
    sha256: str


class LoadReport(Report):
    """What was loaded; `error` is why nothing was."""

    loaded: tuple[LoadedRelease, ...]
    error: str | None


class Release(Report):
    """One release of a set that stands here, with the days for which it is."""

    kind: str = Field(alias="set")
    version: str
    effective_from: date
    effective_to: date | None
    rows: int
    sha256: str
    source: str


class CodesReport(Report):
    """Every release; the digests of those in use, as events carry them; and what is not checked."""

    sets: tuple[Release, ...]
    in_use: dict[str, str]
    not_loaded: tuple[str, ...]


def load_codes(files: list[Path], data: Path) -> LoadReport:
    """Loads official files. Raises CodeFileError, OSError for one that is refused: then nothing is loaded."""
    loaded = (
        LoadedRelease(kind=about.kind, version=about.version, rows=about.rows, sha256=about.sha256)
        for about in load_files(files, data)
    )
    return LoadReport(loaded=tuple(loaded), error=None)


def report_codes(data: Path) -> CodesReport:
    """Every loaded release, oldest first within a set. Raises ConfigurationError."""
    codesets = open_installation(data).reference.codesets
    releases = (
        Release(
            kind=about.kind,
            version=about.label,
            effective_from=about.effective_from,
            effective_to=about.effective_to,
            rows=about.rows,
            sha256=about.sha256,
            source=about.source,
        )
        for about in list_sets(data)
    )
    return CodesReport(
        sets=tuple(releases),
        in_use=dict(sorted(codesets.digests().items())),
        not_loaded=tuple(codesets.not_loaded()),
    )
