"""Which resources of a bundle belong to which encounter."""

from collections import Counter
from dataclasses import dataclass, field

from connectors.ehr.fhir.bundle import Bundle, Resource
from connectors.ehr.fhir.nodes import MAX_ITEMS, FhirError, Node, has_code
from schemas.findings import Finding

CLAIM_STATUSES = frozenset({"active", "cancelled", "draft", "entered-in-error"})
CHARGE_STATUSES = frozenset({"planned", "billable", "not-billable", "aborted", "billed", "entered-in-error", "unknown"})
# Claims for what is not a professional service: they are billed elsewhere (NCPDP, 837D) and become no lines.
OTHER_CLAIM_TYPES = ("pharmacy", "oral")


@dataclass
class Linked:
    """What the bundle has for one encounter; `left_out` counts charges that are not read, by reason."""

    claims: list[Resource] = field(default_factory=list)
    items: list[tuple[Resource, Node]] = field(default_factory=list)
    charge_items: list[Resource] = field(default_factory=list)
    conditions: list[Resource] = field(default_factory=list)
    procedures: list[Resource] = field(default_factory=list)
    immunizations: list[Resource] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    with_revenue_codes: set[str] = field(default_factory=set)  # the paths of such claims


class Links:
    """The resources of each encounter, by the encounter's path; and what belongs to none of them."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.findings: list[Finding] = [refuse_resource(error) for error in bundle.unreadable]
        # An entry that could not even be named may be a claim.
        self.has_unreadable_charges = bool(bundle.unreadable)
        self._linked: dict[str, Linked] = {each.path: Linked() for each in bundle.resources("Encounter")}
        self._unlinked: Counter[str] = Counter()
        for resource in bundle.resources("Claim", "ChargeItem"):
            try:
                if resource.type == "Claim":
                    self._link_claim(resource)
                else:
                    self._link_charge_item(resource)
            except FhirError as error:
                self.has_unreadable_charges = True
                self.findings.append(refuse_resource(error))
        for resource in bundle.resources("Condition", "Procedure", "Immunization"):
            try:
                self._link_record(resource)
            except FhirError as error:
                self.findings.append(refuse_resource(error))
        for kind, count in sorted(self._unlinked.items()):
            self.findings.append(_warn_unlinked(kind, count))

    def of(self, encounter: Resource) -> Linked:
        """What belongs to one encounter."""
        return self._linked[encounter.path]

    def _find(self, owner: Resource, reference: Node) -> Linked | None:
        encounter = self.bundle.resolve(owner, reference)
        return None if encounter is None else self._linked.get(encounter.path)

    def _link_claim(self, claim: Resource) -> None:
        """Items go to the encounter that they name; an item that names none follows the item before it."""
        status = claim.code("status", CLAIM_STATUSES)
        items = claim.nodes("item", MAX_ITEMS)
        named = [self._find(claim, reference) for item in items for reference in item.nodes("encounter")[:1]]
        current = next((linked for linked in named if linked), None)
        if current is None:
            self._unlinked["Claim"] += 1
            return
        if status != "active" or claim.text("use") not in ("", "claim"):
            current.left_out["claim that is a draft, a predetermination or withdrawn"] += 1
            return
        if has_code(claim.node("type"), *OTHER_CLAIM_TYPES):
            current.left_out["pharmacy or dental claim"] += 1
            return
        has_revenue_codes = any(item.data.get("revenue") for item in items)
        for item in items:
            for reference in item.nodes("encounter")[:1]:
                current = self._find(claim, reference) or current
            if not current.claims or current.claims[-1] is not claim:
                current.claims.append(claim)
                if has_revenue_codes:
                    current.with_revenue_codes.add(claim.path)
            current.items.append((claim, item))

    def _link_charge_item(self, charge: Resource) -> None:
        status = charge.code("status", CHARGE_STATUSES)
        linked = self._find(charge, charge.node("context"))
        if linked is None:
            self._unlinked["ChargeItem"] += 1
        elif status in ("billable", "billed"):
            linked.charge_items.append(charge)
        elif status in ("planned", "unknown"):
            linked.left_out["charge item that is not billable yet"] += 1

    def _link_record(self, resource: Resource) -> None:
        """Conditions and procedures that stand in the record as true; the rest is no documentation."""
        linked = self._find(resource, resource.node("encounter"))
        if linked is None:
            return
        if resource.type == "Condition":
            if not has_code(resource.node("verificationStatus"), "refuted", "entered-in-error"):
                linked.conditions.append(resource)
        elif resource.text("status") == "completed":
            (linked.procedures if resource.type == "Procedure" else linked.immunizations).append(resource)


def refuse_resource(error: FhirError) -> Finding:
    """An error of one resource as a finding."""
    return Finding(
        code="bad_resource",
        severity="reject",
        owner="ehr",
        where=error.path[-200:],
        what=error.what,
        remedy=error.remedy,
        citation="FHIR R4",
    )


def _warn_unlinked(kind: str, count: int) -> Finding:
    element = "item.encounter" if kind == "Claim" else "context"
    return Finding(
        code="charge_without_encounter",
        severity="warn",
        owner="ehr",
        where=f"Bundle, {kind}",
        what=f"{count} of this kind name no encounter of the bundle and were not read",
        remedy=f"send {kind}.{element} and the Encounter that it names in the same bundle",
    )
