"""Eligibility inquiry (270) and response (271), implementation guide 005010X279A1."""

from schemas.x12.x270_271_005010x279a1.models import (
    Benefit,
    BenefitEntity,
    EligibilityLevel,
    EligibilityTransaction,
    Inquiry,
    Rejection,
)
from schemas.x12.x270_271_005010x279a1.reader import make_eligibility, read_eligibility
from schemas.x12.x270_271_005010x279a1.writer import write_eligibility

__all__ = [
    "Benefit",
    "BenefitEntity",
    "EligibilityLevel",
    "EligibilityTransaction",
    "Inquiry",
    "Rejection",
    "make_eligibility",
    "read_eligibility",
    "write_eligibility",
]
