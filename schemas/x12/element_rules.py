"""One segment's elements: types and lengths of the dictionary (SNIP type 1), uses and codes of the guide (type 2)."""

import re
from collections.abc import Callable

from schemas.x12.dictionary import SEGMENTS, ElementRule
from schemas.x12.elements import TYPE_R, parse_date, parse_time
from schemas.x12.guide import ElementUse, SegmentUse
from schemas.x12.tokens import Segment

# report(code, what, position, component)
Report = Callable[[str, str, int, int], None]
CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f]")
# Relational conditions of X12 where the guides lean on them: P paired, R at least one, C the first asks for the others.
CONDITIONS: dict[str, tuple[str, ...]] = {
    "NM1": ("P0809",),
    "N1": ("R0203", "P0304"),
    "PER": ("P0304", "P0506", "P0708"),
    "REF": ("R0203",),
    "DMG": ("P0102",),
    "PRV": ("P0203",),
    "SV1": ("P0304",),
    "SV2": ("R0102", "P0405"),
    "PAT": ("P0506", "P0708"),
    "CR1": ("P0102", "P0506"),
    "PWK": ("P0506",),
    "BPR": ("P0607", "P1213"),
    "CAS": ("C0605", "C0705", "C0908", "C1008", "C1211", "C1311", "C1514", "C1614", "C1817", "C1917"),
    "N4": ("C0605",),
    "EQ": ("R0102",),
    "EB": ("P0910",),
    "HSD": ("P0102", "C0605"),
    "III": ("P0102",),
}


# Where a format qualifier (1250) and the period that it describes (1251) stand.
PERIOD_PARTS = {"D8": 1, "RD8": 2, "DT": 1, "TM": 1}
PERIODS = {"DTP": (2, 3), "DMG": (1, 2), "PAT": (5, 6), "MPI": (6, 7)}


def check_elements(segment: Segment, use: SegmentUse | None, report: Report) -> None:
    """Reports every element that breaks the dictionary or the guide; a segment unknown to both is left to the loops."""
    rules = SEGMENTS.get(segment.id)
    if rules is not None:
        if len(segment) > len(rules):
            report("x12_too_many_elements", f"more than {len(rules)} elements", len(rules) + 1, 0)
        repeated = segment.delimiters.repetition
        for position, (text, components) in enumerate(zip(segment.elements[1:], rules, strict=False), 1):
            if not text:
                continue
            if repeated and repeated in text:
                text = _find_worst(text.split(repeated), components)
            _check_types(text, components, segment, position, report)
        for condition in CONDITIONS.get(segment.id, ()):
            _check_condition(segment, condition, report)
        if segment.id in PERIODS:
            place, position = PERIODS[segment.id]
            _check_period(segment[place], segment[position], position, 0, report)
        elif segment.id == "HI":
            for position in range(1, len(segment) + 1):
                parts = segment.components(position)
                if len(parts) > 3:
                    _check_period(parts[2], parts[3], position, 4, report)
    if use is not None:
        _check_uses(segment, use, report)


def _find_worst(occurrences: list[str], components: tuple[ElementRule | None, ...]) -> str:
    """The first occurrence with a fault, else the first: one complaint about an element is enough."""
    rule = components[0]
    if len(components) > 1 or rule is None:
        return occurrences[0]
    return next((text for text in occurrences if text and _find_fault(text, rule)), occurrences[0])


def _check_types(
    text: str, components: tuple[ElementRule | None, ...], segment: Segment, position: int, report: Report
) -> None:
    separator = segment.delimiters.component
    parts = text.split(separator) if len(components) > 1 else [text]
    if len(parts) > len(components):
        report("x12_too_many_components", f"more than {len(components)} components", position, 0)
    if separator in text and len(components) == 1:
        report("x12_too_many_components", "a component separator in a simple element", position, 0)
        return
    for component, (part, rule) in enumerate(zip(parts, components, strict=False), 1):
        if part and rule is not None:
            complaint = _find_fault(part, rule)
            if complaint:
                report(*complaint, position, component if len(components) > 1 else 0)


def _find_fault(text: str, rule: ElementRule) -> tuple[str, str] | None:
    length = len(text)
    if rule.type in ("R", "N0"):
        if not (TYPE_R.fullmatch(text) if rule.type == "R" else re.fullmatch(r"-?[0-9]+", text)):
            return "x12_type", "not a number"
        length = sum(map(str.isdigit, text))
    elif rule.type in ("DT", "TM"):
        try:
            (parse_date if rule.type == "DT" else parse_time)(text)
        except ValueError:
            return "x12_date", "not a date or time of the calendar"
    elif CONTROL_CHARACTERS.search(text):
        return "x12_character", "a control character"
    if length > rule.maximum:
        return "x12_too_long", f"{length} characters where at most {rule.maximum} fit"
    if length < rule.minimum:
        return "x12_too_short", f"{length} characters where at least {rule.minimum} are needed"
    return None


def _check_period(format_code: str, text: str, position: int, component: int, report: Report) -> None:
    """A date, range or time written as its format qualifier says; other formats are not judged."""
    if not text or format_code not in PERIOD_PARTS:
        return
    parts = text.split("-") if format_code == "RD8" else [text]
    try:
        if len(parts) != PERIOD_PARTS[format_code]:
            raise ValueError
        for part in parts:
            _parse_period(format_code, part)
    except ValueError:
        report("x12_date", f"not what the qualifier {format_code} says", position, component)


def _parse_period(format_code: str, text: str) -> None:
    if format_code == "TM":
        parse_time(text)
    elif len(text) != (12 if format_code == "DT" else 8):
        raise ValueError
    else:
        parse_date(text[:8])
        if format_code == "DT":
            parse_time(text[8:])


def _check_condition(segment: Segment, condition: str, report: Report) -> None:
    kind, positions = condition[0], [int(condition[n : n + 2]) for n in range(1, len(condition), 2)]
    present = [bool(segment[position]) for position in positions]
    broken = (
        (kind == "P" and any(present) and not all(present))
        or (kind == "R" and not any(present))
        or (kind == "C" and present[0] and not all(present))
    )
    if broken:
        names = " and ".join(f"{segment.id}{position:02d}" for position in positions)
        what = {"P": f"{names} come together or not at all", "R": f"one of {names} is needed"}
        report(
            "x12_condition",
            what.get(kind, f"{names}: the first asks for the other"),
            positions[present.index(False)],
            0,
        )


def _check_uses(segment: Segment, use: SegmentUse, report: Report) -> None:
    for position, element in use.elements.items():
        text = segment[position]
        if not text:
            if element.required:
                report("x12_element_missing", "the guide requires this element", position, 0)
        elif element.components:
            _check_components(segment, position, element, report)
        elif element.codes and not element.codes.issuperset(segment.repeats(position)):
            report("x12_code", _explain_codes(element.codes), position, 0)
    for position in use.unused:
        if segment[position]:
            report("x12_element_unused", "the guide does not use this element", position, 0)


def _check_components(segment: Segment, position: int, element: ElementUse, report: Report) -> None:
    parts = segment.components(position)
    for component, use in element.components.items():
        text = parts[component - 1] if component <= len(parts) else ""
        if not text:
            if use.required:
                report("x12_element_missing", "the guide requires this component", position, component)
        elif use.codes and text not in use.codes:
            report("x12_code", _explain_codes(use.codes), position, component)
    for component in element.unused_components:
        if component <= len(parts) and parts[component - 1]:
            report("x12_element_unused", "the guide does not use this component", position, component)


def _explain_codes(codes: frozenset[str]) -> str:
    shown = ", ".join(sorted(codes)) if len(codes) <= 12 else f"{len(codes)} codes"
    return f"not one of the guide's codes ({shown})"
