"""Where the charges went: the way of the claims, the money that must tie to the ledger, and what is denied."""

from schemas.money import Sum
from streams.installation import Asked
from streams.reports.base import Report, money


class ClaimFunnel(Report):
    """How many claims were built, and how many of them came as far as each station; a station is never left."""

    built: int
    submitted: int
    acknowledged: int
    rejected: int
    denied: int  # whole, or a line of it
    posted: int


class ChargesReport(Report):
    """Every dollar that was charged, by where it is now; `difference` is what no part accounts for, and must be 0.00.

    `unapplied` is what payers paid beyond a claim's charges: a part below zero.
    """

    paid_by_insurance: Sum
    contractual: Sum
    sequestration: Sum
    paid_by_patients: Sum
    owed_by_patients: Sum
    written_off: Sum
    still_open: Sum
    unapplied: Sum
    charges: Sum
    difference: Sum
    ties: bool
    entries: int


class DenialCategory(Report):
    """Open denials of one category and team."""

    category: str
    queue: str
    items: int
    amount: Sum


def report_funnel(installation: Asked) -> ClaimFunnel:
    """How far the claims came."""
    built, submitted, acknowledged, rejected, denied, posted = installation.store.connection.execute(
        "SELECT count(*), count(nullif(submitted, 0)), count(nullif(accepted, '')), count(nullif(rejected, '')), "
        "count(nullif(denied, 0)), count(nullif(posted, 0)) FROM claim"
    ).fetchone()
    return ClaimFunnel(
        built=built, submitted=submitted, acknowledged=acknowledged, rejected=rejected, denied=denied, posted=posted
    )


def report_charges(installation: Asked) -> ChargesReport:
    """Charges = paid + contractual + patients + written off + still open, from the ledger, to the cent."""
    connection = installation.store.connection
    balances = dict(
        connection.execute(
            "SELECT account, sum(debit_cents) - sum(credit_cents) FROM entry_line GROUP BY account"
        ).fetchall()
    )
    (paid,) = connection.execute("SELECT coalesce(sum(paid_cents), 0) FROM claim").fetchone()
    # What patients paid of their share left the receivable; their share is still part of the charges.
    (by_patients,) = connection.execute(
        "SELECT coalesce(sum(paid_cents - refund_cents), 0) FROM patient_balance"
    ).fetchone()
    (unapplied,) = connection.execute(
        "SELECT coalesce(sum(debit_cents) - sum(credit_cents), 0) FROM entry_line "
        "WHERE account = 'unapplied_payments' AND qualifier <> 'patient'"
    ).fetchone()
    (entries,) = connection.execute("SELECT count(*) FROM entry").fetchone()
    parts = {
        "paid_by_insurance": paid,
        "contractual": balances.get("contractual_adjustments", 0),
        "sequestration": balances.get("sequestration", 0),
        "paid_by_patients": by_patients,
        "owed_by_patients": balances.get("patient_receivable", 0),
        "written_off": balances.get("denial_write_offs", 0) + balances.get("other_write_offs", 0),
        "still_open": balances.get("insurance_receivable", 0),
        "unapplied": unapplied,
    }
    charges = -balances.get("gross_charges", 0)
    difference = charges - sum(parts.values())
    return ChargesReport(
        **{name: money(cents) for name, cents in parts.items()},
        charges=money(charges),
        difference=money(difference),
        ties=difference == 0,
        entries=entries,
    )


def list_denials(installation: Asked) -> tuple[DenialCategory, ...]:
    """Open denials by category and team, the dearest first."""
    rows = installation.store.connection.execute(
        "SELECT category, queue, count(*), sum(amount_cents) FROM work_item WHERE reason LIKE 'denied %' "
        "AND state = 'open' GROUP BY category, queue ORDER BY 4 DESC, 1"
    ).fetchall()
    return tuple(
        DenialCategory(category=category, queue=queue, items=items, amount=money(cents))
        for category, queue, items, cents in rows
    )


def find_dearest_denied(installation: Asked) -> str | None:
    """The claim with the highest charge of which nothing was paid and something is denied."""
    found = installation.store.connection.execute(
        "SELECT claim_id FROM claim WHERE denied = 1 AND paid_cents = 0 ORDER BY charge_cents DESC, claim_id LIMIT 1"
    ).fetchone()
    return None if found is None else str(found[0])
