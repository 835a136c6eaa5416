"""Where facts come in: files, the inbox, the clock, the order to submit."""
