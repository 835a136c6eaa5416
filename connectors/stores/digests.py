"""Two fingerprints of a store, by which a crashed, repeated or replayed run is held against an undisturbed one.

`digest` is of the settled business state: equal after any fault, between engines, and for inputs that commute. It knows
nothing of offsets, sequence, event ids, times, interchange control numbers and file names. `journal_digest` is of every
event and ledger entry as well, and is compared when the recorded order is replayed.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import closing

from connectors.stores.connection import Connection
from connectors.stores.projections.claim import CLAIM_STATE

FETCH_ROWS = 1_000

# Only open work items: whether one was opened and closed on the way (a payment that came before its claim) depends on
# the order of arrival, and asks nothing of anybody any more. A remittance that is held after it was accepted is one
# that came again with other content.
SETTLED_STATE = {
    "claim": f"SELECT claim_id, {CLAIM_STATE}, charge_cents, paid_cents, adjusted_cents, patient_cents FROM claim "
    "ORDER BY claim_id",
    "remittance": "SELECT remittance_id, CASE WHEN closed = 1 THEN 'posted' WHEN accepted = 1 THEN 'accepted' "
    "ELSE 'held' END, held, payment_cents, posted_cents FROM remittance ORDER BY remittance_id",
    "account": "SELECT account, qualifier, SUM(debit_cents) - SUM(credit_cents) FROM entry_line "
    "GROUP BY account, qualifier HAVING SUM(debit_cents) <> SUM(credit_cents) ORDER BY account, qualifier",
    "work_item": "SELECT item_id, state, reason FROM work_item WHERE state <> 'closed' ORDER BY item_id",
    "patient_balance": "SELECT claim_id, status, share_cents, paid_cents, written_off_cents, refund_cents, "
    "balance_cents FROM patient_balance WHERE share_cents <> 0 OR paid_cents <> 0 OR written_off_cents <> 0 "
    "OR refund_cents <> 0 OR balance_cents <> 0 ORDER BY claim_id",
    "deposit": "SELECT deposit_id, amount_cents, remittance_ids FROM deposit ORDER BY deposit_id",
    "encounter": "SELECT encounter_id, state FROM encounter ORDER BY encounter_id",
}
JOURNAL = {
    "event": "SELECT event_id, type, schema_version, key, correlation_id, causation_id, decided_by, body "
    "FROM event ORDER BY event_id",
    "entry": "SELECT entry_id, event_id, claim_id, encounter_id, remittance_id, sha256, segment FROM entry "
    "ORDER BY entry_id",
    "entry_line": "SELECT entry_id, line, account, qualifier, debit_cents, credit_cents FROM entry_line "
    "ORDER BY entry_id, line",
}


def digest(connection: Connection) -> str:
    """The settled business state as 64 hexadecimal digits."""
    return _hash_rows(_canonical_rows(connection, SETTLED_STATE))


def journal_digest(connection: Connection) -> str:
    """Every event and ledger entry, whatever the order in which they came, as 64 hexadecimal digits."""
    return _hash_rows(_canonical_rows(connection, JOURNAL))


def _canonical_rows(connection: Connection, queries: dict[str, str]) -> Iterator[bytes]:
    """One line of JSON a row. Sorting is the database's, and bytewise: every id here is ASCII."""
    for table, query in queries.items():
        with closing(connection.stream(query)) as rows:
            while chunk := rows.fetchmany(FETCH_ROWS):
                for row in chunk:
                    yield json.dumps([table, *map(_plain, row)], separators=(",", ":")).encode() + b"\n"


def _plain(value: object) -> object:
    """Postgres sums BIGINT as NUMERIC and gives a BYTEA as memoryview; a digest must not see the difference."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes | memoryview):
        return hashlib.sha256(value).hexdigest()
    return int(value)  # type: ignore[call-overload]


def _hash_rows(rows: Iterable[bytes]) -> str:
    hasher = hashlib.sha256()
    for row in rows:
        hasher.update(row)
    return hasher.hexdigest()
