"""Claim status response (277), implementation guide 005010X212."""
