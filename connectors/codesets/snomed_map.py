"""The NLM map from SNOMED CT to ICD-10-CM, in its extended-map release form or its readable form; tab-separated.

Within a map group the first row, by priority, whose rule holds gives the target. Every group gives one target.
"""

import re
from datetime import date
from typing import Any

from connectors.codesets.reading import CodeFile, ParsedSet
from connectors.codesets.set_file import pack_rows

KIND = "snomed_map"
_COLUMNS = ("active", "referencedComponentId", "mapGroup", "mapPriority", "mapRule", "mapAdvice", "mapTarget")
_TARGET = re.compile(r"[A-Z][0-9A-Z]{2}(?:\.[0-9A-Z]{1,4})?\??")


def is_snomed_map(head: str) -> bool:
    names = head.split("\n", 1)[0].strip().split("\t")
    return "mapRule" in names and "mapTarget" in names


def read_snomed_map(file: CodeFile) -> list[ParsedSet]:
    """Active rows by concept: [group, priority, rule, target without dot, advice]."""
    at: list[int] = []
    width = 0
    newest = ""
    rows: dict[str, list[Any]] = {}
    for line, text in file.lines():
        cells = text.split("\t")
        if not at:
            if missing := [name for name in _COLUMNS if name not in cells]:
                raise file.fail(f"the header lacks {', '.join(missing)}", line, 1)
            at, width = [cells.index(name) for name in _COLUMNS], len(cells)
            effective = cells.index("effectiveTime") if "effectiveTime" in cells else None
            continue
        if len(cells) != width:
            raise file.fail(f"{len(cells)} cells where the header has {width}: cut short?", line, len(cells))
        active, concept, group, priority, rule, advice, target = row = [cells[n].strip() for n in at]
        if wrong := _find_wrong_cell(row):
            place, what = wrong
            raise file.fail(what, line, at[place] + 1)
        if effective is not None:
            newest = max(newest, cells[effective])
        if active == "1":
            rows.setdefault(concept, []).append([int(group), int(priority), rule, target.replace(".", ""), advice])
    start = re.search(r"(20\d{2})(\d{2})(\d{2})", f"{newest} {file.name}")
    if not rows or not start:
        raise file.fail("no active row with an effective date: is the file cut short?")
    for found in rows.values():
        found.sort()
    day = date(int(start[1]), int(start[2]), int(start[3]))
    layout, payload = pack_rows(rows)
    return [ParsedSet(KIND, day.isoformat(), day, None, len(rows), layout, payload)]


def _find_wrong_cell(row: list[str]) -> tuple[int, str] | None:
    """Which of `_COLUMNS` holds what it may not, and why."""
    active, concept, group, priority, _, _, target = row
    if active not in ("0", "1"):
        return 0, "active must be 0 or 1"
    if not (concept.isascii() and concept.isdigit() and 6 <= len(concept) <= 18):
        return 1, "not a SNOMED CT concept id"
    if not (group.isdigit() and priority.isdigit()):
        return 2, "map group and priority must be whole numbers"
    if target and not _TARGET.fullmatch(target):
        return 6, f"{target[:10]!r} is not an ICD-10-CM code"
    return None
