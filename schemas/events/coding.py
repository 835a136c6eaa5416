"""What people do about an encounter, and what became of it: corrections, queries to the provider, overrides.

Each act names the version of the encounter that the person saw; its id is minted where the person acts.
"""

from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field

from schemas.base import PHI, Frozen, Identifier, LongText, Plain, ShortText
from schemas.bounds import Revision
from schemas.encounter import Code, CodeSystem, Diagnosis, Modifier, Service, Units
from schemas.events.keys import ByPerson, OfAccount
from schemas.findings import Finding
from schemas.identifiers import make_encounter_id
from schemas.money import Money
from schemas.roles import CodingAct, Role

DocumentName = Annotated[ShortText, Field(json_schema_extra=PHI)]
Words = Annotated[LongText, Field(min_length=1, json_schema_extra=PHI)]  # free words may speak of the patient


class EncounterAct(ByPerson):
    """Somebody acts on one version of an encounter; the names are those of the encounter itself."""

    topic: ClassVar[str] = "rcm.encounter.v1"
    act: ClassVar[CodingAct]
    action_id: Identifier
    who: Identifier  # as the installation names its staff
    role: Role
    source_system: Identifier
    source_id: Annotated[Identifier, Field(json_schema_extra=PHI)]
    patient_id: Annotated[Identifier, Field(json_schema_extra=PHI)]
    version: Identifier
    version_order: Annotated[Plain, Field(max_length=64)] = ""

    def identity(self) -> tuple[str | int, ...]:
        return (self.source_system, self.source_id, self.action_id)

    def correlation(self) -> str:
        return make_encounter_id(self.source_system, self.source_id)

    def subjects(self) -> Iterator[str]:
        yield self.correlation()


class LineChange(Frozen):
    """New values for one service line, named by the EHR's line id; what is left out stays as it is."""

    line_id: Identifier
    system: CodeSystem | None = None
    code: Code | None = None
    modifiers: Annotated[tuple[Modifier, ...], Field(max_length=4)] | None = None
    units: Units | None = None
    charge_amount: Money | None = None
    diagnosis_pointers: Annotated[tuple[Annotated[int, Field(ge=1, le=99)], ...], Field(max_length=12)] | None = None
    place_of_service: Annotated[Plain, Field(max_length=2)] | None = None
    ndc: Annotated[Plain, Field(max_length=11)] | None = None
    revenue_code: Annotated[Plain, Field(max_length=4)] | None = None


class EncounterCorrected(EncounterAct):
    """A coder, a biller or the EHR amended codes, modifiers, pointers or units; without a change: it stands as it is.

    `diagnoses` is the whole list as it should be. A line's pointers follow their codes into the new list, unless
    `lines` gives the line new ones.
    """

    type: ClassVar[str] = "rcm.encounter.corrected"
    act: ClassVar[CodingAct] = "correct"
    why: Words
    lines: Annotated[tuple[LineChange, ...], Field(max_length=1000)] = ()
    added_services: Annotated[tuple[Service, ...], Field(max_length=100)] = ()
    removed_lines: Annotated[tuple[Identifier, ...], Field(max_length=1000)] = ()
    diagnoses: Annotated[tuple[Diagnosis, ...], Field(max_length=100)] | None = None

    def describe(self) -> str:
        return f"corrected by {self.who} ({self.role}): {'; '.join(self._list_changes()) or 'confirmed as it stands'}"

    def _list_changes(self) -> Iterator[str]:
        """Codes as they are now; no words of the record."""
        if self.diagnoses is not None:
            yield "diagnoses " + " ".join(item.code for item in self.diagnoses)
        for change in self.lines:
            values = change.model_dump(exclude_none=True, exclude={"line_id"})
            yield f"line {change.line_id} " + ", ".join(f"{name} {_spell(value)}" for name, value in values.items())
        yield from (f"line added {service.code}" for service in self.added_services)
        yield from (f"line {line_id} removed" for line_id in self.removed_lines)


class ProviderQueried(EncounterAct):
    """A coder asks the provider what the documentation means; the encounter waits for the answer."""

    type: ClassVar[str] = "rcm.encounter.queried"
    act: ClassVar[CodingAct] = "query"
    needs_why: ClassVar[bool] = False  # its own words say it
    provider: ShortText = ""  # whom: a name or an NPI; empty means the rendering provider
    question: Words

    def describe(self) -> str:
        return f"{self.who} ({self.role}) asks the provider: query {self.action_id}"


class ProviderAnswered(EncounterAct):
    """The provider answered a query, named by its `action_id`; the coder reads it and corrects or confirms."""

    type: ClassVar[str] = "rcm.encounter.answered"
    act: ClassVar[CodingAct] = "answer"
    needs_why: ClassVar[bool] = False  # its own words say it
    query_id: Identifier
    answer: Words

    def describe(self) -> str:
        return f"{self.who} ({self.role}) answers query {self.query_id}"


class OverrideRequested(EncounterAct):
    """Somebody vouches that a warning or a payer's policy does not matter here; the step decides whether they may."""

    type: ClassVar[str] = "rcm.encounter.override"
    act: ClassVar[CodingAct] = "override"
    finding_code: ShortText
    where: ShortText = ""  # needed only where findings of the code stand in several places
    why: Words
    document_name: DocumentName = ""  # what bears it out: an operative note, an ABN, a letter of the payer

    def describe(self) -> str:
        return f"{self.who} ({self.role}) overrides {self.finding_code} {self.where}".rstrip()


class HistoryChanged(OfAccount):
    """Another encounter of the patient was withdrawn or changed: this one, which it held, is judged again."""

    type: ClassVar[str] = "rcm.encounter.history_changed"
    topic: ClassVar[str] = "rcm.encounter.v1"
    encounter_id: Identifier
    source_system: Identifier
    source_id: Annotated[Identifier, Field(json_schema_extra=PHI)]
    patient_id: Annotated[Identifier, Field(json_schema_extra=PHI)]

    def describe(self) -> str:
        return "another encounter of the patient was withdrawn or changed: judged again"


class Overridden(Frozen):
    """A warning that somebody vouched for, or a hold that they released: the finding as it was, who, in which role and
    why, and the document that bears it out."""

    finding: Finding
    who: Identifier
    role: Role
    why: Words
    document_name: DocumentName = ""


class FindingOverridden(OfAccount):
    """A warning is set aside, or a policy's hold released, for this version of the encounter; all else stays."""

    type: ClassVar[str] = "rcm.held.overridden"
    topic: ClassVar[str] = "rcm.held.v1"
    encounter_id: Identifier
    revision: Revision
    overridden: Overridden

    def describe(self) -> str:
        finding = self.overridden.finding
        done = "set aside" if finding.severity == "warn" else "released"
        kind = "warning" if finding.severity == "warn" else finding.severity
        return f"{kind} {finding.code} at {finding.where} {done} by {self.overridden.who}"


class ActRefused(OfAccount):
    """A correction, query, answer or override that was not done: why, and what to do instead."""

    type: ClassVar[str] = "rcm.held.refused"
    topic: ClassVar[str] = "rcm.held.v1"
    encounter_id: Identifier
    act: CodingAct
    who: Identifier
    because: LongText
    remedy: LongText

    def describe(self) -> str:
        return f"refused ({self.act} by {self.who}): {self.because}; {self.remedy}"


def _spell(value: object) -> str:
    return (" ".join(map(str, value)) or "none") if isinstance(value, tuple) else str(value)
