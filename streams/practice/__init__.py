"""A demonstration: the whole cycle with a payer of our own."""
