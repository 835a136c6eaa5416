"""The notes of the ICD-10-CM tabular list that edits judge by: Excludes1, code first, manifestations.

A reference in a note, such as "(E08-E13 with .44)", becomes [lowest, highest, pattern]: a code matches when its first
characters lie from lowest to highest and the pattern, when there is one, matches the whole code.
"""

import re
import xml.etree.ElementTree as ET
from typing import Any

Reference = list[str]

_BRACKETED = re.compile(r"\(([^()]*)\)")
_CODE = r"([A-Z][0-9A-Z]{2}(?:\.[0-9A-Z]{0,4})?)"
_RANGE = re.compile(rf"{_CODE}(?:-*\s*-\s*{_CODE})?")
_CONDITION = re.compile(r"\bwith\b.*")
_SUFFIX = re.compile(r"with \.([0-9A-Z]+)-?$")
_FINAL = re.compile(r"with final characters -([0-9A-Z]+)$")
_CHARACTER = re.compile(
    r"with (?:a )?(fourth|fifth|sixth|seventh|\dth)(?: (?:or|to) (fifth|sixth|seventh|\dth))?[ -]characters? "
    r"\.?([0-9A-Z](?:-[0-9A-Z])?(?:(?:,| or|, or) [0-9A-Z](?:-[0-9A-Z])?)*)$"
)
_PLACES = {"fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7} | {f"{n}th": n for n in range(4, 8)}
_OPTIONAL = re.compile(r"\bif (?:applicable|known|any|present)\b|\bany associated\b", re.IGNORECASE)
# What goes before a code only where the record has it: "any routine examination", "associated renal disease". At a
# manifestation's title these words name what it is a manifestation of.
_CIRCUMSTANCE = re.compile(r"^\s*any\b|\b(?:associated|current|routine|follow-up|pre-existing)\b", re.IGNORECASE)


def read_notes(root: ET.Element) -> dict[str, list[Any]]:
    """Code -> [Excludes1 references, code-first references, code-first rule, is manifestation], stated at that code.

    Notes of a chapter or section are stated at each of its categories. The code-first rule is "" (no note), "optional"
    ("if applicable"), "listed" (one of the references must come before) or "any" (the references are examples).
    """
    notes: dict[str, list[Any]] = {}
    for chapter in root.iterfind("chapter"):
        for section in chapter.iterfind("section"):
            for category in section.iterfind("diag"):
                _collect(category, (chapter, section), "", notes)
    return notes


def _collect(
    diag: ET.Element, stated_above: tuple[ET.Element, ...], inherited_rule: str, notes: dict[str, list[Any]]
) -> None:
    code = (diag.findtext("name") or "").replace(".", "")
    sources = (*stated_above, diag)
    excludes = [ref for source in sources for ref in _references(_texts(source, "excludes1"))]
    first_texts = [text for source in sources for text in _texts(source, "codeFirst")]
    elsewhere = "classified elsewhere" in (diag.findtext("desc") or "")
    first, rule = _references(first_texts), _code_first_rule(first_texts, elsewhere)
    manifestation = elsewhere and (rule or inherited_rule) in ("listed", "any")
    if excludes or rule or manifestation:
        notes[code] = [excludes, first, rule, int(manifestation)]
    for child in diag.iterfind("diag"):
        _collect(child, (), rule or inherited_rule, notes)


def _texts(element: ET.Element, tag: str) -> list[str]:
    return [note.text or "" for note in element.iterfind(f"{tag}/note")]


def _code_first_rule(texts: list[str], is_manifestation_title: bool) -> str:
    """A list of circumstances, such as heart failure "due to hypertension", binds only where one of them is there."""
    if not texts:
        return ""
    is_list_of_circumstances = len(texts) > 1 and not any("underlying" in text for text in texts)
    is_circumstance = is_list_of_circumstances or any(map(_CIRCUMSTANCE.search, texts))
    if any(map(_OPTIONAL.search, texts)) or (is_circumstance and not is_manifestation_title):
        return "optional"
    examples = any("such as" in text or not _references([text]) for text in texts)
    return "any" if examples else "listed"


def _references(texts: list[str]) -> list[Reference]:
    """Every code or range in brackets. One whose condition is not understood is left out: no edit may guess."""
    found = []
    for text in texts:
        for inside in _BRACKETED.findall(text):
            condition = _CONDITION.search(inside)
            pattern = _pattern_of(condition[0].strip()) if condition else ""
            if pattern is None:
                continue
            for low, high in _RANGE.findall(_CONDITION.sub("", inside)):
                low, high = low.replace(".", ""), (high or low).replace(".", "")
                found.append([low, high, pattern])
    return found


def _pattern_of(condition: str) -> str | None:
    if match := _SUFFIX.match(condition):
        return f"...{match[1]}.*"
    if match := _FINAL.match(condition):
        return f".*{match[1]}"
    if match := _CHARACTER.match(condition):
        first, last = _PLACES[match[1]], _PLACES[match[2] or match[1]]
        allowed = re.sub(r", or |, | or ", "", match[3])
        return f".{{{first - 1},{last - 1}}}[{allowed}].*"
    return None
