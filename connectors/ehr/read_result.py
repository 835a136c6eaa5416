"""What a reader of encounters hands back."""

from dataclasses import dataclass

from schemas.encounter import Encounter
from schemas.findings import Finding


@dataclass(frozen=True)
class ReadResult:
    """What a document holds: encounters, and findings about what is none."""

    encounters: tuple[Encounter, ...]
    findings: tuple[Finding, ...]
