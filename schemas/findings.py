"""A finding: what is wrong, where, who mends it and how. Findings are values; a validator collects all of them."""

from typing import Literal

from schemas.base import Frozen, LongText, ShortText

Severity = Literal["reject", "hold", "warn"]
Owner = Literal["coder", "biller", "front desk", "ehr", "payer", "operations", "provider"]


class Finding(Frozen):
    """One thing that is wrong.

    `code` is a stable plain-word id; `reject` means the bytes cannot be used, `hold` that a person must act before
    the work goes on, `warn` that it goes on and somebody should look. `citation` names the rule's source.
    """

    code: ShortText
    severity: Severity
    owner: Owner
    where: ShortText
    what: LongText
    remedy: LongText
    citation: ShortText | None = None
