"""What the 837 guides require in a situation (SNIP types 4 and 5), where a payer would send the claim back for it.

The patient's own details, the accident, the admission, the ambulance, the attending provider, and what a secondary
claim tells of the payers before it. Guides: 005010X222A1 and 005010X223A2, the situational rules of each segment.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from schemas.x12.loops import Placed
from schemas.x12.rules import ZERO, Report, read_amount
from schemas.x12.tokens import Segment

AMBULANCE_PLACES = frozenset(("41", "42"))
INPATIENT_PLACE = "21"
# Types of bill (CLM05-1) of admitted patients: hospital, swing bed, skilled nursing, religious non-medical.
INPATIENT_BILLS = frozenset(("11", "18", "21", "41"))
FINAL_BILLS = frozenset(("1", "4"))  # CLM05-3: admission through discharge, last interim
TRANSPORT_REVENUE = ("054", "54")
LINE_CHARGE = {"SV1": 2, "SV2": 3}


@dataclass(slots=True)
class _Subscriber:
    """What stands above the claims: 2000B, 2010BA and 2000C."""

    sbr: Segment | None = None
    name: Segment | None = None
    details: set[str] = field(default_factory=set)  # segment ids of 2010BA
    dependant: bool = False
    checked: bool = False


@dataclass(slots=True)
class _Claim:
    """What the open claim has shown."""

    clm: Segment
    dates: set[str] = field(default_factory=set)  # DTP01 of 2300
    segments: set[str] = field(default_factory=set)  # segment ids of 2300 and 2400
    providers: set[str] = field(default_factory=set)  # NM101 of 2310
    conditions: set[str] = field(default_factory=set)  # HI01-1 of each HI
    transport_only: bool = True
    payers: list["_Payer"] = field(default_factory=list)
    line: Segment | None = None
    # Of the open line, by SVD01: paid and adjusted.
    decided: dict[str, Decimal] = field(default_factory=dict)
    bundled: bool = False
    deciding: str = ""


@dataclass(slots=True)
class _Payer:
    """A 2320."""

    sbr: Segment
    identifier: str = ""
    paid: bool = False
    dated: bool = False


class SituationRules:
    """Feed it every placed segment of one 837 set, then call `close`."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._subscriber = _Subscriber()
        self._claim: _Claim | None = None

    def take(self, placed: Placed) -> None:
        segment, loop = placed.segment, placed.loop
        segment_id = segment.elements[0]
        if segment_id == "HL":
            self._close_claim()
            if loop == "2000B":
                self._subscriber = _Subscriber()
            self._subscriber.dependant = loop == "2000C"
        elif segment_id == "CLM":
            self._close_claim()
            self._check_subscriber()
            self._claim = _Claim(segment)
        elif self._claim is not None:
            self._take_claim(self._claim, segment, segment_id, loop)
        elif loop == "2000B" and segment_id == "SBR":
            self._subscriber.sbr = segment
        elif loop == "2010BA":
            self._subscriber.details.add(segment_id)
            if placed.opens:
                self._subscriber.name = segment

    def close(self) -> None:
        self._close_claim()

    def _check_subscriber(self) -> None:
        """Once for each subscriber: who the patient is, and what the payer must know of them."""
        s = self._subscriber
        if s.checked or s.sbr is None:
            return
        s.checked = True
        if (s.sbr[2] == "18") == s.dependant:
            what = "SBR02 and the patient level 2000C disagree on whether the patient is the subscriber"
            self._report("claim_relationship", what, "SBR02 is 18 exactly when there is no 2000C", s.sbr, 2, 0, "2000B")
        missing = [segment_id for segment_id in ("N3", "N4", "DMG") if segment_id not in s.details]
        if s.sbr[2] == "18" and missing and s.name is not None:
            what = f"the subscriber is the patient, but the loop lacks {', '.join(missing)}"
            self._report("claim_patient_details", what, "give address, birth date and sex", s.name, 0, 0, "2010BA")

    def _take_claim(self, claim: _Claim, segment: Segment, segment_id: str, loop: str) -> None:
        if loop in ("2300", "2400"):
            claim.segments.add(segment_id)
        match segment_id:
            case "DTP" if loop == "2300":
                claim.dates.add(segment[1])
            case "HI":
                claim.conditions.add(segment.composite(1)[0][0])
            case "NM1" if loop.startswith("2310"):
                claim.providers.add(segment[1])
            case "SBR" if loop == "2320":
                claim.payers.append(_Payer(segment))
            case "AMT" if loop == "2320" and segment[1] == "D" and claim.payers:
                claim.payers[-1].paid = True
            case "NM1" if loop == "2330B" and claim.payers:
                claim.payers[-1].identifier = segment[9]
            case "DTP" if segment[1] == "573":
                self._note_decision_date(claim, loop)
            case "SV1" | "SV2":
                self._close_line(claim)
                claim.line = segment
                claim.transport_only &= segment_id == "SV2" and segment[1].startswith(TRANSPORT_REVENUE)
            case "SVD" | "CAS" if loop == "2430":
                self._take_decision(claim, segment)

    def _note_decision_date(self, claim: _Claim, loop: str) -> None:
        for payer in claim.payers[-1:] if loop == "2330B" else claim.payers:
            if loop == "2330B" or payer.identifier == claim.deciding:
                payer.dated = True

    def _take_decision(self, claim: _Claim, segment: Segment) -> None:
        if segment.elements[0] == "SVD":
            claim.deciding = segment[1]
            claim.bundled |= bool(segment[6])
            if segment[1] not in (payer.identifier for payer in claim.payers):
                what, remedy = "SVD01 names no payer of this claim", "repeat NM109 of that payer's 2330B"
                self._report("claim_adjudication_payer", what, remedy, segment, 1, 0, "2430")
            amount = read_amount(segment, 2)
        else:
            amount = sum((read_amount(segment, n) for n in range(3, len(segment) + 1, 3)), ZERO)
        claim.decided[claim.deciding] = claim.decided.get(claim.deciding, ZERO) + amount

    def _close_line(self, claim: _Claim) -> None:
        """SV102 or SV203 = SVD02 + CAS of each payer (RFI 1555, 2168); a bundled line is explained on another."""
        line = claim.line
        if line is not None and not claim.bundled:
            charge = read_amount(line, LINE_CHARGE[line.elements[0]])
            for explained in claim.decided.values():
                if explained != charge:
                    what = f"a payer's decision on this line differs from its charge by {charge - explained}"
                    remedy = "carry the prior remittance over: charge = SVD02 + CAS (RFI 1555)"
                    position = LINE_CHARGE[line.elements[0]]
                    self._report("claim_line_cob_balance", what, remedy, line, position, 0, "2400")
        claim.line, claim.decided, claim.bundled, claim.deciding = None, {}, False, ""

    def _close_claim(self) -> None:
        claim, self._claim = self._claim, None
        if claim is None:
            return
        self._close_line(claim)
        place, kind, frequency = (*claim.clm.composite(5)[0], "", "", "")[:3]
        self._check_accident(claim)
        if kind == "B":
            self._check_place(claim, place)
        elif kind == "A":
            self._check_bill(claim, place, frequency)
        self._check_payers(claim)

    def _check_accident(self, claim: _Claim) -> None:
        causes = claim.clm.composite(11)[0] if claim.clm[11] else []
        if {"AA", "OA"} & set(causes[:2]) and "439" not in claim.dates:
            remedy = "give the accident date in DTP*439"
            self._report("claim_accident_date", "an accident without its date", remedy, claim.clm, 11, 1, "2300")
        if "AA" in causes[:2] and not any(causes[3:5]):
            what, remedy = "a car accident without its state or country", "give CLM11-4, or CLM11-5 outside the US"
            self._report("claim_accident_state", what, remedy, claim.clm, 11, 4, "2300")

    def _check_place(self, claim: _Claim, place: str) -> None:
        if place in AMBULANCE_PLACES and "CR1" not in claim.segments:
            what, remedy = "an ambulance claim without its transport information", "give CR1, and CRC*07"
            self._report("claim_ambulance", what, remedy, claim.clm, 5, 1, "2300")
        if place == INPATIENT_PLACE and "435" not in claim.dates:
            what, remedy = "an inpatient visit without the admission date", "give DTP*435"
            self._report("claim_admission_date", what, remedy, claim.clm, 5, 1, "2300")

    def _check_bill(self, claim: _Claim, bill: str, frequency: str) -> None:
        if bill in INPATIENT_BILLS:
            if "435" not in claim.dates:
                what, remedy = "an inpatient bill without the admission date", "give DTP*435"
                self._report("claim_admission_date", what, remedy, claim.clm, 5, 1, "2300")
            if not {"ABJ", "BJ"} & claim.conditions:
                what, remedy = "an inpatient bill without the admitting diagnosis", "give HI*ABJ"
                self._report("claim_admitting_diagnosis", what, remedy, claim.clm, 5, 1, "2300")
            if frequency in FINAL_BILLS and "096" not in claim.dates:
                what, remedy = "a final inpatient bill without the discharge hour", "give DTP*096"
                self._report("claim_discharge_hour", what, remedy, claim.clm, 5, 3, "2300")
        if "71" not in claim.providers and not claim.transport_only:
            what, remedy = "no attending provider", "give NM1*71; only non-scheduled transport goes without"
            self._report("claim_attending_provider", what, remedy, claim.clm, 0, 0, "2310A")

    def _check_payers(self, claim: _Claim) -> None:
        sbr = self._subscriber.sbr
        if sbr is not None and sbr[1] in ("S", "T") and not claim.payers:
            what, remedy = "a secondary claim names no payer before this one", "give its loop 2320"
            self._report("claim_other_payer", what, remedy, claim.clm, 0, 0, "2320")
        for payer in claim.payers:
            if payer.paid and not payer.dated:
                what = "a prior payer's payment without the date of its decision"
                remedy = "give DTP*573 with that payer's name or with its line decisions"
                self._report("claim_adjudication_date", what, remedy, payer.sbr, 0, 0, "2330B")
