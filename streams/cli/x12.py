"""Commands about X12 files: what one says, what is wrong with it, and the answers to it."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from schemas.x12.errors import X12Error
from schemas.x12.writer import InterchangeHeader
from streams.cli.common import JsonOption, print_json, read_clock
from streams.reports.x12 import report_answers, report_contents, report_findings, report_refusal
from streams.terminal import console, errors

x12_app = typer.Typer(no_args_is_help=True, help="Read, judge and acknowledge X12 files.")
FileArgument = Annotated[
    Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, readable=True, help="One X12 file.")
]


@x12_app.command("parse")
def parse_file(file: FileArgument, as_json: JsonOption = False) -> None:
    """What an X12 file says: any kind of the cycle. Always JSON."""
    try:
        with file.open("rb") as source:
            report = report_contents(source)
    except X12Error as error:
        raise _refuse(file, error, as_json) from None
    print_json(report)


@x12_app.command("validate")
def validate_file(
    file: FileArgument,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings are errors too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """What is wrong with an X12 file: code, place, what and remedy.

    Exit status 1 when there are findings, warnings too; 2 when the file is no X12.
    """
    from schemas.x12.validate import validate

    with file.open("rb") as source:
        findings = validate(source, strict=strict)
    report = report_findings(findings)
    if as_json:
        print_json(report)
    else:
        for row in report.findings:
            console.say(f"{row.severity:<8} {row.code}: {row.where}: {row.what} -> {row.remedy}")
        console.say(f"{len(report.findings)} findings")
    if report.findings:
        raise typer.Exit(2 if findings[0].code == "x12_not_x12" else 1)


@x12_app.command("acknowledge")
def acknowledge_file(
    file: FileArgument,
    control_number: Annotated[
        int,
        typer.Option(
            min=1, max=999_999_997, help="ISA13 of the first answer; the next ones follow. Never use one twice."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Where the answers go.", file_okay=False)] = Path(),
    as_json: JsonOption = False,
) -> None:
    """Writes the TA1, the 999 and, for claims, the 277CA that answer a received file; nothing is sent."""
    from schemas.x12.acknowledge import acknowledge
    from schemas.x12.envelope import Envelope
    from schemas.x12.ta1 import write_ta1
    from schemas.x12.x277ca_005010x214 import write_277ca
    from schemas.x12.x999_005010x231a1 import write_999

    now = read_clock()
    try:
        with file.open("rb") as source:
            answers = acknowledge(source, now.date())
        with file.open("rb") as source:
            envelope = Envelope(source)
            next(iter(envelope), None)
    except X12Error as error:
        raise _refuse(file, error, as_json) from None
    asked = envelope.interchanges[0].interchange
    header = InterchangeHeader(
        sender_id=asked.receiver_id,
        receiver_id=asked.sender_id,
        date=now.date(),
        time=now.time().replace(second=0),
        control_number=control_number,
        group_control_number=control_number,
        sender_qualifier=asked.receiver_qualifier,
        receiver_qualifier=asked.sender_qualifier,
        usage_indicator=asked.usage_indicator,
    )
    written = {"TA1": write_ta1(header, answers.interchanges)}
    if answers.groups:
        written["999"] = write_999(_number(header, 1), answers.groups)
    if answers.batches:
        written["277CA"] = write_277ca(_number(header, 2), answers.batches)
    out.mkdir(parents=True, exist_ok=True)
    paths = {kind: out / f"{file.stem}.{kind.lower()}" for kind in written}
    for kind, data in written.items():
        paths[kind].write_bytes(data)
    statuses = [answer.status for answer in answers.interchanges] + [group.status for group in answers.groups]
    if as_json:
        print_json(report_answers(statuses, paths))
    else:
        for kind, path in paths.items():
            console.say(f"{kind}: {path}")


def _number(header: InterchangeHeader, step: int) -> InterchangeHeader:
    """The header of a further answer: an interchange of its own, with a number of its own."""
    number = header.control_number + step
    return replace(header, control_number=number, group_control_number=number)


def _refuse(file: Path, error: X12Error, as_json: bool) -> typer.Exit:
    if as_json:
        print_json(report_refusal(error))
    else:
        errors.say(f"{file}: {error}")
    return typer.Exit(2)
