"""A file or a function that outgrows one reading is taken apart before it lands."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("streams", "schemas", "processors", "connectors", "tests", "benchmarks")
MODULES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))

MODULE_LINES_MAX = 350
FUNCTION_LINES_MAX = 80


def find_oversize(source: str) -> list[str]:
    """What in a module is longer than it may be, the module itself included."""
    found = []
    if (lines := len(source.splitlines())) > MODULE_LINES_MAX:
        found.append(f"module: {lines} lines, at most {MODULE_LINES_MAX}")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                found.append(f"{node.name}: {lines} lines, at most {FUNCTION_LINES_MAX}")
    return found


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_module_can_be_read_at_a_sitting(module: Path) -> None:
    assert find_oversize(module.read_text()) == []


def test_a_long_module_is_found() -> None:
    assert find_oversize("x = 1\n" * 350) == []
    assert find_oversize("x = 1\n" * 351) == ["module: 351 lines, at most 350"]


def test_a_long_function_is_found() -> None:
    assert find_oversize("def post() -> None:\n" + "    x = 1\n" * 79) == []
    assert find_oversize("async def post() -> None:\n" + "    x = 1\n" * 80) == ["post: 81 lines, at most 80"]
