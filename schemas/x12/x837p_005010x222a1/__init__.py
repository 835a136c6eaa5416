"""The professional claim, 837P 005010X222A1."""

from schemas.x12.claim_parts import (
    Attachment,
    ClaimPerson,
    ClaimSupplement,
    Drug,
    EntityParty,
    LineAdjudication,
    LineSupplement,
    OtherPayer,
    Party,
    Payer,
    PostalAddress,
    Subscriber,
)
from schemas.x12.x837p_005010x222a1.models import (
    ProfessionalClaim,
    ProfessionalInterchange,
    ProfessionalLine,
    ReadProfessionalClaim,
)
from schemas.x12.x837p_005010x222a1.reader import read_837p
from schemas.x12.x837p_005010x222a1.writing import write_837p

__all__ = [
    "Attachment",
    "ClaimPerson",
    "ClaimSupplement",
    "Drug",
    "EntityParty",
    "LineAdjudication",
    "LineSupplement",
    "OtherPayer",
    "Party",
    "Payer",
    "PostalAddress",
    "ProfessionalClaim",
    "ProfessionalInterchange",
    "ProfessionalLine",
    "ReadProfessionalClaim",
    "Subscriber",
    "read_837p",
    "write_837p",
]
