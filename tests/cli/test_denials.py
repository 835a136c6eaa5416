"""What a denial specialist does: an appeal with its packet, a write-off with its approval, and what the ledger says."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from schemas.errors import RefusedError
from schemas.identifiers import sha256_hex
from streams.cli import app


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def run_json(*arguments: object) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def refuse(*arguments: object) -> str:
    result = run(*arguments)
    assert isinstance(result.exception, RefusedError), result.output
    return str(result.exception)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("denials") / "data"
    run_json("demo", "--encounters", 80, "--seed", 7, "--data", folder)
    return folder


def list_denials(data: Path, *, appealable: bool) -> list[dict[str, Any]]:
    items = run_json("worklist", "--reason", "denied", "--data", data)["items"]
    return [
        item for item in items if bool(item["appeal_level"]) == appealable and "Appeal filed" not in item["next_action"]
    ]


def test_an_appeal_leaves_a_packet_and_waits_for_its_decision(data: Path, tmp_path: Path) -> None:
    item = list_denials(data, appealable=True)[0]
    approval = tmp_path / "approval.txt"
    approval.write_text("approved on the day before")
    second = tmp_path / "again" / "approval.txt"
    second.parent.mkdir()
    second.write_text("another of the same name")
    order = ("work", "appeal", item["id"], "--who", "Kim Lee", "--data", data)
    filed = run_json(*order, "--why", "It was approved. #[not typst]", "--attach", approval, "--attach", second)

    folder = Path(filed["folder"])
    letter = (folder / "letter.pdf").read_bytes()
    assert letter.startswith(b"%PDF-") and len(letter) > 5_000
    assert (folder / "approval.txt").read_text() == "approved on the day before"
    assert (folder / "approval-2.txt").read_text() == "another of the same name"
    assert filed["state"] == "open" and filed["next_action"].startswith("Appeal filed on")
    kept = data / "archive" / sha256_hex(letter)[:2] / sha256_hex(letter)
    assert kept.read_bytes() == letter, "what was sent stands in the archive"
    assert "this denial is not appealed: Appeal filed" in refuse(*order, "--why", "again")
    story = run_json("work", "show", item["id"], "--data", data)["history"]
    assert any(event["summary"].startswith("appeal filed by Kim Lee") for event in story)


def test_what_has_no_appeal_is_not_appealed(data: Path) -> None:
    item = list_denials(data, appealable=False)[0]

    assert "this denial is not appealed" in refuse(
        "work", "appeal", item["id"], "--who", "Kim Lee", "--why", "unfair", "--data", data
    )


def test_a_write_off_needs_two_people_and_then_stands_in_the_ledger(data: Path) -> None:
    item = list_denials(data, appealable=False)[-1]
    order = ("work", "write-off", item["id"], "--who", "Kim Lee", "--why", "too small", "--data", data)
    assert "approved by somebody else" in refuse(*order, "--approved-by", "kim lee")
    assert "cannot be seen" in refuse(*order, "--approved-by", "Kim\u200bLee")
    assert "one script" in refuse(*order, "--approved-by", "K\u0456m Lee")
    assert "somebody else" in refuse(*order, "--approved-by", "\uff2bim Lee.")
    assert "is not between 0.01 and" in refuse(*order, "--approved-by", "Pat Moore", "--amount", "999999")
    assert "--amount: " in refuse(*order, "--approved-by", "Pat Moore", "--amount", "ten")

    closed = run_json(*order, "--approved-by", "Pat Moore")

    assert (closed["state"], closed["resolution"]) == ("closed", "written off")
    accounts = {row["account"]: row["balance"] for row in run_json("ledger", "--data", data)["accounts"]}
    assert accounts["denial_write_offs"] == item["amount"]
    assert run("ledger", "verify", "--data", data).exit_code == 0
    story = [event["type"] for event in run_json("claim", item["claim_id"], "--data", data)["timeline"]]
    wanted = [
        "rcm.denied.written_off",
        "rcm.posted.written_off",
        "rcm.denied.resolved",
        "rcm.worklist.closed",
        "rcm.denied.concluded",
    ]
    assert [kind for kind in story if kind in wanted] == wanted


def test_what_is_no_denial_is_neither_appealed_nor_written_off(data: Path) -> None:
    items = run_json("worklist", "--data", data)["items"]
    other = next(item for item in items if not item["reason"].startswith("denied"))

    assert "is no denial of a claim of ours" in refuse(
        "work", "appeal", other["id"], "--who", "Kim Lee", "--why", "?", "--data", data
    )


def test_the_key_figures_know_what_was_done(data: Path) -> None:
    figures = {kpi["key"]: kpi for kpi in run_json("kpi", "--days", 3660, "--data", data)["kpis"]}

    assert figures["days_to_resolution"]["denominator"] == 1
    assert figures["days_to_appeal"]["denominator"] == 1
    assert run("kpi", "--data", data).stdout.startswith("Key figures")


def test_all_of_it_replays_and_decides_the_same(data: Path) -> None:
    assert run_json("replay", "verify", "--decide", "--data", data)["identical"]
