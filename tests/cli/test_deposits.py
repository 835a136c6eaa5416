"""The bank's file closes the circle: what payers said they paid stands in the bank, and clearing is empty."""

import json
from pathlib import Path

from tests.cli.test_people import data, run, run_json

__all__ = ["data"]  # the fixture of a demonstration


def test_deposits_empty_the_clearing_account(data: Path, tmp_path: Path) -> None:
    exported = run("export", "--topic", "rcm.remittance.v1", "--data", data).stdout.splitlines()
    accepted = [json.loads(line)["body"] for line in exported if '"rcm.remittance.accepted"' in line]
    paid = [body for body in accepted if float(body["payment_amount"]) > 0]
    rows = [f"{b['payment_date']},{b['payment_amount']},{b['trace_number']},{b['payer_identifier']}" for b in paid]
    file = tmp_path / "bank.csv"
    file.write_text("deposited_on,amount,trace_number,payer_identifier\n" + "\n".join(rows) + "\n")
    before = run_json("deposits", "--data", data)
    assert len(before["remittances_without_deposit"]) == len(paid) > 2

    (first,) = run_json("ingest", file, "--data", data)["files"]
    assert (first["kind"], first["outcome"], first["events"]) == ("deposits", "accepted", len(paid))
    report = run_json("deposits", "--data", data)
    assert {item["matched_by"] for item in report["deposits"]} == {"trace"}
    assert report["remittances_without_deposit"] == []
    accounts = {a["account"]: a["balance"] for a in run_json("ledger", "--data", data)["accounts"]}
    assert accounts["remittance_clearing"] == "0.00"

    file.write_text(file.read_text() + "\n")  # the same day again, from another export
    (again,) = run_json("ingest", file, "--data", data)["files"]
    assert (again["outcome"], again["events"]) == ("duplicate", 0)
    assert {a["account"]: a["balance"] for a in run_json("ledger", "--data", data)["accounts"]} == accounts
    assert run("replay", "verify", "--decide", "--data", data).exit_code == 0
