"""A payer's 835 is judged and divided, its contract checked, its money found in the bank."""
