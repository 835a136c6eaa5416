"""`revcycle deposits match`: a person says which remittances a deposit is the money of."""

from decimal import Decimal

from schemas.errors import RefusedError
from schemas.events import DepositMatchDecided, RemittanceShare
from schemas.identifiers import make_id
from schemas.money import from_cents
from schemas.roles import By
from streams.actions.door import begin
from streams.installation import Opened
from streams.reports.base import money
from streams.reports.deposits import Deposit, report_deposits
from streams.reports.lookup import find


def decide_match(installation: Opened, wanted: str, remittances: list[str], by: By) -> Deposit:
    """Publishes which remittances a deposit is; returns the deposit. Raises RefusedError."""
    connection = installation.store.connection
    deposit_id = find(installation, wanted, "deposit").id
    query = "SELECT amount_cents FROM deposit WHERE deposit_id = ?"
    (cents,) = connection.execute(query, (deposit_id,)).fetchone()
    shares = []
    for remittance_id in sorted({find(installation, name, "remittance").id for name in remittances}):
        query = "SELECT payment_cents FROM remittance WHERE remittance_id = ?"
        (paid,) = connection.execute(query, (remittance_id,)).fetchone()
        shares.append(RemittanceShare(remittance_id=remittance_id, amount=from_cents(paid)))
    total = sum((share.amount for share in shares), Decimal("0.00"))
    if total != from_cents(cents):
        raise RefusedError(f"nothing was matched: the deposit is {money(cents)}, and the remittances are {total}")
    # What is matched stays so: the same words about the same deposit are the same act for ever.
    action_id = make_id("match", deposit_id, by.who, by.why, *(share.remittance_id for share in shares))
    begun = begin(installation, DepositMatchDecided, by, deposit_id, action_id=action_id)
    begun.finish(deposit_id, deposit_id=deposit_id, deposit_amount=from_cents(cents), remittances=tuple(shares))
    return next(item for item in report_deposits(installation).deposits if item.deposit_id == deposit_id)
