"""Encounter NDJSON: good lines beside bad ones, and what is said of the bad."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.demo import generate_encounters
from connectors.ehr import ndjson
from connectors.ehr.ndjson import Sent, read_encounter_lines
from schemas.encounter import Encounter
from schemas.findings import Finding


def read(data: bytes) -> list[tuple[int, bytes, Sent | Finding]]:
    return list(read_encounter_lines(io.BytesIO(data)))


def make_line(**changes: Any) -> bytes:
    values = json.loads(next(generate_encounters(1, seed=1)).model_dump_json()) | changes
    return json.dumps({key: value for key, value in values.items() if value != "(left out)"}).encode() + b"\n"


def find_in(line: bytes) -> Finding:
    ((number, kept, finding),) = read(line)
    assert isinstance(finding, Finding)
    assert (number, kept) == (1, line.strip())
    return finding


def test_what_the_demo_writes_is_read_back() -> None:
    sent = list(generate_encounters(100, seed=2))
    data = b"".join(encounter.model_dump_json().encode() + b"\n" for encounter in sent)
    assert [found for _, _, found in read(data)] == sent


def test_lines_are_numbered_as_an_editor_numbers_them() -> None:
    data = b"\xef\xbb\xbf" + make_line() + b"\r\n\n" + b"{\n" + make_line().rstrip()
    assert [(number, type(found)) for number, _, found in read(data)] == [(1, Encounter), (4, Finding), (5, Encounter)]


def test_only_what_an_encounter_needs_has_to_be_sent() -> None:
    line = {
        "source_system": "clinic", "source_id": "1", "version": "1", "start_date": "2026-03-31",
        "patient": {"id": "p", "family_name": "Fallowdale"},
    }  # fmt: skip
    ((_, _, found),) = read(json.dumps(line).encode())
    assert isinstance(found, Encounter)


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
    found = read(b"x" * 10_000 + b"\n" + make_line() + b"y" * 9_000)
    assert [(number, len(line) <= 4000, type(each)) for number, line, each in found] == [
        (1, True, Finding),
        (2, True, Encounter),
        (3, True, Finding),
    ]


@given(st.lists(st.binary(max_size=60), max_size=5))
def test_any_bytes_become_findings_and_never_an_exception(lines: list[bytes]) -> None:
    assert all(isinstance(found, Finding) for _, _, found in read(b"\n".join(lines)))


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
    found = [sent for _, _, sent in read(b"\n".join(json.dumps(line).encode() for line in lines))]

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
