"""The command line. Exit status: 0 done, 1 findings, 2 wrong use or unreadable input, 75 try again later."""

import os
import sys

import typer

from connectors.permissions import PRIVATE_UMASK
from schemas.errors import ConfigurationError, RefusedError, RevcycleError, TransportError
from streams.cli.claims import claim_app
from streams.cli.coding import correct, explain, override, query_app
from streams.cli.common import collect_rarely
from streams.cli.cycle import demo, ingest, run, tick
from streams.cli.deadletters import deadletters_app
from streams.cli.deposits import deposits_app
from streams.cli.development import dev_app
from streams.cli.kafka import topics_app
from streams.cli.patients import patient_app, statements
from streams.cli.questions import doctor, export, kpi, ledger_app, status
from streams.cli.records import codes_app, replay_app, rules_app
from streams.cli.work import work_app, worklist
from streams.cli.x12 import x12_app

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
app.add_typer(dev_app, name="dev")


def main() -> None:
    """Runs the command; errors say what, where, why and what to do, without a traceback when it is not ours."""
    collect_rarely()
    try:
        app()
    except (ConfigurationError, RefusedError) as error:
        print(f"revcycle: {error}", file=sys.stderr)
        sys.exit(2)
    except TransportError as error:
        print(f"revcycle: {error}; nothing was acknowledged, start again", file=sys.stderr)
        sys.exit(75)
    except RevcycleError as error:
        print(f"revcycle: stopped: {error}", file=sys.stderr)
        sys.exit(1)
