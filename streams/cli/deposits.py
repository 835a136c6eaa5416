"""`revcycle deposits`: what the bank shows, what it is the money of, and what a person says that it is."""

from typing import Annotated

import typer

from streams.actions.deposits import decide_match
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
from streams.reports.deposits import report_deposits
from streams.terminal import console

deposits_app = typer.Typer(cls=VerbGroup, help="Bank deposits and the remittances that they are the money of.")


@deposits_app.command("show")
def show(
    waiting: Annotated[bool, typer.Option("--waiting", help="Only what no remittance has claimed.")] = False,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Deposits, and the remittances whose money the bank does not show."""
    report = report_deposits(ask_existing(data), waiting_only=waiting)
    if as_json:
        print_json(report)
        return
    for item in report.deposits:
        what = f"by {item.matched_by.replace('_', ' ')}" if item.matched_by else "waits"
        line = f"{item.deposit_id[:8]}  {item.deposited_on}  {item.amount:>12}  {what:<20} {item.trace_number}"
        console.say(line)
    for missing in report.remittances_without_deposit:
        line = f"{missing.remittance_id[:8]}  not in the bank  {missing.amount:>10}  {missing.payer_name}"
        console.say(line)


@deposits_app.command("match")
def match(
    deposit: Annotated[str, typer.Argument(metavar="DEPOSIT", help="A deposit, or the beginning of its id.")],
    remittances: Annotated[list[str], typer.Argument(metavar="REMITTANCE...", help="What it is the money of.")],
    who: WhoOption,
    why: WhyOption,
    role: RoleOption = "",
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Say which remittances a deposit is, such as one lockbox deposit of several checks."""
    item = decide_match(open_existing(data), deposit, remittances, read_person(who, why, role))
    if as_json:
        print_json(item)
    else:
        console.say(f"{item.deposit_id[:8]} is matched")
