"""Mutants of JSON documents: values at and beyond every bound, swapped, missing, repeated; the same for a seed."""

import copy
import json
import random
from collections.abc import Iterator, Sequence
from typing import Any

from schemas.bounds import AMOUNT_MAX, INDEX_MAX, SUM_MAX, TOTAL_MAX

NUMBERS = (-1, 0, 1, 2, 9, 99, 100, 200, 1_000, 9_999, 99_999, INDEX_MAX, 999_999_999, 2**31, 2**63 - 1, 2**63, 10**30)
DATES = ("1899-12-31", "1900-01-01", "2100-12-31", "2101-01-01", "0001-01-01", "9999-12-31", "2024-02-29", "2026-11-20")
TIMES = ("0001-01-01T00:00:00+14:00", "1900-01-01T00:00:00Z", "2100-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00")
BOUNDS = [str(sign * most) for most in (AMOUNT_MAX, TOTAL_MAX, SUM_MAX) for sign in (1, -1)]
AMOUNTS = (
    *("0.00", "0.01", "-0.01", "-1.00", "99999999.99", "100000000.00", "10000000000.00", *BOUNDS),
    *("92233720368547758.07", "-92233720368547758.07", "1E99", "NaN", "12345678901234567890123456.00"),
)
TEXTS = (
    "", " ", ".", "0", "-1", "A", "AB", "E11.9 Type 2 diabetes", "99213-25-59", "X" * 18, "X" * 50, "X" * 60,
    "X" * 200, "X" * 2_000, "~*:^|", "張三 ภาษาไทย \U0001f600", "a\u202eb", "ﬀ\u0301", "a\x1b[2Jb", "tab\tline\nend",
    "٣", "²", "None", "{0} %s {x}", "NORTHSIDE'; --", "\x00",
)  # fmt: skip


class Values:
    """What stands under each field name anywhere in a run: what a mutant may swap in."""

    def __init__(self, documents: Iterator[Any]) -> None:
        self.by_name: dict[str, list[Any]] = {}
        for document in documents:
            self._collect("", document)

    def _collect(self, name: str, value: Any) -> None:
        found = self.by_name.setdefault(name, [])
        if value not in (None, [], {}) and len(found) < 40 and value not in found:
            found.append(value)
        children = (
            value.items()
            if isinstance(value, dict)
            else [(name, item) for item in value[:20]]
            if isinstance(value, list)
            else ()
        )
        for child_name, child in children:
            self._collect(child_name, child)


def mutate(document: Any, dice: random.Random, values: Values) -> Any:
    """A copy with one to three changes."""
    changed = copy.deepcopy(document)
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        places = list(_list_places(changed, ""))
        if places:
            parent, key, name = dice.choice(places)
            _change(parent, key, name, dice, values)
    return changed


def _list_places(value: Any, name: str) -> Iterator[tuple[Any, Any, str]]:
    """Every place of a document, as its parent, its key there, and the name of its field."""
    items: Sequence[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    for key, child in items:
        child_name = key if isinstance(key, str) else name
        yield value, key, child_name
        yield from _list_places(child, child_name)


def _change(parent: Any, key: Any, name: str, dice: random.Random, values: Values) -> None:
    value = parent[key]
    roll = dice.random()
    if roll < 0.12:
        del parent[key]
    elif roll < 0.18:
        parent[key] = None
    elif roll < 0.35 and values.by_name.get(name):
        parent[key] = copy.deepcopy(dice.choice(values.by_name[name]))
    else:
        parent[key] = _spoil(value, dice)


def _spoil(value: Any, dice: random.Random) -> Any:
    """Another value of the same kind, at a bound of it or beyond."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return dice.choice((*NUMBERS, value + 1, value - 1))
    if isinstance(value, list):
        if not value:
            return value
        return dice.choice(([], value[:1], value[::-1], value[1:], value * 2, [*value, value[0]], value * 60))
    if isinstance(value, str):
        return _spoil_text(value, dice)
    return dice.choice((None, 0, "", [], *DATES[:2])) if value is None else {}


def _spoil_text(text: str, dice: random.Random) -> str:
    if len(text) == 10 and text[4:5] == "-" == text[7:8] and dice.random() < 0.8:
        return dice.choice(DATES)
    if text[4:5] == "-" and "T" in text and dice.random() < 0.8:
        return dice.choice(TIMES)
    number = text.removeprefix("-").replace(".", "", 1)
    if number.isdigit() and "." in text and dice.random() < 0.8:
        return dice.choice(AMOUNTS)
    whole = (text * 2, text[:-1], text.lower(), text[::-1], text + " ", text[:1])
    return dice.choice((*TEXTS, *whole))


def dump(document: Any) -> bytes:
    return json.dumps(document).encode()
