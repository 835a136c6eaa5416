"""What people do about the encounter of the builders, by default as one who may."""

from typing import Any

from schemas.event import Body
from schemas.events import EncounterCorrected, OverrideRequested, ProviderAnswered, ProviderQueried
from tests.processors.builders import diagnosis

HEADER = (diagnosis("E11"),)  # not billable: held for a coder
SENT = (diagnosis("E11.9"), diagnosis("I10"))


def _act(values: dict[str, object], action_id: str, who: str, role: str, version: str) -> dict[str, object]:
    names = {"source_system": "ehr", "source_id": "visit-1", "patient_id": "patient-1"}
    return {**names, "action_id": action_id, "who": who, "role": role, "version": version, **values}


def correct(action_id: str = "a1", who: str = "jane", role: str = "coder", version: str = "1", **v: Any) -> Body:
    return EncounterCorrected.model_validate(_act({"why": "as documented", **v}, action_id, who, role, version))


def ask(action_id: str = "q1", **v: Any) -> Body:
    return ProviderQueried.model_validate(_act({"question": "Acute?", **v}, action_id, "jane", "coder", "1"))


def answer(query_id: str = "q1", action_id: str = "n1", version: str = "1") -> Body:
    values: dict[str, object] = {"query_id": query_id, "answer": "Acute on chronic."}
    return ProviderAnswered.model_validate(_act(values, action_id, "dr-roe", "provider", version))


def override(
    code: str = "charge_zero", where: str = "", role: str = "coding_lead", action_id: str = "o1", document: str = ""
) -> Body:
    values: dict[str, object] = {
        "finding_code": code,
        "where": where,
        "why": "reported only",
        "document_name": document,
    }
    return OverrideRequested.model_validate(_act(values, action_id, "lee", role, "1"))
