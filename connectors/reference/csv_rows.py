"""Strict reading of one CSV table: every mistake is found, and named by file, line and column."""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from connectors.config_files import read_config
from schemas.base import Frozen
from schemas.errors import ConfigurationError
from schemas.findings import Finding

RowModel = TypeVar("RowModel", bound=Frozen)
Key = tuple[str, ...]
MAX_BYTES = 256 * 1024 * 1024
MAX_FINDINGS = 100  # more would bury the first, which is usually the cause


class CellError(ValueError):
    """One cell that cannot stand: its column, what is wrong, how to mend it."""

    def __init__(self, column: str, what: str, remedy: str) -> None:
        super().__init__(f"{column}: {what}")
        self.column, self.what, self.remedy = column, what, remedy


class TableError(ConfigurationError):
    """A table that is refused whole; `findings` name its mistakes."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("; ".join(f"{finding.where}: {finding.what} ({finding.remedy})" for finding in findings))
        self.findings = findings


@dataclass(frozen=True)
class TableSpec(Generic[RowModel]):
    """A table's columns, its key, and the function that reads one row (raising CellError)."""

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    key: tuple[str, ...]
    read: Callable[[Mapping[str, str]], RowModel]


def read_rows(spec: TableSpec[RowModel], path: Path) -> dict[Key, RowModel]:
    """A CSV file (UTF-8, first line the column names) as rows by key. Raises TableError, and
    ConfigurationError for what cannot be read."""
    rows: dict[Key, RowModel] = {}
    findings: list[Finding] = []
    first_lines: dict[Key, int] = {}
    for line, cells in _read_cells(spec, path):
        try:
            row = spec.read(cells)
            key = tuple(str(getattr(row, name)) for name in spec.key)
            if key in rows:
                raise CellError(
                    spec.key[-1],
                    f"the same key as line {first_lines[key]}",
                    "keep one row for each key; remove the other",
                )
            rows[key], first_lines[key] = row, line
        except CellError as error:
            findings.append(_make_finding(path, f"line {line}, column {error.column}", error.what, error.remedy))
            if len(findings) == MAX_FINDINGS:
                break
    if findings:
        raise TableError(tuple(findings))
    return rows


def _read_cells(spec: TableSpec[RowModel], path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """(line number, cells by column) for each row that is not blank."""
    reader = csv.reader(_read_text(path).splitlines(keepends=True), strict=True)
    columns: list[str] | None = None
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if columns is None:
                columns = _check_header(spec, path, [cell.strip() for cell in cells])
            elif len(cells) != len(columns):
                what = f"{len(cells)} cells where the first line has {len(columns)} columns"
                remedy = "quote cells that hold a comma, and give every row the same number of cells"
                raise TableError((_make_finding(path, f"line {reader.line_num}", what, remedy),))
            else:
                by_column = dict.fromkeys(spec.optional, "")
                by_column.update(zip(columns, (cell.strip() for cell in cells), strict=True))
                yield reader.line_num, by_column
    except csv.Error as error:
        where = f"line {reader.line_num}"
        raise TableError((_make_finding(path, where, f"not CSV: {error}", "check the quotes around it"),)) from error
    if columns is None:
        remedy = "begin with a line of the column names: " + ",".join(spec.required + spec.optional)
        raise TableError((_make_finding(path, "line 1", "the file is empty", remedy),))


def _read_text(path: Path) -> str:
    data = read_config(path, MAX_BYTES)
    if data is None:
        raise TableError((_make_finding(path, "the file", "it is not there any more", "put it there whole"),))
    try:
        return data.decode("utf-8-sig")  # spreadsheets write a byte order mark
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise TableError(
            (_make_finding(path, f"line {line}", "not UTF-8 text", "save the file as CSV UTF-8"),)
        ) from error


def _check_header(spec: TableSpec[RowModel], path: Path, columns: list[str]) -> list[str]:
    known = spec.required + spec.optional
    problems = [f"column '{name}' is missing" for name in spec.required if name not in columns]
    problems += [f"column '{name[:40]}' is unknown" for name in columns if name not in known]
    problems += [f"column '{name}' appears twice" for name in known if columns.count(name) > 1]
    if problems:
        remedy = (
            "the columns are "
            + ",".join(known)
            + (f"; {','.join(spec.optional)} may be left out" if spec.optional else "")
        )
        raise TableError(tuple(_make_finding(path, "line 1", problem, remedy) for problem in problems))
    return columns


def _make_finding(path: Path, where: str, what: str, remedy: str) -> Finding:
    return Finding(
        code="bad_table",
        severity="reject",
        owner="operations",
        where=f"{path.name}, {where}"[:200],
        what=what,
        remedy=remedy,
    )
