"""What others must hear when a claim is settled anew: denials, what resolved them, and who owes what now."""

from typing import NamedTuple

from processors.posting.adjudication import Adjudication
from processors.posting.open_denials import OpenDenial
from processors.posting.settlement import Settlement
from schemas.event import Body
from schemas.events import ClaimDenied, DenialResolved, PayerShare, ResponsibilityMoved
from schemas.identifiers import claim_id_of
from schemas.money import from_cents


class BookedClaim(NamedTuple):
    """A claim that is in the ledger, by its names."""

    account_key: str
    claim_id: str
    encounter_id: str


def announce_denials(
    claim: BookedClaim, before: Settlement | None, settled: Settlement, cause: Adjudication | None
) -> list[Body]:
    """Lines that are denied now, by the remittance that says so, and lines of which nothing is open any more."""
    outputs: list[Body] = []
    denied = before.denied if before else {}
    paid = settled.paid_cents - (before.paid_cents if before else 0)
    for line_key, denial in denied.items():
        if line_key not in settled.denied:
            outputs.append(
                DenialResolved(
                    account_key=claim.account_key,
                    claim_id=claim.claim_id,
                    encounter_id=claim.encounter_id,
                    patient_control_number=denial.adjudication.patient_control_number,
                    line_key=line_key,
                    denied_amount=from_cents(denial.amount_cents),
                    paid_amount=from_cents(max(paid, 0)),
                    remittance_id=cause.remittance_id if cause else None,
                    open_denials=_count_open(settled, denial.adjudication),
                )
            )
    fresh: dict[tuple[str, int], list[OpenDenial]] = {}
    for line_key, denial in settled.denied.items():
        if line_key not in denied or denied[line_key].adjudication.identity != denial.adjudication.identity:
            fresh.setdefault(denial.adjudication.identity, []).append(denial)
    outputs.extend(_deny(claim, denials) for _, denials in sorted(fresh.items()))
    return outputs


def _count_open(settled: Settlement, item: Adjudication) -> int:
    claim_id = claim_id_of(item.patient_control_number)
    numbers = (other.adjudication.patient_control_number for other in settled.denied.values())
    return sum(claim_id_of(number) == claim_id for number in numbers)


def _deny(claim: BookedClaim, denials: list[OpenDenial]) -> ClaimDenied:
    item = denials[0].adjudication
    return ClaimDenied(
        account_key=claim.account_key,
        remittance_id=item.remittance_id,
        claim_index=item.claim_index,
        patient_control_number=item.patient_control_number,
        status_code=item.status_code,
        payer_name=item.payer_name,
        payer_identifier=item.payer_ids[0],
        payment_date=item.payment_date,
        document=item.document,
        denials=tuple(denial for open_denial in denials for denial in open_denial.denials),
        claim_id=claim.claim_id,
        encounter_id=claim.encounter_id,
        filing_indicator=item.filing_indicator,
        procedures=tuple(dict.fromkeys(service.procedures[0] for service in item.services if service.procedures)),
        service_date=min((x.service_date for x in item.services if x.service_date), default=None),
    )


def announce_shares(claim: BookedClaim, before: Settlement | None, after: Settlement) -> list[Body]:
    """What later payers and the patient owe, when it is other than before; of a claim that nobody answered, nothing."""
    shares = _list_shares(after)
    if before is None and not any(share.adjudicated for share in shares):
        return []
    old = _list_shares(before) if before else ()
    patient_before = (before.patient_cents, before.is_qmb) if before else (0, False)
    later_moved = len(shares) > 1 and shares != old
    if patient_before == (after.patient_cents, after.is_qmb) and not later_moved:
        return []
    moved = ResponsibilityMoved(
        account_key=claim.account_key,
        encounter_id=claim.encounter_id,
        claim_id=claim.claim_id,
        patient_amount=from_cents(after.patient_cents),
        patient_may_be_billed=not after.is_qmb,
        payers=shares,
    )
    return [moved]


def _list_shares(settled: Settlement) -> tuple[PayerShare, ...]:
    return tuple(
        PayerShare(
            payer_id=turn.payer.payer_id,
            payer_name=turn.payer.payer_name,
            open_amount=from_cents(turn.open_cents),
            adjudicated=bool(turn.adjudications),
            forwarded=place > 0 and settled.turns[place - 1].forwarded,
        )
        for place, turn in enumerate(settled.turns)
    )
