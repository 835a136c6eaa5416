"""Files of the bank and of the front desk: deposits as BAI2 or CSV, patients' payments as CSV."""

from datetime import datetime

from connectors.bank.bai2 import read_bai2
from connectors.bank.csv_files import read_deposits_csv, read_patient_payments_csv
from connectors.bank.detect import BAI2, BANK_KINDS, DEPOSITS, detect_bank_kind
from connectors.clearinghouse.inbound import InboundFile


def read_bank_file(kind: str, data: bytes, received_at: datetime) -> InboundFile:
    """The events and findings of a file of one of BANK_KINDS."""
    if kind == BAI2:
        return read_bai2(data, received_at)
    if kind == DEPOSITS:
        return read_deposits_csv(data, received_at)
    return read_patient_payments_csv(data, received_at)


__all__ = ["BANK_KINDS", "detect_bank_kind", "read_bank_file"]
