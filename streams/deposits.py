"""Deposits as people see them: what is matched, what waits, and what a person says that a deposit is."""

from datetime import datetime
from decimal import Decimal

from schemas.errors import RefusedError
from schemas.event import publish_at_edge
from schemas.events import DepositMatchDecided, RemittanceShare
from schemas.money import from_cents
from streams.acts import make_act, take_act
from streams.installation import Opened
from streams.publishing import mint_action_id
from streams.reports import Json, money


def report_deposits(installation: Opened, *, waiting_only: bool = False) -> Json:
    """Deposits by date, and the remittances whose money no deposit has brought."""
    connection = installation.store.connection
    condition = "WHERE matched_by = ''" if waiting_only else ""
    deposits = [
        {
            "deposit_id": row[0],
            "deposited_on": row[1],
            "amount": money(row[2]),
            "trace_number": row[3],
            "description": row[4],
            "matched_by": row[5] or None,
            "remittance_ids": row[6].split(),
        }
        for row in connection.execute(
            "SELECT deposit_id, deposited_on, amount_cents, trace_number, description, matched_by, remittance_ids "
            f"FROM deposit {condition} ORDER BY deposited_on, deposit_id"
        )
    ]
    matched = {found for (text,) in connection.execute("SELECT remittance_ids FROM deposit") for found in text.split()}
    rows = connection.execute(
        "SELECT remittance_id, payer_name, payment_cents FROM remittance WHERE accepted = 1 AND payment_cents <> 0 "
        "ORDER BY remittance_id"
    ).fetchall()
    missing = [
        {"remittance_id": remittance_id, "payer_name": payer_name, "amount": money(cents)}
        for remittance_id, payer_name, cents in rows
        if remittance_id not in matched
    ]
    return {"deposits": deposits, "remittances_without_deposit": missing}


def decide_match(installation: Opened, wanted: str, remittances: list[str], who: str, why: str, now: datetime) -> Json:
    """Publishes which remittances a deposit is; returns the deposit. Raises RefusedError."""
    deposit_id, cents = _find(installation, "deposit", wanted)
    shares = []
    for name in dict.fromkeys(remittances):
        remittance_id, paid = _find(installation, "remittance", name)
        shares.append(RemittanceShare(remittance_id=remittance_id, amount=from_cents(paid)))
    total = sum((share.amount for share in shares), Decimal("0.00"))
    if total != from_cents(cents):
        raise RefusedError(f"nothing was matched: the deposit is {money(cents)}, and the remittances are {total}")
    if not who:
        raise RefusedError("nothing was matched: say who you are")
    body = make_act(
        DepositMatchDecided,
        deposit_id=deposit_id,
        action_id=mint_action_id(),
        who=who,
        why=why,
        deposit_amount=from_cents(cents),
        remittances=tuple(shares),
    )
    take_act(installation, publish_at_edge(body, deposit_id, now, deposit_id), "deposits")
    return next(item for item in report_deposits(installation)["deposits"] if item["deposit_id"] == deposit_id)


def _find(installation: Opened, table: str, wanted: str) -> tuple[str, int]:
    """The one deposit or remittance whose id begins so, and its cents."""
    cents = "amount_cents" if table == "deposit" else "payment_cents"
    rows = installation.store.connection.execute(
        f"SELECT {table}_id, {cents} FROM {table} WHERE {table}_id LIKE ? LIMIT 2", (f"{wanted}%",)
    ).fetchall()
    if len(wanted) < 4 or "%" in wanted or len(rows) != 1:
        raise RefusedError(f"'{wanted[:40]}' is not the beginning of one {table}'s id: `revcycle deposits` shows them")
    return rows[0][0], rows[0][1]
