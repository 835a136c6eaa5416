"""Files of the bank and of the front desk: deposits as BAI2 or CSV, patients' payments as CSV."""
