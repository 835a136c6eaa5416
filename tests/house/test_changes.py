"""A model is changed by `Frozen.replace`, which judges: `model_copy(update=...)` takes any name and any value."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("schemas", "processors", "connectors", "streams")
MODULES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))


def find_unjudged(source: str) -> list[str]:
    """`line N` of each change that no model judges."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return [
        f"line {call.lineno}"
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr == "model_copy" and (call.args or call.keywords)
    ]


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_changes_are_judged(module: Path) -> None:
    assert find_unjudged(module.read_text()) == []


def test_a_change_that_nobody_judges_is_found() -> None:
    assert find_unjudged("x = 1\nstate = state.model_copy(update={'payd': 1})\n") == ["line 2"]
    assert find_unjudged("state = state.model_copy(update=changes)") == ["line 1"]
    assert find_unjudged("state = state.replace(paid=1)") == []
