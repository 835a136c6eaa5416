"""Real files that nobody here wrote: Synthea patients through `ingest`, and the balance of every 835."""

import csv
import json
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from schemas.x12.x835_005010x221a1 import read_835
from streams.cli import app

SHARED = Path(__file__).parents[3] / "shared" / "data"
SYNTHEA = SHARED / "fhir-synthea"
BALANCES = SHARED / "x12" / "balance835.csv"


@pytest.mark.skipif(not SYNTHEA.exists(), reason="the folder of real FHIR bundles is not beside this clone")
def test_every_synthea_encounter_ends_in_exactly_one_state(tmp_path: Path) -> None:
    bundles = sorted(SYNTHEA.glob("*.json"))
    finished = sum(
        entry["resource"]["resourceType"] == "Encounter" and entry["resource"]["status"] == "finished"
        for bundle in bundles
        for entry in json.loads(bundle.read_bytes())["entry"]
    )
    result = CliRunner().invoke(app, ["ingest", *map(str, bundles), "--data", str(tmp_path), "--json"])
    report = json.loads(result.stdout)
    encounters = report["status"]["encounters"]
    assert len(bundles) == 4
    assert encounters["total"] == finished > 100
    assert encounters["held"] + encounters["coded"] + encounters["withdrawn"] == finished
    assert {file["outcome"] for file in report["files"]} <= {"accepted", "partly_accepted"}


@pytest.mark.skipif(not BALANCES.exists(), reason="the folder of real 835s is not beside this clone")
def test_the_balance_of_every_835_is_what_an_independent_check_found() -> None:
    with BALANCES.open() as file:
        rows = list(csv.DictReader(file))
    assert rows
    for row in rows:
        remittances = list(read_835((BALANCES.parent / row["path"]).read_bytes()))
        remittance = remittances[int(row["st_index"]) - 1]
        levels = {imbalance.level for imbalance in remittance.imbalances()}
        assert remittance.payment_amount == Decimal(row["bpr02"])
        assert ("transaction" not in levels) == (row["balanced_tx"] == "True"), row["path"]
        assert sum(not claim.balanced for claim in remittance.claims) >= int(row["n_clp_unbalanced"])
        services = [service for claim in remittance.claims for service in claim.services]
        assert sum(not service.balanced for service in services) == int(row["n_svc_unbalanced"])


@pytest.mark.skipif(not (SHARED / "hl7").exists(), reason="the folder of real HL7 v2 messages is not beside this clone")
def test_every_hl7_message_becomes_encounters_or_says_why_not(tmp_path: Path) -> None:
    messages = sorted((SHARED / "hl7").glob("*.hl7"))
    result = CliRunner().invoke(app, ["ingest", *map(str, messages), "--data", str(tmp_path), "--json"])
    report = json.loads(result.stdout)
    assert len(report["files"]) == len(messages) == 12
    assert all(file["events"] or file["findings"] for file in report["files"])
    charges = [file for file in report["files"] if "DFT" in file["path"]]
    assert charges and all(file["events"] for file in charges)
