"""ICD-10-CM from the CMS order file, the codes file, or the tabular list in XML (domain rules, section 7)."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from datetime import date
from typing import Any

from connectors.codesets.reading import MONTHS, CodeFile, ParsedSet
from connectors.codesets.set_file import pack_rows
from connectors.codesets.tabular_notes import read_notes

KIND = "icd10cm"
NOTES_KIND = "icd10cm_tabular"
CODE = re.compile(r"[A-Z][0-9A-Z]{2,6}")
_ORDER_LINE = re.compile(r"\d{5} [A-Z][0-9A-Z]{2}[0-9A-Z ]{4} [01] \S")
_CODES_LINE = re.compile(r"[A-Z][0-9][0-9A-Z](?:[0-9A-Z]{1,4})? {1,6}\S")
MINIMUM_CODES = 30_000  # half a file is refused: every release since 2016 has 69,000 billable codes or more
_SEVENTH_DOES_NOT_APPLY = re.compile(
    r"7th characters ([A-Z](?:(?:, | and |, and )[A-Z])*) do not apply to codes in category ([A-Z][0-9A-Z]{2}) "
    r"with 6th character ([0-9A-Z])\b(?:.*?, or ([0-9A-Z])\b)?"
)


def find_release(name: str, fiscal_year: str = "") -> tuple[str, date, date] | None:
    """Version, first and last day of a release from its file's name: October by its fiscal year, or an April update."""
    year = re.search(r"20[1-9]\d", name) or re.search(r"20[1-9]\d", fiscal_year)
    if not year:
        return None
    fiscal = int(year[0])
    month = re.search(r"(?<![a-z])(jan|apr)[a-z]*(?![a-z])", name, re.IGNORECASE)
    if month:
        number = MONTHS[month[1].lower()]
        word = {1: "January", 4: "April"}[number]
        return f"FY{fiscal} {word}", date(fiscal, number, 1), date(fiscal, 9, 30)
    return f"FY{fiscal}", date(fiscal - 1, 10, 1), date(fiscal, 9, 30)


def build_icd10cm(file: CodeFile, codes: Mapping[str, tuple[bool | None, str]], release_hint: str = "") -> ParsedSet:
    """The set from code -> (billable or None when the file does not say, words)."""
    release = find_release(file.name, release_hint)
    if release is None:
        raise file.fail("its name does not say the fiscal year: name it as CMS does, such as icd10cm_order_2027.txt")
    if len(codes) < MINIMUM_CODES:
        raise file.fail(f"only {len(codes)} codes, a whole release has {MINIMUM_CODES} or more: is the file cut short?")
    children: dict[str, list[str]] = {}
    for code in sorted(codes):
        parent = next((code[:n] for n in range(len(code) - 1, 2, -1) if code[:n] in codes), None)
        if parent:
            children.setdefault(parent, []).append(code)
    rows: dict[str, list[Any]] = {}
    for code, (billable, words) in codes.items():
        below = children.get(code, [])
        only_seventh = bool(below) and all(len(c) == 7 and c[:6] == code.ljust(6, "X") for c in below)
        seventh = "".join(c[6] for c in below) if only_seventh else ""
        rows[code] = [int(not below if billable is None else billable), words, " ".join(below), seventh]
    layout, payload = pack_rows(rows)
    return ParsedSet(KIND, release[0], release[1], release[2], len(rows), layout, payload)


def is_order_line(line: str) -> bool:
    return _ORDER_LINE.match(line) is not None


def is_codes_line(line: str) -> bool:
    return _CODES_LINE.match(line) is not None


def read_order_file(file: CodeFile) -> list[ParsedSet]:
    """`icd10cm_order_YYYY.txt`: columns 1-5 sequence, 7-13 code, 15 billable 1/0, 17-76 short, 78- long words."""
    codes: dict[str, tuple[bool | None, str]] = {}
    for number, line in file.lines():
        if not line.strip():
            continue
        code, flag = line[6:13].rstrip(), line[14:15]
        if not line[:5].isdigit():
            raise file.fail("columns 1-5 must be the sequence number", number, 1)
        if not CODE.fullmatch(code):
            raise file.fail("columns 7-13 must be a code without its dot", number, 7)
        if flag not in ("0", "1"):
            raise file.fail("column 15 must be 1 (billable) or 0 (header)", number, 15)
        if code in codes:
            raise file.fail(f"the code {code} stands twice", number, 7)
        codes[code] = (flag == "1", line[16:76].rstrip())
    return [build_icd10cm(file, codes)]


def read_codes_file(file: CodeFile) -> list[ParsedSet]:
    """`icd10cm_codes_YYYY.txt`: the billable codes only, columns 1-7, then their words; headers are their prefixes."""
    codes: dict[str, tuple[bool | None, str]] = {}
    for number, line in file.lines():
        if not line.strip():
            continue
        code, words = line[:7].rstrip(), line[7:].strip()
        if not CODE.fullmatch(code):
            raise file.fail("columns 1-7 must be a code without its dot", number, 1)
        if not words:
            raise file.fail("the words of the code are missing", number, 9)
        codes[code] = (True, words[:120])
    for code in list(codes):
        for length in range(3, min(len(code), 6)):
            if code[:length] not in codes and not code[:length].endswith("X"):
                codes[code[:length]] = (False, "")
    return [build_icd10cm(file, codes)]


def read_tabular(file: CodeFile) -> list[ParsedSet]:
    """The tabular list in XML: the codes with 7th characters written out, and the notes that edits judge by."""
    data = file.read()
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise file.fail("a document type or entity declaration is not accepted: the CMS file has none")
    try:
        root = ET.fromstring(data)
    except ET.ParseError as error:
        line, column = error.position
        raise file.fail("not well-formed XML; is the file cut short?", line, column + 1) from error
    codes: dict[str, tuple[bool | None, str]] = {}
    for top in root.iterfind("chapter/section/diag"):
        _collect_codes(file, top, [], codes)
    for chars, category, digits in _seventh_exceptions(root):
        for code in [c for c in codes if len(c) == 7 and c[:3] == category and c[5] in digits and c[6] in chars]:
            del codes[code]
    parsed = build_icd10cm(file, codes, root.findtext("version") or "")
    notes = read_notes(root)
    layout, payload = pack_rows(notes)
    return [
        parsed,
        ParsedSet(NOTES_KIND, parsed.version, parsed.effective_from, parsed.effective_to, len(notes), layout, payload),
    ]


def _collect_codes(
    file: CodeFile, diag: ET.Element, sevenths: list[tuple[str, str]], codes: dict[str, tuple[bool | None, str]]
) -> None:
    code = (diag.findtext("name") or "").replace(".", "")
    if not CODE.fullmatch(code):
        raise file.fail(f"a diag element is named {code[:20]!r}, which is not a code")
    definition = diag.find("sevenChrDef")
    if definition is not None:
        sevenths = [(e.get("char", ""), e.text or "") for e in definition.iterfind("extension")]
    words = diag.findtext("desc") or ""
    codes[code] = (None, words)
    below = diag.findall("diag")
    for child in below:
        _collect_codes(file, child, sevenths, codes)
    if not below and len(code) < 7:
        for character, meaning in sevenths:
            codes[code.ljust(6, "X") + character] = (None, f"{words}, {meaning}")


def _seventh_exceptions(root: ET.Element) -> list[tuple[set[str], str, set[str]]]:
    """(7th characters, category, 6th characters) that a note says do not combine, such as S06 with a death."""
    found = []
    for note in root.iterfind(".//notes/note"):
        match = _SEVENTH_DOES_NOT_APPLY.search(note.text or "")
        if match:
            chars = set(re.findall(r"\b[A-Z]\b", match[1]))
            found.append((chars, match[2], {digit for digit in match.group(3, 4) if digit}))
    return found
