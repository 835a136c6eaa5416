"""Whether a claim can become X12, before a whole interchange would fail with it."""

from dataclasses import replace
from datetime import datetime

from schemas.x12.errors import X12Error
from schemas.x12.x837p_005010x222a1.models import ProfessionalClaim, ProfessionalInterchange
from schemas.x12.x837p_005010x222a1.writing import write_837p

# An interchange around one claim, written only to see whether it can be.
TRIAL = ProfessionalInterchange(
    control_number=1,
    created_at=datetime(2000, 1, 1),
    usage_indicator="T",
    sender_qualifier="ZZ",
    sender_id="TRIAL",
    receiver_qualifier="ZZ",
    receiver_id="TRIAL",
    submitter_name="TRIAL",
    contact_name="TRIAL",
    contact_phone="5555550100",
    receiver_name="TRIAL",
)


def find_unwritable(claim: ProfessionalClaim) -> str | None:
    """Why the claim cannot become X12, or None."""
    try:
        write_837p(replace(TRIAL, claims=(claim,)))
    except X12Error as error:
        return f"{error.element or error.segment_id}: {error.what}; {error.remedy}"
    return None
