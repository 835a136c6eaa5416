"""A group of commands, each loaded when it is called: `--help` needs their names and purposes alone."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

PACKAGE = "streams.cli"


class Command(NamedTuple):
    """Where a command is, `module:name` below streams.cli, and what it is for, as it says itself."""

    place: str
    purpose: str

    def load(self, name: str) -> Any:
        """The command itself."""
        module, _, attribute = self.place.partition(":")
        found = getattr(import_module(f"{PACKAGE}.{module}"), attribute)
        if isinstance(found, typer.Typer):
            group = typer.Typer(add_completion=False)
            group.add_typer(found, name=name)
            return typer.main.get_group(group).commands[name]
        single = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        single.command(name)(found)
        return typer.main.get_command(single)


class LazyGroup(TyperGroup):
    """`commands_by_name` in place of commands that are there already."""

    commands_by_name: Mapping[str, Command] = {}
    _is_helping = False

    def list_commands(self, _ctx: Any) -> list[str]:
        return list(self.commands_by_name)

    def get_command(self, _ctx: Any, cmd_name: str) -> Any:
        command = self.commands_by_name.get(cmd_name)
        if command is None:
            return None
        if self._is_helping:
            return TyperCommand(cmd_name, help=command.purpose)
        return command.load(cmd_name)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        self._is_helping = True
        super().format_help(ctx, formatter)
