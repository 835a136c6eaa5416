"""Reading the elements of an 835: what cannot be read becomes a finding with its position."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from schemas.bounds import is_in_calendar
from schemas.x12.elements import parse_amount, parse_date, parse_day, parse_quantity
from schemas.x12.findings import ERROR, WARNING, Finding, make_finding
from schemas.x12.tokens import Segment
from schemas.x12.x835_005010x221a1.models import ZERO

MONEY_SEGMENTS = frozenset(("BPR", "CLP", "CAS", "SVC", "PLB"))
NO_DAY = "not a date of the calendar between 1900 and 2100"
FINDINGS_MAX = 1_000  # of one set: one with more is hopeless, and memory is bounded; the last one says so


class ElementReader:
    """Typed elements of one transaction set; collects its findings and the segments that no rule expects."""

    def __init__(self, control_number: str, findings: list[Finding]) -> None:
        self.control_number = control_number
        self.findings = findings
        self.unknown_segments: list[tuple[str, ...]] = []

    def report(self, code: str, what: str, remedy: str, segment: Segment, position: int = 0, *, severity: str) -> None:
        if len(self.findings) > FINDINGS_MAX:
            return
        if len(self.findings) == FINDINGS_MAX:
            code, what, position, severity = "x12_more", f"more than {FINDINGS_MAX} findings in this set", 0, ERROR
        self.findings.append(
            make_finding(
                code,
                what,
                remedy,
                segment=segment,
                position=position,
                severity=severity,
                owner="payment_posting",
                control_number=self.control_number,
            )
        )

    def amount(self, segment: Segment, position: int, *, required: bool = True) -> Decimal:
        """A monetary element; 0.00 with an error finding where it cannot be read or a required one is missing."""
        text = segment[position]
        if text or required:
            try:
                return parse_amount(text)
            except ValueError as error:
                what = str(error) if text else "a required amount is missing"
                self.report("x12_amount", what, "ask the payer for a corrected file", segment, position, severity=ERROR)
        return ZERO

    def quantity(self, segment: Segment, position: int) -> Decimal | None:
        text = segment[position]
        if not text:
            return None
        try:
            return parse_quantity(text)
        except ValueError as error:
            self.report("x12_quantity", str(error), "check with the payer", segment, position, severity=WARNING)
            return None

    def payment_date(self, segment: Segment, position: int) -> date | None:
        """BPR16. What is no date at all is a slip of the payer: the day that the file came stands for it. Deadlines
        are counted from it, so a set that is dated beyond the days of schemas.bounds is not posted."""
        day = self.date(segment, position, parse=parse_date)
        if day is None or is_in_calendar(day):
            return day
        self.report("x12_date", NO_DAY, "check with the payer", segment, position, severity=ERROR)
        return None

    def date(
        self,
        segment: Segment,
        position: int,
        *,
        parse: Callable[[str], date] = parse_day,
    ) -> date | None:
        text = segment[position]
        if not text:
            return None
        try:
            return parse(text)
        except ValueError:
            self.report("x12_date", NO_DAY, "check with the payer", segment, position, severity=WARNING)
            return None

    def components(self, segment: Segment, position: int) -> list[str]:
        """A composite that begins with a two-character qualifier; some payers use another separator than ISA16 says."""
        components, other = segment.composite(position)
        if other:
            what = "the component separator here is not the one that ISA16 declares"
            remedy = "nothing to mend here; tell the sender"
            self.report("x12_component_separator", what, remedy, segment, position, severity=WARNING)
        return components

    def keep_unknown(self, segment: Segment) -> None:
        """A segment that no rule expects here; one that holds money must not be passed over."""
        if len(self.unknown_segments) < FINDINGS_MAX:
            self.unknown_segments.append(tuple(segment.elements))
        what = "not expected here; it is kept, not interpreted"
        if segment.id.upper() in MONEY_SEGMENTS:
            remedy = "ask the payer for a corrected file"
            self.report("x12_misplaced_money", what, remedy, segment, severity=ERROR)
        else:
            remedy = "nothing, unless the payer says it matters"
            self.report("x12_unknown_segment", what, remedy, segment, severity=WARNING)
