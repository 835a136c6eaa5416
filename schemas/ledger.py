"""The ledger: balanced journal entries over the accounts of the revenue cycle."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from schemas.base import Frozen, Identifier, ShortText
from schemas.bounds import Index
from schemas.identifiers import Sha256
from schemas.money import ZERO, Sum, format_money

Account = Literal[
    "bank",
    "insurance_receivable",  # split by payer
    "patient_receivable",
    "gross_charges",
    "contractual_adjustments",
    "sequestration",
    "denial_write_offs",
    "other_write_offs",
    "remittance_clearing",
    "unapplied_payments",
    "provider_level_balances",  # split by payer: recoveries and forwarded balances, at zero when they are through
    "interest",
    "withholding",  # kept back for the tax office
    "levies",  # kept back for a creditor of ours
    "penalties",
    "non_reimbursable",
    "lump_sums",  # capitation, settlements, pass-through: revenue of no claim
    "payer_advances",  # split by payer: a liability until recovered
    "refunds_payable",
]


AccountPart = tuple[Account, str]  # an account and its qualifier


class DocumentPlace(Frozen):
    """Where in the raw bytes a fact stands: the document in the archive and the segment's index in it."""

    sha256: Sha256
    segment: Index | None = None


class LedgerLine(Frozen):
    """One side of an entry; `qualifier` splits an account, such as insurance_receivable by payer."""

    account: Account
    qualifier: ShortText = ""
    debit: Sum = Decimal("0.00")
    credit: Sum = Decimal("0.00")


class JournalEntry(Frozen):
    """Debits equal credits, or the entry does not exist. Entries are only ever added, never changed."""

    entry_id: Identifier
    claim_id: Identifier | None = None
    encounter_id: Identifier | None = None
    document: DocumentPlace | None = None
    lines: Annotated[tuple[LedgerLine, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _must_balance(self) -> Self:
        if sum((line.debit - line.credit for line in self.lines), ZERO) != 0:
            raise ValueError("debits and credits of a journal entry differ")
        if any(line.debit < 0 or line.credit < 0 for line in self.lines):
            raise ValueError("a ledger line is a debit or a credit of a positive amount: swap the sides instead")
        return self


def describe_entry(entry: JournalEntry | None) -> str:
    """What an entry moves, in one line; where nothing moved there is none."""
    if entry is None:
        return "nothing to post"
    sides = (
        f"{'debit' if line.debit else 'credit'} {line.account} {format_money(line.debit or line.credit)}"
        for line in entry.lines
    )
    return "posted: " + ", ".join(sides)


class Mover:
    """Collects signed movements between accounts and turns them into one entry: negatives swap sides, zeros vanish."""

    def __init__(self) -> None:
        self._balances: dict[AccountPart, Decimal] = {}

    def move(self, amount: Decimal, debit: AccountPart, credit: AccountPart) -> None:
        """Debits one account and credits the other; a negative amount does the reverse."""
        self._balances[debit] = self._balances.get(debit, ZERO) + amount
        self._balances[credit] = self._balances.get(credit, ZERO) - amount

    def lines(self) -> tuple[LedgerLine, ...]:
        """The lines in account order, each on its positive side; empty when nothing moved."""
        return tuple(
            LedgerLine(account=account, qualifier=qualifier, debit=max(balance, ZERO), credit=max(-balance, ZERO))
            for (account, qualifier), balance in sorted(self._balances.items())
            if balance
        )
