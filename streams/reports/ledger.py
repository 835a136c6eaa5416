"""`revcycle ledger`: the trial balance, and journal entries with what each is for."""

import json
from collections.abc import Sequence

from connectors.stores.connection import Connection
from schemas.errors import RefusedError
from schemas.events import ChargesPosted, PaymentPosted, ProviderAdjustmentsPosted, UnappliedReleased
from schemas.identifiers import billed_id_of
from schemas.money import Sum
from streams.installation import Asked
from streams.reports.base import Instant, Report, money
from streams.reports.lookup import find, list_claims

ENTRY_SOURCES = {
    ChargesPosted.type: "charges",
    PaymentPosted.type: "claim payment",
    UnappliedReleased.type: "moved from or to unapplied",
}


class AccountBalance(Report):
    """An account, with its qualifier after a colon; `balance` is debit minus credit."""

    account: str
    debit: Sum
    credit: Sum
    balance: Sum


class TrialBalance(Report):
    """Every account; `balanced` is whether debits are credits."""

    balanced: bool
    entries: int
    accounts: tuple[AccountBalance, ...]


class LedgerLine(Report):
    """One side of an entry."""

    account: str
    debit: Sum
    credit: Sum


class EntryDocument(Report):
    """Where in the raw bytes an entry comes from, as far as it comes from any."""

    sha256: str | None
    segment: int | None


class LedgerEntry(Report):
    """A journal entry: what for, of which claim and remittance, and its lines."""

    entry_id: str
    event_id: str
    what: str
    claim_id: str | None
    remittance_id: str | None
    occurred_at: Instant
    document: EntryDocument
    lines: tuple[LedgerLine, ...]


class LedgerReport(Report):
    """The trial balance of the whole ledger, and the entries that were asked for."""

    balanced: bool
    accounts: tuple[AccountBalance, ...]
    entries: tuple[LedgerEntry, ...]


def report_trial_balance(connection: Connection) -> TrialBalance:
    """Every account with its debits and credits."""
    accounts = tuple(
        AccountBalance(
            account=_name_account(account, qualifier),
            debit=money(debit),
            credit=money(credit),
            balance=money(debit - credit),
        )
        for account, qualifier, debit, credit in connection.execute(
            "SELECT account, qualifier, sum(debit_cents), sum(credit_cents) FROM entry_line "
            "GROUP BY account, qualifier ORDER BY account, qualifier"
        )
    )
    debit, credit, entries = connection.execute(
        "SELECT coalesce(sum(debit_cents), 0), coalesce(sum(credit_cents), 0), count(DISTINCT entry_id) FROM entry_line"
    ).fetchone()
    return TrialBalance(balanced=debit == credit, entries=entries, accounts=accounts)


def report_ledger(installation: Asked, claim: str | None = None, remittance: str | None = None) -> LedgerReport:
    """Trial balance and entries, of one claim, of an encounter's claims, or of one remittance when asked. Raises
    RefusedError."""
    connection = installation.store.connection
    if claim is not None and remittance is not None:
        raise RefusedError("ask for the entries of a claim or of a remittance, not of both")
    where, parameters = "", list[str]()
    if claim is not None:
        found = find(installation, claim, "claim", "encounter")
        claims = [found.id] if found.kind == "claim" else list_claims(installation, found.id)
        if not claims:
            raise RefusedError("the encounter has no claims yet: `revcycle claim` shows where it stands")
        parameters = sorted(set(map(billed_id_of, claims)))
        where = f"WHERE claim_id IN ({','.join('?' * len(parameters))})"
    if remittance is not None:
        where, parameters = "WHERE remittance_id = ?", [find(installation, remittance, "remittance").id]
    balance = report_trial_balance(connection)
    entries = _list_entries(connection, where, parameters)
    return LedgerReport(balanced=balance.balanced, accounts=balance.accounts, entries=entries)


def _list_entries(connection: Connection, where: str, parameters: Sequence[str]) -> tuple[LedgerEntry, ...]:
    lines: dict[str, list[LedgerLine]] = {}
    query = f"""SELECT entry_id, account, qualifier, debit_cents, credit_cents FROM entry_line
        WHERE entry_id IN (SELECT entry_id FROM entry {where}) ORDER BY entry_id, line"""
    for entry_id, account, qualifier, debit, credit in connection.execute(query, parameters):
        line = LedgerLine(account=_name_account(account, qualifier), debit=money(debit), credit=money(credit))
        lines.setdefault(entry_id, []).append(line)
    query = f"""SELECT entry_id, event_id, type, body, claim_id, remittance_id, entry.occurred_at, sha256, segment
        FROM entry JOIN event USING (event_id) {where} ORDER BY sequence, segment"""
    return tuple(
        LedgerEntry(
            entry_id=entry_id,
            event_id=event_id,
            what=_name_entry_source(event_type, body),
            claim_id=claim_id,
            remittance_id=remittance_id,
            occurred_at=occurred_at,
            document=EntryDocument(sha256=sha256, segment=segment),
            lines=tuple(lines.get(entry_id, ())),
        )
        for entry_id, event_id, event_type, body, claim_id, remittance_id, occurred_at, sha256, segment in (
            connection.execute(query, parameters)
        )
    )


def _name_account(account: str, qualifier: str) -> str:
    return f"{account}:{qualifier}" if qualifier else account


def _name_entry_source(event_type: str, body: bytes) -> str:
    """What a journal entry is for, in a few words; of a provider-level adjustment its reason and reference (PLB03)."""
    if event_type in ProviderAdjustmentsPosted.names():
        told = json.loads(body)
        return f"PLB {told['reason']} {told['reference']}".strip()
    return ENTRY_SOURCES.get(event_type, event_type.removeprefix("rcm.posted."))
