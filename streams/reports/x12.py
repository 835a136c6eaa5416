"""What an X12 file says, what is wrong with it, and the files that answer it."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Literal

from pydantic import Field

from schemas.base import PHI
from schemas.x12.errors import X12Error
from schemas.x12.findings import Finding
from schemas.x12.parse import parse_to_dict
from streams.reports.base import Report

Part = dict[str, Any]  # by the kind of its transaction set: `schemas/x12/parse.py` says what each has


class X12Contents(Report):
    """A file of any kind as plain data; `kind` is the first transaction set's, and each set carries its own."""

    kind: str | None
    interchanges: tuple[Part, ...]
    transactions: Annotated[tuple[Part, ...], Field(json_schema_extra=PHI)]
    findings: tuple[Part, ...]
    acknowledgements: tuple[Part, ...] = Field(default=(), exclude_if=lambda parts: not parts)  # TA1


class X12Finding(Report):
    """What is wrong at one place; `segment_index` counts from 1, and `value` is masked where it may be PHI."""

    code: str
    severity: Literal["error", "warning"]
    owner: str
    where: str
    what: str
    remedy: str
    loop: str
    segment_index: int
    element: str
    value: str


class X12Findings(Report):
    """Everything that is wrong with a file."""

    findings: tuple[X12Finding, ...]


class X12Answers(Report):
    """The files that answer one, by kind (TA1, 999, 277CA); `rejected` where any of them refuses it."""

    rejected: bool
    files: dict[str, str]


class X12Refused(Report):
    """The reason, the place, and how to mend it."""

    code: str
    where: str
    remedy: str


class X12Refusal(Report):
    """Why a file is no X12 at all."""

    kind: None
    error: X12Refused


def report_contents(source: BinaryIO) -> X12Contents:
    """A whole file as plain data. Raises X12Error where it is none."""
    document = parse_to_dict(source)
    parts = {name: tuple(rows) for name, rows in document.items() if name != "kind"}
    return X12Contents(kind=document["kind"], **parts)


def report_findings(findings: list[Finding]) -> X12Findings:
    """What is wrong, as people and programs read it."""
    names = X12Finding.model_fields
    rows = ({name: value for name, value in asdict(found).items() if name in names} for found in findings)
    return X12Findings(findings=tuple(X12Finding(**row) for row in rows))


def report_answers(statuses: list[str], paths: dict[str, Path]) -> X12Answers:
    """The answers that were written, with the status of each interchange and group."""
    return X12Answers(rejected="R" in statuses, files={kind: str(path) for kind, path in paths.items()})


def report_refusal(error: X12Error) -> X12Refusal:
    """A file that cannot be read."""
    return X12Refusal(kind=None, error=X12Refused(code=error.code, where=str(error), remedy=error.remedy))
