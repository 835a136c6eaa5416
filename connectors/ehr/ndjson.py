"""Encounter NDJSON: one encounter, or one act about an encounter, as JSON on each line, read as a stream.

An act stands under its kind: `{"corrected": {...}}`, or `queried`, `answered`, `override`.
"""

from collections.abc import Iterator
from typing import BinaryIO

from pydantic import ValidationError, model_validator

from connectors.ehr.json_input import JsonRefusal, parse_json
from connectors.ehr.model_errors import describe_errors
from schemas.base import Frozen
from schemas.encounter import Encounter
from schemas.events import EncounterAct, EncounterCorrected, OverrideRequested, ProviderAnswered, ProviderQueried
from schemas.findings import Finding

MAX_LINE_BYTES = 4 * 1024 * 1024  # an encounter with every list full stays below

Sent = Encounter | EncounterAct


class SentAct(Frozen):
    """A line that holds one act about an encounter, under the name of its kind."""

    corrected: EncounterCorrected | None = None
    queried: ProviderQueried | None = None
    answered: ProviderAnswered | None = None
    override: OverrideRequested | None = None

    @property
    def acts(self) -> list[EncounterAct]:
        found = (self.corrected, self.queried, self.answered, self.override)
        return [act for act in found if act is not None]

    @model_validator(mode="after")
    def _require_one(self) -> "SentAct":
        if len(self.acts) != 1:
            raise ValueError("a line holds one act")
        return self


def read_encounter_lines(stream: BinaryIO) -> Iterator[tuple[int, bytes, Sent | Finding]]:
    """(line number from 1, its bytes, the encounter, the act, or what is wrong) for each line that is not blank.

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


def read_encounter_line(line: bytes, number: int) -> Sent | Finding:
    """One line as an encounter or act, or as a finding that names the line and the field but never the value."""
    try:
        # Python's reader refuses what must not pass (twice the same key, NaN, depth); pydantic's builds the model.
        parsed = parse_json(line, max_bytes=MAX_LINE_BYTES)
        if isinstance(parsed, dict) and parsed.keys() & SentAct.model_fields.keys():
            return SentAct.model_validate_json(line).acts[0]
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
