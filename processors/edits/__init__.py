"""The edits: each judges a coded encounter by one rule and says what is wrong, whose it is and how to mend it.

Deterministic: the same encounter, history and code sets give the same findings in the same order.
"""

from collections.abc import Callable, Iterator

from processors.edits.diagnoses import check_diagnoses
from processors.edits.lines import check_lines
from processors.edits.parties import check_parties
from schemas.codesets import CodeSets
from schemas.encounter import CodedEncounter
from schemas.findings import Finding
from schemas.history import PatientHistory

Edit = Callable[[CodedEncounter, PatientHistory, CodeSets], Iterator[Finding]]
EDITS: tuple[Edit, ...] = (check_diagnoses, check_lines, check_parties)


def judge_encounter(encounter: CodedEncounter, history: PatientHistory, codesets: CodeSets) -> tuple[Finding, ...]:
    """Every finding of every edit, in the order of the catalogue; none hides another."""
    return tuple(finding for edit in EDITS for finding in edit(encounter, history, codesets))
