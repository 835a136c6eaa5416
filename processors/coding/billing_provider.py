"""The billing provider's identifiers, where the EHR leaves them out and the installation's settings have them.

A FHIR Organization seldom carries a tax id, and an 837 cannot be written without one (2010AA REF*EI).
"""

from collections.abc import Sequence

from schemas.encounter import Encounter
from schemas.reference import BillingProvider

_FIELDS = ("npi", "tax_id", "taxonomy")


def complete_billing_provider(encounter: Encounter, known: Sequence[BillingProvider]) -> Encounter:
    """The encounter with what its billing provider lacks; what the EHR sent is never replaced."""
    provider = encounter.billing_provider
    if provider is None or not known:
        return encounter
    named = [entry for entry in known if entry.name.casefold() == provider.name.casefold()]
    entry = next(iter(named or [entry for entry in known if not entry.name]), None)
    if entry is None:
        return encounter
    missing = {name: getattr(entry, name) for name in _FIELDS if not getattr(provider, name) and getattr(entry, name)}
    if not missing:
        return encounter
    return encounter.replace(billing_provider=provider.replace(**missing))
