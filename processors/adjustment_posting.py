"""What the adjustments of one CLP are: the class table of domain rules section 5, applied.

Contractual and sequestration are written off, patient share moves to the patient, memo (OA-23) restates what is posted
already, a denial or an unknown reason stays open in insurance receivable until a person decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from schemas.money import ZERO
from schemas.x12.x835_005010x221a1 import Adjustment, RemittanceClaim

PREDETERMINATION = "25"  # CLP02: an estimate, never posted


@dataclass(frozen=True, slots=True)
class Amounts:
    """Dollars of one CLP by what they do to insurance receivable; negative ones put it back."""

    paid: Decimal = ZERO
    contractual: Decimal = ZERO
    sequestration: Decimal = ZERO
    patient: Decimal = ZERO

    @property
    def parts(self) -> tuple[Decimal, Decimal, Decimal, Decimal]:
        return (self.paid, self.contractual, self.sequestration, self.patient)

    @property
    def credited(self) -> Decimal:
        """What leaves insurance receivable."""
        return sum(self.parts, ZERO)


def classify_adjustment(classes: Mapping[tuple[str, str], str], adjustment: Adjustment) -> str:
    """The class of (group, CARC): the exact row, else any group, else any reason, else 'review', never contractual."""
    for key in ((adjustment.group, adjustment.reason), ("*", adjustment.reason), (adjustment.group, "*")):
        found = classes.get(key)
        if found:
            return found
    return "review"


def read_amounts(claim: RemittanceClaim, classes: Mapping[tuple[str, str], str]) -> Amounts:
    """Sums one CLP by class. A predetermination (CLP02 = 25) is nothing."""
    if claim.status_code == PREDETERMINATION:
        return Amounts(paid=claim.paid_amount)  # nothing in practice: an estimate pays nothing
    sums: dict[str, Decimal] = {}
    for adjustment in claim.all_adjustments:
        name = classify_adjustment(classes, adjustment)
        sums[name] = sums.get(name, ZERO) + adjustment.amount
    # An incentive (negative CO-144) raises the payment above the charge's share: it corrects the contractual write-off.
    contractual = sums.get("contractual", ZERO) + sums.get("informational", ZERO)
    return Amounts(
        paid=claim.paid_amount,
        contractual=contractual,
        sequestration=sums.get("sequestration", ZERO),
        patient=sums.get("patient_share", ZERO),
    )
