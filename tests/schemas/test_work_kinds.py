"""The register of work: every item is of a kind in it, every kind is opened and tried, and the page is the register."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.work_item import Rule, WorkKind, open_work
from schemas.work_kinds import (
    CLAIM_UNWRITABLE,
    DEPOSIT_MISSING,
    PATIENT_REFUND,
    REFUSALS,
    UNDERPAID,
    WORK_KINDS,
)
from streams.catalogue.work_items import PAGE, write_page

ROOT = Path(__file__).parents[2]
PACKAGES = ("schemas", "processors", "connectors", "streams")
REGISTER = {ROOT / "schemas" / "work_kinds.py", ROOT / "schemas" / "work_item.py"}
MODULES = sorted({path for package in PACKAGES for path in (ROOT / package).rglob("*.py")} - REGISTER)


def list_used_names(source: str) -> Iterator[str]:
    """Names that a module reads, its imports aside."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name):
            yield node.id


def find_unregistered(source: str) -> list[str]:
    """`line N` of each item that is opened past the register."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return [f"line {x.lineno}" for x in calls if isinstance(x.func, ast.Name) and x.func.id == "WorkItemOpened"]


def write_pattern(kind: WorkKind) -> str:
    """What the reasons of a kind look like."""
    return re.sub(r"\\\{\w+\\\}", r"[\\w-]+", re.escape(kind.reason))


def test_the_page_is_the_register() -> None:
    assert PAGE.read_text(encoding="utf-8") == write_page(), (
        "run `python -m streams.catalogue` and commit what it writes"
    )


def test_every_kind_is_opened_somewhere() -> None:
    used = {name for path in MODULES for name in list_used_names(path.read_text())}

    assert set(WORK_KINDS) - used == set()


def test_every_item_is_of_a_kind() -> None:
    assert [path for path in MODULES if find_unregistered(path.read_text())] == []
    assert find_unregistered("x = 1\nitem = WorkItemOpened(item_id='1')") == ["line 2"]


def test_every_kind_is_tried() -> None:
    told = "\n".join(
        path.read_text()
        for path in sorted((ROOT / "tests").rglob("*"))
        if path.suffix in (".py", ".md") and path != Path(__file__)
    )

    assert [name for name, kind in WORK_KINDS.items() if not re.search(rf"\b{write_pattern(kind)}\b", told)] == []


def test_a_reason_names_one_kind() -> None:
    reasons = [kind.reason for kind in WORK_KINDS.values()]

    assert len(reasons) == len(set(reasons))


def test_what_a_step_refuses_is_a_reason_of_its_own() -> None:
    assert {
        *("correction_refused", "deposit_match_refused"),
        *("move_not_possible", "return_not_possible", "refund_not_due"),
    } == REFUSALS


def test_an_item_has_the_values_of_its_kind_and_the_words_of_the_case() -> None:
    item = open_work(PATIENT_REFUND, "item-1", "ABCDEFGHIJ", {"amount": "25.00"}, claim_id="claim-1")

    assert (item.reason, item.queue, item.owner, item.priority) == ("patient_refund", "refunds", "biller", 3)
    assert item.next_action.startswith("The patient paid 25.00 more than they owe.")
    assert (item.item_id, item.account_key, item.claim_id, item.deadline) == ("item-1", "ABCDEFGHIJ", "claim-1", None)


def test_words_are_never_read_as_a_template() -> None:
    words = {"payer": "{said} PAYER", "said": "paid 1.00", "paid_on": "", "trace_number": "", "ask": ""}

    assert open_work(DEPOSIT_MISSING, "i", "r", words).next_action.startswith("{said} PAYER says that it paid 1.00 on")


def test_what_is_too_long_is_cut() -> None:
    item = open_work(CLAIM_UNWRITABLE, "i", "a", next_action="x" * 3_000)

    assert len(item.next_action) == 2_000


def test_a_rule_is_the_openers_and_all_else_the_kinds() -> None:
    assert isinstance(UNDERPAID.priority, Rule)
    with pytest.raises(TypeError, match="says priority"):
        open_work(UNDERPAID, "i", "a", {})
    with pytest.raises(TypeError, match="says nothing"):
        open_work(PATIENT_REFUND, "i", "a", {"amount": "25.00"}, priority=1)
    with pytest.raises(KeyError, match="amount"):
        open_work(PATIENT_REFUND, "i", "a")
