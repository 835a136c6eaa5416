"""Encounters received, coded, held, withdrawn: `rcm.encounter.v1`, `rcm.coded.v1`, `rcm.held.v1`."""

from collections.abc import Iterator
from typing import ClassVar, Literal

from schemas.base import Frozen, Identifier, LongText, PhiText, ShortText
from schemas.bounds import Code, Count, Revision
from schemas.encounter import CodedEncounter, Encounter
from schemas.event import Body
from schemas.events.coding import Overridden
from schemas.events.keys import OfAccount
from schemas.findings import Finding
from schemas.identifiers import make_encounter_id


class EncounterReceived(Body, Encounter):
    """The EHR published an encounter, or a newer version of one, or withdrew it (`entered-in-error`)."""

    type: ClassVar[str] = "rcm.encounter"
    topic: ClassVar[str] = "rcm.encounter.v1"

    def identity(self) -> tuple[str | int, ...]:
        return (self.source_system, self.source_id, self.version)

    def correlation(self) -> str:
        return make_encounter_id(self.source_system, self.source_id)

    def describe(self) -> str:
        return f"encounter received, version {self.version}: {len(self.services)} services"

    def subjects(self) -> Iterator[str]:
        yield self.correlation()


class EncounterCoded(OfAccount):
    """Every code stands and no rule holds the encounter; `revision` counts our decisions about it from 1."""

    type: ClassVar[str] = "rcm.coded"
    topic: ClassVar[str] = "rcm.coded.v1"
    encounter_id: Identifier
    revision: Revision
    encounter: CodedEncounter
    findings: tuple[Finding, ...] = ()
    overridden: tuple[Overridden, ...] = ()

    def describe(self) -> str:
        return f"coded: {len(self.encounter.lines)} lines, {len(self.encounter.diagnoses)} diagnoses"


class EncounterWithdrawn(OfAccount):
    """The EHR says that this encounter was entered in error."""

    type: ClassVar[str] = "rcm.coded.withdrawn"
    topic: ClassVar[str] = "rcm.coded.v1"
    encounter_id: Identifier
    revision: Revision

    def describe(self) -> str:
        return "withdrawn: entered in error"


class EncounterSuperseded(OfAccount):
    """An older version arrived after a newer one: recorded, and nothing follows from it."""

    type: ClassVar[str] = "rcm.coded.superseded"
    topic: ClassVar[str] = "rcm.coded.v1"
    encounter_id: Identifier
    version: Identifier

    def describe(self) -> str:
        return f"version {self.version} is older than the one already known"


class Candidate(Frozen):
    """One ICD-10-CM target of the NLM map for a documented SNOMED CT concept, best first within its group.

    `holds` is None when the map's rule cannot be decided from the record; `is_chosen` marks the row that the rules
    choose. A target that ends in "?" lacks characters. Nothing is assigned from it: the coder decides.
    """

    target: ShortText
    group: Count
    priority: Count
    is_chosen: bool
    holds: bool | None
    advice: LongText = ""


class UncodedItem(Frozen):
    """Something documented that no table maps: the coder sees the words of the record, and candidates."""

    kind: Literal["diagnosis", "service"]
    system: Code
    code: Code
    description: PhiText
    candidates: tuple[Candidate, ...] = ()


class EncounterHeld(OfAccount):
    """A person must act before the encounter can be billed."""

    type: ClassVar[str] = "rcm.held"
    topic: ClassVar[str] = "rcm.held.v1"
    encounter_id: Identifier
    revision: Revision
    findings: tuple[Finding, ...]
    uncoded: tuple[UncodedItem, ...] = ()
    overridden: tuple[Overridden, ...] = ()

    def describe(self) -> str:
        return "held: " + ", ".join(dict.fromkeys(finding.code for finding in self.findings))
