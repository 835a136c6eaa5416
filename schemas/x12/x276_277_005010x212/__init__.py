"""Claim status request (276) and response (277), implementation guide 005010X212."""

from schemas.x12.x276_277_005010x212.models import (
    ClaimStatus,
    StatusItem,
    StatusLevel,
    StatusLine,
    StatusTransaction,
)
from schemas.x12.x276_277_005010x212.reader import make_status, read_status
from schemas.x12.x276_277_005010x212.writer import write_status

__all__ = [
    "ClaimStatus",
    "StatusItem",
    "StatusLevel",
    "StatusLine",
    "StatusTransaction",
    "make_status",
    "read_status",
    "write_status",
]
