"""`revcycle patient pay|refund|returned|move`: patients' money, checked against what stands, then an event.

A reference is the identity of a movement of money: the same check, receipt or transfer counts once. Without one, the
same amount for the same claim or account is the same movement.
"""

from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Literal, TypeVar

from schemas.errors import RefusedError
from schemas.event import publish_at_edge
from schemas.events import PatientPaymentMoved, PatientPaymentReceived, PatientPaymentReturned, PatientRefundIssued
from schemas.events.keys import ByPerson
from schemas.identifiers import make_id
from schemas.money import format_money
from schemas.roles import By
from schemas.wire import decode_record
from streams.actions.door import Begun, Done, begin, identify_person, make_body, publish_act
from streams.installation import Opened
from streams.reports.accounts import AccountReport, find_refund_due, find_subject, read_account, report_account

ONE_DAY = timedelta(1)
Method = Literal["cash", "check", "card", "ach", "other"]
Movement = TypeVar("Movement", PatientRefundIssued, PatientPaymentReturned, PatientPaymentMoved)


class AccountAfter(AccountReport):
    """An account after money moved; `repeated` where the movement was known, and was not recorded again."""

    repeated: bool


def take_payment(
    installation: Opened, wanted: str, amount: Decimal, source_id: str, received_on: date, method: Method, by: By
) -> AccountAfter:
    """Takes a patient's payment for a claim, or for an account's oldest balances. Raises RefusedError."""
    # A receipt says what is asked of other acts; who took it is asked for where the installation names its people.
    person = identify_person(installation, "take_payment", by, needs_why=False) if _is_asked(installation, by) else by
    if received_on > by.at.date() + ONE_DAY:  # somebody's tomorrow has begun
        raise RefusedError(
            f"nothing was taken: {received_on} has not come yet, and a payment is dated when it came (--on)"
        )
    account_key, claim_id = find_subject(installation, wanted)
    body = make_body(
        PatientPaymentReceived,
        account_key=account_key,
        source_id=source_id.strip(),
        claim_id=claim_id,
        amount=amount,
        received_on=received_on,
        method=method,
        taken_by=person.who,
    )
    known = installation.store.find_record(make_id(body.type, *body.identity()))
    if known is not None and isinstance(before := decode_record(known).body, PatientPaymentReceived):
        body = body.replace(taken_by=before.taken_by)  # a colleague's second try is the same payment
    done = publish_act(installation, publish_at_edge(body, account_key, by.at, account_key))
    return _report(installation, account_key, done)


def _is_asked(installation: Opened, by: By) -> bool:
    return bool(by.who or installation.settings.people)


def issue_refund(installation: Opened, wanted: str, amount: Decimal, reference: str, by: By) -> AccountAfter:
    """Records money sent back to a patient: for a claim, or for an account what no claim of it takes. Raises
    RefusedError when that much is not due."""
    account_key, claim_id = find_subject(installation, wanted)
    begun, done = _begin(installation, PatientRefundIssued, by, account_key, reference, claim_id or "", amount)
    if done is None:
        due = find_refund_due(report_account(installation, account_key), claim_id)
        if amount > due:
            raise RefusedError(f"{format_money(amount)} cannot be sent back for {wanted[:40]}: {due} is due")
    done = done or begun.finish(
        account_key, account_key=account_key, claim_id=claim_id, amount=amount, reference=reference.strip()
    )
    _require_same(done, claim_id=claim_id, amount=amount)
    return _report(installation, account_key, done)


def return_payment(installation: Opened, wanted: str, amount: Decimal, reference: str, by: By) -> AccountAfter:
    """Records that the bank gave a patient's payment back: for a claim, or for an account what no claim takes. Raises
    RefusedError when that much does not stand there."""
    account_key, claim_id = find_subject(installation, wanted)
    begun, done = _begin(installation, PatientPaymentReturned, by, account_key, reference, claim_id or "", amount)
    if done is None:
        account = read_account(installation, account_key)
        paid = (claim.paid_amount - claim.refunded_amount for claim in account.claims if claim.claim_id == claim_id)
        there = account.unapplied_amount if claim_id is None else next(paid, Decimal("0.00"))
        if amount > there:
            raise RefusedError(f"{format_money(amount)} cannot have been returned of {wanted[:40]}: {there} was paid")
    done = done or begun.finish(
        account_key, account_key=account_key, claim_id=claim_id, amount=amount, reference=reference.strip()
    )
    _require_same(done, claim_id=claim_id, amount=amount)
    return _report(installation, account_key, done)


def move_payment(installation: Opened, account: str, amount: Decimal, to: str, reference: str, by: By) -> AccountAfter:
    """Gives what no claim of an account takes to another claim or account; returns that one. Raises RefusedError."""
    account_key, claim_id = find_subject(installation, account)
    if claim_id is not None:
        raise RefusedError(f"nothing was moved: name the account ({account_key}) whose unapplied money it is")
    to_account_key, to_claim_id = find_subject(installation, to)
    if to_account_key == account_key:
        raise RefusedError("nothing was moved: it is that account's already, and goes to its claims by itself")
    said = (to_account_key, to_claim_id or "", amount)
    begun, done = _begin(installation, PatientPaymentMoved, by, account_key, reference, *said)
    if done is None:
        there = read_account(installation, account_key).unapplied_amount
        if amount > there:
            raise RefusedError(f"{format_money(amount)} cannot be moved: {there} of this account is unapplied")
    done = done or begun.finish(
        account_key,
        account_key=account_key,
        amount=amount,
        to_account_key=to_account_key,
        claim_id=to_claim_id,
        reference=reference.strip(),
    )
    _require_same(done, to_account_key=to_account_key, claim_id=to_claim_id, amount=amount)
    return _report(installation, to_account_key, done)


def _begin(
    installation: Opened, model: type[Movement], by: By, account_key: str, reference: str, *said: object
) -> tuple[Begun[Movement], Done | None]:
    """A movement and what became of it, if it was recorded. What the account refused once may be tried anew later."""
    named = (reference.strip(),) if reference.strip() else (model.type, *map(str, said))
    for again in count():
        action_id = make_id(model.type, account_key, *named, again)
        begun = begin(installation, model, by, account_key, action_id=action_id)
        done = begun.find_done()
        if done is None or done.refusal is None:
            return begun, done
    raise AssertionError("there is always a next number")


def _require_same(done: Done, **fields: object) -> None:
    """A colleague's second try is the same movement. Raises RefusedError where the reference was given to another."""
    body = done.event.body
    assert isinstance(body, ByPerson)
    if any(getattr(body, name) != value for name, value in fields.items()):
        raise RefusedError(
            f"nothing was done: this reference stands for another movement, recorded by {body.who} on "
            f"{done.event.occurred_at:%Y-%m-%d}; give one of its own"
        )


def _report(installation: Opened, account_key: str, done: Done) -> AccountAfter:
    return AccountAfter(**dict(report_account(installation, account_key)), repeated=done.is_repeat)
