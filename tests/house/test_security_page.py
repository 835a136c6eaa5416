"""docs/security.md names what is there: every file of its table, for code and for test."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = [line.split(" | ") for line in (ROOT / "docs" / "security.md").read_text().splitlines() if " | V" in line]


def list_missing(cell: str) -> list[str]:
    """The paths in a cell that are no file of this checkout."""
    return [path for path in re.findall(r"`([^`]+)`", cell) if not (ROOT / path).is_file()]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0].removeprefix("| ")[:50])
def test_a_control_stands_in_a_file_and_has_a_test(row: list[str]) -> None:
    where, test = row[3:5]

    assert re.fullmatch(r"V(?:[1-9]|1[0-7])", row[2]), "a chapter of ASVS 5"
    assert "`" in where and "`tests/" in test
    assert list_missing(where) + list_missing(test) == []


def test_the_table_is_read_and_a_missing_file_is_found() -> None:
    assert len(ROWS) > 15
    assert list_missing("`schemas/bounds.py`, `schemas/boundless.py`") == ["schemas/boundless.py"]
