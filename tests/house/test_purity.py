"""Schemas and processors are pure: no disk, clock, dice or environment, so that a replay decides what was decided.

Import-linter sees whole modules; this reads the source for what hides inside an allowed one (`datetime.now`, `uuid4`),
for builtins (`open`, and `hash`, which differs in every process), and for any module that nobody has called pure.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(path for package in ("schemas", "processors") for path in (ROOT / package).rglob("*.py"))

# fmt: off
PURE_MODULES = frozenset([
    "__future__", "abc", "base64", "binascii", "bisect", "calendar", "collections", "contextlib", "copy", "dataclasses",
    "datetime", "decimal", "enum", "fractions", "functools", "graphlib", "hashlib", "heapq", "hmac", "io", "itertools",
    "json", "math", "numbers", "operator", "re", "string", "struct", "textwrap", "types", "typing", "unicodedata",
    "uuid", "zlib", "pydantic", "schemas",
])
# fmt: on
IMPURE_NAMES = {
    "datetime.datetime": {"now", "utcnow", "today", "fromtimestamp"},
    "datetime.date": {"today", "fromtimestamp"},
    "io": {"open", "open_code", "FileIO"},  # io.BytesIO stays in memory
    "uuid": {"uuid1", "uuid4", "getnode"},
}
IMPURE_CALLS = frozenset(["__import__", "eval", "exec", "hash", "id", "input", "open", "print"])


def find_impurities(source: str, package: str) -> list[str]:
    """`line N: what` for each import that nobody called pure, and each use of an impure name."""
    tree = ast.parse(source)
    imports = list(read_imports(tree))
    found = [
        (line, f"import {name}") for line, _, name in imports if name.split(".")[0] not in PURE_MODULES | {package}
    ]
    meanings = {local: name for _, local, name in imports}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name):
            owner, _, name = spell_out(node, meanings).rpartition(".")
            if name in IMPURE_NAMES.get(owner, ()):
                found.append((node.lineno, f"{owner}.{name}"))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in IMPURE_CALLS:
            found.append((node.lineno, f"{node.func.id}()"))
    return [f"line {line}: {what}" for line, what in sorted(found)]


def read_imports(tree: ast.AST) -> Iterator[tuple[int, str, str]]:
    """(line, local name, dotted name) of everything imported anywhere in a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                yield node.lineno, alias.asname or alias.name, f"{node.module or '.'}.{alias.name}"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                bound = alias.name if alias.asname else alias.name.split(".")[0]
                yield node.lineno, alias.asname or bound, bound


def spell_out(node: ast.expr, meanings: dict[str, str]) -> str:
    """The dotted name that an expression stands for, imports resolved; '' when it is no plain name."""
    if isinstance(node, ast.Name):
        return meanings.get(node.id, "")
    if isinstance(node, ast.Attribute) and (owner := spell_out(node.value, meanings)):
        return f"{owner}.{node.attr}"
    return ""


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_module_is_pure(module: Path) -> None:
    package = module.relative_to(ROOT).parts[0]

    assert find_impurities(module.read_text(), package) == []


@pytest.mark.parametrize(
    ("source", "impurity"),
    [
        ("import os\nhome = os.environ['HOME']", "line 1: import os"),
        ("def late() -> None:\n    from pathlib import Path", "line 2: import pathlib.Path"),
        ("import psycopg", "line 1: import psycopg"),
        ("from datetime import datetime as moment\nnow = moment.now", "line 2: datetime.datetime.now"),
        ("import datetime as dt\ntoday = dt.date.today()", "line 2: datetime.date.today"),
        ("from uuid import uuid4\nkey = uuid4()", "line 2: uuid.uuid4"),
        ("import uuid\nkey = uuid.uuid1()", "line 2: uuid.uuid1"),
        ("bucket = hash('claim') % 10", "line 1: hash()"),
        ("rows = open('rules.csv')", "line 1: open()"),
        ("import io\nrows = io.open('rules.csv')", "line 2: io.open"),
    ],
)
def test_impurity_is_found(source: str, impurity: str) -> None:
    assert find_impurities(source, "processors") == [impurity]


def test_dates_that_events_carry_are_pure() -> None:
    source = (
        "from datetime import date\ndue = date.fromisoformat('2026-01-31')\nlate = tick.today > due\nid: str = claim.id"
    )

    assert find_impurities(source, "processors") == []
