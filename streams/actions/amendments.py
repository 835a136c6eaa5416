"""What a coder types, as changes of an encounter: `2 modifiers=25,59 units=2`, `E11.65,I10:Y`.

Lines are named by the number that findings show, and become the EHR's line ids here. An error says what was typed
wrong; nothing is published then.
"""

import re
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from pydantic import ValidationError

from schemas.encounter import Diagnosis, Encounter, Service
from schemas.events import LineChange
from schemas.money import parse_money

FIELDS = {
    "code": "code",
    "system": "system",
    "modifiers": "modifiers",
    "units": "units",
    "charge": "charge_amount",
    "pointers": "diagnosis_pointers",
    "place": "place_of_service",
    "ndc": "ndc",
    "revenue": "revenue_code",
}
M = TypeVar("M", LineChange, Service, Diagnosis)
_CPT = re.compile(r"\d{5}|\d{4}[FTUMA]", re.ASCII)


class AmendmentError(ValueError):
    """What was typed cannot be a change; the message says why and shows the form."""


def read_line_change(text: str, encounter: Encounter) -> LineChange:
    """`NUMBER field=value ...` for a line that stands."""
    number, _, rest = text.strip().partition(" ")
    return _build(LineChange, {"line_id": find_line_id(number, encounter), **_read_fields(rest)}, text)


def read_added_line(text: str, encounter: Encounter, line_id: str) -> Service:
    """`code=97110 units=1 charge=80.00 ...`; the service is of the encounter's first day."""
    values = {"line_id": line_id, "service_date_from": encounter.start_date, **_read_fields(text)}
    if "code" not in values:
        raise AmendmentError(f"'{text}': an added line needs code=")
    return _build(Service, values, text)


def find_line_id(number: str, encounter: Encounter) -> str:
    """The EHR's id of a line, by the number that findings show."""
    count = len(encounter.services)
    if not (number.isascii() and number.isdecimal() and 1 <= int(number) <= count):
        raise AmendmentError(f"'{number}' is no line of this encounter: its lines are 1 to {count}")
    return encounter.services[int(number) - 1].line_id


def read_diagnoses(text: str, encounter: Encounter) -> tuple[Diagnosis, ...]:
    """`E11.65,I10:Y`: the whole list, principal first, each with its present-on-admission indicator if it has one.

    A diagnosis that stands already keeps its documented words and its indicator.
    """
    known = {_plain(item.code): item for item in encounter.diagnoses if item.system == "ICD-10-CM"}
    found = []
    for item in filter(None, (part.strip() for part in text.split(","))):
        code, _, present = item.partition(":")
        same = known.get(_plain(code))
        values: dict[str, Any] = {
            "system": "ICD-10-CM",
            "code": code.upper(),
            "description": same.description if same else "",
            "present_on_admission": present.upper() or (same.present_on_admission if same else ""),
        }
        found.append(_build(Diagnosis, values, item))
    if not found:
        raise AmendmentError("--diagnoses is the whole list, such as E11.65,I10")
    return tuple(found)


def _plain(code: str) -> str:
    return code.replace(".", "").upper()


def _read_fields(text: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for word in text.split():
        name, equals, value = word.partition("=")
        if not equals or name not in FIELDS:
            raise AmendmentError(f"'{word}' is no change: write {', '.join(f'{field}=' for field in FIELDS)}")
        values[FIELDS[name]] = _read_value(name, value)
    if not values:
        raise AmendmentError(f"'{text}' changes nothing: write for example 'modifiers=25,59 units=2 pointers=1,2'")
    if "code" in values and "system" not in values:
        values["system"] = "CPT" if _CPT.fullmatch(values["code"]) else "HCPCS"
    return values


def _read_value(name: str, value: str) -> Any:
    parts = tuple(filter(None, value.split(",")))
    try:
        if name == "modifiers":
            return tuple(part.upper() for part in parts)
        if name == "pointers":
            return tuple(map(int, parts))
        if name == "units":
            return Decimal(value)
        if name == "charge":
            return parse_money(value)
    except (ValueError, InvalidOperation):
        raise AmendmentError(f"'{name}={value}' is not a value for {name}") from None
    return value.upper() if name in ("code", "system") else value


def _build(model: type[M], values: dict[str, Any], text: str) -> M:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise AmendmentError(f"'{text}': {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
