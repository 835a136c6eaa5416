"""Tells what a controller would see of a case, in the words of the book."""

import json
from collections.abc import Iterator

from connectors.stores.connection import Connection
from connectors.stores.projections.claim import CLAIM_STATE
from schemas.events import ClaimBuilt
from schemas.identifiers import make_id
from schemas.money import format_money, from_cents
from schemas.x12.x835_005010x221a1 import remittance_identity
from streams.installation import Opened
from tests.cases.book import Case

ENTRY_ORDER = ("", "rcm.remittance.provider_level", "rcm.deposit", "rcm.patient")  # the claims' own come first


def describe(case: Case, installation: Opened, *, with_history: bool = True) -> str:
    """Entries in order, balances, claims, next payers, patients, remittances, the bank and open work.

    Without its history, only what must not depend on the order in which all of it came.
    """
    connection = installation.store.connection
    names: dict[str, str] = {}
    for step in case.steps:
        for made, name in zip(step.remittances, step.names, strict=True):
            names.setdefault(make_id("remittance", remittance_identity(made)), name)
    sections = {
        "entries": _tell_entries(case, connection, names) if with_history else None,
        "balances": _tell_balances(connection),
        "claims": _tell_claims(case, connection),
        "next claims": (list(_tell_next_claims(case, connection)) or None) if with_history else None,
        "patients": list(_tell_patients(case, connection)) or None,
        "statements": list(_tell_statements(case, connection)) if _acts(case, "statements") else None,
        "remittances": _tell_remittances(connection, names),
        "bank": list(_tell_bank(connection, names)) if _acts(case, "bank") else None,
        "work": _tell_work(case, connection),
    }
    told: list[str] = []
    for name, lines in sections.items():
        if lines is not None:
            told += [name, *(f"  {line}" for line in lines)]
    return "\n".join(told)


def _acts(case: Case, verb: str) -> bool:
    return any(step.act and step.act.words[0] == verb for step in case.steps)


def _tell_entries(case: Case, connection: Connection, names: dict[str, str]) -> list[str]:
    """By what caused them, then as ENTRY_ORDER says, whatever order the engine takes its steps in."""
    told = []
    log = {row[0]: row[1:] for row in connection.execute("SELECT event_id, causation_id, sequence FROM event")}

    def place(event_id: str, kind: str) -> tuple[int, int, int]:
        cause = event_id
        while log[cause][0]:
            cause = log[cause][0]
        rank = max(n for n, name in enumerate(ENTRY_ORDER) if kind.startswith(name))
        return log[cause][1], rank, log[event_id][1]

    rows = connection.execute(
        "SELECT event_id, type, entry_id, claim_id, remittance_id, body FROM entry JOIN event USING (event_id)"
    ).fetchall()
    rows.sort(key=lambda row: place(row[0], row[1]))
    for _, _, entry_id, claim_id, remittance_id, body in rows:
        about = [names.get(remittance_id or "", ""), case.names.get(claim_id or "", "")]
        source = json.loads(body)
        about.append(f"PLB {source['reason']}" if "reason" in source else "")
        whose = "bank" if "deposit_id" in source else "patient"
        lines = connection.execute(
            "SELECT account, qualifier, debit_cents - credit_cents FROM entry_line WHERE entry_id = ? "
            "ORDER BY debit_cents = 0, account, qualifier",
            (entry_id,),
        )
        sides = ", ".join(f"{_name(account, qualifier)} {_show(cents)}" for account, qualifier, cents in lines)
        told.append(f"{' '.join(filter(None, about)) or whose}: {sides}")
    return told


def _tell_balances(connection: Connection) -> list[str]:
    query = (
        "SELECT account, qualifier, SUM(debit_cents - credit_cents) AS cents FROM entry_line "
        "GROUP BY account, qualifier HAVING cents <> 0 ORDER BY account, qualifier"
    )
    return [f"{_name(account, qualifier)} {_show(cents)}" for account, qualifier, cents in connection.execute(query)]


def _tell_claims(case: Case, connection: Connection) -> list[str]:
    told = []
    for claim_id, letter in sorted(case.names.items(), key=lambda item: item[1]):
        row = connection.execute(
            f"SELECT paid_cents, adjusted_cents, patient_cents, {CLAIM_STATE} FROM claim WHERE claim_id = ?",
            (claim_id,),
        ).fetchone()
        (left,) = connection.execute(
            "SELECT COALESCE(SUM(debit_cents - credit_cents), 0) FROM entry JOIN entry_line USING (entry_id) "
            "WHERE claim_id = ? AND account = 'insurance_receivable'",
            (claim_id,),
        ).fetchone()
        paid, adjusted, patient = map(_show, row[:3])
        told.append(f"{letter} {row[3]}: paid {paid}, adjusted {adjusted}, patient {patient}, open {_show(left)}")
    return told


def _tell_next_claims(case: Case, connection: Connection) -> Iterator[str]:
    """The claims to later payers as they stand: what the payers before have decided (2320, 2430), or withdrawn."""
    latest: dict[str, ClaimBuilt] = {}
    rows = connection.execute("SELECT body FROM event WHERE type = ? ORDER BY sequence", (ClaimBuilt.type,))
    for (body,) in rows.fetchall():
        built = ClaimBuilt.model_validate_json(body)
        if built.summary.responsibility != "P":
            latest[built.summary.claim_id] = built
    for claim_id, built in sorted(latest.items(), key=lambda item: case.names[item[0][:16]] + item[0][16:]):
        name = f"{case.names[claim_id[:16]]}/{claim_id[16:]} to {built.summary.payer_name}"
        query = "SELECT withdrawn FROM claim WHERE claim_id = ?"
        if connection.execute(query, (claim_id,)).fetchone() == (1,):
            yield f"{name}: withdrawn"
            continue
        decided = [
            f"{prior.payer.name} paid {prior.paid_amount}, left {prior.remaining_amount}"
            for prior in built.claim.other_payers
            if prior.paid_amount is not None
        ]
        yield f"{name} of {format_money(built.summary.charge_amount)}: {'; '.join(decided)}"


def _tell_patients(case: Case, connection: Connection) -> Iterator[str]:
    columns = "share_cents, paid_cents, written_off_cents, refund_cents, refunded_cents"
    rows = connection.execute(f"SELECT claim_id, status, balance_cents, {columns} FROM patient_balance").fetchall()
    for claim_id, status, balance, *parts in sorted(rows, key=lambda row: case.names[row[0]]):
        if not any(parts):
            continue  # nothing of it is the patient's any more
        names = ("share", "paid", "written off", "due back", "sent back")
        how = ", ".join(f"{name} {_show(cents)}" for name, cents in zip(names, parts, strict=True) if cents)
        yield f"{case.names[claim_id]} {status.replace('_', ' ')} {_show(balance)}" + (f": {how}" if how else "")


def _tell_statements(case: Case, connection: Connection) -> Iterator[str]:
    query = "SELECT issued_on, claim_ids, due_cents FROM statement ORDER BY issued_on, claim_ids"
    for day, claim_ids, cents in connection.execute(query):
        yield f"{day} {' '.join(sorted(case.names[claim_id] for claim_id in claim_ids.split()))} {_show(cents)}"


def _tell_remittances(connection: Connection, names: dict[str, str]) -> list[str]:
    told = []
    for remittance_id, name in names.items():
        state = connection.execute(
            "SELECT CASE WHEN closed THEN 'posted' WHEN accepted THEN 'accepted' ELSE '' END, held, reason, "
            "posted_cents FROM remittance WHERE remittance_id = ?",
            (remittance_id,),
        ).fetchone()
        words = [state[0], f"held {state[2]}" if state[1] else ""]
        told.append(f"{name} {' and '.join(filter(None, words))}, {_show(state[3])}")
    return told


def _tell_bank(connection: Connection, names: dict[str, str]) -> Iterator[str]:
    query = "SELECT deposited_on, amount_cents, matched_by, remittance_ids FROM deposit ORDER BY 1, 2, 4"
    for day, cents, matched_by, remittance_ids in connection.execute(query):
        what = ", ".join(names[remittance_id] for remittance_id in remittance_ids.split())
        yield f"{day} {_show(cents)} " + (f"{what} by {matched_by.replace('_', ' ')}" if matched_by else "waits")


def _tell_work(case: Case, connection: Connection) -> list[str]:
    query = "SELECT reason, amount_cents, claim_id FROM work_item WHERE state = 'open' ORDER BY reason, amount_cents"
    return [
        " ".join(filter(None, (reason, case.names.get((claim_id or "")[:16]), _show(cents or 0))))
        for reason, cents, claim_id in connection.execute(query)
    ]


def _name(account: str, qualifier: str) -> str:
    return f"{account}:{qualifier}" if qualifier else account


def _show(cents: int) -> str:
    return format_money(from_cents(cents))
