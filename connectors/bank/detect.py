"""What a file of the bank or the front desk is, from its first line."""

BAI2, DEPOSITS, PAYMENTS = "BAI2", "deposits", "patient_payments"
BANK_KINDS = (BAI2, DEPOSITS, PAYMENTS)


def detect_bank_kind(head: bytes) -> str:
    """BAI2, deposits, patient_payments, or empty for anything else."""
    first = head.removeprefix(b"\xef\xbb\xbf").lstrip().split(b"\n", 1)[0].strip()
    if first.startswith(b"01,") and first.endswith(b"/"):
        return BAI2
    columns = {cell.strip().strip(b'"').lower() for cell in first.split(b",")}
    if {b"deposited_on", b"amount"} <= columns:
        return DEPOSITS
    return PAYMENTS if {b"received_on", b"amount", b"reference"} <= columns else ""
