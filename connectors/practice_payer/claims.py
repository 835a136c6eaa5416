"""The payer's own reading of an 837P transaction set: claims, and the segment and element errors of a 999.

It reads the segments of 005010X222A1 that adjudication needs, by its own rules and into its own types: a mistake in the
project's claim writer must show here as a rejected file, not be read back as it was meant.
"""

import re
from collections.abc import Callable
from datetime import date

from connectors.practice_payer.envelope import TransactionSet, parse_day
from connectors.practice_payer.models import (
    NOBODY,
    PROCESSED_AS,
    OtherPayer,
    Party,
    Provider,
    SegmentError,
    ServiceLine,
    Submission,
    SubmittedClaim,
    parse_cents,
)
from schemas.x12.tokens import Segment

QUANTITY = re.compile(r"(?:[0-9]{1,8}(?:\.[0-9]{0,3})?|\.[0-9]{1,3})")
MAX_LINES = 50  # 2400 repeats
MAX_CONTROL_NUMBER_LENGTH = 20  # CLM01 (RFI 525)
MAX_ERRORS = 100  # listed in one 999; one is enough to reject

REQUIRED_MISSING = "3"  # IK304
LOOP_TOO_OFTEN = "4"
ELEMENTS_IN_ERROR = "8"
ELEMENT_MISSING = "1"  # IK403
ELEMENT_TOO_LONG = "5"
BAD_CHARACTER = "6"
BAD_CODE = "7"
BAD_DATE = "8"


def read_claims(transaction: TransactionSet, received_on: date) -> Submission:
    """Read one ST to SE. `received_on` is the interchange's date, for a set without a readable BHT04."""
    return _ClaimReader(transaction, received_on).read()


class _ClaimReader:
    """Walks the segments with the loop in hand: parties above the claim, then claim, other payer and line."""

    def __init__(self, transaction: TransactionSet, received_on: date) -> None:
        self.segments = transaction.segments
        self.received_on = received_on
        self.submission = Submission()
        self.parties: dict[str, Party] = {}
        self.provider = Provider()
        self.responsibility: str | None = None
        self.filing_indicator = self.entity = ""
        self.claim: SubmittedClaim | None = None
        self.claim_position = self.line_position = self.hl_count = 0
        self.other: OtherPayer | None = None
        self.line: ServiceLine | None = None
        self.line_payer: OtherPayer | None = None
        self.handlers: dict[str, Callable[[Segment, int], None]] = {
            "BHT": self._read_bht, "HL": self._read_hl, "NM1": self._read_nm1, "SBR": self._read_sbr,
            "REF": self._read_ref, "CLM": self._read_clm, "HI": self._read_hi, "AMT": self._read_amt,
            "CAS": self._read_cas, "SVD": self._read_svd, "LX": self._read_lx, "SV1": self._read_sv1,
            "DTP": self._read_dtp,
        }  # fmt: skip

    def read(self) -> Submission:
        handlers = self.handlers
        for position, segment in enumerate(self.segments, 1):
            handler = handlers.get(segment.elements[0])
            if handler:
                handler(segment, position)
        self._end_claim()
        if len(self.segments) < 2 or self.segments[1].id != "BHT":
            self._require("BHT", 2, "HEADER")
        if not self.submission.submitter.identifier:
            self._require("NM1", 3, "1000A")
        if not self.submission.claims and not self.submission.errors:
            self._require("CLM", len(self.segments), "2300")
        return self.submission

    def _fault(self, segment_id: str, position: int, loop: str, code: str, *element: str) -> None:
        if len(self.submission.errors) < MAX_ERRORS:
            number = self.claim.patient_control_number if self.claim else ""
            error = SegmentError(segment_id, position, loop, code, *element)
            self.submission.errors.append(error._replace(patient_control_number=number))

    def _require(self, segment_id: str, position: int, loop: str) -> None:
        self._fault(segment_id, position, loop, REQUIRED_MISSING)

    def _fault_element(self, segment: Segment, position: int, loop: str, *element: str) -> None:
        self._fault(segment.id, position, loop, ELEMENTS_IN_ERROR, *element)

    def _read_amount(self, segment: Segment, position: int, loop: str, element: int) -> int:
        cents = parse_cents(segment[element])
        if cents is not None and cents >= 0:
            return cents
        code = BAD_CHARACTER if segment[element] else ELEMENT_MISSING
        self._fault_element(segment, position, loop, str(element), "782", code, segment[element][:99])
        return 0

    def _read_bht(self, segment: Segment, position: int) -> None:
        self.submission.reference = segment[3]
        if not segment[3]:
            self._fault_element(segment, position, "HEADER", "3", "127", ELEMENT_MISSING)
        self.received_on = parse_day(segment[4]) or self.received_on

    def _read_hl(self, segment: Segment, position: int) -> None:
        self._end_claim()
        self.hl_count += 1
        if segment[1] != str(self.hl_count):
            self._fault_element(segment, position, "2000", "1", "628", BAD_CODE, segment[1][:12])
        level = segment[3]
        if level == "20":
            self.provider = Provider()
        if level in ("20", "22"):
            self.responsibility, self.filing_indicator = None, ""
            self.parties.pop("IL", None)
            self.parties.pop("PR", None)
        self.parties.pop("QC", None)

    def _read_nm1(self, segment: Segment, _position: int) -> None:
        self.entity = entity = segment[1]
        if self.line is not None or (self.claim and entity not in ("82", "PR")):
            return
        party = Party(segment[2], segment[3], segment[4], segment[5], segment[7], segment[8], segment[9])
        if self.claim is None:
            self.parties[entity] = party
            if entity == "85":
                self.provider = Provider(party)
            elif entity == "41":
                self.submission.submitter = party
        elif self.other is None:
            if entity == "82":
                self.claim.rendering = party
        elif entity == "PR":
            self.other.identifier = party.identifier

    def _read_sbr(self, segment: Segment, position: int) -> None:
        if self.claim is None:
            self.responsibility, self.filing_indicator = segment[1], segment[9]
            if segment[1] not in PROCESSED_AS:
                code = BAD_CODE if segment[1] else ELEMENT_MISSING
                self._fault_element(segment, position, "2000B", "1", "1138", code, segment[1][:99])
        else:
            self.other = OtherPayer()
            self.claim.other_payers.append(self.other)

    def _read_ref(self, segment: Segment, _position: int) -> None:
        qualifier = segment[1]
        if self.line is not None:
            if qualifier == "6R":
                self.line.control_number = segment[2]
        elif self.claim is None:
            if self.entity == "85" and qualifier in ("EI", "SY"):
                self.provider = self.provider._replace(tax_id=segment[2])
        elif self.other is None:
            if qualifier == "G1":
                self.claim.authorization = segment[2]
            elif qualifier == "F8":
                self.claim.payer_claim_control_number = segment[2]
            elif qualifier == "D9":
                self.claim.clearinghouse_number = segment[2]

    def _read_clm(self, segment: Segment, position: int) -> None:
        self._end_claim()
        self.claim_position = position
        place = segment.components(5)
        subscriber = self.parties.get("IL", NOBODY)
        self.claim = SubmittedClaim(
            patient_control_number=segment[1],
            charge_cents=self._read_amount(segment, position, "2300", 2),
            facility_code=place[0],
            frequency=place[2] if len(place) > 2 else "1",
            provider=self.provider,
            payer=self.parties.get("PR", NOBODY),
            subscriber=subscriber,
            patient=self.parties.get("QC", subscriber),
            responsibility=self.responsibility or "",
            filing_indicator=self.filing_indicator,
            received_on=self.received_on,
        )
        if not segment[1]:
            self._fault_element(segment, position, "2300", "1", "1028", ELEMENT_MISSING)
        elif len(segment[1]) > MAX_CONTROL_NUMBER_LENGTH:
            self._fault_element(segment, position, "2300", "1", "1028", ELEMENT_TOO_LONG, segment[1][:99])
        self._check_parties(self.claim, position)

    def _check_parties(self, claim: SubmittedClaim, position: int) -> None:
        if not (claim.provider.party.identifier or claim.provider.tax_id):
            self._require("NM1", position, "2010AA")
        if not claim.subscriber.identifier:
            self._require("NM1", position, "2010BA")
        if not claim.payer.identifier:
            self._require("NM1", position, "2010BB")
        if self.responsibility is None:
            self._require("SBR", position, "2000B")

    def _read_hi(self, segment: Segment, _position: int) -> None:
        if self.claim and not self.claim.diagnoses and segment[1][:3] in ("ABK", "BK" + segment.delimiters.component):
            self.claim.diagnoses = "*".join(segment.elements[1:])

    def _read_amt(self, segment: Segment, position: int) -> None:
        if self.other is None or self.line is not None or segment[1] not in ("D", "EAF"):
            return
        cents = self._read_amount(segment, position, "2320", 2)
        self.other.reported = True
        if segment[1] == "EAF":
            self.other.remaining_cents = cents

    def _read_cas(self, segment: Segment, _position: int) -> None:
        payer = self.line_payer if self.line is not None else self.other
        if payer is None:
            return
        payer.reported = True
        if segment[1] != "PR":
            return
        left = sum(parse_cents(amount) or 0 for amount in segment.elements[3::3])
        payer.patient_cents += left
        if self.line is not None and self.claim and payer is self.claim.other_payers[-1]:
            self.line.prior_patient_cents += left

    def _read_svd(self, segment: Segment, _position: int) -> None:
        others = self.claim.other_payers if self.claim else []
        self.line_payer = next((other for other in others if other.identifier == segment[1]), None)

    def _read_lx(self, _segment: Segment, position: int) -> None:
        if self.claim is None:
            return self._require("CLM", position, "2300")
        self._end_line()
        self.line = ServiceLine([])
        self.line_payer = None
        self.line_position = position
        self.claim.lines.append(self.line)
        if len(self.claim.lines) > MAX_LINES:
            self._fault("LX", position, "2400", LOOP_TOO_OFTEN)

    def _read_sv1(self, segment: Segment, position: int) -> None:
        if self.line is None:
            return self._require("LX", position, "2400")
        line = self.line
        line.procedure = segment.components(1)[:6]
        line.charge_cents = self._read_amount(segment, position, "2400", 2)
        line.units_text = segment[4]
        line.pointers = segment[7]
        if len(line.procedure) < 2 or not line.procedure[1]:
            self._fault_element(segment, position, "2400", "1", "C003", ELEMENT_MISSING)
        if not QUANTITY.fullmatch(line.units_text):
            code = BAD_CHARACTER if line.units_text else ELEMENT_MISSING
            self._fault_element(segment, position, "2400", "4", "380", code, line.units_text[:99])

    def _read_dtp(self, segment: Segment, position: int) -> None:
        if self.line is None or segment[1] != "472":
            return
        days = segment[3].split("-") if segment[2] == "RD8" else [segment[3]]
        if len(days) > 2 or any(len(day) != 8 or parse_day(day) is None for day in days):
            self._fault_element(segment, position, "2400", "3", "1251", BAD_DATE, segment[3][:35])
        self.line.first_day, self.line.last_day = days[0], days[-1]

    def _end_line(self) -> None:
        if self.line is None:
            return
        if not self.line.procedure:
            self._require("SV1", self.line_position, "2400")
        if not self.line.first_day:
            self._require("DTP", self.line_position, "2400")
        self.line = None

    def _end_claim(self) -> None:
        if self.claim is None:
            return
        self._end_line()
        if not self.claim.lines:
            self._require("LX", self.claim_position, "2400")
        if not self.claim.diagnoses:
            self._require("HI", self.claim_position, "2300")
        self.submission.claims.append(self.claim)
        self.claim = self.other = self.line_payer = None
