"""Each kind of transaction set as plain data, by the contract of `schemas.x12.parse`."""

from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any

from schemas.money import format_money
from schemas.x12.claim_loops import read_set_claims
from schemas.x12.elements import format_number
from schemas.x12.headers import TransactionSet
from schemas.x12.x270_271_005010x279a1 import make_eligibility
from schemas.x12.x276_277_005010x212 import make_status
from schemas.x12.x277ca_005010x214 import make_277ca
from schemas.x12.x835_005010x221a1 import Adjustment, Remittance, RemittanceClaim, RemittanceService, RemittanceStream
from schemas.x12.x837i_005010x223a2.grammar import GRAMMAR as GRAMMAR_837I
from schemas.x12.x837i_005010x223a2.reader import make_claim as make_institutional_claim
from schemas.x12.x837p_005010x222a1.grammar import GRAMMAR as GRAMMAR_837P
from schemas.x12.x837p_005010x222a1.reader import make_claim as make_professional_claim
from schemas.x12.x999_005010x231a1 import make_999

Document = dict[str, Any]


def parse_remittance(transaction: TransactionSet) -> Document:
    """An 835."""
    stream = RemittanceStream(transaction)
    return describe_remittance(stream.finish(tuple(stream)))


def describe_remittance(remittance: Remittance) -> Document:
    """One 835 by the contract."""
    imbalances = [
        {
            "level": found.level,
            "where": found.where,
            "equation": found.equation,
            "expected": format_money(found.expected),
            "found": format_money(found.found),
            "difference": format_money(found.difference),
            "segment_index": found.segment_index,
        }
        for found in remittance.imbalances()
    ]
    skipped = ("claims", "provider_adjustments", "findings", "complete")
    return {
        **plain_fields(remittance, skipped),
        "balanced": not imbalances,
        "imbalances": imbalances,
        "postable": remittance.postable,
        "claims": [_describe_claim(claim) for claim in remittance.claims],
        "provider_adjustments": [plain(adjustment) for adjustment in remittance.provider_adjustments],
    }


def _describe_claim(claim: RemittanceClaim) -> Document:
    return {
        **plain_fields(claim, ("adjustments", "services")),
        "balanced": claim.balanced,
        "adjustments": _describe_adjustments(claim.adjustments),
        "services": [_describe_service(service) for service in claim.services],
    }


def _describe_service(service: RemittanceService) -> Document:
    return {
        **plain_fields(service, ("adjustments",)),
        "units": format(service.units, "f"),
        "adjustments": _describe_adjustments(service.adjustments),
        "balanced": service.balanced,
    }


def _describe_adjustments(adjustments: Iterable[Adjustment]) -> list[Document]:
    return [
        {
            "group": adjustment.group,
            "reason": adjustment.reason,
            "amount": format_money(adjustment.amount),
            "quantity": None if adjustment.quantity is None else format(adjustment.quantity, "f"),
            "segment_index": adjustment.segment_index,
        }
        for adjustment in adjustments
    ]


def parse_professional(transaction: TransactionSet) -> Document:
    """The claims of an 837P."""
    claims = read_set_claims(transaction, GRAMMAR_837P)
    return {"claims": [_describe_read_claim(make_professional_claim(loops)) for loops in claims]}


def parse_institutional(transaction: TransactionSet) -> Document:
    """The claims of an 837I."""
    claims = read_set_claims(transaction, GRAMMAR_837I)
    return {"claims": [_describe_read_claim(make_institutional_claim(loops)) for loops in claims]}


def _describe_read_claim(read: Any) -> Document:
    """A claim's own keys first, then where it stood and what was wrong."""
    return {**plain(read.claim), **plain_fields(read, ("claim", "interchange", "group"))}


def parse_999(transaction: TransactionSet) -> Document:
    """A 999."""
    return plain_fields(make_999(transaction), ("complete", "findings"))


def parse_277ca(transaction: TransactionSet) -> Document:
    """A 277CA."""
    return plain_fields(make_277ca(transaction), ("complete", "findings"))


def parse_status(transaction: TransactionSet) -> Document:
    """A 276 or 277."""
    return plain_fields(make_status(transaction), ("complete",))


def parse_eligibility(transaction: TransactionSet) -> Document:
    """A 270 or 271."""
    return plain_fields(make_eligibility(transaction), ("complete",))


def parse_segments(transaction: TransactionSet) -> Document:
    """A set that has no model: its segments."""
    return {
        "implementation": transaction.implementation,
        "segments": [{"index": s.index, "offset": s.offset, "elements": list(s.elements)} for s in transaction],
    }


def plain_fields(value: Any, skipped: Iterable[str] = ()) -> Document:
    names = (field.name for field in fields(value))
    return {name: plain(getattr(value, name), name) for name in names if name not in skipped}


def plain(value: Any, name: str = "") -> Any:
    """Data that JSON carries without loss."""
    if isinstance(value, Decimal):
        return format_money(value) if name.endswith("amount") else format_number(value)
    if isinstance(value, date):
        return None if value == date.min else value.isoformat()
    if isinstance(value, time):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if is_dataclass(value):
        return plain_fields(value)
    return value
