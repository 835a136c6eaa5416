"""Rows of the set files as the types that processors look up."""

from datetime import date
from decimal import Decimal

from connectors.codesets.releases import Row
from connectors.codesets.set_file import LoadedSet
from schemas.codesets import (
    AddOnCode,
    Article,
    CodeReference,
    CoverageGroup,
    DatedCode,
    FeeScheduleRow,
    Icd10Code,
    Icd10Notes,
    MapRow,
    Mue,
)


def to_icd10_code(code: str, row: Row, about: LoadedSet) -> Icd10Code:
    return Icd10Code(
        code=code,
        is_billable=bool(row[0]),
        words=row[1],
        release=about.version,
        in_force=True,
        effective_from=about.effective_from,
        effective_to=about.effective_to,
        children=tuple(row[2].split()),
        seventh_characters=row[3],
    )


def to_icd10_notes(stated_at: str, row: Row, _: LoadedSet) -> Icd10Notes:
    """The notes stated at one code or header; `join_notes` adds those of the levels above."""
    excludes1, code_first = (tuple(CodeReference(stated_at, *reference) for reference in row[n]) for n in (0, 1))
    return Icd10Notes(excludes1, code_first, row[2], bool(row[3]))


def join_notes(from_code_upwards: list[Icd10Notes]) -> Icd10Notes | None:
    """The notes of a code and of every level above it as one; the nearest code-first note decides."""
    if not from_code_upwards:
        return None
    nearest = next((notes for notes in from_code_upwards if notes.code_first_rule), from_code_upwards[0])
    return Icd10Notes(
        excludes1=tuple(reference for notes in from_code_upwards for reference in notes.excludes1),
        code_first=nearest.code_first,
        code_first_rule=nearest.code_first_rule,
        is_manifestation=from_code_upwards[0].is_manifestation,
    )


def to_dated_code(code: str, row: Row, about: LoadedSet) -> DatedCode:
    return DatedCode(code, row[0], to_date(row[1]), to_date(row[2]), about.version)


def to_mue(code: str, row: Row, about: LoadedSet) -> Mue:
    return Mue(code, row[0], row[1], row[2], about.version)


def to_fee_schedule_row(key: str, row: Row, about: LoadedSet) -> FeeScheduleRow:
    code, _, modifier = key.partition(":")
    status, technical, days, multiple, bilateral, not_in_office, not_in_facility, *amounts = row
    # A set that was installed before relative values or surgeons' indicators were kept has none: load it again.
    kept = (*amounts, *[""] * 8)[:8]
    work, office, facility, malpractice, factor = (Decimal(text) if text else None for text in kept[:5])
    return FeeScheduleRow(
        code, modifier, status, technical, days, multiple, bilateral, bool(not_in_office), bool(not_in_facility),
        about.version, work, office, facility, malpractice, factor, *kept[5:],
    )  # fmt: skip


def to_add_on_rows(_code: str, row: Row, about: LoadedSet) -> list[tuple[date | None, date | None, str, str, str]]:
    """(from, to, type, primary or "", release) of each row of an add-on code."""
    return [(to_date(start), to_date(end), kind, primary, about.version) for kind, primary, start, end in row]


def join_add_on(code: str, rows: list[tuple[date | None, date | None, str, str, str]], on: date) -> AddOnCode | None:
    """The rows in force on a date as one add-on code."""
    now = [row for row in rows if (row[0] is None or row[0] <= on) and (row[1] is None or on <= row[1])]
    if not now:
        return None
    kind = now[0][2]
    return AddOnCode(code, kind, frozenset(row[3] for row in now if row[3]), now[0][4])  # type: ignore[arg-type]


def to_article(_: str, row: Row, about: LoadedSet) -> Article:
    article_id, contractors, start, end, groups, not_covered = row
    return Article(
        article_id=article_id,
        contractors=frozenset(contractors),
        effective_from=to_date(start),
        effective_to=to_date(end),
        covered=tuple(CoverageGroup(number, frozenset(codes), tuple(also)) for number, codes, also in groups),
        not_covered=frozenset(not_covered),
        release=about.version,
    )


def to_map_rows(_: str, row: Row, _about: LoadedSet) -> tuple[MapRow, ...]:
    return tuple(MapRow(*cells) for cells in row)


def to_names(_: str, row: Row, _about: LoadedSet) -> tuple[str, ...]:
    return tuple(row)


def to_date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
