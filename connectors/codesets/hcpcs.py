"""HCPCS Level II and its modifiers, from CMS's alpha-numeric file as fixed text or as CSV (domain rules, section 7)."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from connectors.codesets.reading import (
    CodeFile,
    ParsedSet,
    find_quarter,
    iso_or_empty,
    quarter_end,
    quarter_version,
)
from connectors.codesets.set_file import pack_rows

KIND = "hcpcs"
MODIFIER_KIND = "hcpcs_modifier"
CODE = re.compile(r"[A-CE-V]\d{4}", re.ASCII)
DENTAL = re.compile(r"D\d{4}", re.ASCII)  # the dental association's codes: never kept
MODIFIER = re.compile(r"[A-Z0-9]{2}")
CODES_MIN = 1000
TEXT_WIDTH = 292
_TEXT_START = re.compile(r"[A-Z0-9 ]{5}\d{5}[3478]", re.ASCII)
_PROCEDURE, _MODIFIER = "3", "7"  # record ids 4 and 8 continue their long words
_COLUMNS = ("HCPC", "RECID", "SHORT DESCRIPTION", "ADD DT", "TERM DT")

# line, code, record id, short words, added, terminated, and the columns of code, record id, added, terminated
_Record = tuple[int, str, str, str, str, str, tuple[int, int, int, int]]


def is_hcpcs(head: str) -> bool:
    """Whether the beginning of a file is that of the alpha-numeric file, as CSV or as fixed text."""
    first = head.split("\n", 1)[0].rstrip("\r")
    return first.startswith("HCPC,") or (len(first) >= TEXT_WIDTH and _TEXT_START.match(first) is not None)


def read_hcpcs(file: CodeFile) -> list[ParsedSet]:
    """The codes and the modifiers of one quarter. In force = added through terminated."""
    records = _csv_records(file) if file.head().startswith("HCPC,") else _text_records(file)
    codes: dict[str, list[Any]] = {}
    modifiers: dict[str, list[Any]] = {}
    for line, code, record, words, added, terminated, at in records:
        if record not in "3478" or not record:
            raise file.fail("the record id must be 3, 4, 7 or 8", line, at[1])
        if record == _PROCEDURE and not DENTAL.fullmatch(code):
            if not CODE.fullmatch(code):
                raise file.fail(f"{code[:10]!r} is not a HCPCS Level II code", line, at[0])
            codes[code] = _row(file, words, added, terminated, line, at)
        elif record == _MODIFIER:
            if not MODIFIER.fullmatch(code):
                raise file.fail(f"{code[:10]!r} is not a modifier", line, at[0])
            modifiers[code] = _row(file, words, added, terminated, line, at)
    start = find_quarter(file.name)
    if start is None:
        raise file.fail("its name does not say the quarter: name it as CMS does, such as HCPC2026_OCT_ANWEB.txt")
    if len(codes) < CODES_MIN:
        raise file.fail(f"only {len(codes)} codes, a whole quarter has {CODES_MIN} or more: is the file cut short?")
    return [_parsed(KIND, start, codes), _parsed(MODIFIER_KIND, start, modifiers)]


def _row(
    file: CodeFile, words: str, added: str, terminated: str, line: int, at: tuple[int, int, int, int]
) -> list[Any]:
    start = file.dated_or_none(added, line, at[2])
    end = file.dated_or_none(terminated, line, at[3])
    return [words.strip(), iso_or_empty(start), iso_or_empty(end)]


def _parsed(kind: str, start: date, rows: dict[str, list[Any]]) -> ParsedSet:
    layout, payload = pack_rows(rows)
    return ParsedSet(kind, quarter_version(start), start, quarter_end(start), len(rows), layout, payload)


def _text_records(file: CodeFile) -> Iterator[_Record]:
    for number, line in file.lines():
        if not line.strip():
            continue
        if len(line) < TEXT_WIDTH:
            raise file.fail(f"a line of {len(line)} characters, {TEXT_WIDTH} are needed: cut short?", number, len(line))
        code, words = line[:5].strip(), line[91:119]
        yield number, code, line[10], words, line[268:276], line[284:292], (1, 11, 269, 285)


def _csv_records(file: CodeFile) -> Iterator[_Record]:
    at: dict[str, int] = {}
    for number, row in file.rows():
        if not at:
            names = [cell.strip().upper() for cell in row]
            if missing := [name for name in _COLUMNS if name not in names]:
                raise file.fail(f"the header lacks {', '.join(missing)}", number, 1)
            at, width = {name: names.index(name) for name in _COLUMNS}, len(names)
            continue
        if len(row) != width:
            raise file.fail(f"{len(row)} cells where the header has {width}: cut short?", number, len(row))
        code, record, words, added, terminated = (row[at[name]].strip() for name in _COLUMNS)
        columns = tuple(at[name] + 1 for name in _COLUMNS)
        yield number, code, record, words, added, terminated, (columns[0], columns[1], columns[3], columns[4])
