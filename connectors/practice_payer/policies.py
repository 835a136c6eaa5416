"""The payer's book of policies: why it denies and rejects, what it pays, and how often it does what.

Every choice is `draw(key, question, sides)`: a hash of the claim's content, never a running generator, so that a claim
meets the same fate in whatever company it is sent. Shares and amounts are invented; the codes are the real ones
(CARC, RARC, claim status category and claim status).
"""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

from connectors.practice_payer.models import Rejection, SubmittedClaim

MEDICARE = "MB"  # SBR09
MEDICAID = "MC"

# Of a thousand claims; the rest are paid as they stand.
FATES = {"rejected": 30, "denied": 55, "line_denied": 35, "reversed": 20, "recoded": 10}

# Facilities that charge a copayment collect it on the visit itself.
VISIT_CODES = tuple(f"99{number}" for number in (202, 203, 204, 205, 211, 212, 213, 214, 215))
RECODED_AS = {"99215": "99214", "99214": "99213", "99213": "99212", "99205": "99204", "99204": "99203"}
RECODED_REMARK = "N22"
SEQUESTRATION_PERCENT = 2
DEDUCTIBLE_SHARE = 6  # one claim in six meets an open deductible
MEDICARE_COINSURANCE_PERCENT = 20
MEDICARE_DEDUCTIBLE_CENTS = 283_00
COPAY_CHOICES_CENTS = (20_00, 25_00, 30_00, 40_00, 50_00)
COINSURANCE_CHOICES_PERCENT = (10, 20, 30)

# CLP06 knows fewer filing indicators than SBR09: BlueCross and commercial become PPO, the federal programme OF.
REMITTANCE_INDICATORS = {"BL": "12", "CI": "12", "FI": "OF", "11": "ZZ", "": "ZZ"}

REJECTIONS = (
    Rejection("A3", "33", "IL"),  # subscriber not found
    Rejection("A3", "116"),  # submitted to the wrong payer
    Rejection("A7", "164", "IL"),  # member number
    Rejection("A7", "158", "QC"),  # date of birth
    Rejection("A7", "255"),  # diagnosis code
    Rejection("A7", "562", "85"),  # billing provider's NPI
    Rejection("A7", "454", by_line=True),  # procedure code
)
OUT_OF_BALANCE = Rejection("A7", "400")  # CLM02 is not the sum of the lines
ORIGINAL_REFERENCE_MISSING = Rejection("A7", "464")  # frequency 7 or 8 without REF*F8
FREQUENCY_NOT_TAKEN = Rejection("A7", "535")  # Medicare Part B takes only originals


@dataclass(frozen=True, slots=True)
class Denial:
    """A reason to pay nothing for a claim or a line, out of `weight` shares among those that apply."""

    group: str
    reason: str  # CARC
    weight: int
    remarks: tuple[str, ...] = ()  # LQ*HE
    claim_remarks: tuple[str, ...] = ()  # MOA03 onward
    applies: str = "always"


CLAIM_DENIALS = (
    Denial("CO", "16", 8, ("N290",), ("MA130",)),
    Denial("CO", "197", 14, ("M62",), applies="no_authorization"),
    Denial("CO", "29", 10),
    Denial("CO", "18", 8, ("N522",)),
    Denial("PR", "27", 12, ("N30",)),
    Denial("PR", "31", 4),
    Denial("CO", "22", 10, (), ("MA04",), applies="no_other_payer"),
    Denial("CO", "252", 6, ("N706",)),
    Denial("CO", "109", 4, ("N418",)),
)
LINE_DENIALS = (
    Denial("CO", "16", 10, ("M51",)),
    Denial("CO", "50", 14, ("N115",)),
    Denial("CO", "97", 12, ("M15",), applies="several_lines"),
    Denial("CO", "11", 10),
    Denial("CO", "4", 5, ("N519",)),
    Denial("CO", "151", 6, ("N362",)),
    Denial("PR", "96", 5, ("N130",)),
    Denial("PR", "204", 4, ("N130",)),
    Denial("CO", "252", 5, ("N706",)),
)
PRIOR_PAYMENT_MISSING = Denial("CO", "16", 1, ("N4",), ("MA04",))
PATIENT_UNKNOWN = "31"  # the one denial for which CLP02 = 4 is right (RFI 1423)


def make_key(claim: SubmittedClaim, seed: int) -> bytes:
    """The claim's content under a seed, without control numbers, claim frequency and dates of submission.

    Without the frequency, a void finds the fate of the claim that it takes back.
    """
    content = [
        str(seed), claim.payer.identifier, *claim.provider.identity, claim.responsibility, claim.filing_indicator,
        *claim.subscriber, *claim.patient, str(claim.charge_cents), claim.facility_code, claim.diagnoses,
        claim.authorization, *(f"{o.identifier}={o.patient_cents}={o.remaining_cents}" for o in claim.other_payers),
    ]  # fmt: skip
    for line in claim.lines:
        content += [*line.procedure, str(line.charge_cents), line.units_text, line.pointers]
        content += [line.first_day, line.last_day, str(line.prior_patient_cents)]
    return blake2b("\x1f".join(content).encode(), digest_size=16).digest()


def draw(key: bytes, question: str, sides: int) -> int:
    """A fair die with `sides` faces (0 to sides - 1) that always falls the same way for a key and a question."""
    return int.from_bytes(blake2b(question.encode(), key=key, digest_size=8).digest(), "big") % sides


def number_of(text: str, digits: int) -> int:
    """A number of at most so many digits that belongs to a text: tax ids, control numbers."""
    limit: int = 10**digits
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") % limit


@lru_cache(maxsize=16384)
def allowed_percent(payer: str, procedure: str) -> int:
    """The fee schedule: what share of a charge this payer allows for this procedure, 45 to 85."""
    return 45 + number_of(f"fee\x1f{payer}\x1f{procedure}", 6) % 41


@lru_cache(maxsize=1024)
def misuses_status_4(payer: str) -> bool:
    """One payer in three reports every denial as CLP02 = 4."""
    return number_of(f"status\x1f{payer}", 6) % 3 == 0


def percent_of(cents: int, percent: int) -> int:
    """A share in cents, halves rounded up."""
    return (cents * percent + 50) // 100


def draw_fate(key: bytes) -> str:
    face = draw(key, "fate", 1000)
    for fate, share in FATES.items():
        if face < share:
            return fate
        face -= share
    return "paid"


def draw_rejection(claim: SubmittedClaim, key: bytes, fate: str) -> Rejection | None:
    """The front desk: rules first, then the die."""
    if claim.charge_cents != sum(line.charge_cents for line in claim.lines):
        return OUT_OF_BALANCE
    if claim.frequency in ("7", "8"):
        if claim.filing_indicator == MEDICARE:
            return FREQUENCY_NOT_TAKEN
        if not claim.payer_claim_control_number:
            return ORIGINAL_REFERENCE_MISSING
    return REJECTIONS[draw(key, "rejection", len(REJECTIONS))] if fate == "rejected" else None


def draw_denial(claim: SubmittedClaim, key: bytes, choices: tuple[Denial, ...]) -> Denial:
    """A denial among those that make sense for the claim, by weight."""
    situations = {
        "always": True,
        "no_authorization": not claim.authorization,
        "no_other_payer": not claim.other_payers,
        "several_lines": len(claim.lines) > 1,
    }
    possible = [denial for denial in choices if situations[denial.applies]]
    face = draw(key, "denial", sum(denial.weight for denial in possible))
    for denial in possible:
        if face < denial.weight:
            break
        face -= denial.weight
    return denial


@dataclass(slots=True)
class Benefit:
    """What the patient still owes under the plan; consumed line by line."""

    deductible_cents: int = 0
    copay_cents: int = 0
    coinsurance_percent: int = 0
    sequestration_percent: int = 0


def draw_benefit(claim: SubmittedClaim, key: bytes) -> Benefit:
    """The plan of the patient: Medicare Part B, Medicaid, or a commercial plan with copayment or coinsurance."""
    deductible_is_open = draw(key, "deductible", DEDUCTIBLE_SHARE) == 0
    if claim.filing_indicator == MEDICARE:
        deductible = 1 + draw(key, "deductible left", MEDICARE_DEDUCTIBLE_CENTS) if deductible_is_open else 0
        return Benefit(deductible, 0, MEDICARE_COINSURANCE_PERCENT, SEQUESTRATION_PERCENT)
    if claim.filing_indicator == MEDICAID:
        return Benefit()
    deductible = 50_00 + 25_00 * draw(key, "deductible left", 59) if deductible_is_open else 0
    if draw(key, "plan", 2):
        return Benefit(deductible, COPAY_CHOICES_CENTS[draw(key, "copay", len(COPAY_CHOICES_CENTS))])
    percents = COINSURANCE_CHOICES_PERCENT
    return Benefit(deductible, 0, percents[draw(key, "coinsurance", len(percents))])
