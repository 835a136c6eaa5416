"""`revcycle replay`: history again, from the recorded events."""

from typing import Annotated

import typer

from streams.cli.common import DEFAULT_DATA, DataOption, JsonOption, open_existing, print_json
from streams.terminal import console

replay_app = typer.Typer(no_args_is_help=True, help="Rebuild everything from the recorded events.")


@replay_app.command("verify")
def verify(
    data: DataOption = DEFAULT_DATA,
    decide: Annotated[bool, typer.Option("--decide", help="Also rerun every decision.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Folds the recorded events into an empty store: must be identical. Never publishes.

    Exit status 1 when it is not.
    """
    from streams.audit.replay import verify_replay

    result = verify_replay(open_existing(data), decide=decide)
    if as_json:
        print_json(result)
    else:
        word = "identical" if result.identical else f"DIFFERENT: {result.first_difference}"
        console.say(f"{result.events} events replayed: {word}")
        console.say(f"digest {result.digest}")
    if not result.identical:
        raise typer.Exit(1)
