"""A billing provider's identifiers from the settings, where the EHR leaves them out."""

import pytest

from processors.coding.billing_provider import complete_billing_provider
from schemas.encounter import Provider
from schemas.reference import BillingProvider
from tests.processors.builders import CLINIC, encounter

BARE = CLINIC.model_copy(update={"npi": "", "tax_id": "", "taxonomy": ""})
ANY = BillingProvider(tax_id="111111111")
OURS = BillingProvider(name="Clinic", npi="1245319599", tax_id="222222222")


def complete(provider: Provider | None, *known: BillingProvider) -> Provider | None:
    return complete_billing_provider(encounter(billing_provider=provider), known).billing_provider


@pytest.mark.parametrize("known", [(ANY, OURS), (OURS, ANY)])
def test_the_entry_of_that_name_goes_before_the_one_for_all(known: tuple[BillingProvider, ...]) -> None:
    assert complete(BARE, *known) == BARE.model_copy(update={"npi": "1245319599", "tax_id": "222222222"})


def test_a_provider_of_another_name_gets_what_is_for_all() -> None:
    other = BARE.model_copy(update={"name": "HOSPITAL"})

    assert complete(other, OURS, ANY) == other.model_copy(update={"tax_id": "111111111"})
    assert complete(other, OURS) == other


def test_what_the_ehr_sent_is_never_replaced() -> None:
    assert complete(CLINIC, OURS) == CLINIC
    assert complete(None, ANY) is None
