"""`revcycle claim ID`, and what a person may decide about a claim that the payer has."""

from typing import Annotated

import typer

from streams.actions.claims import correct_claim
from streams.cli.common import (
    DEFAULT_DATA,
    DataOption,
    JsonOption,
    RoleOption,
    VerbGroup,
    WhoOption,
    WhyOption,
    ask_existing,
    open_existing,
    print_json,
    read_person,
)
from streams.cli.screens import show_timeline
from streams.reports.claims import ClaimReport, report_claim
from streams.terminal import console

ClaimArgument = Annotated[str, typer.Argument(metavar="ID", help="Claim, patient control number or encounter.")]


claim_app = typer.Typer(
    cls=VerbGroup, no_args_is_help=True, help="One claim's story; replace or void one that the payer has."
)


@claim_app.command("show")
def show(claim_id: ClaimArgument, data: DataOption = DEFAULT_DATA, as_json: JsonOption = False) -> None:
    """One claim's or encounter's timeline: every event, finding, document and ledger entry, in order."""
    report = report_claim(ask_existing(data), claim_id)
    if as_json:
        print_json(report)
    else:
        show_claim(report)


@claim_app.command("replace")
def replace(
    claim_id: ClaimArgument,
    who: WhoOption,
    why: WhyOption,
    role: RoleOption = "",
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Send the changed claim in place of the one that the payer has (CLM05-3 = 7)."""
    _tell(correct_claim(open_existing(data), "replace", claim_id, read_person(who, why, role)), as_json)


@claim_app.command("void")
def void(
    claim_id: ClaimArgument,
    who: WhoOption,
    why: WhyOption,
    role: RoleOption = "",
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Take back a claim that the payer has (CLM05-3 = 8)."""
    _tell(correct_claim(open_existing(data), "void", claim_id, read_person(who, why, role)), as_json)


def _tell(report: ClaimReport, as_json: bool) -> None:
    if as_json:
        print_json(report)
        return
    show_claim(report)
    console.say("what is not sent yet waits for the payer's claim control number, or is on the work list")


STATE_STYLES = {"paid": "green", "denied": "red", "rejected": "red", "held": "yellow"}


def show_claim(report: ClaimReport) -> None:
    """A claim's amounts and its timeline."""
    style = STATE_STYLES.get(report.state, "bold")
    console.say((report.id, "bold"), " is ", (report.state, style), f"  (encounter {report.encounter_id})")
    names = ("charge", "paid", "adjusted", "patient", "open")
    console.say("  ".join(f"{name} {getattr(report, f'{name}_amount')}" for name in names))
    show_timeline(report.timeline)
