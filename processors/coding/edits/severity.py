"""The severity of a finding by the kind of installation: the one place that decides it.

A test installation marks its interchanges as tests (ISA15 = T): nobody pays them. What still lets an 837 be written as
its guide asks then warns and does not hold; in production it holds (domain rules, section 2).
"""

from schemas.findings import Finding

# Identifiers that are well formed enough to be written and wrong for a payer; and a deadline that no test can miss.
WARN_IN_TESTS = frozenset(["npi_invalid", "npi_missing", "taxonomy_invalid", "timely_filing_past"])


def settle_severity(finding: Finding, *, is_test: bool) -> Finding:
    """The finding as this installation takes it."""
    if is_test and finding.code in WARN_IN_TESTS:
        return finding.replace(severity="warn")
    return finding
