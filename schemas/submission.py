"""The bytes of an interchange as a pure function of what was decided: the same on every rebuild."""

import re
from collections.abc import Sequence
from datetime import datetime

from schemas.claim import require_professional
from schemas.events.claims import InterchangeClaim
from schemas.reference import Submitter
from schemas.x12.x837p_005010x222a1 import ProfessionalInterchange, write_837p

UNFIT = re.compile(r"^\.|[^A-Za-z0-9._-]")


def name_file(trading_partner: str, control_number: int, kind: str) -> str:
    """The file of an interchange (`kind`: 837 or 276), from what identifies it and never from what somebody says: a
    trading partner's id may hold any character of ISA08, a file's name may not."""
    return f"{UNFIT.sub('_', trading_partner)[:80]}-{control_number:09d}.{kind}"


def write_interchange(
    claims: Sequence[InterchangeClaim], control_number: int, cut_at: datetime, submitter: Submitter
) -> bytes:
    """The 837P file that holds these claims, in this order."""
    return write_837p(
        ProfessionalInterchange(
            control_number=control_number,
            created_at=cut_at,
            usage_indicator=submitter.usage_indicator,
            sender_qualifier=submitter.sender_qualifier,
            sender_id=submitter.sender_id,
            receiver_qualifier=submitter.receiver_qualifier,
            receiver_id=submitter.receiver_id,
            submitter_name=submitter.name,
            contact_name=submitter.contact_name,
            contact_phone=submitter.contact_phone,
            receiver_name=submitter.receiver_name,
            claims=tuple(require_professional(item.claim) for item in claims),
        )
    )
