"""NCCI procedure-to-procedure edits: 4.5 million rows as 8 bytes each, found in about a microsecond.

A file is tab-separated with 6 lines before the rows, and 7 columns: column 1 code, column 2 code, `*` for edits older
than 1996, effective date, deletion date or `*`, modifier indicator 0/1/9, rationale (domain rules, section 7).

Each entry is one 64-bit number, so that the entries of a column 1 code sort by column 2 code, then by date:
column 2 number (20 bits), first day (16), last day (16), modifier indicator (4), rationale number (8).
"""

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal, cast

from connectors.codesets.reading import CodeFile, ParsedSet, parse_file_date, quarter_end
from connectors.codesets.set_file import SetFile
from schemas.codesets import PtpEdit

PRACTITIONER_KIND = "ncci_ptp_practitioner"
OUTPATIENT_KIND = "ncci_ptp_outpatient"
# CMS publishes each table in four files; the numbers tell which of them are missing (domain rules, section 7).
PARTS = ("f1", "f2", "f3", "f4")

_NAME = re.compile(r"cci(pra|oph)-v(\d{2})([0-3])r\d+-(f\d)", re.IGNORECASE)
_CODE = re.compile(r"[0-9A-Z]\d{3}[0-9A-Z]", re.ASCII)
_PREAMBLE_LINES = 6
_DAY_ZERO = date(1960, 1, 1)
_DAY_ZERO_ORDINAL = _DAY_ZERO.toordinal()
_OPEN_END = 0xFFFF
_COLUMN2_SHIFT, _FROM_SHIFT, _TO_SHIFT, _INDICATOR_SHIFT = 44, 28, 12, 8


def is_ptp(head: str) -> bool:
    """Whether the beginning of a file is a PTP table's."""
    return "Column1/Column2 Edits" in head and "\t" in head


def read_ptp(file: CodeFile) -> list[ParsedSet]:
    """One of the four files of a table; the table and the quarter stand in its name, such as ccipra-v323r0-f1.TXT."""
    match = _NAME.search(file.name)
    if not match:
        raise file.fail("its name does not say table, version and part: name it as CMS does, such as ccipra-v323r0-f1")
    start = date(1994 + int(match[2]), 1 + 3 * int(match[3]), 1)  # version 32 is 2026; its digit counts quarters from 0
    entries, numbers, rationales = _read_entries(file)
    if not entries:
        raise file.fail("no rows after the preamble: is the file cut short?", _PREAMBLE_LINES)
    offsets, position = {}, 0
    packed: list[bytes] = []
    for column1 in sorted(entries):
        offsets[column1] = position
        group = array("Q", sorted(entries.pop(column1)))
        packed.append(group.tobytes())
        position += len(group)
    layout = {"codes": list(numbers), "rationales": list(rationales), "offsets": offsets}
    version = f"v{match[2]}{match[3]}"
    kind = PRACTITIONER_KIND if match[1].lower() == "pra" else OUTPATIENT_KIND
    return [ParsedSet(kind, version, start, quarter_end(start), position, layout, packed, match[4].lower())]


def _read_entries(file: CodeFile) -> tuple[dict[str, "array[int]"], dict[str, int], dict[str, int]]:
    entries: dict[str, array[int]] = {}
    numbers: dict[str, int] = {}
    rationales: dict[str, int] = {}
    days = lru_cache(maxsize=4096)(_day_number)  # a few hundred distinct dates in millions of rows
    for line, cells in _rows(file):
        column1, column2, _, first, last, indicator, rationale = cells
        group = entries.get(column1)
        if group is None:
            _require_code(file, column1, line, 1)
            group = entries[column1] = array("Q")
        number = numbers.get(column2)
        if number is None:
            _require_code(file, column2, line, 2)
            number = numbers[column2] = len(numbers)
        from_day, to_day = days(first), _OPEN_END if last == "*" else days(last)
        if from_day < 0 or to_day < 0:
            column = 4 if from_day < 0 else 5
            raise file.fail("an effective or deletion date must be YYYYMMDD, a deletion date may be *", line, column)
        if indicator not in ("0", "1", "9"):
            raise file.fail("the modifier indicator must be 0, 1 or 9", line, 6)
        reason = rationales.setdefault(rationale, len(rationales))
        if reason > 0xFF or number >= 1 << 20:
            raise file.fail("more kinds of rationale or codes than a PTP table has: not a file of this kind", line)
        group.append(
            number << _COLUMN2_SHIFT
            | from_day << _FROM_SHIFT
            | to_day << _TO_SHIFT
            | int(indicator) << _INDICATOR_SHIFT
            | reason
        )
    return entries, numbers, rationales


def _rows(file: CodeFile) -> Iterator[tuple[int, list[str]]]:
    for line, text in file.lines():
        if line <= _PREAMBLE_LINES or not text:
            continue
        cells = text.split("\t")
        if len(cells) != 7:
            raise file.fail(f"{len(cells)} columns where a row has 7: is the file cut short?", line, len(cells))
        yield line, cells


def _require_code(file: CodeFile, code: str, line: int, column: int) -> None:
    if not _CODE.fullmatch(code):
        raise file.fail(f"{code[:10]!r} is not a CPT or HCPCS code", line, column)


def _day_number(text: str) -> int:
    day = parse_file_date(text)
    number = (day - _DAY_ZERO).days if day else -1
    return number if number < _OPEN_END else -1


class PtpTable:
    """One opened PTP file: the entries of each column 1 code lie together, sorted by column 2 code, then date."""

    def __init__(self, file: SetFile) -> None:
        layout = file.layout
        self.about = file.about
        self.numbers: dict[str, int] = {code: number for number, code in enumerate(layout["codes"])}
        starts = list(layout["offsets"].values())
        ends = [*starts[1:], file.about.rows]
        self.groups = {code: (self, s, e) for code, s, e in zip(layout["offsets"], starts, ends, strict=True)}
        self.entries = file.payload.cast("Q")
        self._rationales: list[str] = layout["rationales"]

    def unpack(self, column1: str, column2: str, entry: int) -> PtpEdit:
        to_day = entry >> _TO_SHIFT & 0xFFFF
        return PtpEdit(
            column1,
            column2,
            _DAY_ZERO + timedelta(days=entry >> _FROM_SHIFT & 0xFFFF),
            None if to_day == _OPEN_END else _DAY_ZERO + timedelta(days=to_day),
            cast(Literal["0", "1", "9"], str(entry >> _INDICATOR_SHIFT & 0xF)),
            self._rationales[entry & 0xFF],
            self.about.label,
        )


class PtpEdits:
    """The newest loaded quarter of a PTP table, whose rows restate every earlier quarter with their dates."""

    def __init__(self, files: list[SetFile]) -> None:
        newest = max((file.about.effective_from for file in files), default=None)
        self.tables = [PtpTable(file) for file in files if file.about.effective_from == newest]
        self._groups: dict[str, list[tuple[PtpTable, int, int]]] = {}
        for table in self.tables:
            for column1, group in table.groups.items():
                self._groups.setdefault(column1, []).append(group)

    def find(self, column1: str, column2: str, on: date) -> PtpEdit | None:
        """The row of a pair in force on a date, the deletion date inclusive."""
        for table, start, end in self._groups.get(column1, ()):
            number = table.numbers.get(column2)
            if number is None:
                continue
            entries = table.entries
            position = bisect_left(entries, number << _COLUMN2_SHIFT, start, end)
            while position < end and (entry := entries[position]) >> _COLUMN2_SHIFT == number:
                day = on.toordinal() - _DAY_ZERO_ORDINAL
                if entry >> _FROM_SHIFT & 0xFFFF <= day <= entry >> _TO_SHIFT & 0xFFFF:
                    return table.unpack(column1, column2, entry)
                position += 1
        return None

    def missing_parts(self) -> list[str]:
        """Which of the four files are not there, when any is."""
        there = {table.about.part for table in self.tables}
        return [part for part in PARTS if there and part not in there]
