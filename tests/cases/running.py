"""Puts a case through the pipeline in memory, and tells what a controller would see."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from connectors.clearinghouse.inbound import read_inbound_file
from connectors.stores.tables import CLAIM_STATE
from schemas.event import Event
from schemas.identifiers import make_id
from schemas.money import format_money, from_cents
from schemas.reference import Reference
from schemas.x12.writer import InterchangeHeader
from schemas.x12.x835_005010x221a1 import remittance_identity, write_835
from streams.installation import Opened
from tests.builders import NOW, SETTINGS, find_violations, open_small, publish
from tests.cases.book import Case, Step


def run_case(steps: Sequence[Step], folder: Path, reference: Reference, *, postgres: str | None = None) -> Opened:
    """A small installation to which all of this has happened; the invariants hold after every step."""
    installation = open_small(folder, reference, in_memory=True, postgres=postgres)
    for number, step in enumerate(steps, 1):
        publish(installation, [submit(step)] if step.claim else receive(installation, step, number))
        installation.engine.run_until_quiet()
        assert find_violations(installation.store.connection) == []
    return installation


def submit(step: Step) -> Event:
    assert step.claim is not None
    number = step.claim.summary.patient_control_number
    return Event(make_id("sent", number), step.claim.key, NOW, step.claim.encounter_id, None, "", step.claim)


def receive(installation: Opened, step: Step, number: int) -> Sequence[Event]:
    header = InterchangeHeader(
        sender_id="PAYER", receiver_id="CLINIC", date=NOW.date(), time=NOW.time(), control_number=number
    )
    sets = [replace(made, control_number=f"{place:04d}") for place, made in enumerate(step.remittances, 1)]
    data = write_835(header, sets)
    sha256 = installation.archive.keep(data)
    inbound = read_inbound_file(data, sha256, NOW, SETTINGS.secret)
    assert inbound.findings == (), inbound.findings
    return inbound.events


def describe(case: Case, installation: Opened, *, with_entries: bool = True) -> str:
    """Entries in order, balances, claims, remittances and open work, in the words of the book."""
    connection = installation.store.connection
    names: dict[str, str] = {}
    for step in case.steps:
        for made, name in zip(step.remittances, step.names, strict=True):
            names.setdefault(make_id("remittance", remittance_identity(made)), name)
    told: list[str] = []
    if with_entries:
        told.append("entries")
        query = (
            "SELECT entry_id, claim_id, remittance_id, body FROM entry JOIN event USING (event_id) ORDER BY sequence"
        )
        for entry_id, claim_id, remittance_id, body in connection.execute(query).fetchall():
            reason = json.loads(body).get("reason")
            about = [
                names.get(remittance_id or "", ""),
                case.names.get(claim_id or "", ""),
                f"PLB {reason}" if reason else "",
            ]
            lines = connection.execute(
                "SELECT account, qualifier, debit_cents - credit_cents FROM entry_line WHERE entry_id = ? "
                "ORDER BY debit_cents = 0, account, qualifier",
                (entry_id,),
            )
            sides = ", ".join(f"{_name(account, qualifier)} {_show(cents)}" for account, qualifier, cents in lines)
            told.append(f"  {' '.join(filter(None, about))}: {sides}")
    told.append("balances")
    query = (
        "SELECT account, qualifier, SUM(debit_cents - credit_cents) AS cents FROM entry_line "
        "GROUP BY account, qualifier HAVING cents <> 0 ORDER BY account, qualifier"
    )
    told += [f"  {_name(account, qualifier)} {_show(cents)}" for account, qualifier, cents in connection.execute(query)]
    told.append("claims")
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
        told.append(f"  {letter} {row[3]}: paid {paid}, adjusted {adjusted}, patient {patient}, open {_show(left)}")
    told.append("remittances")
    for remittance_id, name in names.items():
        state = connection.execute(
            "SELECT CASE WHEN closed THEN 'posted' WHEN accepted THEN 'accepted' ELSE '' END, held, reason, "
            "posted_cents FROM remittance WHERE remittance_id = ?",
            (remittance_id,),
        ).fetchone()
        words = [state[0], f"held {state[2]}" if state[1] else ""]
        told.append(f"  {name} {' and '.join(filter(None, words))}, {_show(state[3])}")
    told.append("work")
    query = "SELECT reason, amount_cents, claim_id FROM work_item WHERE state = 'open' ORDER BY reason, amount_cents"
    for reason, cents, claim_id in connection.execute(query):
        told.append(" ".join(filter(None, (" ", reason, case.names.get(claim_id or ""), _show(cents or 0)))))
    return "\n".join(told)


def _name(account: str, qualifier: str) -> str:
    return f"{account}:{qualifier}" if qualifier else account


def _show(cents: int) -> str:
    return format_money(from_cents(cents))
