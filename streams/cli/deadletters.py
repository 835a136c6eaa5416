"""Commands about dead letters: list, show, retry."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from connectors.files import FileRefusal, read_file
from connectors.readers import STREAM_BYTES_MAX
from connectors.settings import load_settings
from streams.actions.dead_letters import Republish, RetriedLettersReport, retry_dead_letter
from streams.cli.common import (
    DEFAULT_DATA,
    DataOption,
    JsonOption,
    KafkaAddress,
    StoreUrl,
    print_json,
    read_clock,
)
from streams.installation import open_installation, open_to_ask
from streams.kafka.origin import make_trust
from streams.reports.dead_letters import report_dead_letters
from streams.terminal import console, errors

deadletters_app = typer.Typer(no_args_is_help=True, help="What could not be read, and again after the mend.")


@deadletters_app.command("list")
def list_letters(
    data: DataOption = DEFAULT_DATA, kafka: KafkaAddress = None, store: StoreUrl = None, as_json: JsonOption = False
) -> None:
    """What nothing could read, where it came from and why."""
    report = report_dead_letters(open_to_ask(data, kafka=kafka, store=store))
    if as_json:
        print_json(report)
        return
    waiting = [row for row in report.dead_letters if not row.retried]
    for row in waiting:
        console.say(f"{row.id:>6}  {row.topic}  {row.bytes} bytes at {row.place}: {row.reason}")
    given_back = len(report.dead_letters) - len(waiting)
    console.say(f"{len(waiting)} dead letters ({given_back} given back); `deadletters show ID` writes one's bytes,")
    console.say("`deadletters retry ID` gives it back once what is wrong is mended")


@deadletters_app.command("show")
def show_letter(
    letter_id: Annotated[int, typer.Argument(metavar="ID", help="Its number in the list.")],
    data: DataOption = DEFAULT_DATA,
    kafka: KafkaAddress = None,
    store: StoreUrl = None,
) -> None:
    """The bytes of one dead letter on standard output, as they came; a terminal is shown what it would obey. They may
    hold PHI."""
    found = open_to_ask(data, kafka=kafka, store=store).store.find_dead_letter(letter_id)
    if found is None:
        errors.say("no dead letter has this id: `revcycle deadletters list` shows them")
        raise typer.Exit(2)
    body = found[0].body
    if sys.stdout.isatty():
        for line in body.decode(errors="backslashreplace").splitlines():
            console.say(line)
    else:
        sys.stdout.buffer.write(body)
        sys.stdout.flush()


@deadletters_app.command("retry")
def retry_letters(
    letter_ids: Annotated[
        list[int] | None, typer.Argument(metavar="[ID]...", help="Their numbers in the list.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every letter that was not given back yet.")] = False,
    mended: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="With one ID: these bytes instead of its own.")
    ] = None,
    data: DataOption = DEFAULT_DATA,
    kafka: KafkaAddress = None,
    store: StoreUrl = None,
    as_json: JsonOption = False,
) -> None:
    """Gives letters back the way they came, as they are or mended. Safe to repeat.

    Exit status 1 when one is still unreadable.
    """
    if bool(letter_ids) == every or (mended is not None and len(letter_ids or ()) != 1):
        raise typer.BadParameter("name letters or give --all, and one letter with --mended")
    settings = load_settings(data, kafka=kafka, store=store)
    installation = open_installation(data, kafka=kafka, store=store)
    republish: Republish | None = None
    if settings.kafka:
        from connectors.kafka.producer import EdgeProducer

        republish = Republish(EdgeProducer(settings).publish, make_trust(settings))
    if every:
        letter_ids = [row.id for row in report_dead_letters(installation).dead_letters if not row.retried]
    try:
        body = read_file(mended, STREAM_BYTES_MAX) if mended else None
    except FileRefusal as refusal:
        raise typer.BadParameter(f"{refusal.what}: {refusal.remedy}") from None
    retries = [retry_dead_letter(installation, each, body, read_clock(), republish) for each in letter_ids or ()]
    if as_json:
        print_json(RetriedLettersReport(dead_letters=tuple(retries)))
    else:
        for retry in retries:
            word = "" if retry.given_back else "still unreadable: "
            console.say(f"{retry.id:>6}  {word}{retry.reason}")
    if not all(retry.given_back for retry in retries):
        raise typer.Exit(1)
