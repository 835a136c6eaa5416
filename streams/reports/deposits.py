"""Deposits as people see them: what is matched, and what waits."""

from streams.installation import Asked
from streams.reports.base import Json, money


def report_deposits(installation: Asked, *, waiting_only: bool = False) -> Json:
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
