"""The table of readers: every kind has its reader, examples and place in the pages; each is told by its content."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.clearinghouse.inbound import SETS
from connectors.readers import READERS, REFUSED
from tests.connectors.reader_examples import EXAMPLES, HOSTILE, VISIT
from tests.receiving import find_kind, read_document

KINDS = [kind for reader in READERS for kind in reader.kinds]
PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
MARK = b"\xef\xbb\xbf"
BEFORE = [MARK, b"\r\n \n", MARK + b"\n\n", b" " * 5000]


def test_every_kind_has_one_reader_a_good_example_a_hostile_one_and_a_row_of_the_page() -> None:
    rows = re.findall(r"^\| `([\w, `]+)` \|.*\| (\d+) MB \|$", PAGE, re.MULTILINE)
    told = {kind: int(size) for kinds, size in rows for kind in kinds.replace("`", "").split(", ")}
    assert len(KINDS) == len(set(KINDS))
    assert set(KINDS) == set(EXAMPLES) == set(HOSTILE) == set(told)
    assert told == {kind: reader.bytes_max // 1_000_000 for reader in READERS for kind in reader.kinds}


def test_the_kinds_of_x12_are_those_that_its_reader_reads() -> None:
    assert set(READERS[0].kinds) == {*SETS, "TA1"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_good_example_is_told_and_read_without_a_finding(kind: str) -> None:
    assert find_kind(EXAMPLES[kind]) == kind
    read = read_document(EXAMPLES[kind])
    assert read.events and not read.findings and not read.unread


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("before", BEFORE, ids=["mark", "blank", "both", "long"])
def test_what_is_blank_before_a_document_changes_nothing(kind: str, before: bytes) -> None:
    data = before + EXAMPLES[kind]
    assert find_kind(data) == kind
    assert [event.key for event in read_document(data).events] == [
        event.key for event in read_document(EXAMPLES[kind]).events
    ]


UNREAD: dict[str, tuple[bytes, str]] = {
    "UTF-16": (EXAMPLES["835"].decode().encode("utf-16"), "utf16"),
    "UTF-16 without its mark": (EXAMPLES["deposits"].decode().encode("utf-16-be"), "utf16"),
    "X12 in EBCDIC": (EXAMPLES["835"].decode().encode("cp500"), "ebcdic"),
    "HL7 in EBCDIC": (EXAMPLES["hl7"].decode().encode("cp500"), "ebcdic"),
    "BAI2 in EBCDIC": (EXAMPLES["BAI2"].decode().encode("cp500"), "ebcdic"),
    "X12 from GS on": (EXAMPLES["835"][106:], "x12_part"),
    "X12 from ST on": (EXAMPLES["999"][EXAMPLES["999"].index(b"ST*") :], "x12_part"),
    "HL7 from PID on": (EXAMPLES["hl7"][EXAMPLES["hl7"].index(b"PID") :], "hl7_part"),
    "headers of a mail before X12": (b"Content-Type: application/edi-x12\r\n\r\n" + EXAMPLES["835"], "leading_text"),
    "a quote before X12": (b'"' + EXAMPLES["835"] + b'"', "leading_text"),
    "an MLLP frame of X12": (b"\x0b" + EXAMPLES["835"] + b"\x1c\r", "leading_text"),
    "a line before HL7": (b"received today\r\n" + EXAMPLES["hl7"], "leading_text"),
    "a job's card before BAI2": (b"$$ADD ID=BANK BATCHID=1\n" + EXAMPLES["BAI2"], "leading_text"),
    "FHIR as XML": (MARK + b'<?xml version="1.0"?><Bundle xmlns="http://hl7.org/fhir"/>', "xml"),
    "gzip": (b"\x1f\x8b\x08\0\0\0\0\0", "gzip"),
    "other columns": (b"Date,Amount\n2026-11-01,5.00\n", "unknown"),
    "prose": (b"ISAAC NEWTON\nMSHELL\n01/02/2026, a note\n", "unknown"),
}


@pytest.mark.parametrize("name", UNREAD)
def test_what_is_not_taken_in_is_one_finding_that_names_it(name: str) -> None:
    data, kind = UNREAD[name]
    assert find_kind(data) == kind
    read = read_document(data)
    assert [finding.code for finding in read.findings] == ["unsupported_kind"] and not read.events


def test_the_page_names_every_kind_that_is_not_taken_in() -> None:
    told = set(re.findall(r"`(\w+)`", PAGE[PAGE.index("What is none of these") :].partition("\n\n")[0]))
    archives = {"gzip", "bzip2", "xz", "7z"}
    assert {kind for row in REFUSED for kind in row.kinds} - archives - {"unknown"} <= told


BUNDLE: dict[str, Any] = json.loads(EXAMPLES["fhir"])
LATE = {**{key: BUNDLE[key] for key in reversed(BUNDLE)}}
LINE = json.dumps(VISIT).encode()
LINES = EXAMPLES["ndjson"]
PRETTY = json.dumps(VISIT, indent=2).encode()
JSON_CASES: dict[str, tuple[bytes, str]] = {
    "a bundle": (json.dumps(BUNDLE).encode(), "fhir"),
    "printed": (json.dumps(BUNDLE, indent=2).encode(), "fhir"),
    "printed without indents": (json.dumps(BUNDLE, indent=0).encode(), "fhir"),
    "its type last": (json.dumps(LATE).encode(), "fhir"),
    "its type last, printed": (json.dumps(LATE, indent=2).encode(), "fhir"),
    "its type last, an entry a line": (
        b'{"entry": [\n' + b",\n".join(json.dumps(e).encode() for e in BUNDLE["entry"] * 9)
        + b'\n], "type": "batch",\n"resourceType": "Bundle"}',
        "fhir",
    ),
    "its type far behind": (json.dumps({"id": "x" * 9000, **LATE}).encode(), "fhir"),
    "its key with escapes": (json.dumps(LATE).replace("resourceType", "resource\\u0054ype").encode(), "fhir"),
    "cut off": (json.dumps(BUNDLE, indent=2).encode()[:-200], "fhir"),
    "its type last, cut off": (json.dumps(LATE, indent=2).encode()[:-200], "fhir"),
    "its type last, cut off on one line": (json.dumps(LATE).encode()[:-40], "fhir"),
    "a resource that is no bundle": (json.dumps(BUNDLE["entry"][1]["resource"], indent=1).encode(), "fhir"),
    "the word in a text": (json.dumps({**VISIT, "version": '"resourceType": "Bundle"'}).encode(), "ndjson"),
    "the key further in": (json.dumps({**VISIT, "patient": {"resourceType": "Patient"}}).encode(), "ndjson"),
    "one line without an end": (LINE, "ndjson"),
    "a line cut off": (LINE[:-40], "ndjson"),
    "a broken line first": (LINE[:-40] + b"\n" + LINES, "ndjson"),
    "words first": (b"exported by clinic-a\n" + LINES, "ndjson"),
    "an end of a line first": (b'"x"}]}\n' + LINES, "ndjson"),
    "a bracket first": (b"[\n" + LINES, "ndjson"),
    "a printed one between": (LINES + PRETTY + b"\n" + LINES, "ndjson"),
    "blank lines between": (LINES.replace(b"\n", b"\r\n\r\n"), "ndjson"),
    "printed, one encounter": (PRETTY, "json"),
    "printed, several": (PRETTY + b"\n" + PRETTY, "json"),
    "printed, cut off": (PRETTY[:-100], "json"),
    "a list": (json.dumps([VISIT, VISIT]).encode(), "json"),
    "a list, printed": (json.dumps([VISIT, VISIT], indent=1).encode(), "json"),
    "a list, one a line": (b"[\n" + LINE + b",\n" + LINE + b"\n]\n", "json"),
    "a list, one a line, commas first": (b"[ " + LINE + b"\n, " + LINE + b"\n]\n", "json"),
    "a list, one a line, cut off": (b"[\n" + (LINE + b",\n") * 5 + LINE[:50], "json"),
    "a list of nothing": (b"[]", "json"),
    "a list of bundles": (json.dumps([BUNDLE, BUNDLE], indent=1).encode(), "json"),
    "resources one a line": (b"\n".join(json.dumps(e["resource"]).encode() for e in BUNDLE["entry"]), "fhir_lines"),
    "a bundle with something behind it": (EXAMPLES["fhir"] + b"\n;\n", "fhir"),
    "printed, two bundles": (json.dumps(BUNDLE, indent=2).encode() * 2, "fhir"),
    "bundles one a line": ((json.dumps(LATE).encode() + b"\n") * 2, "fhir_lines"),
    "in UTF-16": (LINES.decode().encode("utf-16-le"), "utf16"),
    "prose with a bracket": (b"[draft] to be sent\nlater", "unknown"),
    "a log with a line of JSON": (b"09:00 started\n" * 9 + LINE + b"\n" + b"09:01 ended\n" * 9, "unknown"),
}  # fmt: skip


@pytest.mark.parametrize("name", JSON_CASES)
def test_json_is_told_by_what_it_holds(name: str) -> None:
    data, kind = JSON_CASES[name]
    assert find_kind(data) == kind
    assert find_kind(MARK + b"\n " + data) == kind or kind == "utf16"


KEYS = st.sampled_from(["a", "entry", "type", "meta", "{", "}", "]", '"', "\\", "\n"])
VALUES = st.recursive(
    st.sampled_from([0, "", "{", '"resourceType":', "}]", "a\nb", True, None]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, VALUES, max_size=4), st.data())
def test_every_resource_is_fhir_in_any_order_and_print(elements: dict[str, Any], data: st.DataObject) -> None:
    order = data.draw(st.permutations([*elements, "resourceType"]))
    resource = {key: elements.get(key, "Bundle") for key in order}
    indent = data.draw(st.sampled_from([None, 0, 1, 4, "\t"]))
    assert find_kind(json.dumps(resource, indent=indent).encode()) == "fhir"


@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4) | st.lists(VALUES.map(lambda each: [each]), min_size=1))
def test_every_other_document_over_several_lines_is_one_document(document: Any) -> None:
    data = json.dumps(document, indent=2).encode()
    assert find_kind(data) == "json"
    assert len(read_document(data).findings) == 1


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 200)), min_size=1, max_size=9))
def test_lines_are_lines_as_long_as_one_is_sound(cuts: list[tuple[bool, int]]) -> None:
    lines = [LINE[: -size if is_cut else None] for is_cut, size in cuts]
    kind = "ndjson" if len(lines) == 1 or any(not is_cut for is_cut, _ in cuts) else "json"
    assert find_kind(b"\n".join(lines)) == kind


@pytest.mark.parametrize("name", JSON_CASES)
def test_a_whole_document_is_never_many_findings(name: str) -> None:
    read = read_document(JSON_CASES[name][0])
    assert len(read.findings) <= 1 and len(read.unread) <= 1
    assert read.events or read.findings


@pytest.mark.parametrize("name", ["a broken line first", "words first", "an end of a line first", "a bracket first"])
def test_sound_lines_are_read_behind_a_broken_one(name: str) -> None:
    read = read_document(JSON_CASES[name][0])
    assert [event.key for event in read.events] == [event.key for event in read_document(LINES).events]
    assert [part.place for part in read.unread] == [1]
