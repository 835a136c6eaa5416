"""Who pays: the coverages of an encounter, from its claim's insurance, else from the patient's Coverage resources."""

import re
from dataclasses import dataclass
from typing import Literal

from pydantic import ValidationError

from connectors.ehr.fhir.bundle import Bundle, Resource
from connectors.ehr.fhir.nodes import FhirError, Node, has_code, read_codings, read_identifier
from connectors.ehr.fhir.people import read_person
from connectors.ehr.payer_names import guess_filing_indicator, is_self_pay, make_payer_slug
from schemas.encounter import Coverage

Relationship = Literal["self", "spouse", "child", "other"]
# HL7 subscriber-relationship; every other code of it is 'other'.
RELATIONSHIPS: dict[str, Relationship] = {"self": "self", "onself": "self", "spouse": "spouse", "child": "child"}
FILING_INDICATOR_SYSTEM = "https://codesystem.x12.org/005010/1032"
PAYMENT_TYPE_SYSTEM = "https://nahdo.org/sopt"  # source of payment typology: the first digit is the kind of payer
FILING_BY_PAYMENT_TYPE = {"1": "MB", "2": "MC"}
FILING_BY_POLICY = {"WCBPOL": "WC", "AUTOPOL": "AM"}  # v3-ActCode
MAX_COVERAGES = 11  # SBR01 counts no further
MAX_PAYORS = 50  # of one coverage; some repeat themselves


@dataclass(frozen=True)
class Insurance:
    """The coverages in the order they are to be billed, and the approval that the claim names."""

    coverages: tuple[Coverage, ...]
    prior_authorization_number: str = ""


class Coverages:
    """The Coverage resources of a bundle by the patient whom they cover, each read once for all encounters."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self._unreadable: FhirError | None = None  # one whose beneficiary cannot be told may be anybody's
        self._of_patient: dict[int, list[Resource]] = {}  # by the identity of the patient's data
        self._read: dict[int, tuple[Coverage, ...] | FhirError | ValidationError] = {}
        for resource in bundle.resources("Coverage"):
            try:
                beneficiary = bundle.resolve(resource, resource.node("beneficiary"))
            except FhirError as error:
                self._unreadable = self._unreadable or error
            else:
                if beneficiary is not None:
                    self._of_patient.setdefault(id(beneficiary.data), []).append(resource)

    def read_insurance(self, patient: Resource | None, claims: list[Resource]) -> Insurance:
        """Claim.insurance in its sequence when the encounter has claims, else every active Coverage of the patient."""
        approval = ""
        candidates: list[tuple[Resource, Node]] = []
        for claim in claims:
            entries = sorted(claim.nodes("insurance"), key=lambda entry: entry.number("sequence") or 0)
            for entry in entries:
                approval = approval or next(iter(entry.texts("preAuthRef")), "")
                candidates.append((claim, entry.node("coverage")))
        if not candidates:
            return Insurance(self._read_all(patient) if patient else ())
        found: list[Coverage] = []
        for claim, reference in candidates:
            resource = self.bundle.resolve(claim, reference)
            found += _read_coverage(self.bundle, resource) if resource else _read_display(reference)
        return Insurance(_number_coverages(found), approval[:50])

    def _read_all(self, patient: Resource) -> tuple[Coverage, ...]:
        if self._unreadable is not None:
            raise self._unreadable
        key = id(patient.data)
        if key not in self._read:
            try:
                own = sorted(self._of_patient.get(key, ()), key=lambda each: each.number("order") or 0)
                covers = [cover for resource in own for cover in _read_coverage(self.bundle, resource)]
                self._read[key] = _number_coverages(covers)
            except (FhirError, ValidationError) as error:
                self._read[key] = error
        found = self._read[key]
        if isinstance(found, Exception):
            raise found
        return found


def _number_coverages(found: list[Coverage]) -> tuple[Coverage, ...]:
    """Priorities 1, 2, ... in order; the same cover named by two claims of the encounter counts once."""
    distinct: dict[tuple[str, str], Coverage] = {}
    for coverage in found:
        distinct.setdefault((coverage.payer_id, coverage.member_id), coverage)
    ordered = list(distinct.values())[:MAX_COVERAGES]
    return tuple(each.replace(priority=place) for place, each in enumerate(ordered, 1))


def _read_coverage(bundle: Bundle, resource: Resource) -> list[Coverage]:
    """One Coverage as none (self-pay, cancelled) or one or more covers: each payor is one."""
    if resource.text("status") != "active" or has_code(resource.node("type"), "pay"):
        return []
    relationship: Relationship = "self"
    for coding in read_codings(resource.node("relationship")):
        relationship = RELATIONSHIPS.get(coding.code, "other")
    holder = bundle.resolve(resource, resource.node("subscriber"))
    has_holder = holder is not None and holder.type in ("Patient", "RelatedPerson")
    subscriber = read_person(holder) if holder and has_holder and relationship != "self" else None
    period, told_indicator = resource.node("period"), _read_filing_indicator(resource.node("type"))
    values = {
        "member_id": _read_member_id(resource),
        "group_number": _read_class(resource, "group").text("value"),
        "plan_name": _read_class(resource, "plan").text("name"),
        "relationship": relationship,
        "subscriber": subscriber,
        "start_date": period.date("start"),
        "end_date": period.date("end"),
    }
    covers = []
    for reference in resource.nodes("payor", MAX_PAYORS):
        payer_id, payer_name = _read_payer(bundle, resource, reference)
        if payer_id:
            indicator = told_indicator or guess_filing_indicator(payer_name)
            cover = {**values, "payer_id": payer_id, "payer_name": payer_name, "filing_indicator": indicator}
            covers.append(Coverage.model_validate(cover))
    return covers


def _read_display(reference: Node) -> list[Coverage]:
    """A coverage of which the claim gives only the payer's name: the member id is for the front desk to add."""
    name = reference.text("display")
    payer_id = make_payer_slug(name)
    if not payer_id or is_self_pay(name):
        return []
    indicator = guess_filing_indicator(name)
    return [Coverage(payer_id=payer_id, payer_name=name[:60], member_id="", filing_indicator=indicator)]


def _read_payer(bundle: Bundle, coverage: Resource, reference: Node) -> tuple[str, str]:
    """(payer id, name): the organization's identifier, else a slug of its name; empty for self-pay."""
    organization = bundle.resolve(coverage, reference)
    if organization is None or organization.type != "Organization":
        name = reference.text("display") or coverage.node("type").text("text")
        identifier = reference.node("identifier").text("value")
    else:
        name = organization.text("name")
        any_identifier = organization.first("identifier").text("value")
        identifier = read_identifier(organization, frozenset(), frozenset({"NIIP", "PAYERID"})) or any_identifier
    if is_self_pay(name):
        return "", ""
    return (identifier[:80] or make_payer_slug(name)), (name[:60] or identifier[:60])


def _read_member_id(resource: Resource) -> str:
    any_identifier = resource.first("identifier").text("value")
    return resource.text("subscriberId") or read_identifier(resource, frozenset(), frozenset({"MB"})) or any_identifier


def _read_class(resource: Resource, kind: str) -> Node:
    for each in resource.nodes("class"):
        if has_code(each.node("type"), kind):
            return each
    return Node({}, resource.path)


def _read_filing_indicator(kind: Node) -> str:
    """SBR09 from the coverage's type; '' where that does not tell it."""
    for coding in read_codings(kind):
        if coding.system == FILING_INDICATOR_SYSTEM and re.fullmatch(r"[A-Z0-9]{2}", coding.code):
            return coding.code
        if coding.system == PAYMENT_TYPE_SYSTEM and coding.code[0] in FILING_BY_PAYMENT_TYPE:
            return FILING_BY_PAYMENT_TYPE[coding.code[0]]
        if coding.code in FILING_BY_POLICY:
            return FILING_BY_POLICY[coding.code]
    return ""
