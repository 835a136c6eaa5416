"""Encounter NDJSON: good lines beside bad ones, and what is said of the bad."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.demo import generate_encounters
from connectors.ehr import ndjson
from connectors.ehr.ndjson import read_encounter_lines
from schemas.base import Frozen
from schemas.encounter import Encounter
from schemas.events import EncounterReceived
from schemas.findings import Finding
from tests.receiving import make_receipt


def read(data: bytes) -> list[Frozen]:
    """What each line, or run of pieces, became."""
    pieces = read_encounter_lines(data, make_receipt(data))
    return [found for piece in pieces for found in (*(event.body for event in piece.events), *piece.findings)]


def make_line(**changes: Any) -> bytes:
    values = json.loads(next(generate_encounters(1, seed=1)).model_dump_json()) | changes
    return json.dumps({key: value for key, value in values.items() if value != "(left out)"}).encode() + b"\n"


def find_in(line: bytes) -> Finding:
    (piece,) = read_encounter_lines(line, make_receipt(line))
    (finding,), (part,) = piece.findings, piece.unread
    assert (part.place, part.body) == (1, line.strip())
    assert part.reason == f"{finding.where}: {finding.what}"
    return finding


def test_what_the_demo_writes_is_read_back() -> None:
    sent = list(generate_encounters(100, seed=2))
    data = b"".join(encounter.model_dump_json().encode() + b"\n" for encounter in sent)
    assert [Encounter(**vars(found)) for found in read(data)] == sent


def test_lines_are_numbered_as_an_editor_numbers_them() -> None:
    data = b"\xef\xbb\xbf" + make_line() + b"\r\n\n" + b"{\n" + make_line().rstrip()
    first, broken, last = read(data)
    assert isinstance(first, EncounterReceived) and isinstance(last, EncounterReceived)
    assert isinstance(broken, Finding) and broken.where == "line 4"


def test_pieces_in_a_row_are_one_part_that_can_be_given_back() -> None:
    pretty = json.dumps(json.loads(make_line()), indent=1).encode()
    data = make_line() + pretty + b"\n" + make_line() + b'{"source_system": "cut\n{"source_system": "cut\n'
    pieces = list(read_encounter_lines(data, make_receipt(data)))
    assert [len(piece.events) for piece in pieces] == [1, 0, 1, 0, 0]
    (part,) = pieces[1].unread
    assert (part.place, json.loads(part.body)) == (2, json.loads(pretty))
    assert part.reason == f"line 2: no JSON object in a line, from here to line {1 + len(pretty.splitlines())}"


def test_files_put_together_keep_their_byte_order_marks_out_of_the_lines() -> None:
    mark = b"\xef\xbb\xbf"
    assert len(read(mark + make_line() + mark + make_line() + mark)) == 2


def test_only_what_an_encounter_needs_has_to_be_sent() -> None:
    line = {
        "source_system": "clinic", "source_id": "1", "version": "1", "start_date": "2026-03-31",
        "patient": {"id": "p", "family_name": "Fallowdale"},
    }  # fmt: skip
    (found,) = read(json.dumps(line).encode())
    assert isinstance(found, EncounterReceived)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"start_date": "31.03.2026"}, "start_date"),
        ({"start_date": "(left out)"}, "start_date"),
        ({"patient": {"id": "", "family_name": "Fallowdale"}}, "patient.id"),
        ({"patient": {"id": "1", "family_name": "Fallowdale", "sex": "female"}}, "patient.sex"),
        ({"patient_paid_amount": 12.5}, "patient_paid_amount"),
        ({"patient_paid_amount": "12.505"}, "patient_paid_amount"),
        ({"status": "done"}, "status"),
        ({"services": [{"line_id": "1"}]}, "services.0.system"),
        ({"diagnosis": []}, "diagnosis"),
        ({"Fallowdale": 1}, "(a key that is no field)"),
    ],
)
def test_a_bad_field_is_named_by_line_and_path_without_its_value(changes: dict[str, Any], field: str) -> None:
    finding = find_in(make_line(**changes))
    assert finding.code == "bad_encounter"
    assert finding.where == f"line 1, {field}"
    assert "Fallowdale" not in finding.model_dump_json()


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"{", "not_json"),
        (b"\xff", "not_utf8"),
        (b'{"version": "1", "version": "2"}', "duplicate_key"),
        (b'{"version": NaN}', "not_a_number"),
        (b'{"a":' * 101 + b"1" + b"}" * 101, "too_deep"),
        (b"[]", "bad_encounter"),
        (b'{"source_id": "\\ud800"}', "bad_encounter"),
    ],
)
def test_a_line_that_is_no_safe_json_is_refused(line: bytes, code: str) -> None:
    assert find_in(line).code == code


def test_a_line_without_end_is_cut_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ndjson, "MAX_LINE_BYTES", 4000)
    data = b"x" * 10_000 + b"\n" + make_line() + b"y" * 9_000
    pieces = list(read_encounter_lines(data, make_receipt(data)))
    cut = [[(part.place, len(part.body)) for part in piece.unread] for piece in pieces]
    assert cut == [[(1, 4000)], [], [(3, 4000)]]
    assert [piece.findings[0].code for piece in pieces if piece.findings] == ["too_large", "too_large"]


@given(st.lists(st.binary(max_size=60), max_size=5))
def test_any_bytes_become_findings_and_never_an_exception(lines: list[bytes]) -> None:
    assert all(isinstance(found, Finding) for found in read(b"\n".join(lines)))


ACT = {
    "action_id": "e1",
    "source_system": "clinic-a",
    "source_id": "V1001",
    "patient_id": "P77",
    "version": "1",
    "who": "ehr-user",
    "role": "provider",
}


def test_an_act_about_an_encounter_stands_under_its_kind() -> None:
    correction = {**ACT, "why": "as documented", "lines": [{"line_id": "1", "units": "2", "modifiers": ["59"]}]}
    answer = {**ACT, "query_id": "q1", "answer": "Acute."}
    lines = [{"corrected": correction}, {"answered": answer}]
    found = read(b"\n".join(json.dumps(line).encode() for line in lines))

    assert [type(sent).__name__ for sent in found] == ["EncounterCorrected", "ProviderAnswered"]


@pytest.mark.parametrize(
    "line",
    [
        {"corrected": ACT},  # no reason
        {"corrected": {**ACT, "why": ""}},
        {"corrected": {**ACT, "why": "r"}, "queried": {**ACT, "question": "q"}},
        {"corrected": {**ACT, "why": "r", "role": "Chief Coder!"}},
        {"corrected": {**ACT, "why": "r", "lines": [{"line_id": "1", "colour": "red"}]}},
    ],
)
def test_an_act_that_is_not_whole_is_refused(line: dict[str, Any]) -> None:
    assert find_in(json.dumps(line).encode()).code == "bad_encounter"
