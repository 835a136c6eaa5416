"""`revcycle ledger`: entries and balances, and whose an unmatched payment is."""

from typing import Annotated

import typer

from streams.actions.payments import admit_remittance, apply_payment, unapply_payment
from streams.audit.ledger_checks import verify
from streams.cli.common import (
    DEFAULT_DATA,
    DataOption,
    JsonOption,
    RoleOption,
    WhoOption,
    ask_existing,
    open_existing,
    print_json,
    read_person,
)
from streams.cli.screens import say_balanced, show_accounts
from streams.reports.ledger import LedgerReport, report_ledger
from streams.terminal import console

ledger_app = typer.Typer()


@ledger_app.callback(invoke_without_command=True)
def ledger(
    context: typer.Context,
    claim: Annotated[str | None, typer.Option(help="The entries of one claim.")] = None,
    remittance: Annotated[str | None, typer.Option(help="The entries of one remittance, by its id.")] = None,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Trial balance and entries; `ledger verify` checks every invariant of the ledger.

    Exit status 1 when debits and credits differ.
    """
    if context.invoked_subcommand is not None:
        return
    report = report_ledger(ask_existing(data), claim, remittance)
    if as_json:
        print_json(report)
    else:
        show_ledger(report, with_entries=bool(claim or remittance))
    if not report.balanced:
        raise typer.Exit(1)


@ledger_app.command("verify")
def verify_ledger(data: DataOption = DEFAULT_DATA, as_json: JsonOption = False) -> None:
    """Reads the whole ledger again and says what does not hold: entries, remittances, claims.

    Exit status 1 when something does not.
    """
    report = verify(ask_existing(data))
    if as_json:
        print_json(report)
    else:
        for violation in report.violations:
            console.say(f"BROKEN  {violation.detail}")
        found = "every invariant holds" if report.holds else f"{len(report.violations)} violations"
        console.say(f"{report.entries} entries: {found}")
    if not report.holds:
        raise typer.Exit(1)


@ledger_app.command("apply")
def apply(
    item_id: Annotated[str, typer.Argument(metavar="ITEM", help="The work item of the unmatched payment.")],
    claim_id: Annotated[str, typer.Argument(metavar="CLAIM", help="Whose it is: a claim or patient control number.")],
    who: WhoOption,
    why: Annotated[str, typer.Option("--why", help="How you know.")],
    role: RoleOption = "",
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Applies a payment that named no claim of ours: from unapplied payments to the claim, as an event."""
    item = apply_payment(open_existing(data), item_id, claim_id, read_person(who, why, role))
    if as_json:
        print_json(item)
    else:
        console.say(f"applied to {claim_id[:16]}; work item {item.id[:8]} is {item.state}")


@ledger_app.command("unapply")
def unapply(
    item_id: Annotated[str, typer.Argument(metavar="ITEM", help="The work item that the payment was applied from.")],
    who: WhoOption,
    why: Annotated[str, typer.Option("--why", help="How you know.")],
    role: RoleOption = "",
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Takes a payment off the claim that a person applied it to by mistake, as new entries; then apply it anew."""
    item = unapply_payment(open_existing(data), item_id, read_person(who, why, role))
    if as_json:
        print_json(item)
    else:
        console.say(f"taken off; work item {item.id[:8]} is {item.state}")


@ledger_app.command("admit")
def admit(
    item_id: Annotated[str, typer.Argument(metavar="ITEM", help="The work item of the held remittance.")],
    who: WhoOption,
    why: Annotated[str, typer.Option("--why", help="How you know that it is to be posted.")],
    role: RoleOption = "",
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Posts a remittance that was held because another has its trace, date, amount and payee, and is not the same; or
    because it seemed to be somebody else's, and is ours."""
    item = admit_remittance(open_existing(data), item_id, read_person(who, why, role))
    if as_json:
        print_json(item)
    else:
        console.say(f"work item {item.id[:8]} is {item.state}: {item.resolution or 'nothing was posted'}")


def show_ledger(report: LedgerReport, *, with_entries: bool) -> None:
    """Trial balance, and the entries of one claim when it was asked for."""
    if with_entries:
        for entry in report.entries:
            place = entry.document
            segment = f" segment {place.segment}" if place.segment else ""
            source = f"document {place.sha256[:12]}{segment}" if place.sha256 else ""
            dim = (f"{entry.entry_id}  {source}", "dim")
            console.say(f"{entry.occurred_at[:10]}  {entry.what}  ", dim)
            for line in entry.lines:
                console.say(f"    {line.account:<50} {line.debit:>12} {line.credit:>12}")
    else:
        show_accounts(report.accounts)
    say_balanced(report.balanced)
