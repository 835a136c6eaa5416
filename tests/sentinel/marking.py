"""Encounters in which every field that holds PHI holds a word that stands nowhere else, named by the field.

A word found where people or machines read says which field came there.
"""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from connectors.demo import generate_encounters
from schemas.base import phi_paths
from schemas.encounter import Encounter

BORN = date(1931, 7, 9)
POSTAL_CODE = "982417731"
# A day of service is PHI too, but it is a deadline's and a report's beginning everywhere: no word can be told by it.
DAYS = frozenset(
    path
    for path in phi_paths(Encounter)
    if path.endswith(("_date", "_from", "_to", ".on")) and not path.endswith("birth_date")
)
# What is matched or keyed by differs from one patient or visit to the next: the word is put before what stands there.
IDENTITIES = ("patient.id", "source_id", "coverages[].member_id")


def list_marks() -> dict[str, tuple[str, ...]]:
    """Each path with the ways in which its word may be written, in small letters."""
    marks: dict[str, tuple[str, ...]] = {}
    for number, path in enumerate(sorted(phi_paths(Encounter) - DAYS)):
        name = path.rpartition(".")[2]
        if name == "birth_date":
            marks[path] = ("1931-07-09", "19310709", "07/09/1931", "july 9, 1931", "9 july 1931")
        elif name == "postal_code":
            marks[path] = (POSTAL_CODE, "98241-7731", "98241")
        else:
            marks[path] = (f"zqx{chr(97 + number // 26)}{chr(97 + number % 26)}word",)
    return marks


# What people and the bank write beside the encounter.
WORDS = {name: (f"zqx{name}word",) for name in ("why", "question", "answer", "deposit")}
MARKS = list_marks() | WORDS


def make_marked_encounters(count: int, seed: int) -> Iterator[Encounter]:
    """Made-up encounters of every fate; the first two of them have every field that may hold PHI."""
    for number, encounter in enumerate(generate_encounters(count, seed)):
        document = encounter.model_dump(mode="json")
        if number == 0:
            _fill(document)
        if number == 1:
            document["hospital"] = {"type_of_bill": "0131", "attending_provider": document["billing_provider"]}
        yield Encounter.model_validate_json(json.dumps(_mark(document, "")))


def _fill(document: dict[str, Any]) -> None:
    """What a made-up encounter leaves out."""
    provider = {**document["billing_provider"], "tax_id": "", "given_name": "Corian"}
    for role in ("referring_provider", "supervising_provider", "service_facility", "rendering_provider"):
        document[role] = {**(document[role] or provider), "address": document["billing_provider"]["address"]}
    document["note"] = "a note"
    document["documentation"] = [{"kind": "condition", "system": "LOCAL", "code": "W-1", "description": "words"}]
    person = {name: document["patient"][name] for name in ("family_name", "given_name", "birth_date", "sex", "address")}
    for coverage in document["coverages"]:
        coverage |= {"relationship": "child", "subscriber": person}
    for service in document["services"]:
        service |= {"note": "words", "description": "words", "rendering_provider": document["rendering_provider"]}


def _mark(node: Any, path: str) -> Any:
    if isinstance(node, dict):
        return {name: _mark(value, f"{path}.{name}" if path else name) for name, value in node.items()}
    if isinstance(node, list):
        return [_mark(value, f"{path}[]") for value in node]
    if path not in MARKS or node is None:
        return node
    name = path.rpartition(".")[2]
    if name == "birth_date":
        return BORN.isoformat()
    if name == "postal_code":
        return POSTAL_CODE
    word = MARKS[path][0].capitalize()
    return f"{word}{node}" if path in IDENTITIES else word


def find_marks(text: str) -> set[str]:
    """The fields whose words stand in a text."""
    lowered = text.lower()
    return {path for path, spellings in MARKS.items() if any(spelling in lowered for spelling in spellings)}
