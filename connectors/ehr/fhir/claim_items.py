"""Claim.diagnosis and Claim.item: diagnoses, and services with their charges."""

from datetime import date
from decimal import Decimal

from connectors.ehr.diagnosis_list import CodedConcept, DiagnosisList, PresentOnAdmission, name_concept
from connectors.ehr.fhir.bundle import Bundle, Resource
from connectors.ehr.fhir.codes import (
    choose_diagnosis,
    choose_service,
    read_first_code,
    read_ndc,
    read_place_of_service,
)
from connectors.ehr.fhir.links import Linked
from connectors.ehr.fhir.nodes import FhirError, Node, has_code
from connectors.ehr.fhir.people import read_provider
from schemas.encounter import Diagnosis, Provider, Service
from schemas.money import parse_money

POA_CODES: dict[str, PresentOnAdmission] = {"y": "Y", "n": "N", "u": "U", "w": "W"}


class NumberedClaim:
    """A claim of an encounter with its entries by sequence, read once for all of its items."""

    def __init__(self, claim: Resource, number: int) -> None:
        self.claim = claim
        self.number = number  # among the claims of the encounter, from 1
        self.places: dict[int, int] = {}  # Claim.diagnosis.sequence to the place among the encounter's diagnoses
        self._entries: dict[str, dict[int, Node]] = {}

    def entries(self, key: str, sequences: list[int]) -> list[Node]:
        """The entries of a list of the claim that have these sequences."""
        if sequences and key not in self._entries:
            self._entries[key] = {read_sequence(entry): entry for entry in self.claim.nodes(key)}
        known = self._entries.get(key, {})
        return [known[sequence] for sequence in sequences if sequence in known]


def read_claim_charges(bundle: Bundle, linked: Linked, diagnoses: DiagnosisList, start: date) -> tuple[Service, ...]:
    """The services of an encounter's claims; their diagnoses are added to `diagnoses` in the order of the claim."""
    claims = {claim.path: NumberedClaim(claim, number) for number, claim in enumerate(linked.claims, 1)}
    for numbered in claims.values():
        for entry in sorted(numbered.claim.nodes("diagnosis"), key=_rank_diagnosis):
            concept = _read_diagnosis(bundle, numbered.claim, entry)
            present = POA_CODES.get(read_first_code(entry.node("onAdmission")).lower(), "")
            numbered.places[read_sequence(entry)] = diagnoses.add(concept, present)
    services = []
    for claim, item in linked.items:
        numbered = claims[claim.path]
        pointers = tuple(_find_place(numbered, item, each) for each in item.whole_numbers("diagnosisSequence"))
        if not _restates_diagnosis(item, [diagnoses.found[pointer - 1] for pointer in pointers]):
            services.append(_read_item(bundle, numbered, item, pointers, start))
    return tuple(services)


def read_sequence(entry: Node) -> int:
    """The number by which other elements of the claim name this one."""
    sequence = entry.number("sequence")
    if sequence is None or sequence != int(sequence) or not 1 <= sequence <= 9999:
        raise entry.fail("sequence", "a whole number from 1 on belongs here")
    return int(sequence)


def read_charge_amount(amount: Node, factor: Decimal = Decimal(1)) -> Decimal | None:
    """A Money element in dollars, times a factor; None when it is absent."""
    value = amount.number("value")
    if value is None:
        return None
    if amount.text("currency") not in ("", "USD"):
        raise FhirError(f"{amount.path}.currency", "not US dollars", "send the charge in USD")
    try:
        return parse_money(value * factor)
    except ValueError as error:
        raise FhirError(amount.path, str(error), "send dollars and cents") from None


def _rank_diagnosis(entry: Node) -> tuple[int, int]:
    is_principal = any(has_code(kind, "principal") for kind in entry.nodes("type"))
    return (0 if is_principal else 1, read_sequence(entry))


def _read_diagnosis(bundle: Bundle, claim: Resource, entry: Node) -> CodedConcept:
    if concept := entry.node("diagnosisCodeableConcept"):
        return choose_diagnosis(concept)
    condition = bundle.resolve(claim, entry.node("diagnosisReference"))
    if condition is None:
        raise FhirError(entry.path, "its condition is not in the bundle", "send the Condition, or a code in its place")
    return choose_diagnosis(condition.node("code"))


def _find_place(numbered: NumberedClaim, item: Node, sequence: int) -> int:
    if sequence not in numbered.places:
        raise item.fail("diagnosisSequence", "it names a diagnosis that the claim does not have")
    return numbered.places[sequence]


def _restates_diagnosis(item: Node, diagnoses: list[Diagnosis]) -> bool:
    """Some senders (Synthea) list each diagnosis once more as an item without a price: that is no service."""
    if item.node("net") or item.node("unitPrice") or item.whole_numbers("procedureSequence"):
        return False
    name = name_concept(choose_service(item.node("productOrService")))
    return any(name == name_concept((each.system, each.code, each.description)) for each in diagnoses)


def _read_item(bundle: Bundle, numbered: NumberedClaim, item: Node, pointers: tuple[int, ...], start: date) -> Service:
    system, code, words = choose_service(item.node("productOrService"))
    first_day, last_day = _read_days(bundle, numbered, item)
    quantity = item.node("quantity").number("value")
    units = Decimal(1) if quantity is None else quantity
    sequence = read_sequence(item)
    net = read_charge_amount(item.node("net"))
    return Service(
        line_id=str(sequence) if numbered.number == 1 else f"{numbered.number}-{sequence}",
        system=system,
        code=code,
        description=words,
        modifiers=tuple(filter(None, map(read_first_code, item.nodes("modifier")))),
        units=units,
        charge_amount=read_charge_amount(item.node("unitPrice"), units) if net is None else net,
        service_date_from=first_day or start,
        service_date_to=last_day,
        diagnosis_pointers=pointers,
        place_of_service=read_place_of_service(item.node("locationCodeableConcept")),
        revenue_code=read_first_code(item.node("revenue")),
        ndc=read_ndc(item.node("productOrService")),
        rendering_provider=_read_rendering_provider(bundle, numbered, item),
    )


def _read_days(bundle: Bundle, numbered: NumberedClaim, item: Node) -> tuple[date | None, date | None]:
    """First and last day: the item's own, else those of the procedure or immunization that it names."""
    if on := item.date("servicedDate"):
        return on, None
    if item.node("servicedPeriod"):
        return read_period(item.node("servicedPeriod"))
    for key, sequences, reference_key in (
        ("procedure", "procedureSequence", "procedureReference"),
        ("supportingInfo", "informationSequence", "valueReference"),
    ):
        for entry in numbered.entries(key, item.whole_numbers(sequences)):
            named = bundle.resolve(numbered.claim, entry.node(reference_key))
            if named is not None:
                return read_performed_days(named)
    return None, None


def read_performed_days(resource: Resource) -> tuple[date | None, date | None]:
    """First and last day of a Procedure or Immunization; the last only when it differs."""
    on = resource.date("performedDateTime") or resource.date("occurrenceDateTime")
    return (on, None) if on else read_period(resource.node("performedPeriod"))


def read_period(period: Node) -> tuple[date | None, date | None]:
    """First and last day of a period; the last only when it differs from the first."""
    first_day, last_day = period.date("start"), period.date("end")
    return first_day, None if last_day == first_day else last_day


def _read_rendering_provider(bundle: Bundle, numbered: NumberedClaim, item: Node) -> Provider | None:
    """The care team member that the item names, when it names one: the encounter's performer did the rest."""
    for member in numbered.entries("careTeam", item.whole_numbers("careTeamSequence")):
        if not has_code(member.node("role"), "supervisor", "assist"):
            return read_provider(bundle, numbered.claim, member.node("provider"))
    return None
