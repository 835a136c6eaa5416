"""Typed elements of a claim; what cannot be read becomes a finding of that claim."""

from datetime import date
from decimal import Decimal

from schemas.x12.claim_loops import ClaimLoops, Loop
from schemas.x12.elements import parse_amount, parse_date, parse_quantity
from schemas.x12.findings import ERROR, make_finding
from schemas.x12.tokens import Segment
from schemas.x12.x835_005010x221a1.models import Adjustment

ZERO = Decimal("0.00")


class ClaimReader:
    """Typed elements of one claim; what cannot be read becomes a finding of that claim."""

    def __init__(self, loops: ClaimLoops) -> None:
        self.loops = loops

    def amount(self, segment: Segment | None, position: int) -> Decimal:
        """A required amount; 0.00 with an error finding where it cannot be read."""
        found = self.optional_amount(segment, position)
        if found is None and segment is not None and not segment[position]:
            self._report(segment, position, "a required amount is missing")
        return ZERO if found is None else found

    def optional_amount(self, segment: Segment | None, position: int) -> Decimal | None:
        if segment is None or not segment[position]:
            return None
        try:
            return parse_amount(segment[position])
        except ValueError as error:
            self._report(segment, position, str(error))
            return None

    def quantity(self, segment: Segment | None, position: int) -> Decimal:
        if segment is None or not segment[position]:
            return Decimal(0)
        try:
            return parse_quantity(segment[position])
        except ValueError as error:
            self._report(segment, position, str(error))
            return Decimal(0)

    def day(self, segment: Segment | None, position: int) -> date | None:
        """A D8 date, or the first of an RD8 range."""
        return self.days(segment, position)[0]

    def days(self, segment: Segment | None, position: int) -> tuple[date | None, date | None]:
        """A D8 date (and None), or both ends of an RD8 range."""
        if segment is None or not segment[position]:
            return None, None
        first, _, last = segment[position].partition("-")
        try:
            return parse_date(first), parse_date(last) if last else None
        except ValueError:
            self._report(segment, position, "not a date of the calendar")
            return None, None

    def adjustments(self, loop: Loop) -> tuple[Adjustment, ...]:
        """The CAS of a loop."""
        found: list[Adjustment] = []
        for cas in (segment for segment in loop.segments if segment.id == "CAS"):
            for position in range(2, len(cas) + 1, 3):
                if cas[position]:
                    quantity = self.quantity(cas, position + 2) if cas[position + 2] else None
                    amount = self.amount(cas, position + 1)
                    found.append(Adjustment(cas[1], cas[position], amount, quantity, cas.index))
        return tuple(found)

    def _report(self, segment: Segment, position: int, what: str) -> None:
        self.loops.findings.append(
            make_finding(
                "x12_element",
                what,
                "correct the claim at its source",
                segment=segment,
                position=position,
                severity=ERROR,
                owner="billing",
                control_number=self.loops.transaction.control_number,
            )
        )
