"""A claim in an event: a professional or an institutional one, told apart by its kind."""

from typing import Annotated, Any

from pydantic import Discriminator, Tag

from schemas.x12.x837i_005010x223a2 import InstitutionalClaim
from schemas.x12.x837p_005010x222a1 import ProfessionalClaim


def _tell_kind(claim: Any) -> str:
    """Events that were written before claims had a kind hold professional ones."""
    return str(claim.get("kind", "professional") if isinstance(claim, dict) else claim.kind)


Claim = Annotated[
    Annotated[ProfessionalClaim, Tag("professional")] | Annotated[InstitutionalClaim, Tag("institutional")],
    Discriminator(_tell_kind),
]


def require_professional(claim: ProfessionalClaim | InstitutionalClaim) -> ProfessionalClaim:
    """A claim that can be sent. Raises ValueError for an institutional one: 837I is read, not yet built."""
    if not isinstance(claim, ProfessionalClaim):
        raise ValueError("an institutional claim cannot be sent yet: only professional ones (837P) are built")
    return claim
