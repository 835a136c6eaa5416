"""The diagnoses of an encounter while they are gathered: in order, each once."""

from typing import Literal

from schemas.encounter import CodeSystem, Diagnosis

PresentOnAdmission = Literal["Y", "N", "U", "W", ""]
CodedConcept = tuple[CodeSystem, str, str]  # system, code ("" where there are only words), the words of the record


def name_concept(concept: CodedConcept) -> tuple[str, ...]:
    """What makes two concepts the same: system and code, or where there is none, the words."""
    system, code, words = concept
    return (system, code) if code else (system, code, words)


class DiagnosisList:
    """Diagnoses in the order in which they were added."""

    def __init__(self) -> None:
        self.found: list[Diagnosis] = []
        self._places: dict[tuple[str, ...], int] = {}

    def add(self, concept: CodedConcept, present_on_admission: PresentOnAdmission = "") -> int:
        """Adds one unless it is there already; returns its place, counted from 1."""
        system, code, words = concept
        name = name_concept(concept)
        if name not in self._places:
            self.found.append(
                Diagnosis(system=system, code=code, description=words, present_on_admission=present_on_admission)
            )
            self._places[name] = len(self.found)
        return self._places[name]
