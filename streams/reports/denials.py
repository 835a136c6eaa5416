"""An open denial with the facts behind it, and what an appeal's letter says of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from processors.denials.denial_routing import identify_denial
from schemas.errors import RefusedError
from schemas.events import (
    ClaimDenied,
    ClaimRemitted,
    ClaimSubmitted,
)
from schemas.identifiers import claim_id_of, make_id
from schemas.money import format_money
from schemas.wire import decode_record
from schemas.x12.x835_005010x221a1 import RemittanceService
from schemas.x12.x837p_005010x222a1 import ProfessionalClaim, read_837p
from streams.installation import Asked
from streams.reports.timeline import select_records
from streams.reports.worklist import WorkItem, find_item

Facts = dict[str, Any]  # what a letter says, by the names of its template


@dataclass(frozen=True, slots=True)
class FoundDenial:
    """An open denial with the facts behind it."""

    item: WorkItem
    line_key: str
    denied: ClaimDenied
    remitted: ClaimRemitted
    claim: ProfessionalClaim


def find_denial(installation: Asked, wanted: str) -> FoundDenial:
    """An open denial by its work item, with the latest remittance that denies it. Raises RefusedError."""
    item = find_item(installation, wanted)
    if item.state != "open":
        raise RefusedError(f"work item {item.id[:8]} is closed ({item.resolution}): reopen it first, and say why")
    claim_id = item.claim_id or ""
    for denied in reversed(list(_read_denials(installation, claim_id))):
        for denial in denied.denials:
            if identify_denial(claim_id, denial.line_key) == item.id:
                remitted = _read_remitted(installation, denied)
                claim = _read_claim(installation, denied)
                return FoundDenial(item, denial.line_key, denied, remitted, claim)
    raise RefusedError(f"work item {item.id[:8]} is no denial of a claim of ours: {item.next_action}")


def _read_denials(installation: Asked, claim_id: str) -> Iterator[ClaimDenied]:
    for record in select_records(installation, [claim_id]):
        if record.type == ClaimDenied.type:
            body = decode_record(record).body
            assert isinstance(body, ClaimDenied)
            yield body


def _read_remitted(installation: Asked, denied: ClaimDenied) -> ClaimRemitted:
    event_id = make_id(ClaimRemitted.type, denied.remittance_id, denied.claim_index)
    query = "SELECT body FROM event WHERE event_id = ?"
    (body,) = installation.store.connection.execute(query, (event_id,)).fetchone()
    return ClaimRemitted.model_validate_json(body)


def _read_claim(installation: Asked, denied: ClaimDenied) -> ProfessionalClaim:
    """The claim as it was sent, from the 837 in the archive."""
    for record in select_records(installation, [claim_id_of(denied.patient_control_number)]):  # each payer's its own
        body = decode_record(record).body if record.type == ClaimSubmitted.type else None
        if isinstance(body, ClaimSubmitted) and body.summary.patient_control_number == denied.patient_control_number:
            for found in read_837p(installation.archive.read(body.document.sha256)):
                if found.claim.patient_control_number == denied.patient_control_number:
                    return found.claim
    raise RefusedError("the claim is not in any 837 of this installation: appeal by the payer's own form")


def collect_facts(found: FoundDenial, who: str, why: str, attachments: Sequence[str], now: datetime) -> Facts:
    """Everything that the letter says, as text."""
    claim, remitted, item = found.claim, found.remitted.claim, found.item
    provider = claim.billing_provider
    address = provider.address
    person = claim.patient or claim.subscriber.person
    days = sorted(line.service_date for line in claim.lines)
    place = f"{address.city}, {address.state} {address.postal_code}" if address else ""
    paid_on = f" of {found.remitted.payment_date}" if found.remitted.payment_date else ""
    return {
        "date": f"{now:%Y-%m-%d}",
        "level_name": item.appeal_name,
        "who": who,
        "why": why.splitlines(),
        "patient_control_number": claim.patient_control_number,
        "provider": {
            "name": provider.name,
            "npi": provider.npi,
            "tax_id": provider.tax_id,
            "address": [line for line in (address.line1 if address else "", place) if line],
        },
        "payer": {"name": found.remitted.payer_name, "identifier": found.remitted.payer_identifier},
        "about": {
            "Patient": f"{person.given_name} {person.family_name}".strip(),
            "Member id": claim.subscriber.member_id,
            "Our claim number": claim.patient_control_number,
            "Your claim number": remitted.payer_claim_control_number or "none given",
            "Dates of service": f"{days[0]} to {days[-1]}" if days[0] != days[-1] else str(days[0]),
            "Total charge": format_money(claim.charge_amount),
            "Amount in dispute": str(item.amount),
            "File by": str(item.deadline or ""),
        },
        "denials": [
            {
                "code": f"{denial.group}-{denial.reason}",
                "remarks": " ".join(denial.remarks),
                "procedure": denial.procedure,
                "amount": format_money(denial.amount),
            }
            for denial in found.denied.denials
            if denial.line_key == found.line_key
        ],
        "diagnoses": list(claim.diagnoses),
        "lines": [
            {
                "number": str(number),
                "date": str(line.service_date),
                "procedure": " ".join((line.procedure, *line.modifiers)),
                "units": str(line.units),
                "charge": format_money(line.charge_amount),
            }
            for number, line in enumerate(claim.lines, 1)
        ],
        "remittance": f"Your remittance{paid_on}, claim status {remitted.status_code}, paid "
        f"{format_money(remitted.paid_amount)} of {format_money(remitted.charge_amount)}.",
        "services": [_describe_service(service) for service in remitted.services],
        "attachments": list(attachments),
    }


def _describe_service(service: RemittanceService) -> Facts:
    adjustments = [f"{x.group}-{x.reason} {format_money(x.amount)}" for x in service.adjustments]
    return {
        "procedure": " ".join((service.procedure, *service.modifiers)),
        "charge": format_money(service.charge_amount),
        "paid": format_money(service.paid_amount),
        "adjustments": ", ".join((*adjustments, *service.remarks)),
    }
