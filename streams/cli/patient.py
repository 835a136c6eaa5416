"""`revcycle patient`: payments and refunds."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import typer

from schemas.errors import RefusedError
from schemas.money import parse_money
from streams.actions.patients import AccountAfter, Method, issue_refund, move_payment, return_payment, take_payment
from streams.cli.common import (
    DEFAULT_DATA,
    DataOption,
    JsonOption,
    RoleOption,
    WhoOption,
    WhyOption,
    open_existing,
    print_json,
    read_person,
)
from streams.terminal import console

patient_app = typer.Typer(no_args_is_help=True, help="What patients pay, and what is sent back to them.")
SubjectArgument = Annotated[str, typer.Argument(metavar="ID", help="Claim, patient control number or account.")]
AmountArgument = Annotated[str, typer.Argument(metavar="AMOUNT", help="Dollars, such as 25.00.")]


@patient_app.command("pay")
def pay(
    subject: SubjectArgument,
    amount: AmountArgument,
    reference: Annotated[str, typer.Option(help="Receipt, check or processor's number: the same one counts once.")],
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="When it came; today without it.")] = None,
    method: Annotated[Method, typer.Option(help="How it came.")] = "other",
    who: WhoOption = "",
    role: RoleOption = "",
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Take a payment: to the claim named, else to the oldest of what the account owes."""
    by = read_person(who, role=role)
    received_on = on.date() if on else by.at.date()
    _tell(take_payment(open_existing(data), subject, _read_amount(amount), reference, received_on, method, by), as_json)


@patient_app.command("refund")
def refund(
    subject: SubjectArgument,
    amount: AmountArgument,
    who: WhoOption,
    why: WhyOption,
    reference: Annotated[str, typer.Option(help="The check or transfer that went out: the same counts once.")] = "",
    role: RoleOption = "",
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Record what was sent back: of a claim that was paid too much for, or of an account what no claim takes."""
    by = read_person(who, why, role)
    _tell(issue_refund(open_existing(data), subject, _read_amount(amount), reference, by), as_json)


@patient_app.command("returned")
def returned(
    subject: SubjectArgument,
    amount: AmountArgument,
    who: WhoOption,
    why: WhyOption,
    reference: Annotated[str, typer.Option(help="The check that was returned: the same counts once.")] = "",
    role: RoleOption = "",
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Record a payment that the bank gave back, such as a bounced check: the patient owes it again."""
    by = read_person(who, why, role)
    _tell(return_payment(open_existing(data), subject, _read_amount(amount), reference, by), as_json)


@patient_app.command("move")
def move(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="Whose unapplied money it was taken for.")],
    amount: AmountArgument,
    to: Annotated[str, typer.Argument(metavar="TO", help="Whose it is: claim, patient control number or account.")],
    who: WhoOption,
    why: WhyOption,
    reference: Annotated[str, typer.Option(help="Its receipt or check: the same is moved once.")] = "",
    role: RoleOption = "",
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Give a payment that no claim of an account takes to the claim or account that it is for."""
    by = read_person(who, why, role)
    _tell(move_payment(open_existing(data), account, _read_amount(amount), to, reference, by), as_json)


def _read_amount(text: str) -> Decimal:
    try:
        amount = parse_money(text)
    except ValueError as error:
        raise RefusedError(f"the amount cannot be read: {error}") from None
    if amount <= 0:
        raise RefusedError("the amount must be more than nothing: a refund has a command of its own")
    return amount


def _tell(report: AccountAfter, as_json: bool) -> None:
    if as_json:
        print_json(report)
        return
    for claim in report.claims:
        text = f"{claim.claim_id}  {claim.status:<22} share {claim.share_amount:>10}  "
        text += f"paid {claim.paid_amount:>10}  balance {claim.balance_amount:>10}"
        console.say(text)
    unapplied = f"; unapplied: {report.unapplied_amount}" if report.unapplied_amount else ""
    known = " (known, not recorded again; another one has a --reference of its own)" if report.repeated else ""
    console.say(f"owed: {report.owed_amount}{unapplied}{known}")
