"""Who said a message: ours carry a MAC by the workers' key in the header `rcm_mac`; nothing else that a sender writes
about itself is believed.

HMAC-SHA256 (RFC 2104) over topic, envelope and value. https://www.rfc-editor.org/rfc/rfc2104
"""

import hmac
from dataclasses import dataclass, replace

from schemas.identifiers import make_id
from schemas.store import Record

MAC_HEADER = "rcm_mac"
# Stands in no attribute: what is read from a message is printable.
SEPARATOR = "\x1f"


@dataclass(frozen=True)
class Trust:
    """Whom to believe: the workers' key, and the types of event that whoever may write to their topic may publish."""

    key: bytes
    open_types: frozenset[str]


def compute_mac(record: Record, key: bytes) -> bytes:
    """The MAC of a record as the header holds it: 64 hexadecimal digits."""
    envelope = (
        record.topic,
        record.event_id,
        record.type,
        str(record.schema_version),
        record.key,
        record.occurred_at,
        record.correlation_id,
        record.causation_id or "",
        record.decided_by,
        "",
    )
    return hmac.digest(key, SEPARATOR.join(envelope).encode() + record.body, "sha256").hex().encode()


def establish_origin(record: Record, source: str, mac: bytes | None, trust: Trust) -> Record:
    """The record as what it is: ours, from outside, or unproven, as is what another key has signed.

    What is from outside has an identity by source and id, so that two publishers never speak of one event, and
    neither cause nor decision: those are ours to say.
    """
    if mac is not None and hmac.compare_digest(mac, compute_mac(record, trust.key)):
        return record
    if mac is not None or record.type not in trust.open_types:
        return replace(record, origin="unproven")
    event_id = make_id("outside", source, record.event_id)
    return replace(
        record, event_id=event_id, correlation_id=event_id, causation_id=None, decided_by="", origin="outside"
    )
