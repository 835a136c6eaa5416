"""What the README promises, tried: its commands exist and its demo prints what it shows."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from streams.cli import app

README = (Path(__file__).parents[2] / "README.md").read_text()
COMMANDS = re.findall(r"^\.venv/bin/revcycle ([^#\n]+)", README, re.MULTILINE)


def test_the_readme_shows_commands() -> None:
    assert len(COMMANDS) >= 8


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_the_readme_exists_with_its_options(line: str) -> None:
    words = shlex.split(line)
    names = [word for word in words if word.islower() and not word.startswith("-") and "." not in word]
    options = [word for word in words if word.startswith("--")]
    result = CliRunner().invoke(app, [*names, "--help"], env={"COLUMNS": "200"})
    assert result.exit_code == 0, result.output
    plain = re.sub(r"\x1b\[[0-9;]*m", "", result.output)
    assert all(option in plain for option in options), (options, plain)


def test_the_demo_prints_what_the_readme_shows(tmp_path: Path) -> None:
    shown = README.split("$ make demo\n", 1)[1].split("\n...", 1)[0]
    result = CliRunner().invoke(app, ["demo", "--data", str(tmp_path / "demo")])
    printed = [line.rstrip() for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    for line in shown.splitlines():
        assert line.rstrip() in printed, line
