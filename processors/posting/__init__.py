"""What payers decided, in double entry, settled anew with each word of theirs."""
