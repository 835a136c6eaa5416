"""Balances and references of claims (SNIP types 3 to 5): totals, pointers, numbers, places, prior payers.

They read the placed segments of an 837P or 837I claim by claim, so memory is bounded whatever the file's size.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from schemas.x12.loops import Placed
from schemas.x12.rules import ZERO, Report, read_amount
from schemas.x12.tokens import Segment

LINE_CHARGE = {"SV1": 2, "SV2": 3}
# CMS place-of-service code set, values only (external code source 237).
PLACES_OF_SERVICE = frozenset(
    [f"{n:02d}" for n in (*range(1, 28), *range(31, 35), 41, 42, *range(49, 59), 60, 61, 62, 65, 66, 71, 72, 81, 99)]
)


@dataclass
class _Payer:
    """What one other payer (2320) did with the claim."""

    segment: Segment
    identifier: str = ""
    paid: Decimal | None = None  # AMT*D
    adjusted: Decimal = ZERO  # CAS of 2320
    lines_paid: bool = False


@dataclass
class _Claim:
    """What the rules need of an open claim."""

    clm: Segment
    loop: str
    total: Decimal = ZERO
    references: set[str] = field(default_factory=set)
    diagnoses: int = 0
    line: Segment | None = None
    line_control_numbers: set[str] = field(default_factory=set)
    payers: list[_Payer] = field(default_factory=list)
    line_adjustments: dict[str, Decimal] = field(default_factory=dict)
    adjudicating: str = ""


class ClaimRules:
    """Feed it every placed segment of one set, then call `close`."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._claim: _Claim | None = None

    def take(self, placed: Placed) -> None:
        segment = placed.segment
        match segment.id:
            case "HL":
                self.close()
            case "SBR" if placed.loop == "2000B" and not segment[9]:
                remedy = "name the kind of plan, such as CI commercial or MB Medicare Part B"
                self._report("claim_filing_indicator", "SBR09 is missing", remedy, segment, 9, 0, "2000B")
            case "CLM":
                self._close_claim()
                self._open_claim(segment, placed.loop)
        if self._claim is not None:
            self._take_claim(self._claim, placed)

    def close(self) -> None:
        self._close_claim()

    def _open_claim(self, clm: Segment, loop: str) -> None:
        self._claim = _Claim(clm, loop)
        if len(clm[1]) > 20:
            remedy = "use at most 20 characters: receivers need return no more (RFI 525)"
            self._report("claim_number_length", "CLM01 has more than 20 characters", remedy, clm, 1, 0, loop)
        place, qualifier = (*clm.composite(5)[0], "", "")[:2]
        if qualifier == "B" and place not in PLACES_OF_SERVICE:
            remedy = "use a code of the CMS place-of-service list"
            self._report("claim_place_of_service", "not a place of service", remedy, clm, 5, 1, loop)

    def _take_claim(self, claim: _Claim, placed: Placed) -> None:
        segment, loop = placed.segment, placed.loop
        match segment.id:
            case "REF" if loop == "2300":
                claim.references.add(segment[1])
            case "REF" if segment[1] == "6R" and loop == "2400":
                self._check_line_control_number(claim, segment)
            case "HI" if segment.composite(1)[0][0] in ("ABK", "BK"):
                claim.diagnoses = sum(1 for element in segment.elements[1:] if element)
            case "LX":
                claim.line = segment
            case "SV1" | "SV2":
                claim.total += read_amount(segment, LINE_CHARGE[segment.id])
                if segment.id == "SV1":
                    self._check_service(claim, segment)
            case "SBR" if loop == "2320":
                claim.payers.append(_Payer(segment))
            case "AMT" if loop == "2320" and segment[1] == "D":
                claim.payers[-1].paid = read_amount(segment, 2)
            case "NM1" if loop == "2330B" and claim.payers:
                claim.payers[-1].identifier = segment[9]
            case "SVD":
                claim.adjudicating = segment[1]
                claim.line_adjustments.setdefault(segment[1], ZERO)
            case "CAS":
                self._add_adjustments(claim, segment, loop)

    def _add_adjustments(self, claim: _Claim, cas: Segment, loop: str) -> None:
        total = sum((read_amount(cas, position) for position in range(3, len(cas) + 1, 3)), ZERO)
        if loop == "2320" and claim.payers:
            claim.payers[-1].adjusted += total
        elif loop == "2430":
            claim.line_adjustments[claim.adjudicating] = claim.line_adjustments.get(claim.adjudicating, ZERO) + total

    def _check_service(self, claim: _Claim, sv1: Segment) -> None:
        for number, pointer in enumerate(sv1.composite(7)[0] if sv1[7] else (), 1):
            if pointer.isdigit() and not 1 <= int(pointer) <= claim.diagnoses:
                what = f"points to a diagnosis that the claim does not have (it has {claim.diagnoses})"
                self._report("claim_pointer", what, "point to a diagnosis of HI", sv1, 7, number, "2400")
        if sv1[5] and sv1[5] not in PLACES_OF_SERVICE:
            remedy = "use a code of the CMS place-of-service list"
            self._report("claim_place_of_service", "not a place of service", remedy, sv1, 5, 0, "2400")

    def _check_line_control_number(self, claim: _Claim, ref: Segment) -> None:
        if ref[2] in claim.line_control_numbers:
            remedy = "number the lines of a claim uniquely: the remittance names them by it"
            self._report("claim_line_number", "the line control number is used twice", remedy, ref, 2, 0, "2400")
        claim.line_control_numbers.add(ref[2])

    def _close_claim(self) -> None:
        claim, self._claim = self._claim, None
        if claim is None:
            return
        charge = read_amount(claim.clm, 2)
        if claim.total != charge:
            what = f"CLM02 differs from the sum of the lines by {charge - claim.total}"
            remedy = "make the total charge the sum of the line charges"
            self._report("claim_total", what, remedy, claim.clm, 2, 0, claim.loop)
        if charge < 0:
            self._report(
                "claim_negative", "a negative charge", "no negative amounts (RFI 2499)", claim.clm, 2, 0, claim.loop
            )
        frequency = (*claim.clm.composite(5)[0], "", "")[2]
        if frequency in ("7", "8") and "F8" not in claim.references:
            remedy = "give the payer's claim control number in REF*F8"
            self._report(
                "claim_original_reference", "a replacement or void without REF*F8", remedy, claim.clm, 5, 3, claim.loop
            )
        for payer in claim.payers:
            self._check_payer(payer, charge, claim)

    def _check_payer(self, payer: _Payer, charge: Decimal, claim: _Claim) -> None:
        """CLM02 = AMT*D + CAS of 2320 and of that payer's 2430s (RFI 1115)."""
        adjusted = payer.adjusted + claim.line_adjustments.get(payer.identifier, ZERO)
        if payer.paid is not None and payer.paid + adjusted != charge:
            what = f"the prior payer's payment and adjustments differ from CLM02 by {charge - payer.paid - adjusted}"
            remedy = "carry the prior remittance over: CLM02 = AMT*D + CAS of the claim and its lines (RFI 1115)"
            self._report("claim_cob_balance", what, remedy, payer.segment, 0, 0, "2320")
