"""Remittance advice, 835 005010X221A1: models, reader, writer."""

from schemas.x12.x835_005010x221a1.models import (
    Adjustment,
    Imbalance,
    ProviderAdjustment,
    Remittance,
    RemittanceClaim,
    RemittanceHeader,
    RemittanceParty,
    RemittanceReference,
    RemittanceService,
    balance_payment,
    remittance_identity,
)
from schemas.x12.x835_005010x221a1.reader import RemittanceStream, read_835, stream_835
from schemas.x12.x835_005010x221a1.writer import write_835

__all__ = [
    "Adjustment",
    "Imbalance",
    "ProviderAdjustment",
    "Remittance",
    "RemittanceClaim",
    "RemittanceHeader",
    "RemittanceParty",
    "RemittanceReference",
    "RemittanceService",
    "RemittanceStream",
    "balance_payment",
    "read_835",
    "remittance_identity",
    "stream_835",
    "write_835",
]
