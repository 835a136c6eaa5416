"""People and payers: providers and their NPIs, coverage on the date, what subscriber and patient must have."""

from collections.abc import Iterator

from processors.coding.edits.case import Check, Edit, EditedEncounter, providers_of
from schemas.encounter import Address
from schemas.findings import Finding, Owner
from schemas.identifiers import is_valid_npi

_GUIDE = "X12 005010X222A1"
_NEED_NPI = ("billing provider", "rendering provider", "referring provider")

BILLING_PROVIDER_MISSING = Edit(
    "billing_provider_missing", "hold", "biller",
    "The encounter names no billing provider.",
    "Send the billing organization.",
    f"{_GUIDE} 2010AA",
)  # fmt: skip
NPI_MISSING = Edit(
    "npi_missing", "hold", "biller",
    "The NPI is missing.",
    "Add it to the provider's master data.",
    "45 CFR 162.410",
)  # fmt: skip
NPI_INVALID = Edit(
    "npi_invalid", "hold", "biller",
    "The NPI fails its check digit.",
    "Look the provider up in NPPES and correct it.",
    "45 CFR 162.406",
)  # fmt: skip
TAX_ID_INVALID = Edit(
    "billing_tax_id_invalid", "hold", "biller",
    "The tax id is not nine digits.",
    "Correct the provider's master data.",
    f"{_GUIDE} 2010AA REF*EI",
)  # fmt: skip
TAXONOMY_INVALID = Edit(
    "taxonomy_invalid", "hold", "biller",
    "The taxonomy code is not ten letters and digits.",
    "Correct it from the provider's NPPES record.",
    f"{_GUIDE} PRV03",
)  # fmt: skip
ADDRESS_INCOMPLETE = Edit(
    "address_incomplete", "hold", "biller",
    "The address is incomplete: line, city, two-letter state and ZIP are needed.",
    "Complete the master data.",
    f"{_GUIDE} N3, N4",
)  # fmt: skip
COVERAGE_MISSING = Edit(
    "coverage_missing", "hold", "front desk",
    "No coverage: there is no payer to send a claim to.",
    "Ask the patient, and check eligibility.",
    f"{_GUIDE} 2000B",
)  # fmt: skip
COVERAGE_INACTIVE = Edit(
    "coverage_inactive", "hold", "front desk",
    "The primary coverage is not active on the date of service.",
    "Check eligibility for that date.",
    "Denial CO-26 and CO-27 when billed so",
)  # fmt: skip
MEMBER_ID_MISSING = Edit(
    "member_id_missing", "hold", "front desk",
    "The member id is missing.",
    "Copy it from the member card.",
    f"{_GUIDE} 2010BA NM109",
)  # fmt: skip
SUBSCRIBER_MISSING = Edit(
    "subscriber_missing", "hold", "front desk",
    "The patient is a dependant and the subscriber is not named.",
    "Enter the subscriber's name from the member card.",
    f"{_GUIDE} 2010BA",
)  # fmt: skip
NEXT_COVERAGE_INCOMPLETE = Edit(
    "next_coverage_incomplete", "warn", "front desk",
    "A later coverage lacks its member id or its subscriber: what the first payer leaves cannot be billed to it.",
    "Copy both from the member card.",
    f"{_GUIDE} 2320, 2330A",
)  # fmt: skip
BIRTH_DATE_MISSING = Edit(
    "birth_date_missing", "hold", "front desk",
    "The date of birth is missing.",
    "Complete the registration.",
    f"{_GUIDE} DMG02",
)  # fmt: skip
GIVEN_NAME_MISSING = Edit(
    "given_name_missing", "hold", "front desk",
    "The given name is missing.",
    "Complete the registration.",
    f"{_GUIDE} NM104",
)  # fmt: skip
REFERRING_SELF = Edit(
    "referring_is_rendering", "warn", "biller",
    "The referring provider is the one who rendered the services.",
    "Name the provider who sent the patient, or none.",
    "Medicare Claims Processing Manual ch. 26 s. 10.4 item 17",
)  # fmt: skip


def check_providers(case: EditedEncounter) -> Iterator[Finding]:
    """NPI and taxonomy of every provider, tax id and address of those who need them."""
    encounter = case.encounter
    billing = encounter.billing_provider
    if billing is None:
        yield BILLING_PROVIDER_MISSING.breach("billing provider")
    for role, provider in providers_of(encounter):
        if not provider.npi and role.endswith(_NEED_NPI):
            yield NPI_MISSING.breach(role)
        elif provider.npi and not is_valid_npi(provider.npi):
            yield NPI_INVALID.breach(role)
        taxonomy = provider.taxonomy
        if taxonomy and not (len(taxonomy) == 10 and taxonomy.isascii() and taxonomy.isalnum()):
            yield TAXONOMY_INVALID.breach(role)
    if billing is not None:
        tax_id = billing.tax_id.replace("-", "")
        if not (tax_id.isascii() and tax_id.isdigit() and len(tax_id) == 9):
            yield TAX_ID_INVALID.breach("billing provider")
        yield from _check_address(billing.address, "billing provider")
    if encounter.service_facility is not None:
        yield from _check_address(encounter.service_facility.address, "service facility")
    referring, rendering = encounter.referring_provider, encounter.rendering_provider
    if referring and rendering and referring.npi and referring.npi == rendering.npi:
        yield REFERRING_SELF.breach("referring provider")


def check_coverage(case: EditedEncounter) -> Iterator[Finding]:
    """The coverage that pays first: there, active, with a member id and a subscriber."""
    encounter = case.encounter
    if not encounter.coverages:
        yield COVERAGE_MISSING.breach("coverage")
        return
    coverage, *later = sorted(encounter.coverages, key=lambda cover: cover.priority)
    on = encounter.start_date
    if (coverage.start_date and on < coverage.start_date) or (coverage.end_date and on > coverage.end_date):
        yield COVERAGE_INACTIVE.breach("coverage")
    if not coverage.member_id.strip():
        yield MEMBER_ID_MISSING.breach("coverage")
    if coverage.relationship != "self" and coverage.subscriber is None:
        yield SUBSCRIBER_MISSING.breach("coverage")
    for cover in later:
        if not cover.member_id.strip() or (cover.relationship != "self" and cover.subscriber is None):
            yield NEXT_COVERAGE_INCOMPLETE.breach("coverage")


def check_patient(case: EditedEncounter) -> Iterator[Finding]:
    """What the claim says of the patient."""
    if not case.encounter.coverages:
        return
    patient = case.encounter.patient
    if patient.birth_date is None:
        yield BIRTH_DATE_MISSING.breach("patient")
    if not patient.given_name:
        yield GIVEN_NAME_MISSING.breach("patient")
    yield from _check_address(patient.address, "patient", "front desk")


def _check_address(address: Address, role: str, owner: Owner = "biller") -> Iterator[Finding]:
    zip_code = address.postal_code.replace("-", "")
    has_zip = len(zip_code) in (5, 9) and zip_code.isascii() and zip_code.isdigit()
    if not (address.line1 and address.city and len(address.state) == 2 and has_zip):
        yield ADDRESS_INCOMPLETE.breach(role).replace(owner=owner)


CHECKS = (
    Check(
        check_providers,
        (
            BILLING_PROVIDER_MISSING,
            NPI_MISSING,
            NPI_INVALID,
            TAXONOMY_INVALID,
            TAX_ID_INVALID,
            ADDRESS_INCOMPLETE,
            REFERRING_SELF,
        ),
        scope="encounter",
    ),
    Check(
        check_coverage,
        (COVERAGE_MISSING, COVERAGE_INACTIVE, MEMBER_ID_MISSING, SUBSCRIBER_MISSING, NEXT_COVERAGE_INCOMPLETE),
        scope="encounter",
    ),
    Check(check_patient, (BIRTH_DATE_MISSING, GIVEN_NAME_MISSING, ADDRESS_INCOMPLETE), scope="encounter"),
)
