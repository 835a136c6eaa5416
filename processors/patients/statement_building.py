"""A statement's content from what is recorded of each claim: pure, so that the same facts give the same words.

Only what is owed now stands on it; what waits for a payer, or may not be billed, does not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from schemas.encounter import Address, CodedEncounter, CodedLine
from schemas.events import ClaimRemitted, PatientBalanceChanged
from schemas.identifiers import make_id
from schemas.money import ZERO
from schemas.reference import Practice
from schemas.statement import InsurancePart, PatientPart, Statement, StatementLine, StatementVisit

PATIENT_RESPONSIBILITY = "PR"  # CAS01
DAYS_TO_PAY = 30
# Why a patient owes, by CARC, in words that a patient reads once.
REASONS = {
    "1": "Your deductible: what you pay each year before your plan begins to pay",
    "2": "Your coinsurance: your percentage of the price that your plan allows",
    "3": "Your copayment: your fixed part of the price of a visit",
}
OTHER_REASON = "Not covered by your plan"
WHOLE_SHARE = "Your part after your insurance"


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """What is recorded of one claim that is owed."""

    balance: PatientBalanceChanged
    encounter: CodedEncounter
    lines: tuple[CodedLine, ...]  # those of this claim
    words: Mapping[str, str]  # the EHR's words for a line, by line id
    remitted: Sequence[ClaimRemitted]


def identify_statement(account_key: str, balances: Sequence[PatientBalanceChanged], issued_on: date) -> str:
    """The same balances on the same day are the same statement."""
    owed = sorted(f"{balance.claim_id} {balance.balance_amount}" for balance in balances)
    return make_id("statement", account_key, issued_on.isoformat(), *owed)


def build_statement(account_key: str, claims: Sequence[ClaimFacts], practice: Practice, issued_on: date) -> Statement:
    """The statement of one account for the claims given, all of them owed, oldest visit first."""
    ordered = sorted(claims, key=lambda claim: (claim.encounter.start_date, claim.balance.claim_id))
    visits = tuple(_describe_visit(claim) for claim in ordered)
    latest = ordered[-1].encounter
    provider = latest.billing_provider
    patient = latest.patient
    return Statement(
        statement_id=identify_statement(account_key, [claim.balance for claim in claims], issued_on),
        account_key=account_key,
        issued_on=issued_on,
        due_on=issued_on + timedelta(days=DAYS_TO_PAY),
        practice_name=practice.name or (provider.name if provider else ""),
        practice_address=(practice.address,) if practice.address else _lines(provider.address) if provider else (),
        practice_phone=_phone(practice.phone or (provider.phone if provider else "")),
        pay_at=practice.pay_at,
        patient_name=" ".join(filter(None, (patient.given_name, patient.middle_name, patient.family_name))),
        patient_address=_lines(patient.address),
        visits=visits,
        due_amount=sum((visit.owed_amount for visit in visits), ZERO),
    )


def _describe_visit(claim: ClaimFacts) -> StatementVisit:
    balance, encounter = claim.balance, claim.encounter
    provider = encounter.rendering_provider or encounter.billing_provider
    insurance: dict[str, Decimal] = {}
    for body in claim.remitted:
        insurance[body.payer_name] = insurance.get(body.payer_name, ZERO) + body.claim.paid_amount
    charge = sum((line.charge_amount for line in claim.lines), ZERO)
    paid = sum(insurance.values(), ZERO)
    given = balance.paid_amount - balance.refund_amount
    return StatementVisit(
        claim_id=balance.claim_id,
        visit_date=encounter.start_date,
        provider_name=" ".join(filter(None, (provider.given_name, provider.name))) if provider else "",
        lines=tuple(_describe_line(line, claim.words) for line in claim.lines),
        charge_amount=charge,
        insurance=tuple(InsurancePart(name, amount) for name, amount in insurance.items()),
        # What is neither paid nor the patient's is what the plan and the practice agreed to take off.
        discount_amount=charge - paid - balance.share_amount + balance.written_off_amount,
        patient_parts=_explain_share(claim),
        patient_paid_amount=given,
        owed_amount=balance.balance_amount,
    )


def _describe_line(line: CodedLine, words: Mapping[str, str]) -> StatementLine:
    said = words.get(line.line_id, "").strip()
    text = f"{said} ({line.code})" if said else f"Service {line.code}"
    if line.units > 1:
        text += f", {line.units.normalize():f} units"
    return StatementLine(service_date=line.service_date_from, words=text, charge_amount=line.charge_amount)


def _explain_share(claim: ClaimFacts) -> tuple[PatientPart, ...]:
    """By reason, when the last payer's reasons add up to the share; else as one sum, since a guess would be wrong."""
    share = claim.balance.share_amount - claim.balance.written_off_amount
    by_payer: dict[str, dict[str, Decimal]] = {}
    for body in claim.remitted:
        sums = by_payer.setdefault(body.payer_name, {})
        for adjustment in body.claim.all_adjustments:
            if adjustment.group == PATIENT_RESPONSIBILITY:
                words = REASONS.get(adjustment.reason, OTHER_REASON)
                sums[words] = sums.get(words, ZERO) + adjustment.amount
    for sums in reversed(by_payer.values()):
        if sum(sums.values(), ZERO) == share:
            return tuple(PatientPart(words, amount) for words, amount in sorted(sums.items()) if amount)
    return (PatientPart(WHOLE_SHARE, share),)


def _phone(number: str) -> str:
    return f"({number[:3]}) {number[3:6]}-{number[6:]}" if len(number) == 10 and number.isdigit() else number


def _lines(address: Address) -> tuple[str, ...]:
    code = address.postal_code
    code = f"{code[:5]}-{code[5:]}" if len(code) == 9 else code
    town = " ".join(filter(None, (address.city + "," if address.city else "", address.state, code)))
    return tuple(filter(None, (address.line1, address.line2, town)))
