"""Institutional claim (837I), implementation guide 005010X223A2."""
