"""A row of a code set in one line, with the release that it stands in: what decided an edit."""

from datetime import date
from functools import singledispatch

from schemas.codesets import (
    AddOnCode,
    Article,
    CodeReference,
    DatedCode,
    FeeScheduleRow,
    Icd10Code,
    Icd10Notes,
    Mue,
    PtpEdit,
)


@singledispatch
def describe_row(_row: object) -> str:
    """The row's own fields; empty for what is no row of a table."""
    return ""


@describe_row.register
def _(row: PtpEdit) -> str:
    dates = _dates(row.effective_from, row.deleted_on)
    pair = f"column 1 {row.column1}, column 2 {row.column2}"
    return f"NCCI PTP {row.release}: {pair}, indicator {row.modifier_indicator}, {dates}"


@describe_row.register
def _(row: Mue) -> str:
    return f"MUE {row.release}: {row.code}, {row.units_limit} units, MAI {row.adjudication_indicator}, {row.rationale}"


@describe_row.register
def _(row: FeeScheduleRow) -> str:
    return (
        f"fee schedule {row.release}: {row.code}, status {row.status}, global {row.global_days}, "
        f"PC/TC {row.professional_technical}, bilateral {row.bilateral}"
    )


@describe_row.register
def _(row: AddOnCode) -> str:
    return f"add-on codes {row.release}: {row.code}, type {row.type}, {len(row.primaries)} primaries"


@describe_row.register
def _(row: Icd10Code) -> str:
    kind = "billable" if row.is_billable else "header"
    return f"ICD-10-CM {row.release}: {row.code}, {kind}, {_dates(row.effective_from, row.effective_to)}"


@describe_row.register
def _(row: Icd10Notes) -> str:
    parts = [f"code first: {row.code_first_rule}"] if row.code_first_rule else []
    if row.is_manifestation:
        parts.append("manifestation")
    return f"tabular list: {', '.join(parts)}" if parts else ""


@describe_row.register
def _(row: CodeReference) -> str:
    codes = row.low if row.low == row.high else f"{row.low}-{row.high}"
    return f"tabular list: Excludes1 at {row.stated_at}: {codes}"


@describe_row.register
def _(row: DatedCode) -> str:
    return f"{row.release}: {row.code}, {_dates(row.effective_from, row.effective_to)}"


@describe_row.register
def _(row: Article) -> str:
    covered = sum(len(group.codes) for group in row.covered)
    return (
        f"article {row.article_id} ({row.release}): {len(row.covered)} groups with {covered} covered diagnoses, "
        f"{len(row.not_covered)} never covered"
    )


def _dates(start: date | None, end: date | None) -> str:
    """In force through the second date; words where a table gives none."""
    return f"{start or 'always'} to {end or 'now'}"
