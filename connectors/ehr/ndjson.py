"""Encounter NDJSON: one encounter, or one act about an encounter, as JSON on each line, read as a stream.

An act stands under its kind: `{"corrected": {...}}`, or `queried`, `answered`, `override`.
"""

import re
from collections.abc import Iterator

from pydantic import ValidationError, model_validator

from connectors.ehr.json_input import JsonRefusal, parse_json
from connectors.ehr.model_errors import describe_errors
from connectors.ehr.sent import Sent, publish_sent
from schemas.base import Frozen
from schemas.encounter import Encounter
from schemas.events import EncounterAct, EncounterCorrected, OverrideRequested, ProviderAnswered, ProviderQueried
from schemas.findings import Finding
from schemas.inbound import Inbound, Receipt, Unread

MAX_LINE_BYTES = 4 * 1024 * 1024  # an encounter with every list full stays below
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
BEGINS_OBJECT = re.compile(rb'\{\s*["}]')
ONE_A_LINE = "write each encounter as JSON on one line of its own"


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


def read_encounter_lines(data: bytes, receipt: Receipt) -> Iterator[Inbound]:
    """Each encounter, act, or line that is neither; lines are counted from 1, and blank ones are passed over.

    Lines in a row that do not even begin as an object begins are one part: the pieces of a document that somebody
    wrote over several lines, or no JSON at all.
    """
    pieces: list[tuple[int, bytes]] = []
    size = 0
    for number, line in split_lines(data):
        if not BEGINS_OBJECT.match(line) and size + len(line) <= MAX_LINE_BYTES:
            pieces.append((number, line))
            size += len(line)
            continue
        yield from _refuse_pieces(pieces)
        pieces, size = [], 0
        yield _read_line(line, number, receipt)
    yield from _refuse_pieces(pieces)


def split_lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(number from 1, bytes) of each line that is not blank; one beyond MAX_LINE_BYTES is cut a byte behind it. Files
    that were put together may have a byte order mark before any line."""
    start = number = 0
    while start < len(data):
        end = data.find(b"\n", start) % (len(data) + 1)  # the last line may have no end
        number += 1
        if line := data[start : min(end, start + MAX_LINE_BYTES + 1)].strip().removeprefix(BYTE_ORDER_MARK).lstrip():
            yield number, line
        start = end + 1


def _read_line(line: bytes, number: int, receipt: Receipt) -> Inbound:
    found = read_encounter_line(line, number)
    if isinstance(found, Finding):
        unread = Unread(number, line[:MAX_LINE_BYTES], f"{found.where}: {found.what}")
        return Inbound(findings=(found,), unread=(unread,))
    return Inbound((publish_sent(found, receipt.secret, receipt.received_at),))


def _refuse_pieces(pieces: list[tuple[int, bytes]]) -> Iterator[Inbound]:
    if not pieces:
        return
    (first, line), (last, _) = pieces[0], pieces[-1]
    found = read_encounter_line(line, first)
    assert isinstance(found, Finding)  # no object
    if len(pieces) > 1:
        what = f"no JSON object in a line, from here to line {last}"
        found = found.replace(code="not_json", what=what, remedy=ONE_A_LINE)
    body = b"\n".join(line for _, line in pieces)
    yield Inbound(findings=(found,), unread=(Unread(first, body, f"{found.where}: {found.what}"),))


def read_encounter_line(line: bytes, number: int) -> Sent | Finding:
    """One line as an encounter or act, or as a finding that names the line and the field but never the value."""
    if len(line) > MAX_LINE_BYTES:
        remedy = "send one encounter a line, and split what belongs to several"
        return _refuse(number, "too_large", f"over {MAX_LINE_BYTES} bytes", remedy)
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


def _refuse(number: int, code: str, what: str, remedy: str, field: str = "") -> Finding:
    where = f"line {number}" + (f", {field}" if field else "")
    return Finding(code=code, severity="reject", owner="ehr", where=where[:200], what=what, remedy=remedy)
