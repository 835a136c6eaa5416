"""Encounter NDJSON: one `schemas.encounter.Encounter` as JSON on each line, read as a stream."""

from collections.abc import Iterator
from typing import BinaryIO

from pydantic import ValidationError

from connectors.ehr.json_input import JsonRefusal, parse_json
from connectors.ehr.model_errors import describe_errors
from schemas.encounter import Encounter
from schemas.findings import Finding

MAX_LINE_BYTES = 4 * 1024 * 1024  # an encounter with every list full stays below


def read_encounter_lines(stream: BinaryIO) -> Iterator[tuple[int, bytes, Encounter | Finding]]:
    """(line number from 1, the line's bytes, the encounter or what is wrong with it) for each line that is not blank.

    A line beyond MAX_LINE_BYTES is a finding; its bytes are cut there, and reading goes on with the next line.
    """
    number = 0
    while line := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(line) > MAX_LINE_BYTES and not line.endswith(b"\n"):
            _skip_rest_of_line(stream)
            remedy = "send one encounter a line, and split what belongs to several"
            yield number, line[:MAX_LINE_BYTES], _refuse(number, "too_large", f"over {MAX_LINE_BYTES} bytes", remedy)
            continue
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        line = line.strip()
        if line:
            yield number, line, read_encounter_line(line, number)


def read_encounter_line(line: bytes, number: int) -> Encounter | Finding:
    """One line as an encounter, or as a finding that names the line and the field but never the value."""
    try:
        # Python's reader refuses what must not pass (twice the same key, NaN, depth); pydantic's builds the model.
        parse_json(line, max_bytes=MAX_LINE_BYTES)
        return Encounter.model_validate_json(line)
    except JsonRefusal as refusal:
        return _refuse(number, refusal.code, refusal.what, refusal.remedy)
    except ValidationError as error:
        where, what = describe_errors(error)
        remedy = "mend the field as the page on encounters describes it, and send the line again"
        return _refuse(number, "bad_encounter", what, remedy, where)


def _skip_rest_of_line(stream: BinaryIO) -> None:
    while (chunk := stream.readline(MAX_LINE_BYTES)) and not chunk.endswith(b"\n"):
        pass


def _refuse(number: int, code: str, what: str, remedy: str, field: str = "") -> Finding:
    where = f"line {number}" + (f", {field}" if field else "")
    return Finding(code=code, severity="reject", owner="ehr", where=where[:200], what=what, remedy=remedy)
