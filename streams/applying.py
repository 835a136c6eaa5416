"""A person says whose an unmatched payment is, that it is not, or that a remittance is another than the one posted."""

from datetime import datetime

from processors.posting_items import unmatched_kind
from schemas.errors import RefusedError
from schemas.event import publish_at_edge
from schemas.events import PaymentApplied, PaymentPosted, PaymentUnapplied, RemittanceAdmitted, RemittanceReceived
from schemas.identifiers import billed_id_of, make_id
from streams.acts import make_act, take_act
from streams.installation import Opened
from streams.publishing import mint_action_id
from streams.reports import Json
from streams.worklist import find_item

UNMATCHED = "unmatched_payment"
ADMITTED = ("remittance_conflict", "remittance_not_for_us")  # what a person may have posted all the same


def apply_payment(installation: Opened, wanted: str, claim: str, who: str, why: str, now: datetime) -> Json:
    """Moves the payment of an open `unmatched_payment` item to one of our claims, and runs the pipeline.

    Returns the item as it stands then. Raises RefusedError where there is no such item, payment or claim.
    """
    item = find_item(installation, wanted)
    if item["reason"] != UNMATCHED or item["state"] != "open":
        raise RefusedError(f"work item {item['id'][:8]} is no open {UNMATCHED}: `revcycle worklist` shows them")
    if not who or not why:
        raise RefusedError("nothing was applied: say who you are and why it is this claim's payment")
    claim_id = billed_id_of(claim)
    connection = installation.store.connection
    booked = connection.execute(
        "SELECT 1 FROM entry JOIN entry_line USING (entry_id) WHERE claim_id = ? AND account = 'gross_charges'",
        (claim_id,),
    ).fetchone()
    if booked is None:
        raise RefusedError(f"no submitted claim has the id {claim[:40]}: `revcycle claim ENCOUNTER` shows it")
    posted = _find_payment(installation, item)
    body = make_act(
        PaymentApplied,
        account_key=claim_id[:10],
        action_id=mint_action_id(),
        who=who,
        why=why,
        remittance_id=posted.remittance_id,
        claim_index=posted.claim_index,
        patient_control_number=posted.patient_control_number,
        claim_id=claim_id,
    )
    take_act(installation, publish_at_edge(body, body.key, now, claim_id), "ledger apply")
    return find_item(installation, item["id"])


def unapply_payment(installation: Opened, wanted: str, who: str, why: str, now: datetime) -> Json:
    """Takes a payment off the claim to which a person applied it, by the item that it was applied from; the item is
    open again. Returns the item. Raises RefusedError where nothing was applied, or is not any more.
    """
    item = find_item(installation, wanted)
    if item["reason"] != UNMATCHED or item["state"] == "open":
        raise RefusedError(
            f"work item {item['id'][:8]} is no {UNMATCHED} that was applied: `revcycle worklist --closed` shows them"
        )
    if not who or not why:
        raise RefusedError("nothing was taken off: say who you are and why it is not that claim's payment")
    posted = _find_payment(installation, item)
    claim_id = _find_holder(installation, posted)
    if claim_id is None:
        raise RefusedError(f"the payment of work item {item['id'][:8]} was applied to no claim by a person")
    body = make_act(
        PaymentUnapplied,
        account_key=claim_id[:10],
        action_id=mint_action_id(),
        who=who,
        why=why,
        remittance_id=posted.remittance_id,
        claim_index=posted.claim_index,
        patient_control_number=posted.patient_control_number,
        claim_id=claim_id,
    )
    take_act(installation, publish_at_edge(body, body.key, now, claim_id), "ledger unapply")
    return find_item(installation, item["id"])


def admit_remittance(installation: Opened, wanted: str, who: str, why: str, now: datetime) -> Json:
    """Has a remittance posted that was held because another has its identity, or because it seems to be somebody
    else's; returns its item. Raises RefusedError."""
    item = find_item(installation, wanted)
    if item["reason"] not in ADMITTED or item["state"] != "open":
        kinds = " or ".join(ADMITTED)
        raise RefusedError(f"work item {item['id'][:8]} is no open {kinds}: `revcycle worklist` shows them")
    if not who or not why:
        raise RefusedError("nothing was posted: say who you are and how you know that it is to be posted")
    (received,) = installation.store.connection.execute(
        "SELECT cause.body FROM event AS opened JOIN event AS cause ON cause.event_id = opened.causation_id "
        "WHERE opened.event_id = ?",
        (item["opened_by"],),
    ).fetchone()
    held = RemittanceReceived.model_validate_json(received)
    stream = installation.reference.remittances.open(held.document.sha256, held.transaction_index)
    assert stream is not None  # it was judged, and held as a conflict with another set
    for _ in stream:
        pass
    body = make_act(
        RemittanceAdmitted,
        remittance_id=held.remittance_id,
        action_id=mint_action_id(),
        who=who,
        why=why,
        document=held.document,
        transaction_index=held.transaction_index,
        content_hash=stream.finish(()).content_hash,
    )
    take_act(installation, publish_at_edge(body, body.key, now, body.key), "ledger admit")
    return find_item(installation, item["id"])


def _find_holder(installation: Opened, posted: PaymentPosted) -> str | None:
    """The claim that a person applied this payment to last, unless it was taken off again."""
    rows = installation.store.connection.execute(
        "SELECT type, body FROM timeline JOIN event USING (event_id) WHERE subject = ? AND type IN (?, ?) "
        "ORDER BY sequence",
        (posted.remittance_id, PaymentApplied.type, PaymentUnapplied.type),
    )
    holder = None
    for kind, body in rows:
        move = (PaymentApplied if kind == PaymentApplied.type else PaymentUnapplied).model_validate_json(body)
        if move.claim_index == posted.claim_index:
            holder = move.claim_id if kind == PaymentApplied.type else None
    return holder


def _find_payment(installation: Opened, item: Json) -> PaymentPosted:
    """The CLP behind the item: of its remittance, unmatched, and of its amount."""
    rows = installation.store.connection.execute(
        "SELECT body FROM timeline JOIN event USING (event_id) WHERE subject = ? AND type = ?",
        (item["remittance_id"], PaymentPosted.type),
    )
    for (body,) in rows:
        posted = PaymentPosted.model_validate_json(body)
        if make_id(*unmatched_kind(posted.remittance_id, posted.claim_index)) == item["id"]:
            return posted
    raise RefusedError(f"work item {item['id'][:8]} names no payment that is in the ledger")
