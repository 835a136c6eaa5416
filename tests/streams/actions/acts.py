"""Each act of a person, and what makes an installation ready for it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from schemas.event import Body, publish_at_edge
from schemas.events import DepositReceived, ProviderQueried, RemittanceReceived, WorkItemOpened
from schemas.roles import Act, By
from streams.actions.claims import correct_claim
from streams.actions.clock import set_back
from streams.actions.denials import file_appeal, write_off_denial
from streams.actions.deposits import decide_match
from streams.actions.door import Done
from streams.actions.encounters import begin_act, finish_act
from streams.actions.patients import issue_refund, move_payment, return_payment, take_payment
from streams.actions.payments import admit_remittance, apply_payment, unapply_payment
from streams.actions.work_items import act_on_item
from streams.edge.clock import publish_tick
from streams.edge.ingest import ingest_bytes
from streams.installation import Opened
from streams.reports.encounters import find_encounter
from tests.builders import NOW, publish

AnyBody = TypeVar("AnyBody", bound=Body)
ANN = By("Ann Roe", "as told on the phone", NOW)
FIVE = Decimal("5.00")


@dataclass(frozen=True)
class Told:
    """An act: `do` tells it, after what `before` made ready."""

    act: Act
    do: Callable[[Opened, By], object]
    before: Callable[[Opened], object] = lambda _: None


def one(installation: Opened, query: str) -> str:
    row = installation.store.connection.execute(query + " LIMIT 1").fetchone()
    assert row is not None, query
    return str(row[0])


def find_held(installation: Opened) -> str:
    return one(installation, "SELECT encounter_id FROM encounter WHERE state = 'held' ORDER BY encounter_id")


def read_bodies(installation: Opened, model: type[AnyBody]) -> list[AnyBody]:
    """The events of one type in their order, whichever store holds them."""
    query = "SELECT body FROM event WHERE type = ? ORDER BY sequence"
    rows = installation.store.connection.execute(query, (model.type,)).fetchall()
    return [model.model_validate_json(bytes(body)) for (body,) in rows]


def find_open_item(installation: Opened) -> str:
    """A denial, by the event that opened it first: later ones change what the item says."""
    return next(body.item_id for body in read_bodies(installation, WorkItemOpened) if body.appeal_level)


def find_owed(installation: Opened) -> str:
    query = "SELECT claim_id FROM patient_balance WHERE status = 'owed' AND balance_cents > 2000 ORDER BY claim_id"
    return one(installation, query)


def find_paid(installation: Opened) -> str:
    return one(
        installation,
        "SELECT claim_id FROM claim WHERE first_remittance_id <> '' AND length(claim_id) = 16 "
        "AND payer_name LIKE 'LAKE%' ORDER BY claim_id",
    )


def ask(installation: Opened, by: By) -> Done:
    found = find_encounter(installation, find_held(installation))
    begun = begin_act(installation, ProviderQueried, found, by, "", "which side?")
    return finish_act(begun, found, provider="", question="which side?")


def pay(installation: Opened, reference: str = "receipt 1", amount: Decimal = FIVE) -> None:
    owed = find_owed(installation)
    take_payment(installation, owed, amount, reference, NOW.date(), "cash", By("", "", NOW))


def leave_unapplied(installation: Opened) -> None:
    row = "received_on,amount,reference,account_key\n2026-11-20,40.00,check 88,ZZZZZZZZZZ\n"
    ingest_bytes(installation, row.encode(), "payments.csv", NOW)
    installation.engine.run_until_quiet()


def bring_deposit(installation: Opened) -> None:
    """One deposit of two remittances' money: no file says whose it is."""
    rows = installation.store.connection.execute(
        "SELECT payment_cents FROM remittance WHERE payment_cents > 0 ORDER BY remittance_id LIMIT 2"
    ).fetchall()
    amount = Decimal(sum(row[0] for row in rows)) / 100
    body = DepositReceived(deposit_id="deposit-1", deposited_on=NOW.date(), amount=amount, description="LOCKBOX")
    publish(installation, [publish_at_edge(body, body.key, NOW, body.key)])
    installation.engine.run_until_quiet()


def match(installation: Opened, by: By) -> object:
    rows = installation.store.connection.execute(
        "SELECT remittance_id FROM remittance WHERE payment_cents > 0 ORDER BY remittance_id LIMIT 2"
    ).fetchall()
    return decide_match(installation, "deposit-1", [row[0][:12] for row in rows], by)


def lose_number(installation: Opened) -> None:
    """The payer pays a claim once more, under a number that is not ours."""
    sha256 = read_bodies(installation, RemittanceReceived)[0].document.sha256
    data = installation.archive.read(sha256).decode()
    for number in {s.split("*")[1] for s in data.split("~") if s.strip().startswith("CLP*")}:
        data = data.replace(number, f"OLD-{number[-6:]}")
    traced = {s.strip() for s in data.split("~") if s.strip().startswith("TRN*")}
    for segment in traced:
        data = data.replace(segment, segment.replace(segment.split("*")[2], f"9{segment.split('*')[2]}"))
    ingest_bytes(installation, data.encode(), "again.835", NOW)
    installation.engine.run_until_quiet()


def find_unmatched(installation: Opened) -> str:
    return one(installation, "SELECT item_id FROM work_item WHERE reason = 'unmatched_payment' ORDER BY item_id")


def apply(installation: Opened, by: By = ANN) -> object:
    return apply_payment(installation, find_unmatched(installation), find_paid(installation), by)


def lose_and_apply(installation: Opened) -> None:
    lose_number(installation)
    apply(installation)


def hold_another(installation: Opened) -> None:
    """A remittance with the trace, date, amount and payee of one that is posted, and other content."""
    sha256 = read_bodies(installation, RemittanceReceived)[0].document.sha256
    data = installation.archive.read(sha256).decode()
    name = next(s for s in data.split("~") if s.strip().startswith("NM1*QC")).split("*")[3]
    ingest_bytes(installation, data.replace(f"NM1*QC*1*{name}*", f"NM1*QC*1*{name}X*").encode(), "other.835", NOW)
    installation.engine.run_until_quiet()


def admit(installation: Opened, by: By) -> object:
    item = one(installation, "SELECT item_id FROM work_item WHERE reason = 'remittance_conflict'")
    return admit_remittance(installation, item, by)


def tick(installation: Opened) -> None:
    publish_tick(installation.store, installation.publish, date(2027, 1, 10))
    installation.engine.run_until_quiet()


def act_on(action: str) -> Callable[[Opened, By], object]:
    return lambda installation, by: act_on_item(installation, action, find_open_item(installation)[:8], by)


ACTS = {
    "query ask": Told("query", ask),
    "work take": Told("work", act_on("take")),
    "work note": Told("work", act_on("note")),
    "work resolve": Told("work", act_on("resolve")),
    "work reopen": Told("work", act_on("reopen"), lambda i: act_on("resolve")(i, ANN)),
    "work appeal": Told("appeal", lambda i, by: file_appeal(i, find_open_item(i), by, [])),
    "work write-off": Told("write_off", lambda i, by: write_off_denial(i, find_open_item(i), by, "Pat Moore", None)),
    "claim void": Told("correct_claim", lambda i, by: correct_claim(i, "void", find_paid(i), by)),
    "patient refund": Told(
        "refund_payment", lambda i, by: issue_refund(i, "ZZZZZZZZZZ", FIVE, "check 9", by), leave_unapplied
    ),
    "patient refund without a reference": Told(
        "refund_payment", lambda i, by: issue_refund(i, "ZZZZZZZZZZ", FIVE, "", by), leave_unapplied
    ),
    "patient returned": Told(
        "return_payment", lambda i, by: return_payment(i, find_owed(i), FIVE, "receipt 1", by), pay
    ),
    "patient move": Told(
        "move_payment", lambda i, by: move_payment(i, "ZZZZZZZZZZ", FIVE, find_owed(i), "", by), leave_unapplied
    ),
    "deposits match": Told("match_deposit", match, bring_deposit),
    "ledger apply": Told("apply_payment", apply, lose_number),
    "ledger unapply": Told("apply_payment", lambda i, by: unapply_payment(i, find_unmatched(i), by), lose_and_apply),
    "ledger admit": Told("admit_remittance", admit, hold_another),
    "tick --back-to": Told("set_clock_back", lambda i, by: set_back(i, date(2026, 12, 1), by), tick),
}
