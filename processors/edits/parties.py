"""Edits about people and payers: providers and their NPIs, coverage on the date, what a subscriber must have."""

from collections.abc import Iterator

from schemas.codesets import CodeSets
from schemas.encounter import Address, CodedEncounter, Coverage, Person, Provider
from schemas.findings import Finding, Owner
from schemas.history import PatientHistory
from schemas.identifiers import is_valid_npi


def check_parties(encounter: CodedEncounter, history: PatientHistory, codesets: CodeSets) -> Iterator[Finding]:
    """NPIs, the billing provider's data, coverage present and active, and the data of subscriber and patient."""
    yield from _check_billing_provider(encounter.billing_provider)
    others = {
        "rendering provider": encounter.rendering_provider,
        "referring provider": encounter.referring_provider,
        "supervising provider": encounter.supervising_provider,
        "service facility": encounter.service_facility,
    }
    for line in encounter.lines:
        others[f"line {line.number} rendering provider"] = line.rendering_provider
    for role, provider in others.items():
        if provider is not None:
            yield from _check_npi(provider, role, needed=role.endswith(("rendering provider", "referring provider")))
    if encounter.service_facility is not None:
        yield from _check_address(encounter.service_facility.address, "service facility", "biller")
    yield from _check_coverage(encounter)


def _check_billing_provider(provider: Provider | None) -> Iterator[Finding]:
    if provider is None:
        what = "the encounter names no billing provider (837P loop 2010AA)"
        yield _hold("billing_provider_missing", "biller", "billing provider", what, "send the billing organization")
        return
    yield from _check_npi(provider, "billing provider", needed=True)
    tax_id = provider.tax_id.replace("-", "")
    if not (tax_id.isascii() and tax_id.isdigit() and len(tax_id) == 9):
        what = "the tax id is not nine digits (837P 2010AA REF*EI)"
        yield _hold("billing_tax_id_invalid", "biller", "billing provider", what, "correct the provider's master data")
    yield from _check_address(provider.address, "billing provider", "biller")


def _check_npi(provider: Provider, role: str, *, needed: bool) -> Iterator[Finding]:
    if not provider.npi and needed:
        yield _hold("npi_missing", "biller", role, "the NPI is missing", "add it to the provider's master data")
    elif provider.npi and not is_valid_npi(provider.npi):
        what = "the NPI fails its check digit (45 CFR 162.406)"
        yield _hold("npi_invalid", "biller", role, what, "look the provider up in NPPES and correct it")


def _check_coverage(encounter: CodedEncounter) -> Iterator[Finding]:
    if not encounter.coverages:
        what = "no coverage: there is no payer to send a claim to"
        yield _hold("coverage_missing", "front desk", "coverage", what, "ask the patient; check eligibility")
        return
    coverage = min(encounter.coverages, key=lambda cover: cover.priority)
    starts_late = coverage.start_date is not None and encounter.start_date < coverage.start_date
    ended = coverage.end_date is not None and encounter.start_date > coverage.end_date
    if starts_late or ended:
        what = "the primary coverage is not active on the date of service"
        yield _hold("coverage_inactive", "front desk", "coverage", what, "check eligibility for that date")
    if not coverage.member_id.strip():
        what = "the member id is missing (837P 2010BA NM109)"
        yield _hold("member_id_missing", "front desk", "coverage", what, "copy it from the member card")
    yield from _check_subscriber(encounter, coverage)


def _check_subscriber(encounter: CodedEncounter, coverage: Coverage) -> Iterator[Finding]:
    yield from _check_person(encounter.patient, "patient")
    if coverage.relationship != "self" and coverage.subscriber is None:
        what = "the patient is a dependant and the subscriber is not named"
        yield _hold("subscriber_missing", "front desk", "coverage", what, "enter the subscriber's name from the card")


def _check_person(person: Person, role: str) -> Iterator[Finding]:
    if person.birth_date is None:
        what = "the date of birth is missing (837P DMG02)"
        yield _hold("birth_date_missing", "front desk", role, what, "complete the registration")
    if not person.given_name:
        yield _hold("given_name_missing", "front desk", role, "the given name is missing", "complete the registration")
    yield from _check_address(person.address, role, "front desk")


def _check_address(address: Address, role: str, owner: Owner) -> Iterator[Finding]:
    postal_code = address.postal_code.replace("-", "")
    wanted = (len(postal_code) in (5, 9) and postal_code.isascii() and postal_code.isdigit()) if postal_code else False
    if not (address.line1 and address.city and len(address.state) == 2 and wanted):
        what = "the address is incomplete: line, city, two-letter state and ZIP are needed (837P N3, N4)"
        yield _hold("address_incomplete", owner, role, what, "complete the master data")


def _hold(code: str, owner: Owner, where: str, what: str, remedy: str) -> Finding:
    return Finding(code=code, severity="hold", owner=owner, where=where, what=what, remedy=remedy)
