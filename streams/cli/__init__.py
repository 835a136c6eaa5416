"""The command line. Exit status: 0 done, 1 findings, 2 wrong use or unreadable input, 70 a bug, 75 try again later."""

import os
import re
import sys

import typer
from typer.exceptions import TyperException

from connectors.permissions import PRIVATE_UMASK
from schemas.errors import (
    ActRefusedError,
    ConfigurationError,
    NotTakenError,
    RefusedError,
    RevcycleError,
    TransportError,
    UnknownOutcomeError,
)
from streams.cli.asides import aside_app
from streams.cli.claims import claim_app
from streams.cli.coding import correct, explain, override, query_app
from streams.cli.common import collect_rarely
from streams.cli.cycle import demo, ingest, run, tick
from streams.cli.deadletters import deadletters_app
from streams.cli.deposits import deposits_app
from streams.cli.dev import dev_app
from streams.cli.patients import patient_app, statements
from streams.cli.questions import doctor, export, kpi, ledger_app, status
from streams.cli.records import codes_app, replay_app, rules_app
from streams.cli.topics import topics_app
from streams.cli.work import work_app, worklist
from streams.cli.x12 import x12_app
from streams.engine.publish import count_taken
from streams.terminal import close_terminal, errors, say_bug

NOT_UTF8 = re.compile("[\udc80-\udcff]")  # how Python shows a byte of the command line that is no text

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="The revenue cycle as events: encounters in, claims out, denials routed, payments posted.",
)


@app.callback()
def close_folders() -> None:
    # No docstring: it would stand in --help in place of the program's.
    os.umask(PRIVATE_UMASK)


for command in (demo, ingest, run, tick, status, worklist, kpi, statements, export, doctor, correct, override, explain):
    app.command()(command)
app.add_typer(claim_app, name="claim")
app.add_typer(patient_app, name="patient")
app.add_typer(deposits_app, name="deposits")
app.add_typer(work_app, name="work")
app.add_typer(query_app, name="query")
app.add_typer(ledger_app, name="ledger")
app.add_typer(x12_app, name="x12")
app.add_typer(replay_app, name="replay")
app.add_typer(codes_app, name="codes")
app.add_typer(rules_app, name="rules")
app.add_typer(topics_app, name="topics")
app.add_typer(deadletters_app, name="deadletters")
app.add_typer(aside_app, name="aside")
app.add_typer(dev_app, name="dev")


def main() -> None:
    """Runs the command; whatever happens ends in a sentence and an exit status of the README, never in a traceback."""
    collect_rarely()
    close_terminal()
    sys.exit(run_command())


def run_command() -> int:
    """The exit status of one command, its errors told on standard error."""
    try:
        status = app(standalone_mode=False)
    except TyperException as error:
        _tell_misuse(error)
        return error.exit_code
    except typer.Abort:
        errors.say("revcycle: not confirmed, so nothing was done")
        return 2
    except ActRefusedError as error:
        errors.say(f"revcycle: {error}")
        return 1
    except (ConfigurationError, RefusedError) as error:
        errors.say(f"revcycle: {error}")
        return 2
    except TransportError as error:
        errors.say(f"revcycle: {error}; {tell_what_was_taken(error)}")
        return 75
    except NotTakenError as error:
        errors.say(f"revcycle: {error}")
        return 1
    except RevcycleError as error:
        errors.say(f"revcycle: stopped: {error}")
        return 1
    except Exception as error:
        if isinstance(error, UnicodeEncodeError) and any(NOT_UTF8.search(word) for word in sys.argv):
            errors.say("revcycle: a word of the command is not UTF-8: ids, names and reasons must be")
            return 2
        say_bug(error, "revcycle: stopped at a bug; what was committed stands. Report these lines, they show no data")
        return 70
    return status if isinstance(status, int) else 0


def tell_what_was_taken(error: TransportError) -> str:
    """Whether to give a command again whose store or broker went away: an act that was taken would be done twice."""
    if isinstance(error, UnknownOutcomeError):
        return "whether it was taken is not known: look before you give the command again"
    if count_taken():
        return (
            "what it had given by then is taken and goes on by itself: do not give an act again, look at what became "
            "of it (files may be given again, they are taken once)"
        )
    return "nothing was taken: give the command again"


def _tell_misuse(error: TyperException) -> None:
    message = " ".join(error.format_message().split()).rstrip(".")
    if message:  # without one, the help was printed
        context = getattr(error, "ctx", None)
        errors.say(f"revcycle: {message}; `{context.command_path if context else 'revcycle'} --help` says how")
