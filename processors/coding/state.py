"""What is remembered of one encounter between events: its newest version with its corrections, and open questions."""

from datetime import date
from typing import Literal

from schemas.base import Frozen, Identifier
from schemas.encounter import Encounter
from schemas.events import EncounterCorrected, Overridden
from schemas.findings import Finding
from schemas.identifiers import make_id

EncounterDecision = Literal["expected", "coded", "held", "withdrawn"]


class Query(Frozen):
    """A question to the provider. One asked of a held encounter keeps it held until a coder has read the answer."""

    query_id: Identifier
    is_holding: bool
    is_answered: bool = False


class EncounterState(Frozen):
    """The newest version seen of one encounter, what was done to it since, and what was decided about it.

    `encounter` is the version as the EHR sent it with every correction since; `lost_corrections` says that the version
    replaced a corrected one with other codes, and that no coder has spoken since. `early` are corrections of a version
    that has not come yet.
    """

    version: str
    version_order: str
    revision: int
    decision: EncounterDecision
    open_items: tuple[str, ...] = ()
    encounter: Encounter | None = None
    judged_on: date | None = None
    is_corrected: bool = False
    lost_corrections: bool = False
    overrides: tuple[Overridden, ...] = ()
    queries: tuple[Query, ...] = ()
    early: tuple[EncounterCorrected, ...] = ()


EXPECTED = EncounterState(version="", version_order="", revision=0, decision="expected")


def list_standing_findings(state: EncounterState) -> tuple[Finding, ...]:
    """What holds an encounter beside its codes: lost corrections, questions that are open or answered and not read."""
    found = []
    if state.lost_corrections:
        found.append(
            Finding(
                code="corrections_not_carried_over",
                severity="hold",
                owner="coder",
                where="encounter",
                what="the EHR sent a newer version with other codes than the corrected one: corrections belong to the "
                "version that they were made on",
                remedy="compare the versions (`revcycle claim ENCOUNTER`), then `revcycle correct` this one, or "
                "`revcycle correct --confirm` when it is right as it is",
            )
        )
    for query in state.queries:
        if query.is_holding and not query.is_answered:
            found.append(
                Finding(
                    code="provider_query_open",
                    severity="hold",
                    owner="provider",
                    where=f"query {query.query_id}"[:200],
                    what="a question to the provider waits for its answer",
                    remedy="answer it: `revcycle query answer ENCOUNTER QUERY ANSWER`; `revcycle claim` shows it",
                )
            )
        elif query.is_holding:
            found.append(
                Finding(
                    code="provider_query_answered",
                    severity="hold",
                    owner="coder",
                    where=f"query {query.query_id}"[:200],
                    what="the provider answered a question about this encounter",
                    remedy="read the answer (`revcycle claim ENCOUNTER`), then `revcycle correct`, or "
                    "`revcycle correct --confirm` when the codes are right as they are",
                )
            )
    return tuple(found)


def key_of_encounter(encounter_id: str) -> str:
    """The state key of an encounter."""
    return f"encounter:{encounter_id}"


def key_of_history(source_system: str, patient_id: str) -> str:
    """The state key of what a patient's encounters billed; opaque."""
    return f"patient:{make_id('patient', source_system, patient_id)}"


def make_query_item_id(encounter_id: str, query: Query) -> str:
    """The work item of a question that holds nothing."""
    return make_id("query", encounter_id, query.query_id, "answered" if query.is_answered else "open")


def is_older(order: str, than: str) -> bool:
    """Numbers by value ('9' before '10'), anything else as text."""
    if order.isdecimal() and than.isdecimal():
        return int(order) < int(than)
    return order < than
