"""Claims go into interchanges, are corrected there, and their receipt is watched."""
