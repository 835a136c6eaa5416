"""The page of edits says what the edits are."""

from pathlib import Path

from processors.coding.edits import list_edits
from processors.coding.edits.catalogue import render_catalogue

PAGE = Path(__file__).parents[4] / "docs" / "edits.md"


def test_the_page_is_written_from_the_edits() -> None:
    assert PAGE.read_text() == render_catalogue()


def test_every_edit_stands_on_the_page_once() -> None:
    rows = [line.split("`")[1] for line in render_catalogue().splitlines() if line.startswith("| `")]

    assert sorted(rows) == sorted(edit.id for edit, _ in list_edits())
