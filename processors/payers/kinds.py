"""What kind of payer a claim filing indicator (SBR09, CLP06) names: whose rules of coding and coverage it follows.

The indicators are those of X12 005010X222A1 2000B SBR09. One that says no more than "other" names a payer of its own
rules.
"""

from typing import Literal, get_args

PayerKind = Literal[
    "medicare", "medicare_advantage", "medicaid", "tricare", "veterans", "federal", "commercial",
    "workers_compensation", "liability", "other",
]  # fmt: skip
ALL_PAYERS: frozenset[PayerKind] = frozenset(get_args(PayerKind))
_KINDS: dict[str, PayerKind] = {
    "MA": "medicare",
    "MB": "medicare",
    "16": "medicare_advantage",
    "MC": "medicaid",
    "CH": "tricare",
    "VA": "veterans",
    "OF": "federal",
    "FI": "commercial",  # federal employees' plans are insurers'
    **dict.fromkeys(("12", "13", "14", "15", "17", "BL", "CI", "DS", "HM"), "commercial"),
    "WC": "workers_compensation",
    "AM": "liability",
    "LM": "liability",
}


def find_payer_kind(filing_indicator: str) -> PayerKind:
    """The kind of payer; "other" for 11, TV, ZZ and whatever is not of the list."""
    return _KINDS.get(filing_indicator, "other")
