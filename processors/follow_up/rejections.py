"""A rejected claim goes back to who can mend it, with the filing clock shown."""

from processors.follow_up.state import TrackedClaim
from schemas.events import WorkItemClosed, WorkItemOpened
from schemas.identifiers import account_key_of, claim_id_of, make_id
from schemas.reference import Reference, RejectionRouteRow
from schemas.work_item import open_work
from schemas.work_kinds import CLAIM_REJECTED

UNROUTED = RejectionRouteRow(
    category="*",
    status_code="0",
    team="rejections",
    owner="biller",
    next_action="Mend it at the EHR and send the encounter again",
)


def find_route(reference: Reference, codes: tuple[str, ...]) -> RejectionRouteRow:
    """The first of these codes ('A7:562:85': category, status, entity) that the table knows; else a biller's."""
    for code in codes:
        category, _, rest = code.partition(":")
        status = rest.partition(":")[0]
        for key in ((category, status), ("*", status)):
            if key in reference.rejection_routes:
                return reference.rejection_routes[key]
    return UNROUTED


def open_rejection(state: TrackedClaim, reference: Reference) -> WorkItemOpened:
    """The item of the rejected version, as far as the claim is known yet."""
    number = state.rejected
    route = find_route(reference, state.rejection_codes)
    codes = ", ".join(state.rejection_codes)[:300]
    until = f"runs until {state.filing_limit}" if state.filing_limit else "is running"
    others = [x for x in state.answers if x.number == number and x.outcome == "accepted"]
    before = "".join(f" {x.sender} had accepted it ({', '.join(x.codes)[:60]})." for x in others)
    return open_work(
        CLAIM_REJECTED,
        make_id("rejected", number),
        state.account_key,
        {
            "source": state.rejected_by,
            "codes": codes,
            "before": before,
            "next_action": route.next_action,
            "until": until,
        },
        queue=route.team,
        owner=route.owner,
        category=" ".join(state.rejection_codes)[:200],
        claim_id=claim_id_of(number) if account_key_of(number) else None,
        encounter_id=state.encounter_id,
        deadline=state.filing_limit,
        amount=state.charge_amount or None,
    )


def close_rejection(account_key: str, number: str, reason: str) -> WorkItemClosed:
    """What the item asked for has happened."""
    return WorkItemClosed(item_id=make_id("rejected", number), account_key=account_key, reason=reason)
