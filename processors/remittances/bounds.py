"""What of an 835 cannot be posted: amounts beyond the ledger's, no usable control number, an estimate that pays."""

from collections.abc import Iterator
from decimal import Decimal

from schemas.bounds import AMOUNT_MAX
from schemas.claim_status import PREDETERMINATION
from schemas.findings import Finding, Owner
from schemas.money import ZERO
from schemas.x12.x835_005010x221a1 import Remittance, RemittanceClaim

CONTROL_NUMBER_MAX = 50
REMEDY = "ask the payer for a corrected 835"


def find_impossible(claim: RemittanceClaim, where: str) -> Iterator[Finding]:
    """What of one claim cannot be posted."""
    amounts = [claim.charge_amount, claim.paid_amount, claim.patient_responsibility_amount]
    amounts += [amount for service in claim.services for amount in (service.charge_amount, service.paid_amount)]
    adjusted = sum((abs(item.amount) for item in claim.all_adjustments), ZERO)  # any part of them may be posted as one
    if adjusted > AMOUNT_MAX or any(abs(amount) > AMOUNT_MAX for amount in amounts):
        yield make_finding("amount_impossible", where, f"an amount beyond {AMOUNT_MAX}", REMEDY)
    if not 1 <= len(claim.patient_control_number) <= CONTROL_NUMBER_MAX:
        what = f"CLP01 is empty or longer than {CONTROL_NUMBER_MAX} characters"
        yield make_finding("control_number_impossible", where, what, REMEDY)
    if claim.status_code == PREDETERMINATION and claim.paid_amount:
        what = f"a predetermination (CLP02 = 25) pays {claim.paid_amount}, and an estimate pays nothing"
        yield make_finding("predetermination_paid", where, what, REMEDY)


def find_impossible_totals(remittance: Remittance) -> Iterator[Finding]:
    """What of the payment itself cannot be posted."""
    totals = [remittance.payment_amount, *(item.amount for item in remittance.provider_adjustments)]
    if any(abs(amount) > AMOUNT_MAX for amount in totals):
        yield make_finding("amount_impossible", "BPR, PLB", f"an amount beyond {AMOUNT_MAX}", REMEDY)


def clamp(amount: Decimal) -> Decimal:
    """The amount of a held remittance as the work list can show it; the document has the true text."""
    return max(-AMOUNT_MAX, min(AMOUNT_MAX, amount))


def make_finding(code: str, where: str, what: str, remedy: str, owner: Owner = "biller") -> Finding:
    """A finding that holds a remittance, for a biller where nobody else is named."""
    return Finding(code=code, severity="hold", owner=owner, where=where[:200], what=what[:2000], remedy=remedy[:2000])
