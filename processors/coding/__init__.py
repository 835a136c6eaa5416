"""What was documented becomes a coded encounter, or waits for a person: codes, edits, corrections, questions."""
