"""Denials go to the team that can mend them, with a next action and a deadline.

In: ClaimDenied, DenialResolved. Out: one WorkItemOpened for each denied line (or claim), closed when nothing of it is
open any more. The table decides: CARC, and RARC where it
knows better, to category, team, next action, days to act. CO-45, patient share and sequestration never come here:
remittance_reading's class table has taken them out (domain rules, section 5).
"""

from datetime import date, timedelta
from decimal import Decimal

from schemas.event import Event
from schemas.events import ClaimDenied, DenialResolved, DeniedAdjustment, WorkItemClosed, WorkItemOpened
from schemas.identifiers import make_id
from schemas.processing import Outcome, States
from schemas.reference import DenialRouteRow, Reference

NOT_APPEALABLE_REMARK = "MA130"  # the claim is unprocessable: no appeal rights, send a new claim
UNROUTED = DenialRouteRow(
    reason="*",
    category="review",
    team="billing",
    next_action="This reason is in no routing table: read the remittance, decide, and add a row to denial_routes.csv.",
    deadline_days=30,
    appealable=False,
)
# Who acts in a team; billers do everywhere else.
OWNER_BY_TEAM = {"coding": "coder", "eligibility": "front desk"}
# Money at stake to priority: the first threshold that the amount reaches.
PRIORITY_BY_AMOUNT = ((Decimal(1000), 1), (Decimal(250), 2), (Decimal(50), 3))


def keys_of_denial(event: Event) -> tuple[str, ...]:
    """Routing remembers nothing: the work item's id is its memory."""
    return ()


def route_denial(states: States, event: Event, reference: Reference) -> Outcome:
    """One work item for each denied line; several reasons of one line share an item, the largest amount leads."""
    body = event.body
    if isinstance(body, DenialResolved):
        item_id = identify_denial(body.claim_id, body.line_key)
        reason = "paid" if body.paid_amount else "nothing of it is open any more"
        return Outcome(outputs=(WorkItemClosed(item_id=item_id, account_key=body.account_key, reason=reason),))
    assert isinstance(body, ClaimDenied)
    by_line: dict[str, list[DeniedAdjustment]] = {}
    for denial in body.denials:
        by_line.setdefault(denial.line_key or denial.line_control_number or "claim", []).append(denial)
    return Outcome(outputs=tuple(_open_item(body, line, denials, reference) for line, denials in by_line.items()))


def find_route(reference: Reference, denial: DeniedAdjustment, payer: str, on: date) -> DenialRouteRow:
    """The narrowest row that fits and is in force: its payer, then its RARC, then its group decide; else review."""
    rows = [
        row
        for row in reference.denial_routes.get(denial.reason, ())
        if row.group in ("*", denial.group)
        and row.payer in ("*", payer)
        and (not row.remark or row.remark in denial.remarks)
        and row.effective_from <= on
    ]
    return max(rows, key=_narrowness, default=UNROUTED)


def _narrowness(row: DenialRouteRow) -> tuple[bool, bool, bool, date]:
    return (row.payer != "*", bool(row.remark), row.group != "*", row.effective_from)


def identify_denial(claim: str, line: str) -> str:
    """The work item of a denied line: the same for every version of the claim and every remittance that denies it."""
    return make_id("denied", claim, line)


def _open_item(body: ClaimDenied, line: str, denials: list[DeniedAdjustment], reference: Reference) -> WorkItemOpened:
    leading = max(denials, key=lambda denial: (denial.amount, denial.reason))
    amount = sum((denial.amount for denial in denials), Decimal("0.00"))
    route = find_route(reference, leading, body.payer_identifier, body.payment_date or date.max)
    remarks = {remark for denial in denials for remark in denial.remarks}
    next_action = route.next_action
    if NOT_APPEALABLE_REMARK in remarks:
        next_action = "No appeal rights (MA130): correct the claim and send it as a new claim."
    number = body.patient_control_number
    codes = " ".join(f"{denial.group}-{denial.reason}" for denial in denials)
    return WorkItemOpened(
        item_id=identify_denial(body.claim_id or number, line),
        account_key=body.account_key,
        queue=route.team,
        owner=OWNER_BY_TEAM.get(route.team, "biller"),
        priority=next((priority for least, priority in PRIORITY_BY_AMOUNT if amount >= least), 4),
        reason=f"denied {codes} {' '.join(sorted(remarks))}".strip()[:200],
        category=route.category,
        claim_id=body.claim_id,
        encounter_id=body.encounter_id,
        remittance_id=body.remittance_id,
        next_action=next_action,
        deadline=body.payment_date + timedelta(days=route.deadline_days) if body.payment_date else None,
        amount=amount,
    )
