"""Code sets as processors see them: read-only rows looked up by date of service, immutable for a digest.

`connectors/codesets` implements the port. Codes are written as a claim carries them: ICD-10-CM without its dot.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Icd10Code:
    """One ICD-10-CM code or header, as the release that judges the date of service has it.

    `effective_from` and `effective_to` (inclusive, None = open) are the dates through which the loaded releases carry
    it; `in_force` says whether the judging release does. `children` are the next codes below a header; a header is
    never billable (order file column 15). `seventh_characters` is not empty when only the 7th character is missing.
    """

    code: str
    is_billable: bool
    words: str
    release: str
    in_force: bool
    effective_from: date
    effective_to: date | None
    children: tuple[str, ...] = ()
    seventh_characters: str = ""


class CodeSets(Protocol):
    """Every look-up takes the date of service; None means that no loaded release knows the code."""

    def icd10cm(self, code: str, on: date) -> Icd10Code | None: ...

    def is_loaded(self, kind: str) -> bool:
        """Whether any release of a set is there; an edit whose set is not is not checked, and `not_loaded` says so."""
        ...

    def warnings(self, on: date) -> tuple[str, ...]:
        """Sets whose loaded releases do not reach this date, and the release that judges it instead."""
        ...

    def not_loaded(self) -> tuple[str, ...]:
        """One sentence for each set that is missing, or half there: "not checked: NCCI ... not loaded"."""
        ...

    def digests(self) -> Mapping[str, str]:
        """Set name -> versions in use with the first 12 hex digits of each one's sha256; travels in each event."""
        ...
