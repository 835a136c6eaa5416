"""docs/commands.md is what the commands say of themselves, and each says what its exit statuses mean."""

import ast
import inspect
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from streams.catalogue.commands import PAGE, Leaf, list_commands, write_page

ROOT = Path(__file__).parents[2]
TEXTS = sorted(
    path
    for pattern in (
        "*.md",
        "docs/**/*.md",
        "streams/**/*.py",
        "schemas/**/*.py",
        "processors/**/*.py",
        "connectors/**/*.py",
    )
    for path in ROOT.glob(pattern)
)
NAMED = re.compile(r"(?:`|\.venv/bin/)revcycle ([a-z][a-z0-9-]*)(?: ([a-z][a-z-]*))?")

LEAVES = list_commands()
NAMES = {leaf.name for leaf in LEAVES}
GROUPS = {name.split()[0] for name in NAMES if " " in name}


def find_failing(source: str) -> set[str]:
    """The functions of a module that may end a command with status 1, by themselves or by one that they call."""
    functions = {node.name: node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    calls = {name: list(_list_calls(node)) for name, node in functions.items()}
    failing = {name for name, said in calls.items() if any(_ends_with_1(call) for call in said)}
    while more := {
        name
        for name, said in calls.items()
        if name not in failing and any(isinstance(call.func, ast.Name) and call.func.id in failing for call in said)
    }:
        failing |= more
    return failing


def _list_calls(function: ast.FunctionDef) -> list[ast.Call]:
    return [node for node in ast.walk(function) if isinstance(node, ast.Call)]


def _ends_with_1(call: ast.Call) -> bool:
    return ast.unparse(call.func) == "typer.Exit" and bool(call.args) and ast.unparse(call.args[0]) != "2"


def find_unknown(text: str) -> list[str]:
    """Commands that a text tells people to give, and that are none; a group may be named alone."""
    named = ((first, f"{first} {second}".strip()) for first, second in NAMED.findall(text))
    return [both for first, both in named if both not in NAMES | GROUPS and (first in GROUPS or first not in NAMES)]


def test_the_page_is_what_the_commands_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == write_page(), "run `python -m streams.catalogue` and commit it"


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.words)
def test_every_argument_and_option_says_what_it_is(leaf: Leaf) -> None:
    assert [parameter.name for parameter in leaf.command.params if not parameter.help] == []


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.words)
def test_a_command_that_ends_with_1_says_when(leaf: Leaf) -> None:
    function: Any = inspect.unwrap(leaf.command.callback)
    fails = function.__name__ in find_failing(inspect.getsource(sys.modules[function.__module__]))

    assert fails == ("Exit status 1" in leaf.command.help)


def test_a_status_that_nobody_tells_is_found() -> None:
    source = "def show():\n    _tell()\ndef _tell():\n    raise typer.Exit(1)\ndef load():\n    raise typer.Exit(2)\n"

    assert find_failing(source) == {"show", "_tell"}


def test_a_command_keeps_the_programs_own_options_off() -> None:
    assert [
        leaf.words for leaf in LEAVES if any("completion" in parameter.name for parameter in leaf.command.params)
    ] == []


def test_a_command_that_a_page_or_a_remedy_names_exists() -> None:
    unknown = {str(path.relative_to(ROOT)): find_unknown(path.read_text()) for path in TEXTS}

    assert {path: names for path, names in unknown.items() if names} == {}


def test_a_command_that_is_none_is_found() -> None:
    text = "`revcycle work take ID`, `revcycle work`, `revcycle run`, `revcycle work drop ID`, .venv/bin/revcycle look"

    assert find_unknown(text) == ["work drop", "look"]
