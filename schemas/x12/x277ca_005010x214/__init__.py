"""Claim acknowledgement (277CA), implementation guide 005010X214."""

from schemas.x12.x277ca_005010x214.models import (
    BatchAcknowledgement,
    ClaimAcknowledgement,
    LineAcknowledgement,
    ProviderAcknowledgement,
    Status,
    StatusCode,
    Totals,
)
from schemas.x12.x277ca_005010x214.reader import make_277ca, read_277ca
from schemas.x12.x277ca_005010x214.writer import write_277ca

__all__ = [
    "BatchAcknowledgement",
    "ClaimAcknowledgement",
    "LineAcknowledgement",
    "ProviderAcknowledgement",
    "Status",
    "StatusCode",
    "Totals",
    "make_277ca",
    "read_277ca",
    "write_277ca",
]
