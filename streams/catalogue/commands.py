"""The commands as a page: `docs/commands.md`, written from what each command says of itself.

`python -m streams.catalogue` rewrites it after a change of a command; a test holds it to them.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, get_args

import typer

from streams.catalogue.reports import REPORTS, name_files
from streams.cli import COMMANDS, app
from streams.cli.common import (
    DataOption,
    JsonOption,
    KafkaAddress,
    RoleOption,
    StoreUrl,
    VerbGroup,
    WhoOption,
    WhyOption,
)

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"
SHARED = (DataOption, JsonOption, WhoOption, WhyOption, RoleOption, KafkaAddress, StoreUrl)

HEAD = """# Commands

Every command with its arguments and options, written from the commands by `python -m streams.catalogue`;
`revcycle COMMAND --help` says the same. What a role may do is in [roles.md](roles.md).

Exit status: 0 done, 1 findings or an act that the steps refused, 2 wrong use or unreadable input, 70 a bug (its lines
are printed, never data), 75 try again, 130 interrupted, 141 who read it left.
What else a command means by 1, it says itself.

"""

SHARED_HEAD = """
## Options that many commands have

Each command names those that it takes. With `--json` a command prints one JSON document and nothing else; what stands
in it is in [reports.md](reports.md).

"""


class Leaf(NamedTuple):
    """A command that can be given: the words typed for it, and typer's command with its context."""

    words: str
    command: Any
    context: Any

    @property
    def name(self) -> str:
        """Its words behind `revcycle`, a verb that may be left out among them."""
        return self.words.removeprefix("revcycle ").replace("[show]", "show")


def list_commands() -> list[Leaf]:
    """Every command that does something, in the order of `--help`; a group only if it answers by itself."""
    program = typer.main.get_command(app)
    return list(_walk("revcycle", program, typer.Context(program, info_name="revcycle")))


def _walk(words: str, command: Any, context: Any) -> Iterator[Leaf]:
    names = command.list_commands(context) if hasattr(command, "list_commands") else ()
    if not names or (command.invoke_without_command and command.params):
        yield Leaf(words, command, context)
    for name in names:
        below = command.get_command(context, name)
        typed = "[show]" if name == "show" and isinstance(command, VerbGroup) else name
        yield from _walk(f"{words} {typed}", below, typer.Context(below, info_name=name, parent=context))


def write_page() -> str:
    """`docs/commands.md`."""
    leaves = list_commands()
    parts = [HEAD, "| command | what it is for |\n| --- | --- |\n"]
    parts += [f"| [`{name}`](#revcycle-{name}) | {command.purpose} |\n" for name, command in COMMANDS.items()]
    parts += [SHARED_HEAD, *_write_shared(leaves)]
    for name, command in COMMANDS.items():
        of_name = [leaf for leaf in leaves if leaf.words.split()[1] == name]
        parts.append(f"\n## revcycle {name}\n")
        if of_name[0].words != f"revcycle {name}":
            parts.append(f"\n{command.purpose}\n")
        parts += [_write_command(leaf) for leaf in of_name]
    return "".join(parts)


def _write_shared(leaves: list[Leaf]) -> list[str]:
    """A line for each shared option, as the first command that takes it says it; defaults may differ."""
    said: dict[str, str] = {}
    for leaf in leaves:
        for parameter in filter(_is_shared, leaf.command.params):
            environment = f" Without it `{parameter.envvar}`." if parameter.envvar else ""
            said.setdefault(parameter.opts[0], f"- `{_name(parameter, leaf)}`: {parameter.help}{environment}\n")
    return list(said.values())


def _write_command(leaf: Leaf) -> str:
    """How it is given, what it is for, each argument and option of its own, and the names of the shared ones."""
    parameters = leaf.command.params
    needed = [_name(parameter, leaf) for parameter in parameters if parameter.required]
    purpose = "\n\n".join(" ".join(part.split()) for part in leaf.command.help.split("\n\n"))
    own = [
        f"- `{_name(parameter, leaf)}`: {_say(parameter, leaf)}\n"
        for parameter in parameters
        if not _is_shared(parameter)
    ]
    shared = ", ".join(_write_shared_name(parameter, leaf) for parameter in parameters if _is_shared(parameter))
    parts = (f"    {' '.join([leaf.words, *needed])}\n", f"{purpose}\n", "".join(own), shared and f"Also {shared}.\n")
    return "".join(f"\n{part}" for part in parts if part)


def _write_shared_name(parameter: Any, leaf: Leaf) -> str:
    """The option alone; `--json` with the schemas of what is printed."""
    name = f"`{parameter.opts[0]}`"
    if parameter.opts[0] != "--json":
        return name
    reports = REPORTS[leaf.name]
    links = (f"[{report.__name__}](../schemas/reports/{name_files(report)[0].name})" for report in reports)
    return f"{name} ({' or '.join(links)})"


def _is_shared(parameter: Any) -> bool:
    return any(parameter.help == get_args(option)[1].help for option in SHARED)


def _name(parameter: Any, leaf: Leaf) -> str:
    """An option with the type of its value, as `--help` has it; an argument as its usage line has it."""
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or parameter.name.upper() + ("..." if parameter.nargs == -1 else ""))
    return str(parameter.get_help_record(leaf.context)[0])


def _say(parameter: Any, leaf: Leaf) -> str:
    return " ".join(parameter.get_help_record(leaf.context)[1].split())
