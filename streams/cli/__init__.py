"""The command line. Exit status: 0 done, 1 findings, 2 wrong use or unreadable input, 70 a bug, 75 try again later,
141 the one who read it left."""

import gc
import os
import re
import signal
import sys
from importlib.metadata import version
from typing import Annotated

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
from streams.cli.lazy_group import Command, LazyGroup
from streams.engine.publish import count_taken
from streams.terminal import close_terminal, console, errors, say_bug

CLOSED_PIPE = 128 + signal.SIGPIPE  # as of any other program
NOT_UTF8 = re.compile("[\udc80-\udcff]")  # how Python shows a byte of the command line that is no text

# What is typed, in the order of `--help`: where it is, and what it is for. A command is loaded when it is called, so
# that a question costs what a question needs.
COMMANDS = {
    "demo": Command(
        "demo:demo",
        "Runs the whole cycle on made-up encounters with a simulated payer; ends with totals that tie.",
    ),
    "ingest": Command(
        "ingest:ingest",
        "Takes files in, runs the pipeline until it is quiet and cuts a submission. Safe to repeat.",
    ),
    "run": Command(
        "run:run",
        "Watches the inbox and runs the pipeline until SIGTERM; start it again at any time, and on Kafka as "
        "many as you want.",
    ),
    "tick": Command(
        "tick:tick",
        "Tells the installation what day it is: silence becomes work, unpaid claims are asked for. `run` does "
        "it daily.",
    ),
    "status": Command(
        "status:status",
        "Topics with counts and lag; held, dead letters, open work; the ledger's trial balance.",
    ),
    "worklist": Command("work:worklist", "Open work items, by priority and deadline."),
    "kpi": Command(
        "kpi:kpi",
        "Key figures with numerator, denominator, window and exclusions; by payer and by month.",
    ),
    "statements": Command(
        "statements:statements",
        "Write a statement (HTML and PDF) for everybody who owes something now and was not asked for it lately.",
    ),
    "export": Command(
        "export:export",
        "Every event, in order, with its envelope, on standard output: for analysts. It holds PHI.",
    ),
    "doctor": Command("doctor:doctor", "Says what is missing or misconfigured, and the command that mends it."),
    "correct": Command(
        "coding:correct",
        "Amends codes, modifiers, pointers or units of an encounter, and judges it again.",
    ),
    "override": Command(
        "coding:override",
        "Sets a warning aside, or releases a hold of a payer's policy, with a reason, by a role that may.",
    ),
    "explain": Command(
        "explain:explain",
        "Each line with the edits that passed, failed and were not checked, with citation and the rows that decided.",
    ),
    "claim": Command("claim:claim_app", "One claim's story; replace or void one that the payer has."),
    "patient": Command("patient:patient_app", "What patients pay, and what is sent back to them."),
    "deposits": Command("deposits:deposits_app", "Bank deposits and the remittances that they are the money of."),
    "work": Command("work:work_app", "What people do with a work item; each is an event."),
    "query": Command("coding:query_app", "Questions to providers about what is documented."),
    "ledger": Command(
        "ledger:ledger_app",
        "Trial balance and entries; `ledger verify` checks every invariant of the ledger.",
    ),
    "x12": Command("x12:x12_app", "Read, judge and acknowledge X12 files."),
    "replay": Command("replay:replay_app", "Rebuild everything from the recorded events."),
    "codes": Command("codes:codes_app", "Code sets and edit tables from the official files."),
    "rules": Command("rules:rules_app", "Payer rules that billers own."),
    "topics": Command("topics:topics_app", "The topics of the map on Kafka."),
    "deadletters": Command("deadletters:deadletters_app", "What could not be read, and again after the mend."),
    "aside": Command("aside:aside_app", "What a step could not take, and again after the mend."),
    "dev": Command("dev:dev_app", "What developers need beside the product."),
}


class Program(LazyGroup):
    """`revcycle`."""

    commands_by_name = COMMANDS


app = typer.Typer(
    cls=Program,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="The revenue cycle as events: encounters in, claims out, denials routed, payments posted.",
)


def show_version(wanted: bool) -> None:
    """Says which release this is, and ends."""
    if wanted:
        console.say(f"revcycle {version('revcycle')}")
        raise typer.Exit


@app.callback()
def close_folders(
    _version: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    # No docstring: it would stand in --help in place of the program's.
    os.umask(PRIVATE_UMASK)


def main() -> None:
    """Runs the command; whatever happens ends in a sentence and an exit status of the README, never in a traceback."""
    collect_rarely()
    close_terminal()
    sys.exit(run_command())


def collect_rarely() -> None:
    """Events and states hold no cycles: to look for some among all that a batch has read costs a third of its time."""
    gc.set_threshold(500_000, 5, 5)


def run_command() -> int:
    """The exit status of one command, its errors told on standard error."""
    try:
        status = app(standalone_mode=False)
    except TyperException as error:
        _tell_misuse(error)
        return error.exit_code
    except SystemExit:
        # Outside of its standalone mode typer leaves so for one reason: who read us closed the pipe, as `head` does.
        return CLOSED_PIPE
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
