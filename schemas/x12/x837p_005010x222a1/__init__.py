"""The professional claim, 837P 005010X222A1."""

from schemas.x12.x837p_005010x222a1.models import (
    ClaimPerson,
    Party,
    Payer,
    PostalAddress,
    ProfessionalClaim,
    ProfessionalInterchange,
    ProfessionalLine,
    Subscriber,
)
from schemas.x12.x837p_005010x222a1.writing import write_837p

__all__ = [
    "ClaimPerson",
    "Party",
    "Payer",
    "PostalAddress",
    "ProfessionalClaim",
    "ProfessionalInterchange",
    "ProfessionalLine",
    "Subscriber",
    "write_837p",
]
