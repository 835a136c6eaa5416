"""The work items of silence: one for each claim and kind (277CA, 835, filing), which an answer closes."""

from collections.abc import Iterable

from schemas.event import Body
from schemas.events import WorkItemClosed
from schemas.identifiers import make_id


def name_overdue_response(claim_id: str, kind: str) -> str:
    """The id of a claim's item: of no version, so that a claim sent again speaks of the same item."""
    return make_id("silence", claim_id, kind)


def close_overdue_responses(claim_id: str, account_key: str, kinds: Iterable[str], reason: str) -> tuple[Body, ...]:
    """Closes the items of these kinds."""
    return tuple(
        WorkItemClosed(item_id=name_overdue_response(claim_id, kind), account_key=account_key, reason=reason)
        for kind in kinds
    )
