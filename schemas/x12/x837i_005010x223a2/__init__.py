"""The institutional claim, 837I 005010X223A2."""

from schemas.x12.x837i_005010x223a2.models import (
    ClaimValue,
    Diagnosis,
    InstitutionalClaim,
    InstitutionalCodes,
    InstitutionalInterchange,
    InstitutionalLine,
    Occurrence,
    Procedure,
    ReadInstitutionalClaim,
)
from schemas.x12.x837i_005010x223a2.reader import read_837i
from schemas.x12.x837i_005010x223a2.writer import write_837i

__all__ = [
    "ClaimValue",
    "Diagnosis",
    "InstitutionalClaim",
    "InstitutionalCodes",
    "InstitutionalInterchange",
    "InstitutionalLine",
    "Occurrence",
    "Procedure",
    "ReadInstitutionalClaim",
    "read_837i",
    "write_837i",
]
