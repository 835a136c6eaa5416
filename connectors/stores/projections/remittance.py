"""Remittances: accepted, held or posted, and what of their payment has moved."""

from collections.abc import Iterator

from connectors.stores.projections.projection import Projection, Statement
from schemas.event import Event
from schemas.events import (
    PaymentPosted,
    ProviderAdjustmentsPosted,
    RemittanceAccepted,
    RemittanceHeld,
    RemittancePosted,
)
from schemas.money import to_cents

ACCEPTED = """INSERT INTO remittance (remittance_id, accepted, payment_cents, payer_name) VALUES (?, 1, ?, ?)
    ON CONFLICT (remittance_id) DO UPDATE SET accepted = 1, payment_cents = excluded.payment_cents,
    payer_name = excluded.payer_name"""
HELD = """INSERT INTO remittance (remittance_id, held, payment_cents, reason) VALUES (?, 1, ?, ?)
    ON CONFLICT (remittance_id) DO UPDATE SET held = 1, reason = excluded.reason,
    payment_cents = CASE WHEN remittance.accepted = 1 THEN remittance.payment_cents ELSE excluded.payment_cents END"""
MOVED = """INSERT INTO remittance (remittance_id, posted_cents) VALUES (?, ?)
    ON CONFLICT (remittance_id) DO UPDATE SET posted_cents = remittance.posted_cents + excluded.posted_cents"""
CLOSED = """INSERT INTO remittance (remittance_id, closed) VALUES (?, 1)
    ON CONFLICT (remittance_id) DO UPDATE SET closed = 1"""


def _accept(_event: Event, body: RemittanceAccepted) -> Iterator[Statement]:
    yield ACCEPTED, (body.remittance_id, to_cents(body.payment_amount), body.payer_name)


def _hold(_event: Event, body: RemittanceHeld) -> Iterator[Statement]:
    yield HELD, (body.remittance_id, to_cents(body.payment_amount), body.reason)


def _move(_event: Event, body: PaymentPosted | ProviderAdjustmentsPosted) -> Iterator[Statement]:
    yield MOVED, (body.remittance_id, to_cents(body.paid_amount))


def _close(_event: Event, body: RemittancePosted) -> Iterator[Statement]:
    yield CLOSED, (body.remittance_id,)


REMITTANCE = Projection(
    table="remittance",
    keys=("remittance_id",),
    ddl=(
        """CREATE TABLE IF NOT EXISTS remittance (
        remittance_id TEXT PRIMARY KEY, accepted INTEGER NOT NULL DEFAULT 0, held INTEGER NOT NULL DEFAULT 0,
        closed INTEGER NOT NULL DEFAULT 0, payment_cents BIGINT NOT NULL DEFAULT 0,
        posted_cents BIGINT NOT NULL DEFAULT 0, payer_name TEXT NOT NULL DEFAULT '',
        reason TEXT NOT NULL DEFAULT '')""",
    ),
    rows={
        RemittanceAccepted: _accept,
        RemittanceHeld: _hold,
        PaymentPosted: _move,
        ProviderAdjustmentsPosted: _move,
        RemittancePosted: _close,
    },
)
