"""Whether a bundle is of another version of FHIR than R4, where that matters: by elements that R4 has otherwise.

Nothing in a Bundle names its version. What DSTU2, STU3 and R5 call otherwise would be passed over in silence (the
service of a line, the condition of a visit), or refused as a mistake that its sender cannot mend. Where nothing that is
read here differs, a bundle of another version is read like any (hl7.org/fhir/DSTU2, /STU3, /R4, /R5: the resources'
own pages).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.ehr.fhir.bundle import Bundle
from schemas.findings import Finding

STU3_USES = frozenset({"complete", "proposed", "exploratory", "other"})


@dataclass(frozen=True, slots=True)
class Sign:
    """An element of a resource by which a version is known; a sign where every resource of the type has it."""

    version: str
    type: str
    element: str
    is_there: Callable[[Mapping[str, Any]], bool]


def _has(element: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda resource: element in resource


def _is(element: str, kind: type) -> Callable[[Mapping[str, Any]], bool]:
    return lambda resource: isinstance(resource.get(element), kind)


def _has_within(element: str, inner: str, kind: type = object) -> Callable[[Mapping[str, Any]], bool]:
    """Whether one of a list of elements has an inner one, of a kind."""

    def is_there(resource: Mapping[str, Any]) -> bool:
        items = resource.get(element)
        return isinstance(items, list) and any(
            isinstance(item, dict) and inner in item and isinstance(item[inner], kind) for item in items
        )

    return is_there


SIGNS = (
    Sign("DSTU2", "Encounter", "class", _is("class", str)),
    Sign("DSTU2", "Encounter", "patient", _has("patient")),
    Sign("DSTU2", "Condition", "patient", _has("patient")),
    Sign("DSTU2", "Claim", "type", _is("type", str)),
    Sign("STU3", "Claim", "use", lambda claim: str(claim.get("use")) in STU3_USES),
    Sign("STU3", "Claim", "item.service", _has_within("item", "service")),
    Sign("STU3", "Claim", "item.diagnosisLinkId", _has_within("item", "diagnosisLinkId")),
    Sign("STU3", "Condition", "context", _has("context")),
    Sign("STU3", "Condition", "verificationStatus", _is("verificationStatus", str)),
    Sign("STU3", "Procedure", "context", _has("context")),
    Sign("R5", "Encounter", "class", _is("class", list)),
    Sign("R5", "Encounter", "actualPeriod", _has("actualPeriod")),
    Sign("R5", "Encounter", "participant.actor", _has_within("participant", "actor")),
    Sign("R5", "Encounter", "diagnosis.condition", _has_within("diagnosis", "condition", list)),
    Sign("R5", "Coverage", "insurer", _has("insurer")),
    Sign("R5", "Coverage", "paymentBy", _has("paymentBy")),
    Sign("R5", "Procedure", "occurrenceDateTime", _has("occurrenceDateTime")),
    Sign("R5", "Procedure", "occurrencePeriod", _has("occurrencePeriod")),
)


def refuse_other_version(bundle: Bundle) -> Finding | None:
    """That a bundle is not R4, and by which element that is seen."""
    for sign in SIGNS:
        resources = bundle.by_type.get(sign.type, ())
        if resources and all(sign.is_there(resource.data) for resource in resources):
            return Finding(
                code="fhir_version",
                severity="reject",
                owner="ehr",
                where=f"{resources[0].path}.{sign.element}"[-200:],
                what=f"this is FHIR {sign.version} by its {sign.type}.{sign.element}, where R4 is read",
                remedy="have it sent as FHIR R4 (4.0.1): from the EHR's R4 address, or with fhirVersion=4.0 asked for",
                citation="FHIR R4",
            )
    return None
