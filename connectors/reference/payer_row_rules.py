"""What one row of the payer tables must be: denial and rejection routes, terms, appeal levels."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Literal

from connectors.reference.csv_rows import CellError
from connectors.reference.row_rules import GROUP, take_match, take_text
from schemas.money import parse_money
from schemas.reference import AppealLevelRow, DenialRouteRow, PayerEditRow, PayerTermsRow, RejectionRouteRow

CARC = re.compile(r"[0-9A-Z]{1,5}")  # CAS02
REMARK = re.compile(r"[0-9A-Z]{0,5}")  # LQ02
EDIT = re.compile(r"[a-z0-9_.-]{1,60}")
FILING_INDICATOR = re.compile(r"[0-9A-Z]{2}|\*")  # SBR09, CLP06
PLAN = re.compile(r"[a-z_]{1,40}")
LEVEL = re.compile(r"[1-9]")
YEARS = re.compile(r"[1-9]?")
STATUS_CATEGORY = re.compile(r"[A-Z][0-9]{1,2}|\*")  # STC01-1
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MAX_DAYS = 3660
STATUS_CODE = re.compile(r"[0-9]{1,4}")  # STC01-2


def read_denial_route(cells: Mapping[str, str]) -> DenialRouteRow:
    """A row of denial_routes.csv; an empty group, remark or payer matches any; edits are set apart by spaces."""
    edits = tuple(cells["edits"].split())
    if not all(EDIT.fullmatch(edit) for edit in edits):
        raise CellError("edits", f"'{cells['edits'][:40]}' is not names of edits", "write them as docs/edits.md does")
    return DenialRouteRow(
        group=take_match({"group": cells["group"] or "*"}, "group", GROUP, "CO, PR, OA, PI, CR or *"),
        reason=take_match(cells, "reason", CARC, "a CARC such as 16 or B7"),
        remark=take_match(cells, "remark", REMARK, "a RARC such as N290, or nothing"),
        payer=take_text(cells, "payer", 80, required=False) or "*",
        category=take_text(cells, "category", 200),
        root_cause=take_text(cells, "root_cause", 200, required=False),
        team=take_text(cells, "team", 200),
        next_action=take_text(cells, "next_action", 200),
        deadline_days=_take_days(cells, "deadline_days"),
        appealable=_take_yes(cells, "appealable"),
        edits=edits,
        effective_from=_take_date(cells, "effective_from"),
    )


def read_payer_terms(cells: Mapping[str, str]) -> PayerTermsRow:
    """A row of payer_terms.csv; `*` in payer or filing_indicator matches any, and the limit is in days or in years."""
    if bool(cells["filing_days"]) == bool(cells["filing_years"]):
        raise CellError("filing_days", "a limit has days or years, one of them", "fill filing_days or filing_years")
    return PayerTermsRow(
        payer=take_text(cells, "payer", 80),
        filing_indicator=take_match(cells, "filing_indicator", FILING_INDICATOR, "a code such as MB or CI, or *"),
        plan=take_match(cells, "plan", PLAN, "the plan's name in appeal_levels.csv, such as medicare"),
        filing_days=_take_days(cells, "filing_days") if cells["filing_days"] else 0,
        filing_years=int(take_match(cells, "filing_years", YEARS, "1 to 9, or nothing") or 0),
        answer_days=_take_days(cells, "answer_days"),
    )


def read_payer_edit(cells: Mapping[str, str]) -> PayerEditRow:
    """A row of payer_edits.csv; `*` in payer or filing_indicator matches any."""
    return PayerEditRow(
        payer=take_text(cells, "payer", 80),
        filing_indicator=take_match(cells, "filing_indicator", FILING_INDICATOR, "a code such as MB or CI, or *"),
        edit=take_match(cells, "edit", EDIT, "the name of an edit as docs/edits.md has it"),
        judged=_take_yes(cells, "judged"),
    )


def read_appeal_level(cells: Mapping[str, str]) -> AppealLevelRow:
    """A row of appeal_levels.csv."""
    counted_from: Literal["notice", "receipt"] = "notice" if cells["counted_from"] == "notice" else "receipt"
    if cells["counted_from"] != counted_from:
        what = f"'{cells['counted_from'][:40]}' is neither notice nor receipt"
        raise CellError("counted_from", what, "write notice or receipt")
    controversy_amount = None
    if cells["controversy_amount"]:
        try:
            controversy_amount = parse_money(cells["controversy_amount"])
        except ValueError as error:
            raise CellError("controversy_amount", str(error), "write an amount such as 200.00, or nothing") from error
    return AppealLevelRow(
        plan=take_match(cells, "plan", PLAN, "a plan's name such as medicare"),
        level=int(take_match(cells, "level", LEVEL, "a level from 1 to 9")),
        name=take_text(cells, "name", 200),
        deadline_days=_take_days(cells, "deadline_days"),
        counted_from=counted_from,
        controversy_amount=controversy_amount,
        effective_from=_take_date(cells, "effective_from"),
    )


def read_rejection_route(cells: Mapping[str, str]) -> RejectionRouteRow:
    """A row of rejection_routes.csv; `*` as category matches any."""
    return RejectionRouteRow(
        category=take_match(cells, "category", STATUS_CATEGORY, "a claim status category such as A7, or *"),
        status_code=take_match(cells, "status_code", STATUS_CODE, "a claim status code such as 33"),
        team=take_text(cells, "team", 200),
        owner=take_text(cells, "owner", 200),
        next_action=take_text(cells, "next_action", 200),
    )


def _take_yes(cells: Mapping[str, str], column: str) -> bool:
    if cells[column] not in ("yes", "no"):
        raise CellError(column, f"'{cells[column][:40]}' is neither yes nor no", "write yes or no")
    return cells[column] == "yes"


def _take_days(cells: Mapping[str, str], column: str) -> int:
    """Whole days from 1 to ten years."""
    days = cells[column]
    if not (days.isascii() and days.isdigit() and len(days) <= 4 and 1 <= int(days) <= MAX_DAYS):
        raise CellError(column, f"'{days[:40]}' is not a number of days", f"write whole days from 1 to {MAX_DAYS}")
    return int(days)


def _take_date(cells: Mapping[str, str], column: str) -> date:
    """A day as 2026-01-31; an empty cell is since always."""
    if not cells[column]:
        return date.min
    try:
        if ISO_DATE.fullmatch(cells[column]):
            return date.fromisoformat(cells[column])
    except ValueError:
        pass  # shaped like a date, and no day of any year
    raise CellError(column, f"'{cells[column][:40]}' is not a date", "write one such as 2026-01-31")
