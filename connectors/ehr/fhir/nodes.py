"""Elements of FHIR JSON, read strictly: a value of the wrong type is an error that names its path, never its value."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

MAX_TEXT = 100_000
MAX_ELEMENTS = 500  # of one list: many resources may refer to one that has it, and each looks through it again
MAX_ITEMS = 200_000  # of lists that are looked through once: entries, contained resources, lines of a claim
# FHIR R4 date and dateTime; times are checked as far as a date is read from them.
_DATE = re.compile(r"(\d{4})(-(\d\d)(-(\d\d)(T.{1,40})?)?)?", re.ASCII)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")


class FhirError(ValueError):
    """An element that cannot be read: its path in the bundle, what is wrong, how to mend it. Quotes no value."""

    def __init__(self, path: str, what: str, remedy: str = "send the element as FHIR R4 defines it") -> None:
        super().__init__(f"{path}: {what}")
        self.path, self.what, self.remedy = path, what, remedy


class Node:
    """One JSON object of a resource, with its path for messages. What is absent reads as empty."""

    __slots__ = ("data", "path")

    def __init__(self, data: dict[str, Any], path: str) -> None:
        self.data = data
        self.path = path

    def __bool__(self) -> bool:
        return bool(self.data)

    def fail(self, key: str, what: str) -> FhirError:
        """The error to raise about one element of this object."""
        return FhirError(f"{self.path}.{key}", what)

    def node(self, key: str) -> "Node":
        """A child object."""
        value = self.data.get(key, {})
        if not isinstance(value, dict):
            raise self.fail(key, "an object belongs here")
        return Node(value, f"{self.path}.{key}")

    def nodes(self, key: str, at_most: int = MAX_ELEMENTS) -> list["Node"]:
        """A list of child objects."""
        value = self.data.get(key, [])
        if not isinstance(value, list):
            raise self.fail(key, "a list belongs here")
        if len(value) > at_most:
            raise FhirError(f"{self.path}.{key}", f"more than {at_most} of them", "send it in parts")
        children = []
        for index, item in enumerate(value):
            if not isinstance(item, dict):
                raise self.fail(f"{key}[{index}]", "an object belongs here")
            children.append(Node(item, f"{self.path}.{key}[{index}]"))
        return children

    def first(self, key: str) -> "Node":
        """The first of a list of child objects."""
        children = self.nodes(key)
        return children[0] if children else Node({}, f"{self.path}.{key}[0]")

    def text(self, key: str) -> str:
        """A string on one line: control characters become spaces."""
        value = self.data.get(key, "")
        if not isinstance(value, str) or len(value) > MAX_TEXT:
            raise self.fail(key, "a string of reasonable length belongs here")
        return _CONTROLS.sub(" ", value).strip()

    def texts(self, key: str) -> list[str]:
        """A list of strings; null, which FHIR allows where only an extension stands, is left out."""
        value = self.data.get(key, [])
        if isinstance(value, list) and len(value) > MAX_ELEMENTS:
            raise FhirError(f"{self.path}.{key}", f"more than {MAX_ELEMENTS} of them", "send it in parts")
        if not isinstance(value, list) or not all(item is None or isinstance(item, str) for item in value):
            raise self.fail(key, "a list of strings belongs here")
        return [_CONTROLS.sub(" ", item).strip() for item in value if item and len(item) <= MAX_TEXT]

    def code(self, key: str, binding: frozenset[str]) -> str:
        """A code of a required binding; a code outside of it is an error, since its meaning is unknown."""
        value = self.text(key)
        if value not in binding:
            wanted = ", ".join(sorted(binding))
            raise FhirError(f"{self.path}.{key}", "absent or outside of its value set", f"send one of {wanted}")
        return value

    def number(self, key: str) -> Decimal | None:
        """A number, exact."""
        value = self.data.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise self.fail(key, "a number belongs here")
        return Decimal(value)

    def whole_numbers(self, key: str) -> list[int]:
        """A list of whole numbers, such as the sequences by which elements of a claim name each other."""
        value = self.data.get(key, [])
        if not isinstance(value, list) or not all(type(item) is int for item in value):
            raise self.fail(key, "a list of whole numbers belongs here")
        return value

    def date(self, key: str) -> date | None:
        """The day of a date or dateTime as the sender wrote it; a year or month alone reads as absent."""
        text = self.text(key)
        if not text:
            return None
        match = _DATE.fullmatch(text)
        if not match:
            raise self.fail(key, "not a date such as 2026-03-31 or 2026-03-31T10:15:00Z")
        if not match[5]:
            return None
        try:
            return date(int(match[1]), int(match[3]), int(match[5]))
        except ValueError:
            raise self.fail(key, "a day that the calendar does not have") from None


@dataclass(frozen=True)
class Coding:
    """One code of a concept: the system's URI, the code, the display."""

    system: str
    code: str
    display: str


def read_codings(concept: Node) -> Iterator[Coding]:
    """The codings of a CodeableConcept that have a code."""
    for coding in concept.nodes("coding"):
        if code := coding.text("code"):
            yield Coding(coding.text("system"), code, coding.text("display"))


def has_code(concept: Node, *codes: str) -> bool:
    """Whether a CodeableConcept holds one of these codes, whatever the system."""
    return any(coding.code in codes for coding in read_codings(concept))


def read_identifier(resource: Node, systems: frozenset[str], type_codes: frozenset[str] = frozenset()) -> str:
    """The value of the first identifier of one of these systems, else of one of these v2-0203 types, else ''."""
    identifiers = [each for each in resource.nodes("identifier") if each.text("value")]
    for identifier in identifiers:
        if identifier.text("system") in systems:
            return identifier.text("value")
    for identifier in identifiers:
        if type_codes and has_code(identifier.node("type"), *type_codes):
            return identifier.text("value")
    return ""
