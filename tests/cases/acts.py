"""What people, the bank and the calendar do in a case: payments, refunds, statements, deposits, days, policies."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal

from connectors.bank.bai2 import BAI2
from schemas.event import Event, publish_at_edge
from schemas.events import PatientPaymentMoved, PatientPaymentReceived, PatientPaymentReturned, PatientRefundIssued
from schemas.identifiers import billed_id_of
from schemas.reference import Installation
from streams.actions.statements import write_statements
from streams.edge.clock import publish_tick
from streams.installation import Opened
from tests.builders import NOW, publish
from tests.receiving import read_document

VERBS = ("patient", "refund", "returned", "move", "day", "statements", "bank")


@dataclass(frozen=True)
class Act:
    """One of VERBS with the words behind it; `numbers` are the patient control numbers of the claims that it names."""

    words: tuple[str, ...]
    numbers: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()  # of the bank's file


def read_policy(words: list[str]) -> dict[str, object]:
    """`policy NAME VALUE`: a setting of `revcycle.toml`."""
    _, name, value = words
    kind = type(getattr(Installation(), name))
    return {name: value == "true" if kind is bool else kind(value)}


def perform(act: Act, installation: Opened) -> None:
    """Lets it happen, and runs the pipeline."""
    match act.words:
        case ("day", day):
            publish_tick(installation.store, installation.publish, date.fromisoformat(day))
        case ("statements", day):
            write_statements(installation, datetime.combine(date.fromisoformat(day), time(12), UTC))
        case ("bank", kind):
            publish(installation, read_document(_write_bank_file(kind, act.lines)).events)
        case _:
            publish(installation, [_make_payment(act)])
    installation.engine.run_until_quiet()


def _make_payment(act: Act) -> Event:
    """`patient pays A 20.00 on 2026-04-01 receipt 7`, `refund A 5.00 check 8`, `move account of A 5.00 to B`; instead
    of the claim `account of A`."""
    account_key, claim_id = act.numbers[0][:10], billed_id_of(act.numbers[0])
    body: PatientPaymentReceived | PatientRefundIssued | PatientPaymentReturned | PatientPaymentMoved
    match act.words:
        case ("patient", "pays", *whom, amount, "on", day, "receipt", receipt):
            body = PatientPaymentReceived(
                account_key=account_key,
                source_id=receipt,
                claim_id=None if whom[0] == "account" else claim_id,
                amount=Decimal(amount),
                received_on=date.fromisoformat(day),
            )
        case ("refund", *whom, amount, "check", check):
            body = PatientRefundIssued(
                account_key=account_key,
                action_id=f"refund {check}",
                who="R. Moss",
                claim_id=None if whom[0] == "account" else claim_id,
                amount=Decimal(amount),
                reference=check,
            )
        case ("returned", *whom, amount, "receipt", receipt):
            body = PatientPaymentReturned(
                account_key=account_key,
                action_id=f"returned {receipt}",
                who="R. Moss",
                why="the bank says so",
                claim_id=None if whom[0] == "account" else claim_id,
                amount=Decimal(amount),
                reference=receipt,
            )
        case ("move", "account", "of", _, amount, "to", _):
            body = PatientPaymentMoved(
                account_key=account_key,
                action_id=f"move to {act.numbers[1]}",
                who="R. Moss",
                why="the payment was theirs",
                amount=Decimal(amount),
                to_account_key=act.numbers[1][:10],
                claim_id=billed_id_of(act.numbers[1]),
            )
        case _:
            raise ValueError(f"nobody knows how to: {' '.join(act.words)}")
    return publish_at_edge(body, account_key, NOW, account_key)


def _write_bank_file(kind: str, lines: tuple[str, ...]) -> bytes:
    """A file with these lines: date, amount, trace where known, and in BAI2 a type code."""
    rows = [line.split() for line in lines]
    after = [dict(zip(row[2::2], row[3::2], strict=True)) for row in rows]
    if kind == "CSV":
        cells = [f"{row[0]},{row[1]},{more.get('trace', '')}" for row, more in zip(rows, after, strict=True)]
        return "\n".join(["deposited_on,amount,trace_number", *cells]).encode()
    assert kind == BAI2
    days = {row[0].replace("-", "")[2:] for row in rows}
    (day,) = days  # a group of BAI2 has one date
    records = []
    total = 0
    for place, (row, more) in enumerate(zip(rows, after, strict=True)):
        cents = abs(int(Decimal(row[1]).scaleb(2)))  # the type code says which way it goes
        total += cents
        records.append(f"16,{more.get('code', '142')},{cents},,BR{place},,{more.get('text', 'PAYER')}")
        if "trace" in more:
            records.append(f"88,TRN*1*{more['trace']}*{more['payer']}\\")
    count = len(records)
    head = [f"01,BANK,CLINIC,{day},0600,1,,,2/", f"02,CLINIC,BANK,1,{day},,USD,2/", "03,0000123456789,USD,,,,/"]
    tail = [f"49,{total},{count + 2}/", f"98,{total},1,{count + 4}/", f"99,{total},1,{count + 6}/"]
    return "\n".join([*head, *records, *tail, ""]).encode()
