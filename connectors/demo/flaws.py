"""The mistakes that some of the demo's encounters have, one function each: every one is for a person to mend."""

from collections.abc import Callable

from schemas.encounter import Diagnosis, Encounter, Service


def _replace_first_service(encounter: Encounter, **changes: object) -> tuple[Service, ...]:
    first, *others = encounter.services
    return (first.replace(**changes), *others)


def invalidate_diagnosis(encounter: Encounter) -> Encounter:
    """A category where a billable code belongs: E11 has children."""
    return encounter.replace(diagnoses=(Diagnosis(system="ICD-10-CM", code="E11"), *encounter.diagnoses[1:]))


def drop_coverage(encounter: Encounter) -> Encounter:
    """Nobody asked for the insurance card."""
    return encounter.replace(coverages=())


def spoil_tax_id(encounter: Encounter) -> Encounter:
    """A mistyped tax id of the billing provider: a digit is gone."""
    assert encounter.billing_provider is not None
    provider = encounter.billing_provider.replace(tax_id="99000000")
    return encounter.replace(billing_provider=provider)


def point_nowhere(encounter: Encounter) -> Encounter:
    """A line that points at a diagnosis which the encounter does not have."""
    beyond = len(encounter.diagnoses) + 1
    return encounter.replace(services=_replace_first_service(encounter, diagnosis_pointers=(beyond,)))


def unmap_service(encounter: Encounter) -> Encounter:
    """A local code that nobody has entered in the charge master."""
    changes = {"system": "LOCAL", "code": "ZZ-NEW-SERVICE", "description": "service added last week"}
    return encounter.replace(services=_replace_first_service(encounter, **changes, charge_amount=None))


FLAWS: tuple[Callable[[Encounter], Encounter], ...] = (
    invalidate_diagnosis,
    drop_coverage,
    spoil_tax_id,
    point_nowhere,
    unmap_service,
)
