"""The bounds of values: every number, date, amount and text of every event has one, found out by trying."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from schemas.bounds import DAY_MAX, DAY_MIN, is_in_calendar
from schemas.errors import UnreadableMessageError
from schemas.event import Body
from schemas.events import EVENT_TYPES, EncounterReceived
from schemas.store import Record
from schemas.wire import decode_record
from streams.catalogue.events import read_example

# Dates that may lie anywhere: they are compared and shown, never counted on.
ANY_DAY = {"start_date", "end_date", "coverage_expiration_date", "received_date", "fiscal_period_date"}
ANY_DAY |= {"deadline", "answer_due_on", "stood_at"}  # counted from a day within bounds, or from a wrong clock
# Claims that we built, whole: what X12 cannot carry of them is found where the file is written.
BUILT = "claim"
TYPES = [pytest.param(body_type, id=name) for name, body_type in EVENT_TYPES.items()]

Place = tuple[Any, Any, str]


def list_leaves(value: Any, name: str = "") -> Iterator[Place]:
    """Every scalar of a document, as its parent, its key there, and its path."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in items:
        path = f"{name}.{key}" if isinstance(key, str) else name
        if isinstance(child, dict | list):
            yield from list_leaves(child, path)
        else:
            yield value, key, path


def spoil(value: object, path: str) -> Iterator[object]:
    """Values of the same kind that no event may hold."""
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, int):
        yield from (-1, 10**12)
    elif isinstance(value, str) and is_date(value):
        if path.rpartition(".")[2] not in ANY_DAY:
            yield from ("1899-12-31", "2101-01-01", "9999-12-31")
    elif isinstance(value, str):
        if value.replace(".", "", 1).lstrip("-").isdigit() and value[-3:-2] == ".":
            yield from ("9999999999999999.00", "-9999999999999999.00", "1E9")
        yield f"{value}\x00"


def is_date(text: str) -> bool:
    return len(text) == 10 and text[4] == text[7] == "-" and text.replace("-", "").isdigit()


@pytest.mark.parametrize("body_type", TYPES)
def test_no_event_takes_a_value_beyond_its_bounds(body_type: type[Body]) -> None:
    document = json.loads(read_example(body_type).model_dump_json())
    for parent, key, path in list(list_leaves(document)):
        if f".{BUILT}." in f"{path}." and "parties" not in path and body_type.type not in ("rcm.paid",):
            continue
        good = parent[key]
        for bad in spoil(good, path):
            parent[key] = bad
            with pytest.raises(ValidationError):
                body_type.model_validate_json(json.dumps(document))
                pytest.fail(f"{body_type.type}{path} takes {bad!r}")
        parent[key] = good


@pytest.mark.parametrize(("day", "is_one"), [(DAY_MIN, True), (DAY_MAX, True)])
def test_both_ends_of_the_calendar_are_days(day: date, is_one: bool) -> None:
    assert is_in_calendar(day) is is_one
    assert not is_in_calendar(DAY_MIN - timedelta(days=1)) and not is_in_calendar(DAY_MAX + timedelta(days=1))


def test_coverage_may_have_no_end() -> None:
    document = json.loads(read_example(EncounterReceived).model_dump_json())
    document["coverages"][0] |= {"start_date": "0001-01-01", "end_date": "9999-12-31"}

    body = EncounterReceived.model_validate_json(json.dumps(document))

    assert body.coverages[0].end_date == date.max


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "1899-12-31T23:59:59Z"])
def test_a_message_of_no_time_of_ours_is_unreadable(at: str) -> None:
    body = read_example(EncounterReceived)
    record = Record(
        EncounterReceived.topic, 0, 0, "id", EncounterReceived.type, 1, "key", at, "id", None, "",
        body.model_dump_json().encode(),
    )  # fmt: skip

    with pytest.raises(UnreadableMessageError, match="1900 to 2100"):
        decode_record(record)
