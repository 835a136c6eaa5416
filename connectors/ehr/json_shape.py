"""What a JSON text is, by what stands in it and never by the order of its keys or its lines: one document, or lines.

An object that fills a line, with no comma or bracket behind it, stands in no document of several lines. So one such
line tells lines from a document, wherever it stands and however broken the others are.
"""

import json
import re
from collections.abc import Iterator
from typing import Literal

from connectors.ehr.json_input import ALL_BUT_BRACKETS, MAX_DEPTH, STRING

# A FHIR resource; records on lines; FHIR resources on lines; another document; no JSON at all.
Shape = Literal["fhir", "lines", "fhir_lines", "document", ""]

HEAD_BYTES = 4096  # most FHIR tells itself here
LINE_BYTES_MAX = 4 * 1024 * 1024
_TEXT = re.compile(rb"\S")
_LINE = re.compile(rb"^[^\S\n]*\S", re.MULTILINE)
_RECORD = re.compile(rb'^\{[ \t]*"[^\n]*', re.MULTILINE)
_LIST = re.compile(rb'\[\s*[\[{"\]]')
_TOKEN = re.compile(STRING.pattern + rb"|[\[\]{}]", re.DOTALL)
_RESOURCE_TYPE = re.compile(rb'"resourceType"\s*:')
_COLON = re.compile(rb"\s*:")


def shape_json(data: bytes, begin: int = 0) -> Shape:
    """The shape of a text whose first character stands at `begin`, in time proportional to its length and in the memory
    of a line."""
    if data[begin + 1 : begin + 2] == b"\0":
        return ""  # UTF-16
    end = data.find(b"\n", begin) % (len(data) + 1)  # the last line may have no end
    if not _TEXT.search(data, end):
        return _shape_document(data, begin, "lines")
    first = data[begin : min(end, begin + LINE_BYTES_MAX + 1)].rstrip()
    if is_record(first):
        is_fhir = _scan(first)[0]
        return "lines" if not is_fhir else "fhir_lines" if _RECORD.search(data, end) else "fhir"
    if first.startswith(b"{") and _scan(data[begin : begin + HEAD_BYTES])[0]:
        return "fhir"
    record = next(_find_records(data), None)
    if record is not None and 2 * _count_records(data) >= sum(1 for _ in _LINE.finditer(data)):
        return "fhir_lines" if _scan(record)[0] else "lines"
    return _shape_document(data, begin, "document")


def is_record(line: bytes) -> bool:
    """Whether a line is one object and nothing else, as far as its brackets tell."""
    if len(line) > LINE_BYTES_MAX or not line.startswith(b"{") or not line.endswith(b"}"):
        return False
    depth, brackets = 0, STRING.sub(b"", line).translate(None, ALL_BUT_BRACKETS)
    for place, bracket in enumerate(brackets, 1):
        depth += 1 if bracket in b"[{" else -1
        if depth > MAX_DEPTH or (depth <= 0 and place < len(brackets)):
            return False
    return depth == 0


def _shape_document(data: bytes, begin: int, other: Shape) -> Shape:
    """A text as one document, whole or cut off; `other` is what an object is that is no FHIR."""
    if data[begin : begin + 1] != b"{":
        return "document" if _LIST.match(data, begin) else ""
    has_type, is_closed = _scan(data, begin)
    # What was cut off may have lost its type: its resources have theirs.
    return "fhir" if has_type or (not is_closed and _RESOURCE_TYPE.search(data, begin)) else other


def _scan(text: bytes, begin: int = 0) -> tuple[bool, bool]:
    """Whether the object that begins there has the key resourceType, as every FHIR resource and no encounter has; if
    not, whether all of its brackets are closed."""
    depth = 0
    for token in _TOKEN.finditer(text, begin):
        found = token[0]
        if found in (b"{", b"["):
            depth += 1
        elif found in (b"}", b"]"):
            depth -= 1
        elif depth == 1 and _COLON.match(text, token.end()) and _unescape(found) == "resourceType":
            return True, False
    return False, depth == 0


def _unescape(string: bytes) -> str:
    """A key may be written with escapes; one that is none is no key."""
    if b"\\" not in string:
        return string[1:-1].decode("latin-1")
    try:
        return str(json.loads(string))
    except ValueError:
        return ""


def _find_records(data: bytes) -> Iterator[bytes]:
    """The lines that are whole objects and part of no list."""
    for match in _RECORD.finditer(data):
        line = match[0].rstrip()
        behind = _TEXT.search(data, match.end())
        if is_record(line) and (behind is None or behind[0] not in b"]},"):
            yield line


def _count_records(data: bytes) -> int:
    """The lines that begin as objects and are not followed by a comma, whole or not."""
    return sum(1 for match in _RECORD.finditer(data) if not match[0].rstrip().endswith(b","))
