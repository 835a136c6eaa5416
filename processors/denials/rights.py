"""What can be done about a denial, and until when: the routing table, the plan's appeal levels, and three guard rails.

Not appealable, whatever the table says: MA130 (the claim was never processed), CO-236 where the procedures may never
go together (PTP modifier indicator 0), and a claim that Medicare had too late (42 CFR 424.44, 405.926).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from processors.payers.terms import find_appeal_deadline, find_appeal_level, find_terms, reaches_controversy
from schemas.events import ClaimDenied, DeniedAdjustment
from schemas.reference import DenialRouteRow, Reference

NEVER_PROCESSED = "MA130"
INCOMPATIBLE = "236"  # procedures or modifiers not compatible on the same day
TOO_LATE = "29"
MEDICARE = "medicare"
UNROUTED = DenialRouteRow(
    reason="*",
    category="review",
    team="billing",
    next_action="This reason is in no routing table: read the remittance, decide, and add a row to denial_routes.csv",
    deadline_days=30,
    appealable=False,
)


@dataclass(frozen=True, slots=True)
class Rights:
    """The route of a denial, and the appeal that is open: level 0 when there is none."""

    route: DenialRouteRow
    level: int
    level_name: str
    deadline: date | None
    advice: str


def find_rights(body: ClaimDenied, denial: DeniedAdjustment, levels_filed: int, reference: Reference) -> Rights:
    """What the denied line's team can do, by its leading adjustment."""
    notice = body.payment_date
    route = find_route(reference, denial, body.payer_identifier, notice or date.max)
    plan = find_terms(reference.payer_terms, body.payer_identifier, body.filing_indicator).plan
    until = notice + timedelta(days=route.deadline_days) if notice else None
    refusal = next(_find_refusals(body, denial, plan, reference), None)
    if refusal:
        return Rights(route, 0, "", until, f"{refusal}.")
    if not route.appealable:
        return Rights(route, 0, "", until, f"{route.next_action}.")
    level = levels_filed + 1
    row = find_appeal_level(reference, plan, level, notice or date.max)
    if row is None:
        name = f"level {level} appeal"
        return Rights(route, level, name, until, f"{route.next_action}. {name.capitalize()} by the contract.")
    if not reaches_controversy(row, denial.amount):
        text = f"{route.next_action}. The {row.name} needs {row.controversy_amount} in dispute: no further appeal"
        return Rights(route, 0, "", until, f"{text}.")
    deadline = find_appeal_deadline(row, notice) if notice else None
    by = f" by {deadline}" if deadline else ""
    return Rights(route, level, row.name, deadline, f"{route.next_action}. Appeal: {row.name}{by}.")


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


def _find_refusals(body: ClaimDenied, denial: DeniedAdjustment, plan: str, reference: Reference) -> Iterator[str]:
    if NEVER_PROCESSED in denial.remarks:
        yield "No appeal rights (MA130): correct the claim and send it as a new claim"
    if denial.reason == TOO_LATE and plan == MEDICARE:
        yield "An untimely Medicare denial cannot be appealed (42 CFR 424.44): write it off, or show an exception"
    if denial.reason == INCOMPATIBLE and body.service_date:
        for other in body.procedures:
            for pair in ((other, denial.procedure), (denial.procedure, other)):
                row = reference.codesets.ptp("practitioner", *pair, body.service_date)
                if other != denial.procedure and row and row.modifier_indicator == "0":
                    yield (
                        f"{row.column1} and {row.column2} never go together (PTP modifier indicator 0): do not appeal; "
                        "correct the code, or write it off"
                    )
