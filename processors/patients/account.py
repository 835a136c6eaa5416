"""One patient's account: what stands of each claim between payers and patient."""

from decimal import Decimal

from schemas.base import Frozen
from schemas.events.patients import BalanceStatus
from schemas.money import ZERO, Sum


class ClaimBalance(Frozen):
    """One claim of the account, in dollars."""

    claim_id: str
    encounter_id: str
    insurance_amount: Sum = ZERO  # what payers may still owe
    share_amount: Sum = ZERO  # what they left to the patient
    paid_amount: Sum = ZERO
    written_off_amount: Sum = ZERO
    credit_amount: Sum = ZERO  # moved to refunds payable
    refunded_amount: Sum = ZERO  # of it, sent back
    visit_paid_amount: Sum = ZERO  # of what was paid, what the claim itself reports (AMT*F5)
    is_charged: bool = False
    may_be_billed: bool = True
    due_told: Sum = ZERO  # the refund that a work item asks for
    told: str = ""  # the balance that was said last

    @property
    def balance(self) -> Decimal:
        return self.share_amount - self.paid_amount - self.written_off_amount + self.credit_amount

    @property
    def is_settled(self) -> bool:
        """No payer owes any more of it."""
        return self.is_charged and self.insurance_amount <= ZERO


class PatientAccount(Frozen):
    """One patient at this organisation: claims in the order in which they were first heard of."""

    claims: tuple[ClaimBalance, ...] = ()
    unapplied_amount: Sum = ZERO  # paid, and no claim takes it yet
    unapplied_told: Sum = ZERO  # of it, what a work item asks about


def find_status(claim: ClaimBalance) -> BalanceStatus:
    """What can be said to the patient about a claim, the strongest reason to be silent first."""
    if not claim.is_settled:
        return "waiting_for_insurance"
    if claim.credit_amount > claim.refunded_amount:
        return "refund_due"
    if not claim.may_be_billed and claim.balance:
        return "not_billable"
    return "owed" if claim.balance > ZERO else "settled"
