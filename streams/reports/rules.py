"""Payer rules that billers own: the pack as it stands, and what its examples say of it."""

from pathlib import Path

from connectors.payer_rules import load_payer_rules
from processors.coding.payer_rules import check_rules
from schemas.findings import Finding
from streams.installation import RULES
from streams.reports.base import Report


class RulesReport(Report):
    """The version of the pack, how many rules it has, and each that its own examples or another rule contradicts."""

    version: str
    rules: int
    findings: tuple[Finding, ...]


def report_rules(data: Path) -> RulesReport:
    """Runs every payer rule of `rules/*.toml` on its own examples. Raises ConfigurationError."""
    pack = load_payer_rules(data / RULES)
    return RulesReport(version=pack.version, rules=len(pack.rules), findings=tuple(check_rules(pack)))
