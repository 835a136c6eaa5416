"""A payer for practice: it reads our 837s by readers of its own, and answers as real ones do."""
