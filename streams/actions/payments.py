"""`revcycle ledger apply|unapply|admit`: whose an unmatched payment is, that it is not, or that a held remittance is to
be posted."""

from processors.posting.work_items import unmatched_kind
from schemas.errors import ActRefusedError, RefusedError
from schemas.events import (
    PaymentApplied,
    PaymentPosted,
    PaymentUnapplied,
    RemittanceAccepted,
    RemittanceAdmitted,
    RemittanceHeld,
    RemittanceReceived,
    UnappliedReleased,
)
from schemas.events.remittances import PaymentMove
from schemas.identifiers import billed_id_of, make_id
from schemas.roles import By
from streams.actions.door import begin
from streams.installation import Opened
from streams.reports.lookup import find_claim
from streams.reports.worklist import WorkItem, find_item

UNMATCHED = "unmatched_payment"
ADMITTED = ("remittance_conflict", "remittance_not_for_us")  # what a person may have posted all the same


def apply_payment(installation: Opened, wanted: str, claim: str, by: By) -> WorkItem:
    """Moves the payment of an open `unmatched_payment` item to one of our claims, and runs the pipeline.

    Returns the item as it stands then. Raises RefusedError where there is no such item, payment or claim.
    """
    item = _find_item(installation, wanted)
    claim_id = billed_id_of(find_claim(installation, claim))
    booked = installation.store.connection.execute(
        "SELECT 1 FROM entry JOIN entry_line USING (entry_id) WHERE claim_id = ? AND account = 'gross_charges'",
        (claim_id,),
    ).fetchone()
    if booked is None:
        raise RefusedError(f"claim {claim_id} was never submitted, so no payment is its: `revcycle claim {claim_id}`")
    refusal = "" if item.state == "open" else f"is closed ({item.resolution}): its payment is applied"
    _move(installation, PaymentApplied, by, item, _find_payment(installation, item), claim_id, refusal)
    return find_item(installation, item.id)


def unapply_payment(installation: Opened, wanted: str, by: By) -> WorkItem:
    """Takes a payment off the claim to which a person applied it, by the item that it was applied from; the item is
    open again. Returns the item. Raises RefusedError where nothing was applied, or is not any more.
    """
    item = _find_item(installation, wanted)
    posted = _find_payment(installation, item)
    last = _find_last_move(installation, posted)
    if last is None:
        raise RefusedError(f"the payment of work item {item.id[:8]} was applied to no claim by a person")
    refusal = "" if isinstance(last, PaymentApplied) else "has a payment that stands on no claim by a person's word"
    _move(installation, PaymentUnapplied, by, item, posted, last.claim_id, refusal)
    return find_item(installation, item.id)


def _move(
    installation: Opened,
    model: type[PaymentMove],
    by: By,
    item: WorkItem,
    posted: PaymentPosted,
    claim_id: str,
    refusal: str,
) -> None:
    """Tells a move; `refusal` is why it cannot be one, unless it was told before."""
    begun = begin(installation, model, by, posted.remittance_id, posted.claim_index, claim_id)
    done = begun.find_done()
    if done is None:
        if refusal:
            raise RefusedError(f"work item {item.id[:8]} {refusal}")
        done = begun.finish(
            claim_id,
            account_key=claim_id[:10],
            remittance_id=posted.remittance_id,
            claim_index=posted.claim_index,
            patient_control_number=posted.patient_control_number,
            claim_id=claim_id,
        )
    if not any(isinstance(body, UnappliedReleased) for body in done.facts):
        raise ActRefusedError(
            "recorded, but nothing was moved: the payment is not where it was any more -> look at it again: "
            f"`revcycle work show {item.id[:8]}`"
        )


def admit_remittance(installation: Opened, wanted: str, by: By) -> WorkItem:
    """Has a remittance posted that was held because another has its identity, or because it seems to be somebody
    else's; returns its item. Raises RefusedError."""
    item = find_item(installation, wanted)
    if item.reason not in ADMITTED:
        kinds = " or ".join(ADMITTED)
        raise RefusedError(f"work item {item.id[:8]} is no {kinds}: `revcycle worklist` shows them")
    (received,) = installation.store.connection.execute(
        "SELECT cause.body FROM event AS opened JOIN event AS cause ON cause.event_id = opened.causation_id "
        "WHERE opened.event_id = ?",
        (item.opened_by,),
    ).fetchone()
    held = RemittanceReceived.model_validate_json(received)
    begun = begin(installation, RemittanceAdmitted, by, held.remittance_id, held.document.sha256)
    done = begun.find_done()
    if done is None:
        if item.state != "open":
            raise RefusedError(f"work item {item.id[:8]} is closed ({item.resolution}): reopen it first")
        stream = installation.reference.remittances.open(held.document.sha256, held.transaction_index)
        assert stream is not None  # it was judged, and held as a conflict with another set
        for _ in stream:
            pass
        done = begun.finish(
            remittance_id=held.remittance_id,
            document=held.document,
            transaction_index=held.transaction_index,
            content_hash=stream.finish(()).content_hash,
        )
    if not any(isinstance(body, RemittanceAccepted) for body in done.facts):
        reasons = [body.reason for body in done.facts if isinstance(body, RemittanceHeld)]
        why = f"it is held once more, {reasons[0]}" if reasons else "no payment came of it"
        raise ActRefusedError(f"recorded, but not posted: {why} -> see what stands: `revcycle worklist`")
    return find_item(installation, item.id)


def _find_item(installation: Opened, wanted: str) -> WorkItem:
    item = find_item(installation, wanted)
    if item.reason != UNMATCHED:
        raise RefusedError(f"work item {item.id[:8]} is no {UNMATCHED}: `revcycle worklist` shows them")
    return item


def _find_last_move(installation: Opened, posted: PaymentPosted) -> PaymentMove | None:
    """What people did last with this payment: whose they said it is, or is not."""
    rows = installation.store.connection.execute(
        "SELECT type, body FROM timeline JOIN event USING (event_id) WHERE subject = ? AND type IN (?, ?) "
        "ORDER BY sequence",
        (posted.remittance_id, PaymentApplied.type, PaymentUnapplied.type),
    )
    last = None
    for kind, body in rows:
        move = (PaymentApplied if kind == PaymentApplied.type else PaymentUnapplied).model_validate_json(body)
        if move.claim_index == posted.claim_index:
            last = move
    return last


def _find_payment(installation: Opened, item: WorkItem) -> PaymentPosted:
    """The CLP behind the item: of its remittance, unmatched, and of its amount."""
    rows = installation.store.connection.execute(
        "SELECT body FROM timeline JOIN event USING (event_id) WHERE subject = ? AND type = ?",
        (item.remittance_id, PaymentPosted.type),
    )
    for (body,) in rows:
        posted = PaymentPosted.model_validate_json(body)
        if make_id(*unmatched_kind(posted.remittance_id, posted.claim_index)) == item.id:
            return posted
    raise RefusedError(f"work item {item.id[:8]} names no payment that is in the ledger")
