"""The three balances of an 835 (SNIP type 3), and what its situations ask for (types 4 and 5), in bounded memory."""

from decimal import Decimal

from schemas.claim_status import REVERSAL
from schemas.x12.loops import Placed
from schemas.x12.rules import ZERO, Report, read_amount
from schemas.x12.tokens import Segment


class RemittanceRules:
    """Feed it every segment of one 835, then call `close`. Rules: RFI 2348, RFI 2601, guide 1.10.2.1."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._bpr: Segment | None = None
        self._payment = ZERO  # sum of CLP04 - sum of PLB so far
        self._claim: Segment | None = None
        self._claim_rest = ZERO  # CLP03 - CAS so far
        self._line: Segment | None = None
        self._line_rest = ZERO  # SVC02 - CAS so far
        self._patient_share = ZERO  # CAS*PR of the claim so far

    def take(self, placed: Placed) -> None:
        segment = placed.segment
        match segment.id:
            case "BPR":
                self._bpr = segment
            case "CLP":
                self._close_claim()
                self._claim, self._claim_rest = segment, read_amount(segment, 3)
                self._payment += read_amount(segment, 4)
                self._patient_share = ZERO
            case "SVC":
                self._close_line()
                self._line, self._line_rest = segment, read_amount(segment, 2)
            case "CAS":
                total = sum((read_amount(segment, n) for n in range(3, len(segment) + 1, 3)), ZERO)
                self._claim_rest -= total
                self._line_rest -= total
                if segment[1] == "PR":
                    self._patient_share += total
            case "LX":
                self._close_claim()
            case "PLB":
                self._close_claim()
                self._payment -= sum((read_amount(segment, n) for n in range(4, len(segment) + 1, 2)), ZERO)

    def close(self) -> None:
        self._close_claim()
        if self._bpr is not None:
            self._compare(self._payment, self._bpr, 2, "sum of CLP04 - sum of PLB", "")
            self._check_payment(self._bpr)

    def _close_line(self) -> None:
        if self._line is not None:
            self._compare(self._line_rest, self._line, 3, "SVC02 - CAS", "2110")
            self._line = None

    def _close_claim(self) -> None:
        self._close_line()
        if self._claim is not None:
            self._compare(self._claim_rest, self._claim, 4, "CLP03 - CAS", "2100")
            self._check_patient_share(self._claim)
            self._claim = None

    def _check_patient_share(self, clp: Segment) -> None:
        """CLP05 = sum of CAS*PR, except on reversals; it takes no part in balancing."""
        said = read_amount(clp, 5)
        if clp[2] != REVERSAL and said != self._patient_share:
            what = f"CLP05 is {said}, the PR adjustments come to {self._patient_share}"
            remedy = "the adjustments count: bill the patient by them"
            self._report("remittance_patient_share", what, remedy, clp, 5, 0, "2100")

    def _check_payment(self, bpr: Segment) -> None:
        paid = read_amount(bpr, 2)
        if bpr[4] == "NON" and paid:
            what, remedy = "BPR04 says that nothing was paid, BPR02 is an amount", "ask the payer which is true"
            self._report("remittance_payment_method", what, remedy, bpr, 4, 0, "")
        if bpr[4] == "ACH" and paid and not (bpr[7] and bpr[9] and bpr[13] and bpr[15]):
            what, remedy = "an ACH payment without the banks and accounts", "match the deposit by its trace number"
            self._report("remittance_bank_details", what, remedy, bpr, 4, 0, "")

    def _compare(self, expected: Decimal, segment: Segment, position: int, sum_name: str, loop: str) -> None:
        found = read_amount(segment, position)
        if expected != found:
            what = f"{sum_name} = {expected}, but {segment.id}{position:02d} is {found}: {expected - found} apart"
            self._report("x12_balance", what, "ask the payer for a corrected remittance", segment, position, 0, loop)
