"""Smaller CMS tables: medically unlikely edits, physician fee schedule indicators, add-on codes (domain, section 7)."""

import re
from datetime import date, timedelta
from typing import Any

from connectors.codesets.reading import (
    MONTHS,
    CodeFile,
    ParsedSet,
    find_quarter,
    iso_or_empty,
    quarter_end,
    quarter_version,
)
from connectors.codesets.set_file import pack_rows
from schemas.codesets import MueSetting

# What the header of a table calls those who bill; Medicaid's have no adjudication indicator: all are edits of lines.
_MUE_SETTINGS: dict[str, tuple[MueSetting, MueSetting]] = {
    "practitioner services": ("practitioner", "medicaid_practitioner"),
    "outpatient hospital services": ("outpatient", "medicaid_outpatient"),
    "dme supplier services": ("dme", "medicaid_dme"),
    "durable medical equipment services": ("dme", "medicaid_dme"),
}
_INDICATOR_TITLE = "mue adjudication indicator"
_BY_LINE = "1"
PFS_KIND = "pfs"
ADD_ON_KIND = "add_on"
CODE = re.compile(r"[0-9A-Z]\d{3}[0-9A-Z]", re.ASCII)
_GLOBAL_DAYS = frozenset(["000", "010", "090", "MMM", "XXX", "YYY", "ZZZ"])
_PFS_AMOUNTS = (5, 6, 8, 10)  # work, PE outside and in a facility, malpractice
_PFS_SURGEONS = (20, 21, 22)  # indicators of assistants, co-surgeons and teams
_PFS_FACTOR = 25  # the conversion factor, where the header does not say that it is another: it moved in 2026
_PFS_AMOUNT = re.compile(r"([0-9]{1,5}\.[0-9]{1,4})?", re.ASCII)
_PFS_COLUMNS_MIN, _PFS_TITLE = 26, re.compile(
    r"(20\d{2}) National Physician Fee Schedule Relative Value File\s+(\w+) Release", re.IGNORECASE
)  # fmt: skip
_ADD_ON_LINE_WIDTH = 32
_NO_PRIMARY = "CCCCC"  # stands where a type 2 code lists no primary


def is_mue(head: str) -> bool:
    return "MUE Values" in head


def is_pfs(head: str) -> bool:
    return _PFS_TITLE.search(head) is not None


def is_add_on(name: str, head: str) -> bool:
    first = head.split("\n", 1)[0]
    return "AOC" in name.upper() and re.match(r"[123][0-9A-Z]{5}", first) is not None


def read_mue(file: CodeFile) -> list[ParsedSet]:
    """The MUE values of one quarter. MAI is text that begins with its digit; the name's date begins the quarter."""
    kind, rows = "", dict[str, list[Any]]()
    is_medicaid = False
    for line, row in file.rows():
        if not kind:
            title = " ".join(" ".join(row).lower().split())
            is_medicaid = _INDICATOR_TITLE not in title
            settings = next((both for words, both in _MUE_SETTINGS.items() if f"{words} mue values" in title), None)
            kind = f"mue_{settings[is_medicaid]}" if settings else ""
            continue
        if not any(row):
            continue
        width = 3 - is_medicaid
        if len(row) < width:
            raise file.fail(f"{len(row)} columns where a row has {width + 1}: is the file cut short?", line, len(row))
        code, limit = row[0].strip(), row[1].strip()
        indicator = _BY_LINE if is_medicaid else row[2].strip()[:1]
        if not CODE.fullmatch(code):
            raise file.fail(f"{code[:10]!r} is not a CPT or HCPCS code", line, 1)
        if not (limit.isascii() and limit.isdigit() and len(limit) <= 7):
            raise file.fail("the MUE value must be a whole number", line, 2)
        if indicator not in ("1", "2", "3"):
            raise file.fail("the adjudication indicator must begin with 1, 2 or 3", line, 3)
        rows[code] = [int(limit), indicator, row[width].strip() if len(row) > width else ""]
    start = find_quarter(file.name)
    if start is None:
        raise file.fail("its name does not say the quarter: name it as CMS does, such as ..._Eff_10-01-2026.csv")
    return [_quarterly(file, kind, start, rows)]


def read_pfs(file: CodeFile) -> list[ParsedSet]:
    """Relative values and policy indicators of the physician fee schedule; its title row has year and quarter."""
    start: date | None = None
    is_below_header, amount_places = False, (*_PFS_AMOUNTS, _PFS_FACTOR)
    rows: dict[str, list[Any]] = {}
    for line, row in file.rows():
        if not is_below_header:
            if title := _PFS_TITLE.search(" ".join(row)):
                month = MONTHS.get(title[2][:3].lower(), 1)
                start = date(int(title[1]), month, 1)
            header = [cell.strip() for cell in row]
            is_below_header = header[:2] == ["HCPCS", "MOD"]
            amount_places = (*_PFS_AMOUNTS, header.index("FACTOR") if "FACTOR" in header else _PFS_FACTOR)
            continue
        if not any(row):
            continue
        code, modifier = _check_pfs_row(file, line, row, amount_places)
        status, technical, days, *indicators = (row[n].strip() for n in (3, 13, 14, 18, 19))
        not_in_office, not_in_facility = (int(row[n].strip().upper() == "NA") for n in (7, 9))
        kept = [row[n].strip() for n in (*amount_places, *_PFS_SURGEONS)]
        rows[f"{code}:{modifier}"] = [status, technical, days, *indicators, not_in_office, not_in_facility, *kept]
    if start is None:
        raise file.fail("the title with year and release is missing")
    return [_quarterly(file, PFS_KIND, start, rows)]


def _check_pfs_row(file: CodeFile, line: int, row: list[str], amount_places: tuple[int, ...]) -> tuple[str, str]:
    """The code and modifier of a row whose cells are what the table may hold; CodeFileError for any other."""
    if len(row) < _PFS_COLUMNS_MIN:
        raise file.fail(f"{len(row)} columns where a row has 32: is the file cut short?", line, len(row))
    code, modifier, status, technical, days = (row[n].strip() for n in (0, 1, 3, 13, 14))
    if not CODE.fullmatch(code):
        raise file.fail(f"{code[:10]!r} is not a CPT or HCPCS code", line, 1)
    if not re.fullmatch(r"[A-Z]", status):
        raise file.fail("the status code must be one letter", line, 4)
    if not re.fullmatch(r"[0-9]", technical):
        raise file.fail("the PC/TC indicator must be one digit", line, 14)
    if days not in _GLOBAL_DAYS:
        raise file.fail(f"the global days must be one of {', '.join(sorted(_GLOBAL_DAYS))}", line, 15)
    for place in amount_places:
        if not _PFS_AMOUNT.fullmatch(row[place].strip()):
            raise file.fail("a relative value or conversion factor must be a decimal number", line, place + 1)
    return code, modifier


def read_add_on(file: CodeFile) -> list[ParsedSet]:
    """Add-on codes. Fixed columns: 1 type, 2-6 add-on, 7-13 its deletion, 14-18 primary, 19-25 its deletion,
    26-32 effective, 33-39 deletion; dates are YYYYDDD, the day counted in its year."""
    rows: dict[str, list[Any]] = {}
    for line, text in file.lines():
        if not text.strip():
            continue
        if len(text) < _ADD_ON_LINE_WIDTH:
            raise file.fail(f"{len(text)} characters, {_ADD_ON_LINE_WIDTH} are needed: cut short?", line, len(text))
        kind, code, primary = text[0], text[1:6].strip(), text[13:18].strip()
        if kind not in "123":
            raise file.fail("the type must be 1, 2 or 3", line, 1)
        if not CODE.fullmatch(code):
            raise file.fail(f"{code!r} is not a CPT or HCPCS code", line, 2)
        if primary not in ("", _NO_PRIMARY) and not CODE.fullmatch(primary):
            raise file.fail(f"{primary!r} is not a CPT or HCPCS code", line, 14)
        start = _day_of_year(file, text[25:32], line, 26)
        ends = [_day_of_year(file, text[at : at + 7], line, at + 1) for at in (6, 18, 32)]
        end = min((day for day in ends if day), default=None)
        listed = "" if primary == _NO_PRIMARY else primary
        rows.setdefault(code, []).append([kind, listed, iso_or_empty(start), iso_or_empty(end)])
    start_of_quarter = find_quarter(file.name)
    if start_of_quarter is None:
        raise file.fail("its name does not say the quarter: name it as CMS does, such as AOC_V2026Q4-MCR.txt")
    return [_quarterly(file, ADD_ON_KIND, start_of_quarter, rows)]


def _day_of_year(file: CodeFile, text: str, line: int, column: int) -> date | None:
    text = text.strip()
    if not text or set(text) <= {"0", "9"}:
        return None
    if not re.fullmatch(r"(?:19|20)\d{5}", text, re.ASCII) or not 1 <= int(text[4:]) <= 366:
        raise file.fail("a date must be YYYYDDD, the day counted in its year", line, column)
    return date(int(text[:4]), 1, 1) + timedelta(days=int(text[4:]) - 1)


def _quarterly(file: CodeFile, kind: str, start: date, rows: dict[str, list[Any]]) -> ParsedSet:
    if not rows:
        raise file.fail("no rows below the header: is the file cut short?")
    layout, payload = pack_rows(rows)
    return ParsedSet(kind, quarter_version(start), start, quarter_end(start), len(rows), layout, payload)
