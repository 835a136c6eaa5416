"""Projections: each event as upserts of the tables that people read.

Statements of different kinds commute (but for those in ORDERED), so that a batch may be grouped by statement, and
events of different steps may come in any order. `?` marks a parameter; the Postgres store writes `%s` instead.
"""

from collections.abc import Iterator
from datetime import date

from connectors.stores.denial_rows import APPEALED, CONCLUDED, DENIED_LINE, project_denial
from schemas.event import Event
from schemas.events import (
    AppealFiled,
    ChargesPosted,
    ClaimAcknowledged,
    ClaimBuilt,
    ClaimDenied,
    ClaimReleased,
    ClaimSubmitted,
    ClaimWaiting,
    ClaimWithdrawn,
    DenialConcluded,
    DenialResolved,
    DepositMatched,
    DepositReceived,
    EncounterCoded,
    EncounterCorrected,
    EncounterHeld,
    EncounterReceived,
    EncounterWithdrawn,
    InterchangeBuilt,
    PatientBalanceChanged,
    PatientCreditMoved,
    PatientPaymentPosted,
    PatientRefundPosted,
    PayerDecided,
    PaymentPosted,
    ProviderAdjustmentsPosted,
    RemittanceAccepted,
    RemittanceHeld,
    RemittancePosted,
    SmallBalanceWrittenOff,
    StatementIssued,
    UnappliedReleased,
    WorkItemAction,
    WorkItemClosed,
    WorkItemOpened,
    WorkItemReopened,
    WorkItemResolved,
    WorkItemTaken,
    WriteOffPosted,
)
from schemas.identifiers import PATIENT_CONTROL_NUMBER, billed_id_of, claim_id_of, make_encounter_id
from schemas.ledger import JournalEntry
from schemas.money import to_cents

Statement = tuple[str, tuple[object, ...]]

ENCOUNTER = """INSERT INTO encounter (encounter_id, account_key, source_id, state, revision) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (encounter_id) DO UPDATE SET state = excluded.state, revision = excluded.revision,
    source_id = CASE WHEN excluded.source_id = '' THEN encounter.source_id ELSE excluded.source_id END
    WHERE excluded.revision > encounter.revision"""
BUILT = """INSERT INTO claim (claim_id, account_key, encounter_id, patient_control_number, trading_partner, payer_name,
    revision, charge_cents) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (claim_id) DO UPDATE SET
    account_key = excluded.account_key, encounter_id = excluded.encounter_id,
    patient_control_number = excluded.patient_control_number, trading_partner = excluded.trading_partner,
    payer_name = excluded.payer_name, revision = excluded.revision, charge_cents = excluded.charge_cents,
    withdrawn = 0 WHERE excluded.revision > claim.revision"""
WITHDRAWN = """INSERT INTO claim (claim_id, encounter_id, revision, withdrawn) VALUES (?, ?, ?, 1)
    ON CONFLICT (claim_id) DO UPDATE SET withdrawn = 1, revision = excluded.revision
    WHERE excluded.revision > claim.revision"""
SETTLED = """INSERT INTO claim (claim_id, settled) VALUES (?, ?)
    ON CONFLICT (claim_id) DO UPDATE SET settled = excluded.settled"""
# A void has a number of its own and may follow a withdrawal: the row must be pending until it is in a file.
VOIDING = """UPDATE claim SET patient_control_number = ?, withdrawn = 0 WHERE claim_id = ?"""
SUBMITTED = """INSERT INTO claim (claim_id, submitted, submitted_on) VALUES (?, 1, ?)
    ON CONFLICT (claim_id) DO UPDATE SET submitted = 1, submitted_on = CASE WHEN claim.submitted_on = ''
    OR excluded.submitted_on < claim.submitted_on THEN excluded.submitted_on ELSE claim.submitted_on END"""
DECIDED = """INSERT INTO claim (claim_id, decided_on, first_remittance_id) VALUES (?, ?, ?)
    ON CONFLICT (claim_id) DO UPDATE SET decided_on = excluded.decided_on,
    first_remittance_id = excluded.first_remittance_id WHERE claim.decided_on = ''"""
HELD_EVER = """INSERT INTO encounter (encounter_id, account_key, source_id, state, revision, held_ever)
    VALUES (?, ?, '', 'held', ?, 1) ON CONFLICT (encounter_id) DO UPDATE SET held_ever = 1"""
TOUCHED = "UPDATE encounter SET held_ever = 1 WHERE encounter_id = ?"  # what a person corrected is not clean either
# The latest patient control number that was answered (its last two digits are the claim's version): an answer to an
# earlier version says nothing of a later one, whichever comes first.
ACCEPTED = """INSERT INTO claim (claim_id, accepted) VALUES (?, ?)
    ON CONFLICT (claim_id) DO UPDATE SET accepted = excluded.accepted WHERE excluded.accepted > claim.accepted"""
REJECTED = """INSERT INTO claim (claim_id, rejected) VALUES (?, ?)
    ON CONFLICT (claim_id) DO UPDATE SET rejected = excluded.rejected WHERE excluded.rejected > claim.rejected"""
DENIED = "INSERT INTO claim (claim_id, denied) VALUES (?, 1) ON CONFLICT (claim_id) DO UPDATE SET denied = 1"
UNDENIED = "UPDATE claim SET denied = 0 WHERE claim_id = ?"
POSTED = """INSERT INTO claim (claim_id, posted, paid_cents, adjusted_cents, patient_cents) VALUES (?, 1, ?, ?, ?)
    ON CONFLICT (claim_id) DO UPDATE SET posted = 1, paid_cents = claim.paid_cents + excluded.paid_cents,
    adjusted_cents = claim.adjusted_cents + excluded.adjusted_cents,
    patient_cents = claim.patient_cents + excluded.patient_cents"""
REMITTANCE_ACCEPTED = """INSERT INTO remittance (remittance_id, accepted, payment_cents, payer_name) VALUES (?, 1, ?, ?)
    ON CONFLICT (remittance_id) DO UPDATE SET accepted = 1, payment_cents = excluded.payment_cents,
    payer_name = excluded.payer_name"""
REMITTANCE_HELD = """INSERT INTO remittance (remittance_id, held, payment_cents, reason) VALUES (?, 1, ?, ?)
    ON CONFLICT (remittance_id) DO UPDATE SET held = 1, reason = excluded.reason,
    payment_cents = CASE WHEN remittance.accepted = 1 THEN remittance.payment_cents ELSE excluded.payment_cents END"""
REMITTANCE_MOVED = """INSERT INTO remittance (remittance_id, posted_cents) VALUES (?, ?)
    ON CONFLICT (remittance_id) DO UPDATE SET posted_cents = remittance.posted_cents + excluded.posted_cents"""
REMITTANCE_CLOSED = """INSERT INTO remittance (remittance_id, closed) VALUES (?, 1)
    ON CONFLICT (remittance_id) DO UPDATE SET closed = 1"""
PATIENT_BALANCE = """INSERT INTO patient_balance (claim_id, account_key, encounter_id, status, share_cents, paid_cents,
    written_off_cents, refund_cents, refunded_cents, balance_cents) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (claim_id) DO UPDATE SET encounter_id = excluded.encounter_id, status = excluded.status,
    share_cents = excluded.share_cents,
    paid_cents = excluded.paid_cents, written_off_cents = excluded.written_off_cents,
    refund_cents = excluded.refund_cents, refunded_cents = excluded.refunded_cents,
    balance_cents = excluded.balance_cents"""
DEPOSIT = """INSERT INTO deposit (deposit_id, deposited_on, amount_cents, trace_number, description)
    VALUES (?, ?, ?, ?, ?) ON CONFLICT (deposit_id) DO UPDATE SET deposited_on = excluded.deposited_on,
    amount_cents = excluded.amount_cents, trace_number = excluded.trace_number, description = excluded.description"""
DEPOSITED = """INSERT INTO deposit (deposit_id, matched_by, remittance_ids) VALUES (?, ?, ?)
    ON CONFLICT (deposit_id) DO UPDATE SET matched_by = excluded.matched_by, remittance_ids = excluded.remittance_ids"""
STATEMENT = """INSERT INTO statement (statement_id, account_key, issued_on, due_cents, claim_ids, file_name)
    VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"""
ENTRY = """INSERT INTO entry (entry_id, event_id, claim_id, encounter_id, remittance_id, occurred_at, sha256, segment)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
ENTRY_LINE = """INSERT INTO entry_line (entry_id, line, account, qualifier, debit_cents, credit_cents)
    VALUES (?, ?, ?, ?, ?, ?)"""
WORK_OPENED = """INSERT INTO work_item (item_id, queue, owner, priority, reason, category, claim_id, encounter_id,
    remittance_id, next_action, deadline, amount_cents, opened_by, opened_at, root_cause, edits,
    appeal_level, appeal_name, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open')
    ON CONFLICT (item_id) DO UPDATE SET state = 'open', queue = excluded.queue, owner = excluded.owner,
    priority = excluded.priority, reason = excluded.reason, category = excluded.category,
    next_action = excluded.next_action, deadline = excluded.deadline, amount_cents = excluded.amount_cents,
    opened_by = excluded.opened_by, root_cause = excluded.root_cause, edits = excluded.edits,
    appeal_level = excluded.appeal_level, appeal_name = excluded.appeal_name,
    opened_at = CASE WHEN work_item.state = 'open' THEN work_item.opened_at ELSE excluded.opened_at END"""
WORK_CLOSED = "UPDATE work_item SET state = 'closed', resolution = ? WHERE item_id = ?"
WORK_REOPENED = "UPDATE work_item SET state = 'open', resolution = '' WHERE item_id = ?"
WORK_TAKEN = "UPDATE work_item SET assignee = ? WHERE item_id = ?"
# What happens to an item belongs to the story of what the item is about.
WORK_TIMELINE = """INSERT INTO timeline (subject, event_id)
    SELECT claim_id, ? FROM work_item WHERE item_id = ? AND claim_id IS NOT NULL UNION
    SELECT encounter_id, ? FROM work_item WHERE item_id = ? AND encounter_id IS NOT NULL ON CONFLICT DO NOTHING"""
TIMELINE = "INSERT INTO timeline (subject, event_id) VALUES (?, ?) ON CONFLICT DO NOTHING"


# These do not commute: the life of a work item is an order of events, and a withdrawal knows less of a
# claim than its building; a denied line may be settled and denied again.
ORDERED = frozenset(
    {
        *(WORK_OPENED, WORK_CLOSED, WORK_REOPENED, WORK_TAKEN, WORK_TIMELINE),
        *(BUILT, WITHDRAWN, VOIDING, PATIENT_BALANCE),
        *(DENIED, UNDENIED, DENIED_LINE, APPEALED, CONCLUDED),
    }
)


def project(event: Event) -> Iterator[Statement]:
    """The upserts that one event makes, each as (SQL, parameters)."""
    yield from _project_rows(event)
    for subject in event.body.subjects():
        yield TIMELINE, (subject, event.event_id)


def _project_rows(event: Event) -> Iterator[Statement]:
    match event.body:
        case EncounterReceived():
            yield ENCOUNTER, (event.correlation_id, event.key, event.body.source_id, "received", 0)
        case EncounterCorrected() as body:
            yield TOUCHED, (make_encounter_id(body.source_system, body.source_id),)
        case EncounterCoded() as body:
            yield ENCOUNTER, (body.encounter_id, body.account_key, "", "coded", body.revision)
        case EncounterHeld() as body:
            yield ENCOUNTER, (body.encounter_id, body.account_key, "", "held", body.revision)
            yield HELD_EVER, (body.encounter_id, body.account_key, body.revision)
        case EncounterWithdrawn() as body:
            yield ENCOUNTER, (body.encounter_id, body.account_key, "", "withdrawn", body.revision)
        case ClaimBuilt() as body:
            claim = body.summary
            yield (
                BUILT,
                (
                    claim.claim_id,
                    claim.account_key,
                    claim.encounter_id,
                    claim.patient_control_number,
                    body.trading_partner,
                    claim.payer_name,
                    body.revision,
                    # Charges belong to the encounter: a claim to a later payer bills them again and adds none.
                    to_cents(claim.charge_amount) if claim.responsibility == "P" else 0,
                ),
            )
        case ClaimWithdrawn() as body:
            yield WITHDRAWN, (body.claim_id, body.encounter_id, body.revision)
        case InterchangeBuilt() as body:
            for item in body.claims:
                yield SETTLED, (item.summary.claim_id, item.summary.patient_control_number)
        case ClaimReleased() as body:
            yield SETTLED, (body.claim_id, "")
            if body.patient_control_number.endswith("V"):
                yield VOIDING, (body.patient_control_number, body.claim_id)
        case ClaimWaiting() as body:
            yield SETTLED, (body.claim_id, body.patient_control_number)
        case ClaimSubmitted() as body:
            yield SUBMITTED, (body.summary.claim_id, event.occurred_at.date().isoformat())
        case PayerDecided() as body:
            yield DECIDED, (body.claim_id, event.occurred_at.date().isoformat(), body.remittance_id)
        case ClaimAcknowledged() as body:
            number = body.patient_control_number
            if PATIENT_CONTROL_NUMBER.fullmatch(number):
                yield (ACCEPTED if body.outcome == "accepted" else REJECTED), (claim_id_of(number), number)
        case ClaimDenied() as body:
            if PATIENT_CONTROL_NUMBER.fullmatch(body.patient_control_number):
                yield DENIED, (claim_id_of(body.patient_control_number),)
                yield from project_denial(event)
        case AppealFiled() | DenialConcluded():
            yield from project_denial(event)
        case DenialResolved() as body:
            if not body.open_denials:
                yield UNDENIED, (claim_id_of(body.patient_control_number),)
        case WorkItemOpened() | WorkItemClosed() | WorkItemAction() as body:
            yield from _project_work(event, body)
        case _:
            yield from _project_money(event)


def _project_work(event: Event, body: WorkItemOpened | WorkItemClosed | WorkItemAction) -> Iterator[Statement]:
    match body:
        case WorkItemOpened():
            yield WORK_OPENED, _work_item_row(event, body)
        case WorkItemClosed():
            yield WORK_CLOSED, (body.reason, body.item_id)
        case WorkItemResolved():
            yield WORK_CLOSED, (f"resolved by {body.who}", body.item_id)
        case WorkItemReopened():
            yield WORK_REOPENED, (body.item_id,)
        case WorkItemTaken():
            yield WORK_TAKEN, (body.who, body.item_id)
    if not isinstance(body, WorkItemOpened):
        yield WORK_TIMELINE, (event.event_id, body.item_id) * 2


def _project_money(event: Event) -> Iterator[Statement]:
    match event.body:
        case ChargesPosted() | WriteOffPosted() as booked:
            moved = tuple(map(to_cents, (booked.paid_amount, booked.adjusted_amount, booked.patient_amount)))
            if any(moved):
                yield POSTED, (booked.claim_id, *moved)
            if booked.entry:
                yield from _entry_rows(event, booked.entry, None)
        case PaymentPosted() | UnappliedReleased() as posted:
            if posted.claim_id:
                paid = getattr(posted, "applied_amount", None)
                amounts = (posted.paid_amount if paid is None else paid, posted.adjusted_amount, posted.patient_amount)
                yield POSTED, (posted.claim_id, *map(to_cents, amounts))
            number = posted.patient_control_number
            if PATIENT_CONTROL_NUMBER.fullmatch(number) and billed_id_of(number) == posted.claim_id != claim_id_of(
                number
            ):
                yield POSTED, (claim_id_of(number), 0, 0, 0)  # a later payer's claim
            if isinstance(posted, PaymentPosted):
                yield REMITTANCE_MOVED, (posted.remittance_id, to_cents(posted.paid_amount))
            if posted.entry:
                yield from _entry_rows(event, posted.entry, posted.remittance_id)
        case RemittanceAccepted() as body:
            yield REMITTANCE_ACCEPTED, (body.remittance_id, to_cents(body.payment_amount), body.payer_name)
        case RemittanceHeld() as body:
            yield REMITTANCE_HELD, (body.remittance_id, to_cents(body.payment_amount), body.reason)
        case ProviderAdjustmentsPosted() as body:
            yield REMITTANCE_MOVED, (body.remittance_id, to_cents(body.paid_amount))
            yield from _entry_rows(event, body.entry, body.remittance_id)
        case RemittancePosted() as body:
            yield REMITTANCE_CLOSED, (body.remittance_id,)
        case PatientPaymentPosted() | PatientCreditMoved() | SmallBalanceWrittenOff() | PatientRefundPosted() as moved:
            yield from _entry_rows(event, moved.entry, None)
        case PatientBalanceChanged() as body:
            shares = (body.share_amount, body.paid_amount, body.written_off_amount)
            cents = map(to_cents, (*shares, body.refund_amount, body.refunded_amount, body.balance_amount))
            yield PATIENT_BALANCE, (body.claim_id, body.account_key, body.encounter_id, body.status, *cents)
        case DepositReceived() as body:
            what = (body.deposited_on.isoformat(), to_cents(body.amount), body.trace_number, body.description)
            yield DEPOSIT, (body.deposit_id, *what)
        case DepositMatched() as body:
            yield DEPOSITED, (body.deposit_id, body.matched_by, " ".join(body.remittance_ids))
            # Not an entry of the remittance: those move clearing by exactly BPR02.
            yield from _entry_rows(event, body.entry, None)
        case StatementIssued() as body:
            claims = " ".join(body.claim_ids)
            due = to_cents(body.due_amount)
            row = (body.statement_id, body.account_key, body.issued_on.isoformat(), due, claims, body.file_name)
            yield STATEMENT, row
        case _:
            return


def _entry_rows(event: Event, entry: JournalEntry, remittance_id: str | None) -> Iterator[Statement]:
    place = entry.document
    sha256, segment = (place.sha256, place.segment) if place else (None, None)
    at = event.occurred_at.isoformat()
    head = (entry.entry_id, event.event_id, entry.claim_id, entry.encounter_id, remittance_id, at, sha256, segment)
    yield ENTRY, head
    for index, line in enumerate(entry.lines):
        cents = (to_cents(line.debit), to_cents(line.credit))
        yield ENTRY_LINE, (entry.entry_id, index, line.account, line.qualifier, *cents)


def _work_item_row(event: Event, body: WorkItemOpened) -> tuple[object, ...]:
    deadline = body.deadline.isoformat() if isinstance(body.deadline, date) else None
    amount = None if body.amount is None else to_cents(body.amount)
    place = (body.claim_id, body.encounter_id, body.remittance_id)
    what = (body.queue, body.owner, body.priority, body.reason, body.category)
    opened = (event.event_id, event.occurred_at.isoformat())
    about = (body.root_cause, " ".join(body.edits), body.appeal_level, body.appeal_name)
    return (body.item_id, *what, *place, body.next_action, deadline, amount, *opened, *about)
