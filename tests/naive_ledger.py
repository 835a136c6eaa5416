"""The ledger as somebody would keep it on paper: a second opinion for tests, written without the program's own code.

Dollars, plain lists, everything worked out from the beginning each time. One service line a claim.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Answer:
    """What one payer said of one claim; `takes_back` is the answer that it reverses, `stray` one that nobody knows."""

    name: str
    claim: str
    payer: str
    day: int
    paid: Decimal = ZERO
    contractual: Decimal = ZERO
    patient: Decimal = ZERO
    denied: Decimal = ZERO
    takes_back: str = ""
    stray: bool = False


@dataclass
class Paper:
    """Claims with their charge and payers in order, answers, and provider-level amounts by account."""

    claims: dict[str, tuple[Decimal, tuple[str, ...]]] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    provider_level: list[tuple[str, Decimal]] = field(default_factory=list)

    def balances(self) -> dict[str, Decimal]:
        """Debit minus credit of each account, zeros left out."""
        sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
        for account, amount in self.provider_level:
            sums[account] += amount
            sums["remittance_clearing"] -= amount
        for answer in self.answers.values():
            sums["remittance_clearing"] += answer.paid
            if answer.claim not in self.claims:
                sums[f"unapplied_payments:{answer.payer}"] -= answer.paid
        for claim, (charge, payers) in self.claims.items():
            sums["gross_charges"] -= charge
            sheet = self.work_out(claim)
            for payer in payers:
                sums[f"insurance_receivable:{payer}"] += sheet.left[payer]
                sums[f"unapplied_payments:{payer}"] -= sheet.over[payer]
            sums["contractual_adjustments"] += sheet.contractual
            sums["patient_receivable"] += sheet.patient
        return {account: amount for account, amount in sums.items() if amount}

    def work_out(self, claim: str) -> "Sheet":
        """One claim from the beginning: each payer in turn, its answers by day."""
        charge, payers = self.claims[claim]
        sheet = Sheet()
        incoming = charge
        for place, payer in enumerate(payers):
            sheet.left[payer] = incoming
            incoming = ZERO
            mine = [a for a in self.answers.values() if (a.claim, a.payer) == (claim, payer)]
            gone = [a.takes_back for a in mine if a.takes_back]
            told = {"paid": ZERO, "contractual": ZERO, "patient": ZERO}
            too_much = {"paid": ZERO, "contractual": ZERO, "patient": ZERO}
            for answer in sorted(mine, key=lambda a: (a.day, a.name)):
                if answer.takes_back or answer.stray or answer.name in gone:
                    continue
                for earlier in payers[:place]:  # cash is this claim's, whoever was asked for it
                    short = answer.paid - sheet.left[payer]
                    lent = max(min(short, sheet.left[earlier]), ZERO)
                    sheet.left[earlier] -= lent
                    sheet.left[payer] += lent
                for kind in told:
                    amount = getattr(answer, kind)
                    taken = min(amount, sheet.left[payer])
                    sheet.left[payer] -= taken
                    told[kind] += taken
                    too_much[kind] += amount - taken
            for answer in mine:
                if answer.stray:
                    for kind in ("paid", "contractual", "patient"):
                        back = -getattr(answer, kind)  # strays are negative
                        off = min(back, max(too_much[kind], ZERO))
                        too_much[kind] -= off
                        back -= off
                        off = min(back, told[kind])
                        told[kind] -= off
                        sheet.left[payer] += off
                        too_much[kind] -= back - off
            sheet.paid += told["paid"]
            sheet.contractual += told["contractual"]
            sheet.over[payer] = too_much["paid"]
            incoming = told["patient"]
        sheet.patient = incoming
        return sheet


@dataclass
class Sheet:
    """Where one claim's charge went."""

    left: dict[str, Decimal] = field(default_factory=dict)
    over: dict[str, Decimal] = field(default_factory=dict)
    paid: Decimal = ZERO
    contractual: Decimal = ZERO
    patient: Decimal = ZERO
