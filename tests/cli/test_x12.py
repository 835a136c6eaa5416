"""`revcycle x12 parse` and `x12 validate` on files of our own and on real ones."""

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from streams.cli import app

SHARED = Path(__file__).parents[3] / "shared" / "data" / "x12"
KINDS = ("TA1", "999", "277CA", "835", "837P", "837I", "270", "271", "276", "277")
GOLDEN = Path(__file__).parents[1] / "fuzz" / "corpus"
CLAIM_KEYS = {
    "patient_control_number",
    "status_code",
    "charge_amount",
    "paid_amount",
    "patient_responsibility_amount",
    "payer_claim_control_number",
    "balanced",
    "adjustments",
    "services",
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    data = tmp_path_factory.mktemp("x12") / "demo"
    result = CliRunner().invoke(app, ["demo", "--encounters", "40", "--data", str(data), "--json"])
    found: dict[str, list[str]] = json.loads(result.stdout)["files"]
    return found


def x12(command: str, path: str | Path, *options: str) -> tuple[int, Any]:
    result = CliRunner().invoke(app, ["x12", command, str(path), *options, "--json"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, json.loads(result.stdout)


def test_an_835_is_printed_by_the_contract(files: dict[str, list[str]]) -> None:
    exit_code, document = x12("parse", files["835"][0])
    transaction = document["transactions"][0]
    assert exit_code == 0 and document["kind"] == "835"
    assert transaction["balanced"] is True and transaction["imbalances"] == []
    assert transaction["claims"][0].keys() >= CLAIM_KEYS
    assert transaction["claims"][0]["charge_amount"].count(".") == 1
    service = next(claim["services"][0] for claim in transaction["claims"] if claim["services"])
    assert {"procedure", "units", "line_control_number", "remarks", "balanced"} <= service.keys()
    assert all(adjustment["reason"] for adjustment in transaction["provider_adjustments"])


@pytest.mark.parametrize("kind", ["837", "TA1", "999", "277CA", "835"])
def test_everything_the_demo_writes_parses_and_is_valid(kind: str, files: dict[str, list[str]]) -> None:
    for path in files[kind]:
        assert x12("parse", path)[0] == 0
        exit_code, report = x12("validate", path)
        assert exit_code == 0, report["findings"][:3]


def test_a_wrong_count_is_found_at_its_place(files: dict[str, list[str]], tmp_path: Path) -> None:
    text = Path(files["835"][0]).read_text()
    broken = tmp_path / "broken.835"
    broken.write_text(re.sub(r"~(\s*)SE\*", r"~\1SE*9", text, count=1))
    exit_code, report = x12("validate", broken)
    assert exit_code == 1
    assert any(finding["element"] == "SE01" for finding in report["findings"]), report["findings"]


def test_what_is_no_x12_is_said_to_be_none(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear payer,")
    exit_code, document = x12("parse", path)
    assert exit_code == 2 and document["error"]["remedy"]
    exit_code, report = x12("validate", path)
    assert exit_code == 2 and report["findings"][0]["code"] == "x12_not_x12"
    exit_code, refusal = x12("acknowledge", path, "--control-number", "7")
    assert exit_code == 2 and refusal["error"]["remedy"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_parsed_and_judged(kind: str) -> None:
    path = GOLDEN / f"{kind.lower()}.x12"
    exit_code, document = x12("parse", path)
    assert (exit_code, document["kind"], document["findings"]) == (0, kind, [])
    if kind == "TA1":
        assert document["acknowledgements"][0]["status"]
    else:
        (transaction,) = document["transactions"]
        assert transaction["complete"] and "segments" not in transaction, "read by a model of its own"
    assert x12("validate", path, "--strict") == (0, {"findings": []})


@pytest.mark.parametrize(("kind", "answers"), [("837P", ["TA1", "999", "277CA"]), ("835", ["TA1", "999"])])
def test_a_received_file_is_acknowledged(kind: str, answers: list[str], tmp_path: Path) -> None:
    path = GOLDEN / f"{kind.lower()}.x12"
    exit_code, report = x12("acknowledge", path, "--control-number", "7", "--out", str(tmp_path))
    assert (exit_code, report["rejected"], list(report["files"])) == (0, False, answers)
    for answer, written in report["files"].items():
        assert x12("validate", written)[0] == 0
        assert x12("parse", written)[1]["kind"] == answer
    numbers = {x12("parse", written)[1]["interchanges"][0]["control_number"] for written in report["files"].values()}
    assert len(numbers) == len(answers), "a control number of its own for each"


@pytest.mark.skipif(not SHARED.exists(), reason="the folder of real X12 files is not beside this clone")
def test_every_real_file_of_the_cycle_is_read_without_an_exception() -> None:
    with (SHARED / "manifest.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] in KINDS]
    assert len(rows) > 80
    for row in rows:
        assert x12("parse", SHARED / row["path"])[0] == 0, row["path"]
        assert x12("validate", SHARED / row["path"])[0] in (0, 1), row["path"]
