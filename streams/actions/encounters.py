"""`revcycle correct|query|override`: what people do about an encounter, on the version that they saw."""

from typing import Any, Literal, TypeVar

from connectors.ehr.sent import publish_sent
from schemas.errors import RefusedError
from schemas.events import (
    ActRefused,
    EncounterAct,
    EncounterCoded,
    EncounterHeld,
    FindingOverridden,
)
from schemas.findings import Finding
from schemas.roles import By
from streams.actions.door import Begun, Done, begin, publish_act
from streams.installation import Opened
from streams.reports.base import Report
from streams.reports.encounters import FoundEncounter

CodingBody = TypeVar("CodingBody", bound=EncounterAct)


class Refused(Report):
    """Why an act was not done, and what to do instead."""

    because: str
    remedy: str


class CodingOutcome(Report):
    """What became of an act about an encounter; `repeated` where it was done before."""

    event_id: str
    encounter_id: str
    action_id: str
    outcome: Literal["recorded", "refused", "overridden", "coded", "held"]
    revision: int | None
    findings: tuple[Finding, ...]
    refused: Refused | None
    repeated: bool


def begin_act(
    installation: Opened, model: type[CodingBody], found: FoundEncounter, by: By, *said: object
) -> Begun[CodingBody]:
    """An act on the version of an encounter that the person saw. Raises RefusedError where they may not."""
    begun = begin(installation, model, by, found.encounter_id, found.state.version, *said)
    if not begun.by.role:
        raise RefusedError("nothing was done: give --role, or name the person under [people] in revcycle.toml")
    return begun


def finish_act(begun: Begun[CodingBody], found: FoundEncounter, **fields: Any) -> Done:
    """Publishes the act and runs the steps; what they say of it is the answer, a refusal too. Raises RefusedError,
    NotTakenError."""
    body = begun.make(
        source_system=found.encounter.source_system,
        source_id=found.encounter.source_id,
        patient_id=found.encounter.patient.id,
        version=found.state.version,
        version_order=found.state.version_order,
        **fields,
    )
    event = publish_sent(body, begun.installation.settings.secret, begun.by.at)
    return publish_act(begun.installation, event)


def report_outcome(done: Done) -> CodingOutcome:
    """An act, and what coding validation said of it."""
    act = done.event.body
    assert isinstance(act, EncounterAct)
    outcome = CodingOutcome(
        event_id=done.event.event_id,
        encounter_id=done.event.correlation_id,
        action_id=act.action_id,
        outcome="recorded",
        revision=None,
        findings=(),
        refused=None,
        repeated=done.is_repeat,
    )
    for body in done.facts:
        match body:
            case ActRefused():
                refused = Refused(because=body.because, remedy=body.remedy)
                outcome = outcome.replace(outcome="refused", refused=refused)
            case FindingOverridden():
                outcome = outcome.replace(outcome="overridden", revision=body.revision)
            case EncounterCoded():
                outcome = outcome.replace(outcome="coded", revision=body.revision, findings=body.findings)
            case EncounterHeld():
                outcome = outcome.replace(outcome="held", revision=body.revision, findings=body.findings)
            case _:
                pass
    return outcome
