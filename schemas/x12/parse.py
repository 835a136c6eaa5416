"""A whole X12 file as plain data: what `revcycle x12 parse` prints. Keys may be added, never renamed.

Amounts are texts with two decimals, dates ISO texts; `segment_index` counts the file's segments from 1.
"""

from typing import BinaryIO

from schemas.x12.documents import Document, parse_segments, plain
from schemas.x12.envelope import Envelope
from schemas.x12.headers import TransactionSet
from schemas.x12.identify import name_kind
from schemas.x12.ta1 import make_ta1
from schemas.x12.transactions import TRANSACTIONS


def parse_to_dict(source: bytes | BinaryIO) -> Document:
    """{"kind", "interchanges", "transactions", "findings"}; `kind` is the first set's, and each set carries its own.

    Raises X12Error where the file is not X12. A kind without a model gives its segments.
    """
    envelope = Envelope(source, hash_bodies=True)
    transactions = [_parse_set(transaction) for transaction in envelope]
    acknowledgements = [
        plain(make_ta1(record.interchange, segment))
        for record in envelope.interchanges
        for segment in record.acknowledgements
    ]
    kinds = [transaction["kind"] for transaction in transactions] or (["TA1"] if acknowledgements else [])
    document: Document = {
        "kind": kinds[0] if kinds else None,
        "interchanges": [
            {**plain(record.interchange), "complete": record.complete, "groups": plain(record.groups)}
            for record in envelope.interchanges
        ],
        "transactions": transactions,
        "findings": plain(envelope.findings),
    }
    if acknowledgements:
        document["acknowledgements"] = acknowledgements
    return document


def _parse_set(transaction: TransactionSet) -> Document:
    kind = name_kind(transaction.kind, transaction.implementation)
    parse = TRANSACTIONS[kind].parse if kind in TRANSACTIONS else parse_segments
    document = {"kind": kind, "control_number": transaction.control_number, **parse(transaction)}
    document["complete"] = transaction.complete
    document.setdefault("findings", plain(transaction.findings))
    return document
