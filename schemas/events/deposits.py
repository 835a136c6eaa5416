"""Money that reached the bank, and which remittance it is: `rcm.deposit.v1`, keyed by deposit."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from schemas.base import Frozen, Identifier, PhiText, ShortText
from schemas.bounds import Day
from schemas.event import Body
from schemas.events.keys import ByPerson
from schemas.ledger import JournalEntry
from schemas.money import Money, format_money
from schemas.roles import Act


def require_amount(amount: Decimal) -> Decimal:
    """A transaction of the bank moves something. Raises ValueError."""
    if not amount:
        raise ValueError("an amount of zero is no deposit and no debit")
    return amount


class OfDeposit(Body):
    """About one deposit."""

    deposit_id: Identifier

    @property
    def key(self) -> str:
        return self.deposit_id


class DepositReceived(OfDeposit):
    """The bank reports a credit (ACH, check, lockbox item, wire) or, below zero, a debit (takeback, returned payment).

    It names no document: the bank tells of one transaction in several files, and that must be the same event.
    """

    type: ClassVar[str] = "rcm.deposit"
    topic: ClassVar[str] = "rcm.deposit.v1"
    account_suffix: Annotated[ShortText, Field(max_length=4)] = ""  # the last characters of the bank account
    amount: Annotated[Money, AfterValidator(require_amount)]
    deposited_on: Day
    trace_number: ShortText = ""  # TRN02 of the addenda, or the check number
    payer_identifier: ShortText = ""  # TRN03 of the addenda
    description: PhiText = ""  # the bank's words: a patient's own payment may name them

    def identity(self) -> tuple[str | int, ...]:
        return (self.deposit_id,)

    def describe(self) -> str:
        return f"the bank shows {format_money(self.amount)} on {self.deposited_on}, trace {self.trace_number}"


class DepositMatched(OfDeposit):
    """The money of these remittances is in the bank: remittance clearing is relieved of it."""

    type: ClassVar[str] = "rcm.deposit.matched"
    topic: ClassVar[str] = "rcm.deposit.v1"
    remittance_ids: tuple[Identifier, ...]
    amount: Money
    deposited_on: Day
    matched_by: Literal["trace", "amount_and_date", "person"]
    entry: JournalEntry

    def describe(self) -> str:
        return f"deposit of {format_money(self.amount)} matched by {self.matched_by.replace('_', ' ')}"

    def subjects(self) -> Iterator[str]:
        yield from self.remittance_ids


class RemittanceShare(Frozen):
    """A remittance that a person says is in a deposit, and its BPR02."""

    remittance_id: Identifier
    amount: Money


class DepositMatchDecided(OfDeposit, ByPerson):
    """A person says which remittances a deposit is, such as one lockbox deposit of several checks."""

    act: ClassVar[Act] = "match_deposit"
    type: ClassVar[str] = "rcm.deposit.decided"
    topic: ClassVar[str] = "rcm.deposit.v1"
    deposit_amount: Money
    remittances: Annotated[tuple[RemittanceShare, ...], Field(min_length=1, max_length=100)]

    def describe(self) -> str:
        return f"{self.who} says what the deposit of {format_money(self.deposit_amount)} is: {self.why}"
