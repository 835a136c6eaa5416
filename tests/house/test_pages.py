"""What the pages point at is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
PATH = re.compile(r"`((?:streams|schemas|processors|connectors|tests|docs|benchmarks)/[\w./-]+\.\w+)`")


def list_missing(page: Path, text: str) -> list[str]:
    """Relative links, and paths of ours in backquotes, that lead nowhere."""
    links = [found for found in LINK.findall(text) if not (page.parent / found).exists()]
    return links + [found for found in PATH.findall(text) if not (ROOT / found).exists()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_and_path_of_a_page_leads_somewhere(page: Path) -> None:
    assert list_missing(page, page.read_text()) == []


def test_a_path_that_leads_nowhere_is_found() -> None:
    text = "[map](streams/map.py), [page](https://example.org), `tests/house/test_size.py`, `tests/none.py`"
    assert list_missing(ROOT / "README.md", text) == ["streams/map.py", "tests/none.py"]
