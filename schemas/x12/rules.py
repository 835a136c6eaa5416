"""What rules beyond the grammar share, and those that hold for every kind of set: HL levels and NPIs.

A rule is shown every placed segment of one set in order, then closed; memory is bounded by a claim, never by the file.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Protocol

from schemas.identifiers import is_valid_npi
from schemas.x12.elements import parse_amount
from schemas.x12.loops import Placed
from schemas.x12.tokens import Segment

# report(code, what, remedy, segment, position, component, loop)
Report = Callable[[str, str, str, Segment, int, int, str], None]
ZERO = Decimal("0.00")
# The element of the identifier's qualifier, and the identifier's own.
NPI_PLACES = {"NM1": (8, 9), "N1": (3, 4)}


class Rules(Protocol):
    """Feed it every placed segment of one set, then call `close`."""

    def take(self, placed: Placed) -> None:
        """One segment, in order."""

    def close(self) -> None:
        """The set has ended."""


class LevelRules:
    """HL01 counts from 1; HL02 names an earlier HL; HL04 is 1 where levels stand below, and those come next."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._childless: dict[str, bool] = {}  # by HL01: whether HL04 says so
        self._last: Placed | None = None

    def take(self, placed: Placed) -> None:
        hl, loop = placed.segment, placed.loop
        if hl.elements[0] != "HL":
            return
        expected, parent = len(self._childless) + 1, hl[2]
        if hl[1] != str(expected):
            remedy = "number the HLs of a set from 1 without gaps"
            self._report("x12_hl_number", f"HL01 should be {expected}", remedy, hl, 1, 0, loop)
        if parent and parent not in self._childless:
            self._report("x12_hl_parent", "HL02 names no earlier HL", "name the parent's HL01", hl, 2, 0, loop)
        elif parent and self._childless[parent]:
            self._report("x12_hl_child", "HL04 of its parent says that it has no children", "write 1", hl, 2, 0, loop)
        self._check_last(parent)
        self._last = placed
        self._childless[hl[1] if hl[1] not in self._childless else f"repeated {expected}"] = hl[4] == "0"

    def close(self) -> None:
        self._check_last("")

    def _check_last(self, parent: str) -> None:
        if self._last is not None and self._last.segment[4] == "1" and self._last.segment[1] != parent:
            what, remedy = "HL04 says that levels stand below, but none comes next", "write 0 in HL04"
            self._report("x12_hl_child", what, remedy, self._last.segment, 4, 0, self._last.loop)


class IdentifierRules:
    """An NPI's check digit, wherever a qualifier says that one stands."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def take(self, placed: Placed) -> None:
        segment = placed.segment
        places = NPI_PLACES.get(segment.elements[0])
        if places and segment[places[0]] == "XX" and not is_valid_npi(segment[places[1]]):
            what, remedy = "not an NPI: its check digit is wrong", "look the NPI up in NPPES"
            self._report("npi", what, remedy, segment, places[1], 0, placed.loop)

    def close(self) -> None:
        """Nothing is left over."""


def read_amount(segment: Segment, position: int) -> Decimal:
    """The amount, or zero where the element rules have already complained."""
    try:
        return parse_amount(segment[position])
    except ValueError:
        return ZERO
