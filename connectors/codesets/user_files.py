"""Files that the user owns: CPT from the AMA, texts of CARC and RARC from X12, places of service.

`code,short,effective,termination` for CPT and places of service, `code,description,start,stop` for CARC and RARC.
Their words are licensed: nothing of them is shipped.
"""

import re
from datetime import date
from typing import Any

from connectors.codesets.reading import CodeFile, ParsedSet, iso_or_empty
from connectors.codesets.set_file import pack_rows

CPT_KIND, PLACE_KIND, CARC_KIND, RARC_KIND = "cpt", "place_of_service", "carc", "rarc"
_DATED_HEADER = ["code", "short", "effective", "termination"]
_TEXT_HEADER = ["code", "description", "start", "stop"]
_SHAPES = {
    CPT_KIND: re.compile(r"\d{4}[0-9FTUMA]", re.ASCII),
    PLACE_KIND: re.compile(r"\d{2}", re.ASCII),
    RARC_KIND: re.compile(r"M\d{1,3}|MA\d{1,3}|N\d{1,4}", re.ASCII),
    CARC_KIND: re.compile(r"[A-Z]?\d{1,3}", re.ASCII),
}


def is_user_file(head: str) -> bool:
    return _header(head) in (_DATED_HEADER, _TEXT_HEADER)


def _header(head: str) -> list[str]:
    return [cell.strip().strip('"').lower() for cell in head.split("\n", 1)[0].rstrip("\r").split(",")]


def read_user_file(file: CodeFile) -> list[ParsedSet]:
    """One list; which one it is, its first code says."""
    kind, rows, starts = "", dict[str, list[Any]](), list[date]()
    for line, row in file.rows(by_hand=True):
        if line == 1 or not any(row):
            continue
        if len(row) != 4:
            raise file.fail(f"{len(row)} cells where the header has 4", line, len(row))
        code, words = row[0].strip(), " ".join(row[1].split())
        kind = kind or _kind_of(file, code, line)
        if not _SHAPES[kind].fullmatch(code):
            raise file.fail(f"{code[:10]!r} is not a {kind.upper().replace('_', ' ')} code", line, 1)
        if code in rows:
            raise file.fail(f"the code {code} stands twice", line, 1)
        start, end = file.dated_or_none(row[2], line, 3), file.dated_or_none(row[3], line, 4)
        rows[code] = [words[:500], iso_or_empty(start), iso_or_empty(end)]
        starts.extend([start] if start else [])
    if not rows:
        raise file.fail("no rows below the header: is the file cut short?")
    layout, payload = pack_rows(rows)
    newest = max(starts, default=date(1900, 1, 1))
    return [ParsedSet(kind, newest.isoformat(), min(starts, default=newest), None, len(rows), layout, payload)]


def _kind_of(file: CodeFile, code: str, line: int) -> str:
    kinds = (CPT_KIND, PLACE_KIND) if _header(file.head()) == _DATED_HEADER else (RARC_KIND, CARC_KIND)
    for kind in kinds:
        if _SHAPES[kind].fullmatch(code):
            return kind
    raise file.fail(f"{code[:10]!r} is no code of the lists with this header", line, 1)
