"""The invariants of the ledger (domain rules, section 6), checked on a whole store: `revcycle ledger verify`.

Everything that is checked is read again: entries from the events that made them, balances from the entries, and
what a claim should come to from the adjudications that its posting remembers.
"""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from pydantic import ValidationError

from connectors.stores.common import RECORD_COLUMNS
from connectors.stores.connection import Connection
from processors.patients.account import PatientAccount
from processors.posting.standing import PostingState, name_entry, stand
from schemas.events import EVENT_TYPES
from schemas.ledger import JournalEntry
from schemas.money import format_money, from_cents, to_cents
from schemas.store import Record
from schemas.wire import decode_record, hash_body
from streams.installation import Asked
from streams.reports.base import Report

EVENTS_WITH_ENTRIES = tuple(n for kind in EVENT_TYPES.values() if "entry" in kind.model_fields for n in kind.names())
# What payment_posting books; patients' payments and write-offs move a claim's accounts besides.
POSTING = "'rcm.posted', 'rcm.posted.charges', 'rcm.posted.released', 'rcm.posted.written_off'"
CLEARING = "(SELECT COALESCE(SUM(debit_cents - credit_cents), 0) FROM entry JOIN entry_line USING (entry_id) WHERE \
entry.remittance_id = remittance.remittance_id AND account = 'remittance_clearing')"
OF_CLAIM = "(SELECT COALESCE(SUM(debit_cents - credit_cents), 0) FROM entry JOIN entry_line USING (entry_id) WHERE \
entry.claim_id = claim.claim_id AND account"

# Each query finds what must not be: the row's id, what is expected, what is found, in cents.
QUERIES = {
    "debits and credits of an entry differ": "SELECT entry_id, SUM(debit_cents), SUM(credit_cents) FROM entry_line "
    "GROUP BY entry_id HAVING SUM(debit_cents) <> SUM(credit_cents)",
    "a line with no entry": "SELECT entry_id, 0, SUM(debit_cents) FROM entry_line WHERE entry_id NOT IN "
    "(SELECT entry_id FROM entry) GROUP BY entry_id",
    "a negative or two-sided line": "SELECT entry_id, debit_cents, credit_cents FROM entry_line "
    "WHERE debit_cents < 0 OR credit_cents < 0 OR (debit_cents = 0) = (credit_cents = 0)",
    "a closed remittance moved other than its BPR02 through clearing": "SELECT remittance_id, payment_cents, "
    f"{CLEARING} FROM remittance WHERE closed = 1 AND payment_cents <> {CLEARING}",
    "a remittance's total is not that of its entries": f"SELECT remittance_id, posted_cents, {CLEARING} "
    f"FROM remittance WHERE posted_cents <> {CLEARING}",
    "a patient balance is not that of its entries": "SELECT claim_id, balance_cents, balance FROM patient_balance JOIN "
    "(SELECT claim_id, SUM(debit_cents - credit_cents) AS balance FROM entry JOIN entry_line USING (entry_id) "
    "WHERE account = 'patient_receivable' GROUP BY claim_id) USING (claim_id) WHERE balance_cents <> balance",
    "a claim's adjustments are not those of its entries": f"SELECT claim_id, adjusted_cents, {OF_CLAIM} IN "
    f"('contractual_adjustments', 'sequestration', 'denial_write_offs')) FROM claim WHERE adjusted_cents <> {OF_CLAIM} "
    "IN ('contractual_adjustments', 'sequestration', 'denial_write_offs'))",
}


class Violation(NamedTuple):
    """An invariant that does not hold, and where; amounts are cents."""

    what: str
    where: str
    expected: int = 0
    found: int = 0

    def __str__(self) -> str:
        amounts = f": expected {_show(self.expected)}, found {_show(self.found)}" if self.expected != self.found else ""
        return f"{self.what}: {self.where}{amounts}"


class BrokenInvariant(Report):
    """What does not hold, where, and with amounts in dollars where it is of amounts."""

    what: str
    where: str
    detail: str


class LedgerVerification(Report):
    """Whether every invariant of the ledger holds, and what of it does not."""

    holds: bool
    entries: int
    violations: tuple[BrokenInvariant, ...]


def verify(installation: Asked) -> LedgerVerification:
    """Reads the whole ledger again, and says what does not hold."""
    connection = installation.store.connection
    violations = tuple(
        BrokenInvariant(what=found.what, where=found.where, detail=str(found)) for found in find_violations(connection)
    )
    (entries,) = connection.execute("SELECT count(*) FROM entry").fetchone()
    return LedgerVerification(holds=not violations, entries=entries, violations=violations)


def find_violations(connection: Connection) -> Iterator[Violation]:
    """Every broken invariant; an empty store has none."""
    for what, query in QUERIES.items():
        for where, expected, found in connection.execute(query):
            yield Violation(what, where, int(expected), int(found))
    yield from _compare_with_events(connection)
    yield from _compare_with_settlements(connection)
    yield from _compare_with_accounts(connection)


def _compare_with_events(connection: Connection) -> Iterator[Violation]:
    """Each entry stands once, as the event that made it says: nothing added, changed or deleted beside the events."""
    marks = ",".join("?" * len(EVENTS_WITH_ENTRIES))
    made: Counter[str] = Counter()
    rows = connection.execute(
        f"SELECT body_hash, body, {RECORD_COLUMNS} FROM event WHERE type IN ({marks}) ORDER BY sequence",
        EVENTS_WITH_ENTRIES,
    )
    for body_hash, body, *columns in rows:
        record = Record(*columns)
        if hash_body(_as_bytes(body)) != bytes(body_hash):
            yield Violation("an event was changed after it was written", record.event_id)
        entry: JournalEntry | None = dict(decode_record(record).body)["entry"]
        if entry is None:
            continue
        made[entry.entry_id] += 1
        if made[entry.entry_id] > 1:
            yield Violation("an entry was posted twice", entry.entry_id)
        stored = connection.execute(
            "SELECT account, qualifier, debit_cents, credit_cents FROM entry_line WHERE entry_id = ? ORDER BY line",
            (entry.entry_id,),
        ).fetchall()
        told = [(line.account, line.qualifier, to_cents(line.debit), to_cents(line.credit)) for line in entry.lines]
        if [tuple(line) for line in stored] != told:
            yield Violation("an entry is not what its event says", entry.entry_id)
    for (entry_id,) in connection.execute("SELECT entry_id FROM entry"):
        if entry_id not in made:
            yield Violation("an entry that no event made", entry_id)


def _compare_with_settlements(connection: Connection) -> Iterator[Violation]:
    """For each claim: charge = paid + adjusted + patient + open, and every account as its settlement says."""
    rows = connection.execute("SELECT key, value FROM state WHERE step = 'payment_posting' AND value IS NOT NULL")
    known: set[str] = set()
    for key, value in rows.fetchall():
        try:
            state = PostingState.model_validate_json(_as_bytes(value))
        except ValidationError as error:
            yield Violation(f"what posting remembers cannot be read ({error.error_count()} errors)", key)
            continue
        if state.claim_id is None:
            continue
        known.add(state.claim_id)
        yield from _compare_claim(connection, state)
    for (claim_id,) in connection.execute("SELECT claim_id FROM claim WHERE submitted = 1 AND length(claim_id) = 16"):
        if claim_id not in known:
            yield Violation("a submitted claim that posting does not know", claim_id)


def _compare_claim(connection: Connection, state: PostingState) -> Iterator[Violation]:
    assert state.claim_id is not None
    standing = stand(state)
    settled = standing.settled
    assert settled is not None
    parts = settled.paid_cents + settled.adjusted_cents + settled.patient_cents + settled.open_cents
    if parts != settled.charge_cents:
        what = "charge is not paid + adjusted + patient + open"
        yield Violation(what, state.claim_id, settled.charge_cents, parts)
    booked = {
        (account, qualifier): int(cents)
        for account, qualifier, cents in connection.execute(
            "SELECT account, qualifier, SUM(debit_cents - credit_cents) FROM entry JOIN entry_line "
            f"USING (entry_id) JOIN event USING (event_id) WHERE claim_id = ? AND type IN ({POSTING}) "
            "GROUP BY account, qualifier",
            (state.claim_id,),
        )
    }
    # Cash that came before its claim went through entries of no claim.
    early = _sum_parked(connection, state)
    for part in sorted({*booked, *standing.balances}):
        expected = standing.balances.get(part, 0)
        found = booked.get(part, 0) + early.get(part, 0)
        if expected != found:
            yield Violation(f"{':'.join(filter(None, part))} of a claim", state.claim_id, expected, found)
    row = connection.execute(
        "SELECT paid_cents, patient_cents FROM claim WHERE claim_id = ?", (state.claim_id,)
    ).fetchone()
    paid, patient = map(int, row or (0, 0))
    if (paid, patient) != (settled.paid_cents, settled.patient_cents):
        yield Violation(
            "a claim's paid and patient amounts",
            state.claim_id,
            settled.paid_cents + settled.patient_cents,
            paid + patient,
        )


def _sum_parked(connection: Connection, state: PostingState) -> dict[tuple[str, str], int]:
    sums: Counter[tuple[str, str]] = Counter()
    for item in state.adjudications:
        rows = connection.execute(
            "SELECT account, qualifier, debit_cents - credit_cents FROM entry JOIN entry_line USING (entry_id) "
            "WHERE entry_id = ? AND claim_id IS NULL",
            (name_entry(item),),
        )
        for account, qualifier, cents in rows:
            sums[account, qualifier] += cents
    return sums


def _compare_with_accounts(connection: Connection) -> Iterator[Violation]:
    """What patients paid and no claim takes is what their accounts remember of it."""
    rows = connection.execute("SELECT value FROM state WHERE step = 'patient_billing' AND value IS NOT NULL")
    accounts = (PatientAccount.model_validate_json(_as_bytes(value)) for (value,) in rows.fetchall())
    expected = sum(to_cents(account.unapplied_amount) for account in accounts)
    (found,) = connection.execute(
        "SELECT COALESCE(SUM(credit_cents - debit_cents), 0) FROM entry_line "
        "WHERE account = 'unapplied_payments' AND qualifier = 'patient'"
    ).fetchone()
    if expected != int(found):
        what = "what patients paid and no claim takes is not what their accounts remember"
        yield Violation(what, "unapplied_payments:patient", expected, int(found))


def _as_bytes(value: bytes | memoryview | str) -> bytes:
    """A body as either store gives it, and as somebody may have written over it."""
    return value.encode() if isinstance(value, str) else bytes(value)


def _show(cents: int) -> str:
    return format_money(from_cents(cents))
