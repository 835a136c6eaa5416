"""A patient's statement in plain words: what was done, what insurance paid, what is owed and why."""

from dataclasses import dataclass
from datetime import date

from schemas.base import PhiDate, PhiString
from schemas.money import Sum


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One service: when, and in the words of the record where it has some."""

    service_date: PhiDate
    words: PhiString
    charge_amount: Sum


@dataclass(frozen=True, slots=True)
class InsurancePart:
    """What one plan paid for a visit."""

    payer_name: str
    paid_amount: Sum


@dataclass(frozen=True, slots=True)
class PatientPart:
    """A part of what the patient owes, and why."""

    words: str
    amount: Sum


@dataclass(frozen=True, slots=True)
class StatementVisit:
    """One claim: charges - discounts - insurance - paid before = owed."""

    claim_id: str
    visit_date: PhiDate
    provider_name: str
    lines: tuple[StatementLine, ...]
    charge_amount: Sum
    insurance: tuple[InsurancePart, ...]
    discount_amount: Sum  # contractual adjustments: nobody owes them
    patient_parts: tuple[PatientPart, ...]
    patient_paid_amount: Sum
    owed_amount: Sum


@dataclass(frozen=True, slots=True)
class Statement:
    """A whole statement for one account."""

    statement_id: str
    account_key: str
    issued_on: date
    due_on: date
    practice_name: str
    practice_address: tuple[str, ...]
    practice_phone: str
    pay_at: str
    patient_name: PhiString
    patient_address: tuple[PhiString, ...]
    visits: tuple[StatementVisit, ...]
    due_amount: Sum
