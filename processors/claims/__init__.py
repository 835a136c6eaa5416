"""A coded encounter becomes claims, one for each payer in turn."""
