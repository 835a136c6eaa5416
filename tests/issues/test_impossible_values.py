"""Values that X12 cannot carry and amounts that the ledger cannot hold stop one claim, never the pipeline."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from connectors.demo import generate_encounters
from streams.cli import app


def ingest(path: Path, data: Path) -> Any:
    result = CliRunner().invoke(app, ["ingest", str(path), "--data", str(data), "--json"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return json.loads(result.stdout)


@pytest.mark.parametrize(
    "change",
    [
        {"billing_provider": {"taxonomy": "207Q~00000X"}},
        {"patient": {"address": {"state": "*:"}}},
        {"billing_provider": {"name": "~" * 200}},
    ],
)
def test_a_delimiter_in_a_value_opens_a_work_item_and_the_others_go_on(change: Any, tmp_path: Path) -> None:
    encounters = [encounter.model_dump(mode="json") for encounter in generate_encounters(12, 1)]
    hostile = encounters[0]
    for name, inner in change.items():
        for field, value in inner.items():
            hostile[name][field] = {**hostile[name][field], **value} if isinstance(value, dict) else value
    source = tmp_path / "encounters.ndjson"
    source.write_text("".join(json.dumps(encounter) + "\n" for encounter in encounters))
    status = ingest(source, tmp_path / "data")["status"]
    assert all(topic["lag"] == 0 for topic in status["topics"])
    assert status["claims"]["submitted"] >= 8


def test_charges_beyond_the_ledger_are_refused_by_the_field(tmp_path: Path) -> None:
    encounter = next(e for e in generate_encounters(20, 1) if e.services and e.coverages).model_dump(mode="json")
    encounter["services"] = [
        {**encounter["services"][0], "line_id": str(number), "charge_amount": "90000000000000000.00"}
        for number in range(3)
    ]
    source = tmp_path / "one.ndjson"
    source.write_text(json.dumps(encounter))
    (file,) = ingest(source, tmp_path / "data")["files"]
    assert file["outcome"] == "rejected"
    assert "services.0.charge_amount" in file["findings"][0]["where"]


def test_a_remittance_with_impossible_amounts_is_held(tmp_path: Path) -> None:
    amount = "9" * 18
    text = (
        "ISA*00*          *00*          *ZZ*PAYER          *ZZ*US             *260101*1200*^*00501*000000001*0*T*:~"
        "GS*HP*PAYER*US*20260101*1200*1*X*005010X221A1~ST*835*0001~"
        f"BPR*I*{amount}*C*CHK************20260102~TRN*1*12345*1512345678~"
        "DTM*405*20260101~N1*PR*PAYER~N3*1 ST~N4*X*MA*01001~"
        f"N1*PE*US*XX*1234567893~LX*1~CLP*{'A' * 5}*1*{amount}*{amount}**12*X~SE*11*0001~GE*1*1~IEA*1*000000001~"
    )
    path = tmp_path / "huge.835"
    path.write_text(text)
    report = ingest(path, tmp_path / "data")
    assert report["files"][0]["outcome"] == "held"
    assert report["status"]["ledger"]["entries"] == 0
