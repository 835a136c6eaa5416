"""What people ask of an installation, as the JSON contract of the command line: status, claim, ledger."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from connectors.stores.connection import Connection
from connectors.stores.digests import digest
from connectors.stores.projections.claim import CLAIM_STATE
from schemas.errors import ConfigurationError
from schemas.events import ChargesPosted, PaymentPosted, ProviderAdjustmentsPosted, UnappliedReleased
from schemas.identifiers import billed_id_of
from schemas.money import format_money, from_cents
from streams.installation import Asked
from streams.pipeline import TOPICS
from streams.reports.lookup import find, list_claims
from streams.reports.timeline import describe_record, select_records

Json = dict[str, Any]
CLAIM_STATES = ("submitted", "acknowledged", "rejected", "paid", "denied", "open")
ENCOUNTER_STATES = ("held", "coded", "withdrawn")
ENTRY_SOURCES = {
    ChargesPosted.type: "charges",
    PaymentPosted.type: "claim payment",
    UnappliedReleased.type: "moved from or to unapplied",
}


def money(cents: int | None) -> str:
    """Integer cents as the contract's text with two decimals."""
    return format_money(from_cents(cents or 0))


def report_status(installation: Asked) -> Json:
    """Counts, lag, open work, trial balance and digest."""
    connection = installation.store.connection
    encounters = dict(connection.execute("SELECT state, count(*) FROM encounter GROUP BY state").fetchall())
    claims = dict(connection.execute(f"SELECT {CLAIM_STATE}, count(*) FROM claim GROUP BY 1").fetchall())
    (letters,) = connection.execute("SELECT count(*) FROM dead_letter WHERE retried = 0").fetchone()
    queues = dict(
        connection.execute(
            "SELECT queue, count(*) FROM work_item WHERE state = 'open' GROUP BY queue ORDER BY queue"
        ).fetchall()
    )
    return {
        "encounters": {
            "total": sum(encounters.values()),
            **{state: encounters.get(state, 0) for state in ENCOUNTER_STATES},
        },
        "claims": {
            **{state: claims.get(state, 0) for state in CLAIM_STATES},
            "withdrawn": claims.get("withdrawn", 0),
        },
        "topics": list(_list_topics(installation)),
        "dead_letters": letters,
        "set_aside": len(installation.store.list_set_aside()),
        "work_items": {"open": sum(queues.values()), "by_queue": queues},
        "ledger": report_trial_balance(connection),
        "digest": digest(connection),
        "warnings": list(_list_warnings(installation)),
    }


def _list_topics(installation: Asked) -> Iterator[Json]:
    query = "SELECT topic, count(*) FROM event GROUP BY topic"
    counts = dict(installation.store.connection.execute(query).fetchall())
    lags = installation.read_lags()
    for topic in TOPICS:
        yield {"name": topic, "events": counts.get(topic, 0), "lag": lags.get(topic, 0)}


def _list_warnings(installation: Asked) -> Iterator[str]:
    if installation.settings.is_test:
        yield "test installation: no revcycle.toml, so interchanges are marked as tests (ISA15 = T)"
    try:
        codesets = installation.find_reference().codesets
    except ConfigurationError as error:
        yield f"nothing is decided: {error}. What is here already is shown as it stands; `revcycle doctor` says more"
        return
    row = installation.store.connection.execute("SELECT max(occurred_at) FROM event").fetchone()
    if row[0]:
        yield from codesets.warnings(datetime.fromisoformat(row[0]).date())
    yield from codesets.not_loaded()


def report_trial_balance(connection: Connection) -> Json:
    """Every account with its debits and credits; `balance` is debit minus credit."""
    accounts = [
        {
            "account": f"{account}:{qualifier}" if qualifier else account,
            "debit": money(debit),
            "credit": money(credit),
            "balance": money(debit - credit),
        }
        for account, qualifier, debit, credit in connection.execute(
            "SELECT account, qualifier, sum(debit_cents), sum(credit_cents) FROM entry_line "
            "GROUP BY account, qualifier ORDER BY account, qualifier"
        )
    ]
    debit, credit, entries = connection.execute(
        "SELECT coalesce(sum(debit_cents), 0), coalesce(sum(credit_cents), 0), count(DISTINCT entry_id) FROM entry_line"
    ).fetchone()
    return {"balanced": debit == credit, "entries": entries, "accounts": accounts}


def report_ledger(installation: Asked, claim: str | None = None, remittance: str | None = None) -> Json:
    """Trial balance and entries, of one claim, of an encounter's claims, or of one remittance when asked. Raises
    RefusedError."""
    connection = installation.store.connection
    where, parameters = "", list[str]()
    if claim:
        found = find(installation, claim, "claim", "encounter")
        claims = [found.id] if found.kind == "claim" else list_claims(installation, found.id)
        parameters = sorted(set(map(billed_id_of, claims)))
        where = f"WHERE claim_id IN ({','.join('?' * len(parameters))})"
    if remittance:
        where, parameters = "WHERE remittance_id = ?", [find(installation, remittance, "remittance").id]
    lines: dict[str, list[Json]] = {}
    query = f"""SELECT entry_id, account, qualifier, debit_cents, credit_cents FROM entry_line
        WHERE entry_id IN (SELECT entry_id FROM entry {where}) ORDER BY entry_id, line"""
    for entry_id, account, qualifier, debit, credit in connection.execute(query, parameters):
        name = f"{account}:{qualifier}" if qualifier else account
        lines.setdefault(entry_id, []).append({"account": name, "debit": money(debit), "credit": money(credit)})
    query = f"""SELECT entry_id, event_id, type, body, claim_id, remittance_id, entry.occurred_at, sha256, segment
        FROM entry JOIN event USING (event_id) {where} ORDER BY sequence, segment"""
    entries = [
        {
            "entry_id": entry_id,
            "event_id": event_id,
            "what": _name_entry_source(event_type, body),
            "claim_id": claim_id,
            "remittance_id": remittance_id,
            "occurred_at": occurred_at,
            "document": {"sha256": sha256, "segment": segment},
            "lines": lines.get(entry_id, []),
        }
        for entry_id, event_id, event_type, body, claim_id, remittance_id, occurred_at, sha256, segment in (
            connection.execute(query, parameters)
        )
    ]
    balance = report_trial_balance(connection)
    return {"balanced": balance["balanced"], "accounts": balance["accounts"], "entries": entries}


def _name_entry_source(event_type: str, body: bytes) -> str:
    """What a journal entry is for, in a few words; of a provider-level adjustment its reason and reference (PLB03)."""
    if event_type == ProviderAdjustmentsPosted.type:
        told = json.loads(body)
        return f"PLB {told['reason']} {told['reference']}".strip()
    return ENTRY_SOURCES.get(event_type, event_type.removeprefix("rcm.posted."))


def report_claim(installation: Asked, wanted: str) -> Json:
    """The timeline of one claim, or of an encounter with all the claims that it was split into. Raises RefusedError."""
    connection = installation.store.connection
    found = find(installation, wanted, "claim", "encounter")
    columns = (
        f"claim_id, encounter_id, patient_control_number, {CLAIM_STATE}, charge_cents, paid_cents, adjusted_cents, "
        "patient_cents, submitted"
    )
    query = f"SELECT {columns} FROM claim WHERE {found.kind}_id = ? ORDER BY claim_id"
    claims = connection.execute(query, (found.id,)).fetchall()
    encounter_id = claims[0][1] if claims else found.id
    query = "SELECT state FROM encounter WHERE encounter_id = ?"
    encounter = connection.execute(query, (encounter_id,)).fetchone()
    subjects = {encounter_id, *(row[0] for row in claims)}
    charge, paid, adjusted, patient = (sum(row[place] for row in claims) for place in range(4, 8))
    still_open = sum(row[4] - row[5] - row[6] - row[7] for row in claims if row[8])
    return {
        "id": claims[0][0] if claims else encounter_id,
        "encounter_id": encounter_id,
        "patient_control_number": claims[0][2] if claims else None,
        "state": claims[0][3] if claims else encounter[0],
        "charge_amount": money(charge),
        "paid_amount": money(paid),
        "adjusted_amount": money(adjusted),
        "patient_amount": money(patient),
        "open_amount": money(still_open),
        "timeline": [describe_record(record) for record in select_records(installation, sorted(subjects))],
    }
