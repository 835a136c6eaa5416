"""The diagnoses of an encounter while they are gathered: in order, each once."""

from typing import Literal

from schemas.encounter import CodeSystem, Diagnosis

PresentOnAdmission = Literal["Y", "N", "U", "W", ""]
CodedConcept = tuple[CodeSystem, str, str]  # system, code, the words of the record


class DiagnosisList:
    """Diagnoses in the order in which they were added."""

    def __init__(self) -> None:
        self.found: list[Diagnosis] = []
        self._places: dict[tuple[str, str], int] = {}

    def add(self, concept: CodedConcept, present_on_admission: PresentOnAdmission = "") -> int:
        """Adds one unless it is there already; returns its place, counted from 1."""
        system, code, words = concept
        if (system, code) not in self._places:
            self.found.append(
                Diagnosis(system=system, code=code, description=words, present_on_admission=present_on_admission)
            )
            self._places[system, code] = len(self.found)
        return self._places[system, code]
