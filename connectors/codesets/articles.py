"""Medicare coverage articles: which diagnoses cover a procedure, for which contractor (`current_article.zip`).

The zip holds one CSV for each relation; those read here are named in `_FILES`. A group of covered diagnoses may need a
second group beside it: the group's paragraph says so in words, of which only the numbers of the groups are kept.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from connectors.codesets.reading import CodeFile, CodeFileError, ParsedSet, iso_or_empty, parse_file_date
from connectors.codesets.set_file import pack_rows

KIND = "lcd_articles"
_FILES = {
    "article.csv": ("article_id", "article_version", "article_eff_date", "article_end_date", "last_updated"),
    "article_x_hcpc_code.csv": ("article_id", "article_version", "hcpc_code_id"),
    "article_x_icd10_covered.csv": ("article_id", "article_version", "icd10_code_id", "icd10_covered_group"),
}
_MORE_FILES = {
    "article_x_icd10_noncovered.csv": ("article_id", "article_version", "icd10_code_id"),
    "article_x_icd10_covered_group.csv": ("article_id", "article_version", "icd10_covered_group", "paragraph"),
    "article_x_contractor.csv": ("article_id", "article_version", "contractor_id"),
    "contractor.csv": ("contractor_id", "contractor_number"),
}
NAMES = frozenset(_FILES) | frozenset(_MORE_FILES)
_TOGETHER = re.compile(
    r"\b(?:both|dual|together with|along with|in addition to|in combination with|must also|secondary diagnosis)\b", re.I
)
_GROUP = re.compile(r"\bgroup\s+(\d{1,3})\b", re.IGNORECASE)

Version = tuple[str, str]


def read_articles(files: Mapping[str, CodeFile]) -> list[ParsedSet]:
    """The set from the CSV files by name. Articles keep their own effective and end dates."""
    if missing := sorted(set(_FILES) - set(files)):
        raise CodeFileError("coverage articles", f"{', '.join(missing)} missing: load the whole current_article.zip")
    dates, newest = _read_dates(files["article.csv"])
    covered: dict[Version, dict[str, list[str]]] = {}
    for version, (code, group) in _cells(
        files["article_x_icd10_covered.csv"], ("icd10_code_id", "icd10_covered_group")
    ):
        covered.setdefault(version, {}).setdefault(group or "1", []).append(code.replace(".", ""))
    excluded: dict[Version, list[str]] = {}
    for version, (code,) in _cells(files.get("article_x_icd10_noncovered.csv"), ("icd10_code_id",)):
        excluded.setdefault(version, []).append(code.replace(".", ""))
    together = _read_together(files.get("article_x_icd10_covered_group.csv"))
    contractors = _read_contractors(files)
    rows: dict[str, list[Any]] = {}
    for version, start_end in sorted(dates.items()):
        groups = [[g, sorted(codes), together.get((version, g), [])] for g, codes in covered.get(version, {}).items()]
        start, end = start_end
        rows[f"article {version[0]}:{version[1]}"] = [
            version[0], sorted(contractors.get(version, ())), start, end, groups, sorted(excluded.get(version, ())),
        ]  # fmt: skip
    procedures: dict[str, set[str]] = {}
    for version, (code,) in _cells(files["article_x_hcpc_code.csv"], ("hcpc_code_id",)):
        if version in dates:
            procedures.setdefault(code, set()).add(f"article {version[0]}:{version[1]}")
    rows.update((f"procedure {code}", sorted(names)) for code, names in procedures.items())
    if not procedures:
        raise files["article_x_hcpc_code.csv"].fail("no procedure of any article: is the file cut short?")
    layout, payload = pack_rows(rows)
    return [ParsedSet(KIND, newest.isoformat(), newest, None, len(rows), layout, payload)]


def _read_dates(file: CodeFile) -> tuple[dict[Version, tuple[str, str]], date]:
    dates: dict[Version, tuple[str, str]] = {}
    updates = [date(1900, 1, 1)]
    for version, (start, end, updated) in _cells(file, ("article_eff_date", "article_end_date", "last_updated")):
        dates[version] = (iso_or_empty(parse_file_date(start)), iso_or_empty(parse_file_date(end)))
        if day := parse_file_date(updated):
            updates.append(day)
    return dates, max(updates)


def _read_together(file: CodeFile | None) -> dict[tuple[Version, str], list[str]]:
    found: dict[tuple[Version, str], list[str]] = {}
    for version, (group, paragraph) in _cells(file, ("icd10_covered_group", "paragraph")):
        if _TOGETHER.search(paragraph):
            others = [number for number in dict.fromkeys(_GROUP.findall(paragraph)) if number != group]
            if others:
                found[version, group] = others
    return found


def _read_contractors(files: Mapping[str, CodeFile]) -> dict[Version, set[str]]:
    """Article -> contractor numbers, as a Medicare payer id states them."""
    numbers: dict[str, str] = {}
    file = files.get("contractor.csv")
    for _, (contractor, number) in _cells(file, ("contractor_id", "contractor_number"), keyed=False):
        numbers[contractor] = number
    found: dict[Version, set[str]] = {}
    for version, (contractor,) in _cells(files.get("article_x_contractor.csv"), ("contractor_id",)):
        if contractor in numbers:
            found.setdefault(version, set()).add(numbers[contractor])
    return found


def _cells(
    file: CodeFile | None, names: tuple[str, ...], keyed: bool = True
) -> Iterator[tuple[Version, tuple[str, ...]]]:
    """(article id, version) and the named cells of each row."""
    if file is None:
        return
    wanted = ("article_id", "article_version", *names) if keyed else names
    at: list[int] = []
    width = 0
    for line, row in file.rows():
        if not at:
            header = [cell.strip().lower() for cell in row]
            if missing := [name for name in wanted if name not in header]:
                raise file.fail(f"the header lacks {', '.join(missing)}", line, 1)
            at, width = [header.index(name) for name in wanted], len(header)
            continue
        if len(row) != width:
            raise file.fail(f"{len(row)} cells where the header has {width}: is the file cut short?", line, len(row))
        cells = tuple(row[n].strip() for n in at)
        yield ((cells[0], cells[1]), cells[2:]) if keyed else (("", ""), cells)
