"""Whether it is so: history decided again, and every invariant of the ledger."""
