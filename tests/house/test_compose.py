"""docker-compose.yml names only commands, options and environment that the code has."""

import re
from pathlib import Path

from typer.testing import CliRunner

from streams.cli import app

COMPOSE = (Path(__file__).parents[2] / "docker-compose.yml").read_text()


def test_every_command_of_the_compose_file_exists_with_its_options() -> None:
    commands = re.findall(r'\["(?:CMD", ")?revcycle", (.+?)\]', COMPOSE)
    assert len(commands) == 2
    for command in commands:
        words = re.findall(r'"([^"]+)"', command)
        result = CliRunner().invoke(app, [words[0], "--help"], env={"COLUMNS": "200"})
        plain = re.sub(r"\x1b\[[0-9;]*m", "", result.output)
        assert result.exit_code == 0, command
        assert all(word in plain for word in words if word.startswith("--")), plain


def test_every_setting_of_the_compose_file_is_read_by_the_command_line() -> None:
    names = re.findall(r"^\s+(REVCYCLE_[A-Z_]+):", COMPOSE, re.MULTILINE)
    assert names
    plain = re.sub(r"\x1b\[[0-9;]*m", "", CliRunner().invoke(app, ["run", "--help"], env={"COLUMNS": "200"}).output)
    assert all(name in plain for name in names)
