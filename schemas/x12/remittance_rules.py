"""The three balances of an 835 over its segments (SNIP type 3), in bounded memory."""

from collections.abc import Callable
from decimal import Decimal

from schemas.x12.elements import parse_amount
from schemas.x12.tokens import Segment

Report = Callable[[str, str, str, Segment, int, int, str], None]
ZERO = Decimal("0.00")


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

    def take(self, segment: Segment) -> None:
        match segment.id:
            case "BPR":
                self._bpr = segment
            case "CLP":
                self._close_claim()
                self._claim, self._claim_rest = segment, _amount(segment, 3)
                self._payment += _amount(segment, 4)
            case "SVC":
                self._close_line()
                self._line, self._line_rest = segment, _amount(segment, 2)
            case "CAS":
                total = sum((_amount(segment, n) for n in range(3, len(segment) + 1, 3)), ZERO)
                self._claim_rest -= total
                self._line_rest -= total
            case "LX":
                self._close_claim()
            case "PLB":
                self._close_claim()
                self._payment -= sum((_amount(segment, n) for n in range(4, len(segment) + 1, 2)), ZERO)

    def close(self) -> None:
        self._close_claim()
        if self._bpr is not None:
            self._compare(self._payment, self._bpr, 2, "sum of CLP04 - sum of PLB", "")

    def _close_line(self) -> None:
        if self._line is not None:
            self._compare(self._line_rest, self._line, 3, "SVC02 - CAS", "2110")
            self._line = None

    def _close_claim(self) -> None:
        self._close_line()
        if self._claim is not None:
            self._compare(self._claim_rest, self._claim, 4, "CLP03 - CAS", "2100")
            self._claim = None

    def _compare(self, expected: Decimal, segment: Segment, position: int, sum_name: str, loop: str) -> None:
        found = _amount(segment, position)
        if expected != found:
            what = f"{sum_name} = {expected}, but {segment.id}{position:02d} is {found}: {expected - found} apart"
            self._report("x12_balance", what, "ask the payer for a corrected remittance", segment, position, 0, loop)


def _amount(segment: Segment, position: int) -> Decimal:
    """The amount, or zero where the element rules have already complained."""
    try:
        return parse_amount(segment[position])
    except ValueError:
        return ZERO
