"""The diagnoses of an encounter, and the record behind them."""

from collections.abc import Iterator
from typing import Literal

from connectors.ehr.diagnosis_list import CodedConcept
from connectors.ehr.fhir.bundle import Bundle, Resource
from connectors.ehr.fhir.codes import choose_diagnosis, choose_service
from connectors.ehr.fhir.links import Linked
from connectors.ehr.fhir.nodes import Node, has_code
from schemas.encounter import DocumentedFact


def read_recorded_diagnoses(bundle: Bundle, encounter: Resource, linked: Linked) -> list[CodedConcept]:
    """The diagnoses of an encounter whose charges name none.

    The first that there is of: Encounter.diagnosis, the encounter's Conditions, its reasons, its type. The type (a
    check-up, a vaccination) stands for a reason only when nothing else does; the diagnosis map decides what it means.
    """
    return (
        list(_read_encounter_diagnoses(bundle, encounter))
        or [choose_diagnosis(condition.node("code")) for condition in _choose_conditions(linked)]
        or list(_read_reasons(bundle, encounter))
        or [choose_diagnosis(kind) for kind in encounter.nodes("type")[:1]]
    )


def document_record(linked: Linked) -> tuple[DocumentedFact, ...]:
    """Every condition and procedure of the encounter in the words of the record."""
    conditions = (
        _document("condition", choose_diagnosis(each.node("code")), each, ("onsetDateTime", "recordedDate"))
        for each in linked.conditions
        if each.node("code")
    )
    procedures = (
        _document("procedure", choose_service(each.node("code")), each, ("performedDateTime",), "performedPeriod")
        for each in linked.procedures
        if each.node("code")
    )
    return (*conditions, *procedures)


def _document(
    kind: Literal["condition", "procedure"],
    concept: CodedConcept,
    resource: Resource,
    date_keys: tuple[str, ...],
    period_key: str = "",
) -> DocumentedFact:
    days = [day for key in date_keys if (day := resource.date(key))]
    if not days and period_key and (day := resource.node(period_key).date("start")):
        days = [day]
    system, code, words = concept
    return DocumentedFact(kind=kind, system=system, code=code, description=words, on=days[0] if days else None)


def _read_encounter_diagnoses(bundle: Bundle, encounter: Resource) -> Iterator[CodedConcept]:
    for entry in sorted(encounter.nodes("diagnosis"), key=_rank_diagnosis):
        condition = bundle.resolve(encounter, entry.node("condition"))
        if condition is not None and condition.type == "Condition":
            yield choose_diagnosis(condition.node("code"))


def _rank_diagnosis(entry: Node) -> int:
    rank = entry.number("rank")
    return 10**6 if rank is None else int(rank)


def _choose_conditions(linked: Linked) -> list[Resource]:
    """Those marked as the encounter's own, when any is; else all that name the encounter."""
    own = [
        each
        for each in linked.conditions
        if any(has_code(category, "encounter-diagnosis") for category in each.nodes("category"))
    ]
    return own or linked.conditions


def _read_reasons(bundle: Bundle, encounter: Resource) -> Iterator[CodedConcept]:
    for reference in encounter.nodes("reasonReference"):
        condition = bundle.resolve(encounter, reference)
        if condition is not None and condition.type == "Condition":
            yield choose_diagnosis(condition.node("code"))
    for concept in encounter.nodes("reasonCode"):
        yield choose_diagnosis(concept)
