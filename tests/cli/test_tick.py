"""Silence as a biller sees it: claims are sent, nobody answers, the days go by, and a 276 asks what became of them."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from connectors.demo import generate_encounters
from connectors.practice_payer.status import answer_inquiry
from schemas.errors import RefusedError
from schemas.x12.x276_277_005010x212 import read_status
from streams.cli import app
from streams.cli.common import read_clock
from streams.practice.payer import answer_outbox


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def run_json(*arguments: object) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code in (0, 1), result.output
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty encounters sent today, and no answer of any kind."""
    folder = tmp_path_factory.mktemp("tick")
    source = folder / "encounters.ndjson"
    source.write_text("".join(encounter.model_dump_json() + "\n" for encounter in generate_encounters(20, 1)))
    status = run_json("ingest", source, "--data", folder / "data")["status"]
    assert status["claims"]["submitted"] > 10
    return folder / "data"


def list_items(data: Path, queue: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = run_json("worklist", "--queue", queue, "--data", data)["items"]
    return items


def tick(data: Path, days: int) -> None:
    run_json("tick", "--date", read_clock().date() + timedelta(days=days), "--data", data)


def test_the_days_go_by(data: Path) -> None:
    submitted = run_json("status", "--data", data)["claims"]["submitted"]

    tick(data, 2)
    (silent,) = [item for item in list_items(data, "operations") if item["reason"] == "no_TA1_or_999"]
    assert ".837" in silent["next_action"]

    tick(data, 3)
    unheard = [item for item in list_items(data, "follow-up") if item["reason"] == "no_277CA"]
    assert len(unheard) == submitted

    tick(data, 46)
    unpaid = [item for item in list_items(data, "follow-up") if item["reason"] == "no_835"]
    assert len(unpaid) == submitted
    (path,) = (data / "outbox").glob("*.276")
    (request,) = read_status(path.read_bytes())
    claims = {run_json("claim", item["claim_id"], "--data", data)["patient_control_number"] for item in unpaid}
    assert {item.trace_number for item in request.items} <= claims
    asked = request.items[0].trace_number
    story = [event["summary"] for event in run_json("claim", asked, "--data", data)["timeline"]]
    assert any("asked for its status" in line for line in story)


def test_the_practice_payer_says_what_became_of_what_is_asked_for(data: Path) -> None:
    """Its 835s got lost on the way: the answers (277) say which claims it has paid, denied or never taken in."""
    (answer,) = [path for path in answer_outbox(data, 1) if path.suffix == ".277"]
    assert run("x12", "validate", answer).exit_code == 0
    (file,) = run_json("ingest", answer, "--data", data)["files"]

    assert (file["kind"], file["findings"]) == ("277", [])
    categories = {item["category"][:2] for item in list_items(data, "follow-up") if item["reason"] == "no_835"}
    assert "F1" in categories and categories <= {"F1", "F2", "A3", "A7"}
    assert any("The payer has finalized it" in item["next_action"] for item in list_items(data, "follow-up"))
    assert answer_inquiry(b"ISA*", (), 1) is None and answer_outbox(data, 1) == []


def test_the_clock_does_not_go_back(data: Path) -> None:
    result = run("tick", "--date", "2020-01-01", "--data", data)
    assert isinstance(result.exception, RefusedError)


def test_a_day_far_ahead_is_refused_and_can_be_taken_back(data: Path) -> None:
    before = read_clock().date() + timedelta(46)
    far = before + timedelta(400)
    refused = run("tick", "--date", far, "--data", data)
    assert isinstance(refused.exception, RefusedError) and "--force" in str(refused.exception)
    assert isinstance(run("tick", "--date", "9999-12-31", "--force", "--data", data).exception, RefusedError)

    run_json("tick", "--date", far, "--force", "--data", data)
    checks = {check["check"]: check for check in run_json("doctor", "--data", data)["checks"]}
    assert not checks["business date"]["ok"] and "--back-to" in checks["business date"]["detail"]
    back = ("tick", "--back-to", before, "--data", data)
    assert isinstance(run(*back, "--who", "Pat Moore").exception, RefusedError), "say why"
    run_json(*back, "--who", "Pat Moore", "--why", "a typing error")

    assert run_json("tick", "--date", before + timedelta(1), "--data", data)["date"] == str(before + timedelta(1))
    exported = run("export", "--topic", "rcm.clock.v1", "--data", data).stdout
    assert '"who":"Pat Moore"' in exported.replace(": ", ":")


def test_the_story_replays_and_decides_the_same(data: Path) -> None:
    assert run_json("replay", "verify", "--decide", "--data", data)["identical"]
