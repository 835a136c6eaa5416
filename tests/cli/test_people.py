"""A person corrects a claim and takes patients' money, by the command line."""

import json
import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from connectors.stores.sqlite import SqliteStore
from schemas.x12.x837p_005010x222a1 import read_837p
from streams.cli import app
from tests.builders import find_violations


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def run_json(*arguments: object) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("people") / "demo"
    assert run("demo", "--encounters", 60, "--data", folder, "--json").exit_code == 0
    return folder


def find_claim(data: Path, condition: str) -> str:
    with sqlite3.connect(data / "revcycle.db") as connection:
        query = f"SELECT claim_id FROM claim LEFT JOIN patient_balance USING (claim_id) WHERE {condition} LIMIT 1"
        return str(connection.execute(query).fetchone()[0])


def test_a_void_goes_out_under_the_payers_number(data: Path) -> None:
    claim_id = find_claim(data, "payer_name LIKE 'LAKE%' AND claim.paid_cents > 0 AND length(claim_id) = 16")
    before = set((data / "outbox").glob("*.837"))
    run_json("claim", "void", claim_id, "--who", "M. Biller", "--why", "billed twice", "--data", data)

    (sent,) = set((data / "outbox").glob("*.837")) - before
    (void,) = list(read_837p(sent.read_bytes()))
    assert (void.claim.patient_control_number, void.claim.frequency) == (f"{claim_id}01V", "8")
    assert void.claim.payer_claim_control_number, "REF*F8"
    again = run("claim", "void", claim_id, "--who", "M. Biller", "--why", "again", "--data", data)
    assert "it is not with the payer" in str(again.exception)
    assert set((data / "outbox").glob("*.837")) - before == {sent}, "nothing is voided twice"
    assert "correction_refused" in json.dumps(run_json("worklist", "--claim", claim_id, "--data", data))


def test_a_decision_needs_a_name_and_a_reason(data: Path) -> None:
    claim_id = find_claim(data, "claim.paid_cents > 0 AND length(claim_id) = 16")

    assert run("claim", "void", claim_id, "--data", data).exit_code == 2
    assert run("claim", "replace", "NOBODY", "--who", "M", "--why", "x", "--data", data).exit_code != 0


def test_a_payment_counts_once_and_the_books_stay_right(data: Path) -> None:
    claim_id = find_claim(data, "status = 'owed' AND balance_cents > 1000")
    first = run_json(
        "patient", "pay", claim_id, "10.00", "--reference", "check 77", "--on", "2026-10-01", "--data", data
    )
    again = run_json(
        "patient", "pay", claim_id, "10.00", "--reference", "check 77", "--on", "2026-10-01", "--data", data
    )

    assert (first["repeated"], again["repeated"]) == (False, True)
    assert first["claims"] == again["claims"]
    (claim,) = [claim for claim in first["claims"] if claim["claim_id"] == claim_id]
    assert claim["paid_amount"] == "10.00"
    ledger = run_json("ledger", "--claim", claim_id, "--data", data)
    assert ["bank", "patient_receivable"] in [[line["account"] for line in e["lines"]] for e in ledger["entries"]]
    with closing(SqliteStore(data / "revcycle.db")) as store:
        assert find_violations(store.connection) == []
    assert run("replay", "verify", "--decide", "--data", data).exit_code == 0


def test_a_refund_is_only_for_what_is_due(data: Path) -> None:
    owed = find_claim(data, "status = 'owed'")
    assert run("patient", "refund", owed, "1.00", "--who", "M. Biller", "--data", data).exit_code != 0
    assert run("patient", "pay", owed, "nothing", "--reference", "x", "--data", data).exit_code != 0


def test_money_that_no_claim_takes_is_sent_back_or_moved(data: Path, tmp_path: Path) -> None:
    """A front desk's file names an account that no claim has: 40.00, of which 25.00 are somebody else's."""
    owed = find_claim(data, "status = 'owed' AND balance_cents > 2500")
    payments = tmp_path / "payments.csv"
    payments.write_text("received_on,amount,reference,account_key\n2026-10-02,40.00,check 88,ZZZZZZZZZZ\n")
    assert run("ingest", payments, "--data", data).exit_code == 0
    (item,) = [i for i in run_json("worklist", "--data", data)["items"] if i["reason"] == "patient_payment_unapplied"]
    person = ("--who", "M. Biller", "--why", "it is the other one's", "--data", data)

    before = run_json("patient", "pay", owed, "0.01", "--reference", "cent", "--on", "2026-10-02", "--data", data)
    after = run_json("patient", "move", "ZZZZZZZZZZ", "25.00", owed, *person)
    assert Decimal(before["owed_amount"]) - Decimal(after["owed_amount"]) == 25
    refused = run("patient", "refund", "ZZZZZZZZZZ", "15.01", *person)
    assert refused.exit_code != 0 and "15.00 is due" in str(refused.exception)
    for refusal in (("YYYYYYYYYY", "1.00", owed), ("ZZZZZZZZZZ", "15.01", owed), (owed, "1.00", "ZZZZZZZZZZ")):
        assert run("patient", "move", *refusal, *person).exit_code != 0
    assert run_json("patient", "refund", "ZZZZZZZZZZ", "15.00", *person)["unapplied_amount"] == "0.00"
    bounced = run_json("patient", "returned", owed, "0.01", "--reference", "cent", *person)
    assert Decimal(bounced["owed_amount"]) - Decimal(after["owed_amount"]) == Decimal("0.01")
    assert run("patient", "returned", "ZZZZZZZZZZ", "0.01", *person).exit_code != 0

    assert item["id"] not in [i["id"] for i in run_json("worklist", "--data", data)["items"]]
    assert run("ledger", "verify", "--data", data).exit_code == 0


def test_everybody_who_owes_gets_one_statement(data: Path) -> None:
    would = run_json("statements", "--dry-run", "--data", data)
    written = run_json("statements", "--data", data)
    again = run_json("statements", "--data", data)

    assert would["statements"] == written["statements"] != []
    assert again["statements"] == [], "the same balances are not asked for twice in a month"
    for item in written["statements"]:
        assert Path(item["pdf"]).read_bytes().startswith(b"%PDF-")
        assert f"${item['due_amount']}" in Path(item["html"]).read_text().replace(",", "")
    with sqlite3.connect(data / "revcycle.db") as connection:
        owed = connection.execute("SELECT sum(balance_cents) FROM patient_balance WHERE status = 'owed'").fetchone()[0]
        waiting = connection.execute("SELECT claim_id FROM patient_balance WHERE status <> 'owed'").fetchall()
    asked = [claim for item in written["statements"] for claim in item["claims"]]
    assert sum(int(item["due_amount"].replace(".", "")) for item in written["statements"]) == owed
    assert not {claim for (claim,) in waiting} & set(asked)
    statement = written["statements"][0]
    story = run_json("claim", statement["claims"][0], "--data", data)["timeline"]
    assert "rcm.patient.statement" in [event["type"] for event in story]
