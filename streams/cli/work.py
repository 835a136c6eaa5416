"""Commands about work: the list with its filters, and what people do with an item."""

from pathlib import Path
from typing import Annotated

import typer
from rich.padding import Padding

from schemas.errors import RefusedError
from schemas.money import parse_money
from schemas.roles import By
from streams.actions.denials import file_appeal, write_off_denial
from streams.actions.work_items import act_on_item
from streams.cli.common import (
    DEFAULT_DATA,
    DataOption,
    JsonOption,
    RoleOption,
    WhoOption,
    WhyOption,
    ask_existing,
    check_name,
    open_existing,
    print_json,
    read_clock,
    read_person,
    show_findings,
)
from streams.cli.screens import show_timeline
from streams.reports.worklist import WorkFilter, WorkItem, WorklistReport, report_item, report_worklist
from streams.terminal import console

work_app = typer.Typer(no_args_is_help=True, help="What people do with a work item; each is an event.")
ItemArgument = Annotated[str, typer.Argument(metavar="ID", help="A work item, or the beginning of its id.")]


def worklist(
    queue: Annotated[str | None, typer.Option(help="One queue.")] = None,
    owner: Annotated[str | None, typer.Option(help="One owner: biller, coder, front desk ...")] = None,
    claim: Annotated[str | None, typer.Option(help="One claim, patient control number or encounter.")] = None,
    reason: Annotated[
        str | None, typer.Option(help="Part of the reason or category: CO-197, denied, rejected.")
    ] = None,
    assignee: Annotated[str | None, typer.Option(help="Whose items.")] = None,
    untaken: Annotated[bool, typer.Option("--untaken", help="Only what nobody has taken.")] = False,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what had its deadline before today.")] = False,
    closed: Annotated[bool, typer.Option("--closed", help="What was done, instead of what is open.")] = False,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Open work items, by priority and deadline."""
    wanted = WorkFilter(
        queue=queue,
        owner=owner,
        claim=claim,
        reason=reason,
        assignee="" if untaken else assignee,
        overdue_on=read_clock().date() if overdue else None,
        closed=closed,
    )
    report = report_worklist(ask_existing(data), wanted)
    if as_json:
        print_json(report)
    else:
        show_worklist(report, "closed" if closed else "open")


def show_worklist(report: WorklistReport, state: str) -> None:
    """Items, most urgent first: a line of what it is about, and a line of what to do."""
    for item in report.items:
        subject = item.claim_id or item.encounter_id or item.remittance_id or ""
        amount = "" if item.amount is None else item.amount
        head = f"{item.id[:8]}  {item.priority}  {item.deadline or ''!s:<10}  {amount:>10}"
        whose = f"  {item.assignee}" if item.assignee else ""
        console.say((head, "bold"), f"  {item.queue:<24} {subject}", (whose, "cyan"))
        console.print(Padding(f"[{item.reason}] {item.next_action}", (0, 0, 0, 10)))
    console.say(f"{len(report.items)} {state} items")


@work_app.command("show")
def show(item_id: ItemArgument, data: DataOption = DEFAULT_DATA, as_json: JsonOption = False) -> None:
    """One item with everything that happened to it."""
    report = report_item(ask_existing(data), item_id)
    if as_json:
        print_json(report)
        return
    show_item(report)
    show_timeline(report.history)


@work_app.command("take")
def take(
    item_id: ItemArgument,
    who: WhoOption,
    why: WhyOption = "",
    role: RoleOption = "",
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Make the item yours; from somebody else only with --why."""
    _act("take", item_id, read_person(who, why, role), data, as_json)


@work_app.command("note")
def note(
    item_id: ItemArgument,
    who: WhoOption,
    why: WhyOption,
    role: RoleOption = "",
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Write down what you found; nothing else changes."""
    _act("note", item_id, read_person(who, why, role), data, as_json)


@work_app.command("resolve")
def resolve(
    item_id: ItemArgument,
    who: WhoOption,
    why: WhyOption,
    role: RoleOption = "",
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Close the item, saying how it ended."""
    _act("resolve", item_id, read_person(who, why, role), data, as_json)


@work_app.command("reopen")
def reopen(
    item_id: ItemArgument,
    who: WhoOption,
    why: WhyOption,
    role: RoleOption = "",
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Open a closed item again, saying what was not done."""
    _act("reopen", item_id, read_person(who, why, role), data, as_json)


@work_app.command("appeal")
def appeal(
    item_id: ItemArgument,
    who: WhoOption,
    why: Annotated[str, typer.Option("--why", help="The reason; it stands in the letter.")],
    attach: Annotated[
        list[Path] | None, typer.Option(help="A record that goes with the letter.", dir_okay=False)
    ] = None,
    role: RoleOption = "",
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Write the packet of an appeal (letter, attachments) into appeals/, and record that it is filed.

    Exit status 1 when the packet has findings.
    """
    report = file_appeal(open_existing(data), item_id, read_person(who, why, role), attach or [])
    if as_json:
        print_json(report)
    else:
        show_item(report)
        console.say(f"packet: {report.folder}")
        show_findings(report.findings)
    if report.findings:
        raise typer.Exit(1)


@work_app.command("write-off")
def write_off(
    item_id: ItemArgument,
    who: WhoOption,
    why: WhyOption,
    approved_by: Annotated[str, typer.Option(help="Who approves it: somebody else.", callback=check_name)],
    amount: Annotated[str | None, typer.Option(help="A part of it, such as 25.00; all without it.")] = None,
    role: RoleOption = "",
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Accept a denial as a loss: the ledger moves it to denial write-offs."""
    try:
        part = None if amount is None else parse_money(amount)
    except ValueError as error:
        raise RefusedError(f"--amount: {error}") from None
    item = write_off_denial(open_existing(data), item_id, read_person(who, why, role), approved_by.strip(), part)
    if as_json:
        print_json(item)
    else:
        show_item(item)


def _act(action: str, item_id: str, by: By, data: Path, as_json: bool) -> None:
    item = act_on_item(open_existing(data), action, item_id, by)
    if as_json:
        print_json(item)
    else:
        show_item(item)


def show_item(item: WorkItem) -> None:
    """One item as it stands."""
    whose = f", {item.assignee}'s" if item.assignee else ""
    ended = f" ({item.resolution})" if item.resolution else ""
    console.say((item.id[:8], "bold"), " is ", (item.state, "bold"), ended + whose)
    console.say(f"[{item.reason}] {item.next_action}")
    if item.root_cause:
        edits = f"; our edits that look for it: {', '.join(item.edits)}" if item.edits else ""
        console.say(f"root cause: {item.root_cause}{edits}")
