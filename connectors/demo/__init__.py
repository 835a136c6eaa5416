"""A made-up practice: its patients, payers, providers and visits, for demonstrations, tests and benchmarks."""

from connectors.demo.encounters import generate_encounters

__all__ = ["generate_encounters"]
