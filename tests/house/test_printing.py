"""One place prints: `streams/terminal.py` shows values, and whatever else writes to a terminal is named here."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("streams", "schemas", "processors", "connectors")
# Where it stands that what is written is JSON, bytes that were asked for, or no data at all.
ALLOWED = {
    ("streams/cli/common.py", "print"),  # one JSON document
    ("streams/cli/export.py", "sys.stdout"),  # events as NDJSON
    ("streams/cli/deadletters.py", "sys.stdout"),  # a letter's bytes, into a pipe
    ("streams/catalogue/snapshots.py", "print"),  # the schemas of this repository
    ("streams/catalogue/snapshots.py", "sys.stderr"),
    ("streams/terminal.py", "Console"),
    ("streams/terminal.py", "Text"),
    ("streams/bugs.py", "traceback"),
    ("streams/terminal.py", "sys.stdout"),
    ("streams/terminal.py", "sys.stderr"),
}


def find_printing(source: str) -> Iterator[str]:
    """What in a module could print past the terminal, or build what is taken for markup."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name) and node.id == "print":  # also where it is only handed over
            yield "print"
        elif isinstance(node, ast.Attribute) and ast.unparse(node) in ("sys.stdout", "sys.stderr"):
            yield ast.unparse(node)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("rich", "traceback"):
            yield from (name.name for name in node.names if name.name in ("Console", "Text", "escape", "print"))
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name in ("traceback", "rich"))
        elif isinstance(node, ast.Attribute) and node.attr in ("echo", "secho"):
            yield node.attr


def test_only_the_terminal_prints() -> None:
    found = {
        (str(path.relative_to(ROOT)), what)
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for what in find_printing(path.read_text())
    }
    assert found == ALLOWED


@pytest.mark.parametrize(
    "source",
    [
        "print(name)",
        "Watcher(tell=print)",
        "import sys\nsys.stderr.write(name)",
        "from rich.console import Console",
        "from rich.markup import escape",
        "import traceback",
        "import typer\ntyper.echo(name)",
    ],
)
def test_printing_past_it_is_found(source: str) -> None:
    assert list(find_printing(source))
