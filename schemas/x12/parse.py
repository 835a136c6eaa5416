"""A whole X12 file as plain data: what `revcycle x12 parse` prints. Keys may be added, never renamed.

Amounts are texts with two decimals, dates ISO texts; `segment_index` counts the file's segments from 1.
"""

from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any, BinaryIO

from schemas.money import format_money
from schemas.x12.claim_loops import read_set_claims
from schemas.x12.elements import format_number
from schemas.x12.envelope import Envelope
from schemas.x12.headers import TransactionSet
from schemas.x12.identify import name_kind
from schemas.x12.ta1 import make_ta1
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


def parse_to_dict(source: bytes | BinaryIO) -> Document:
    """{"kind", "interchanges", "transactions", "findings"}; `kind` is the first set's, and each set carries its own.

    Raises X12Error where the file is not X12. A kind without a model gives its segments.
    """
    envelope = Envelope(source, hash_bodies=True)
    transactions = [_parse_set(transaction) for transaction in envelope]
    acknowledgements = [
        _plain(make_ta1(record.interchange, segment))
        for record in envelope.interchanges
        for segment in record.acknowledgements
    ]
    kinds = [transaction["kind"] for transaction in transactions] or (["TA1"] if acknowledgements else [])
    document: Document = {
        "kind": kinds[0] if kinds else None,
        "interchanges": [
            {**_plain(record.interchange), "complete": record.complete, "groups": _plain(record.groups)}
            for record in envelope.interchanges
        ],
        "transactions": transactions,
        "findings": _plain(envelope.findings),
    }
    if acknowledgements:
        document["acknowledgements"] = acknowledgements
    return document


def _parse_set(transaction: TransactionSet) -> Document:
    kind = name_kind(transaction.kind, transaction.implementation)
    parser = PARSERS.get(kind, _parse_segments)
    document = {"kind": kind, "control_number": transaction.control_number, **parser(transaction)}
    document["complete"] = transaction.complete
    document.setdefault("findings", _plain(transaction.findings))
    return document


def _parse_remittance(transaction: TransactionSet) -> Document:
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
        **_plain_fields(remittance, skipped),
        "balanced": not imbalances,
        "imbalances": imbalances,
        "postable": remittance.postable,
        "claims": [_describe_claim(claim) for claim in remittance.claims],
        "provider_adjustments": [_plain(adjustment) for adjustment in remittance.provider_adjustments],
    }


def _describe_claim(claim: RemittanceClaim) -> Document:
    return {
        **_plain_fields(claim, ("adjustments", "services")),
        "balanced": claim.balanced,
        "adjustments": _describe_adjustments(claim.adjustments),
        "services": [_describe_service(service) for service in claim.services],
    }


def _describe_service(service: RemittanceService) -> Document:
    return {
        **_plain_fields(service, ("adjustments",)),
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


def _parse_professional(transaction: TransactionSet) -> Document:
    claims = read_set_claims(transaction, GRAMMAR_837P)
    return {"claims": [_describe_read_claim(make_professional_claim(loops)) for loops in claims]}


def _parse_institutional(transaction: TransactionSet) -> Document:
    claims = read_set_claims(transaction, GRAMMAR_837I)
    return {"claims": [_describe_read_claim(make_institutional_claim(loops)) for loops in claims]}


def _describe_read_claim(read: Any) -> Document:
    """A claim's own keys first, then where it stood and what was wrong."""
    return {**_plain(read.claim), **_plain_fields(read, ("claim", "interchange", "group"))}


def _parse_999(transaction: TransactionSet) -> Document:
    return _plain_fields(make_999(transaction), ("complete", "findings"))


def _parse_277ca(transaction: TransactionSet) -> Document:
    return _plain_fields(make_277ca(transaction), ("complete", "findings"))


def _parse_status(transaction: TransactionSet) -> Document:
    return _plain_fields(make_status(transaction), ("complete",))


def _parse_eligibility(transaction: TransactionSet) -> Document:
    return _plain_fields(make_eligibility(transaction), ("complete",))


def _parse_segments(transaction: TransactionSet) -> Document:
    return {
        "implementation": transaction.implementation,
        "segments": [{"index": s.index, "offset": s.offset, "elements": list(s.elements)} for s in transaction],
    }


PARSERS: dict[str, Callable[[TransactionSet], Document]] = {
    "835": _parse_remittance,
    "837P": _parse_professional,
    "837I": _parse_institutional,
    "999": _parse_999,
    "277CA": _parse_277ca,
    "270": _parse_eligibility,
    "271": _parse_eligibility,
    "276": _parse_status,
    "277": _parse_status,
}


def _plain_fields(value: Any, skipped: Iterable[str] = ()) -> Document:
    names = (field.name for field in fields(value))
    return {name: _plain(getattr(value, name), name) for name in names if name not in skipped}


def _plain(value: Any, name: str = "") -> Any:
    """Data that JSON carries without loss."""
    if isinstance(value, Decimal):
        return format_money(value) if name.endswith("amount") else format_number(value)
    if isinstance(value, date):
        return None if value == date.min else value.isoformat()
    if isinstance(value, time):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if is_dataclass(value):
        return _plain_fields(value)
    return value
