"""Claims: where each stands, and its amounts, in integer cents."""

from collections.abc import Iterator

from connectors.stores.projections.projection import Projection, Statement
from schemas.event import Event
from schemas.events import (
    ChargesPosted,
    ClaimAcknowledged,
    ClaimBuilt,
    ClaimDenied,
    ClaimReleased,
    ClaimSubmitted,
    ClaimWaiting,
    ClaimWithdrawn,
    DenialResolved,
    InterchangeBuilt,
    PayerDecided,
    PaymentPosted,
    UnappliedReleased,
    WriteOffPosted,
)
from schemas.identifiers import PATIENT_CONTROL_NUMBER, billed_id_of, claim_id_of
from schemas.money import to_cents

# The latest state of a claim in one word, from its row: the strongest thing that is known of it wins. A rejection or
# acceptance counts only for the version that stands now. What a payer took back, or only estimated, is with it again;
# a later payer's claim (17 characters) has its amounts on the first payer's.
CLAIM_STATE = """CASE
    WHEN withdrawn = 1 AND submitted = 0 THEN 'withdrawn'
    WHEN paid_cents <> 0 THEN 'paid'
    WHEN posted = 1 AND denied = 1 THEN 'denied'
    WHEN posted = 1 AND (adjusted_cents <> 0 OR patient_cents <> 0 OR length(claim_id) > 16) THEN 'paid'
    WHEN rejected <> '' AND rejected = patient_control_number THEN 'rejected'
    WHEN accepted <> '' AND accepted = patient_control_number THEN 'acknowledged'
    WHEN submitted = 1 THEN 'submitted'
    ELSE 'open' END"""

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


def _build(_event: Event, body: ClaimBuilt) -> Iterator[Statement]:
    claim = body.summary
    # Charges belong to the encounter: a claim to a later payer bills them again and adds none.
    charge_cents = to_cents(claim.charge_amount) if claim.responsibility == "P" else 0
    about = (claim.claim_id, claim.account_key, claim.encounter_id, claim.patient_control_number)
    yield BUILT, (*about, body.trading_partner, claim.payer_name, body.revision, charge_cents)


def _withdraw(_event: Event, body: ClaimWithdrawn) -> Iterator[Statement]:
    yield WITHDRAWN, (body.claim_id, body.encounter_id, body.revision)


def _send(_event: Event, body: InterchangeBuilt) -> Iterator[Statement]:
    for item in body.claims:
        yield SETTLED, (item.summary.claim_id, item.summary.patient_control_number)


def _release(_event: Event, body: ClaimReleased) -> Iterator[Statement]:
    yield SETTLED, (body.claim_id, "")
    if body.patient_control_number.endswith("V"):
        yield VOIDING, (body.patient_control_number, body.claim_id)


def _wait(_event: Event, body: ClaimWaiting) -> Iterator[Statement]:
    yield SETTLED, (body.claim_id, body.patient_control_number)


def _submit(event: Event, body: ClaimSubmitted) -> Iterator[Statement]:
    yield SUBMITTED, (body.summary.claim_id, event.occurred_at.date().isoformat())


def _decide(event: Event, body: PayerDecided) -> Iterator[Statement]:
    yield DECIDED, (body.claim_id, event.occurred_at.date().isoformat(), body.remittance_id)


def _acknowledge(_event: Event, body: ClaimAcknowledged) -> Iterator[Statement]:
    number = body.patient_control_number
    if PATIENT_CONTROL_NUMBER.fullmatch(number):
        yield (ACCEPTED if body.outcome == "accepted" else REJECTED), (claim_id_of(number), number)


def _deny(_event: Event, body: ClaimDenied) -> Iterator[Statement]:
    if PATIENT_CONTROL_NUMBER.fullmatch(body.patient_control_number):
        yield DENIED, (claim_id_of(body.patient_control_number),)


def _resolve_denial(_event: Event, body: DenialResolved) -> Iterator[Statement]:
    if not body.open_denials:
        yield UNDENIED, (claim_id_of(body.patient_control_number),)


def _book(_event: Event, body: ChargesPosted | WriteOffPosted) -> Iterator[Statement]:
    moved = tuple(map(to_cents, (body.paid_amount, body.adjusted_amount, body.patient_amount)))
    if any(moved):
        yield POSTED, (body.claim_id, *moved)


def _post(_event: Event, body: PaymentPosted) -> Iterator[Statement]:
    if body.claim_id:
        paid = body.paid_amount if body.applied_amount is None else body.applied_amount
        yield POSTED, (body.claim_id, *map(to_cents, (paid, body.adjusted_amount, body.patient_amount)))
    yield from _post_later_payer(body)


def _move(_event: Event, body: UnappliedReleased) -> Iterator[Statement]:
    yield POSTED, (body.claim_id, *map(to_cents, (body.paid_amount, body.adjusted_amount, body.patient_amount)))
    yield from _post_later_payer(body)


def _post_later_payer(body: PaymentPosted | UnappliedReleased) -> Iterator[Statement]:
    """A later payer's claim is answered; its amounts are on the first payer's."""
    number = body.patient_control_number
    if PATIENT_CONTROL_NUMBER.fullmatch(number) and billed_id_of(number) == body.claim_id != claim_id_of(number):
        yield POSTED, (claim_id_of(number), 0, 0, 0)


CLAIM = Projection(
    table="claim",
    keys=("claim_id",),
    ddl=(
        """CREATE TABLE IF NOT EXISTS claim (
        claim_id TEXT PRIMARY KEY, account_key TEXT NOT NULL DEFAULT '', encounter_id TEXT NOT NULL DEFAULT '',
        patient_control_number TEXT NOT NULL DEFAULT '', trading_partner TEXT NOT NULL DEFAULT '',
        payer_name TEXT NOT NULL DEFAULT '', revision INTEGER NOT NULL DEFAULT 0,
        charge_cents BIGINT NOT NULL DEFAULT 0, paid_cents BIGINT NOT NULL DEFAULT 0,
        adjusted_cents BIGINT NOT NULL DEFAULT 0, patient_cents BIGINT NOT NULL DEFAULT 0,
        settled TEXT NOT NULL DEFAULT '', withdrawn INTEGER NOT NULL DEFAULT 0,
        submitted INTEGER NOT NULL DEFAULT 0, accepted TEXT NOT NULL DEFAULT '', rejected TEXT NOT NULL DEFAULT '',
        posted INTEGER NOT NULL DEFAULT 0, denied INTEGER NOT NULL DEFAULT 0,
        submitted_on TEXT NOT NULL DEFAULT '', decided_on TEXT NOT NULL DEFAULT '',
        first_remittance_id TEXT NOT NULL DEFAULT '')""",
        # Pending: built, and this version of it is neither in an interchange nor waiting for a person (`settled`).
        """CREATE INDEX IF NOT EXISTS claim_pending ON claim (trading_partner, claim_id)
        WHERE patient_control_number <> settled AND withdrawn = 0 AND encounter_id <> ''""",
        "CREATE INDEX IF NOT EXISTS claim_of_encounter ON claim (encounter_id)",
    ),
    rows={
        ClaimBuilt: _build,
        ClaimWithdrawn: _withdraw,
        InterchangeBuilt: _send,
        ClaimReleased: _release,
        ClaimWaiting: _wait,
        ClaimSubmitted: _submit,
        PayerDecided: _decide,
        ClaimAcknowledged: _acknowledge,
        ClaimDenied: _deny,
        DenialResolved: _resolve_denial,
        ChargesPosted: _book,
        WriteOffPosted: _book,
        PaymentPosted: _post,
        UnappliedReleased: _move,
    },
    ordered=frozenset({BUILT, WITHDRAWN, VOIDING, DENIED, UNDENIED}),
)
