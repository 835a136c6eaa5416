"""What a payer's name alone tells, where an EHR sends nothing better."""

import re

SELF_PAY_NAMES = frozenset({"NO-INSURANCE", "NONE", "SELF-PAY", "SELFPAY", "UNINSURED"})


def make_payer_slug(name: str) -> str:
    """A payer id from a payer's name: upper case, words joined by hyphens, at most 80 characters (NM109)."""
    return "-".join(re.findall(r"[A-Z0-9]+", name.upper()))[:80]


def is_self_pay(name: str) -> bool:
    """Whether the name says that nobody but the patient pays."""
    return make_payer_slug(name) in SELF_PAY_NAMES


def guess_filing_indicator(payer_name: str) -> str:
    """SBR09: Medicare and Medicaid are named after what they are; all others are billed as commercial."""
    name = payer_name.upper()
    if "MEDICAID" in name:
        return "MC"
    return "MB" if name.startswith("MEDICARE") and "ADVANTAGE" not in name else "CI"
