"""A value in the wrong place is never quoted: a shifted column puts a name where an amount belongs."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from connectors.demo import generate_encounters
from streams.cli import app
from tests.sentinel.marking import make_marked_encounters
from tests.sentinel.wrong_values import WRONG, write_wrong_files

# Where the word stands in a field that people work by: what the payer or bank calls itself and the payment.
SHOWN_BY_DESIGN = ("trace_number", "description", "account", "payer_name")
# Whoever answered a claim is named in what is to be done about it.
NAMES_A_SENDER = ("277CA-ISA-6-.x12", "277CA-GS-2-.x12", "277CA-NM1-3-PR.x12", "277CA-NM1-3-AY.x12")


def run(data: Path, *arguments: object) -> Any:
    result = CliRunner().invoke(app, [*map(str, arguments), "--data", str(data), "--json"])
    assert isinstance(result.exception, SystemExit | None), result.exception
    assert WRONG.lower() not in result.stderr.lower()
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def taken_in(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    folder = tmp_path_factory.mktemp("wrong")
    (folder / "first.ndjson").write_text("".join(x.model_dump_json() + "\n" for x in generate_encounters(12, 7)))
    run(folder / "data", "ingest", folder / "first.ndjson")
    sent = next((folder / "data" / "outbox").glob("*.837")).read_bytes()
    (folder / "files").mkdir()
    encounter = next(make_marked_encounters(1, 9))
    for name, text in write_wrong_files(encounter, sent):
        if name not in NAMES_A_SENDER:
            (folder / "files" / name).write_text(text)
    return folder / "data", run(folder / "data", "ingest", folder / "files")


def find_quotes(node: Any, path: str = "") -> set[str]:
    """Where in a document the word stands, names of files apart."""
    if isinstance(node, dict):
        return {place for name, child in node.items() for place in find_quotes(child, name if name != "path" else "")}
    if isinstance(node, list):
        return {place for child in node for place in find_quotes(child, path)}
    return {path} if path and WRONG.lower() in str(node).lower() else set()


def test_no_finding_quotes_a_value(taken_in: tuple[Path, Any]) -> None:
    files = taken_in[1]["files"]
    assert len(files) > 500 and sum(bool(file["findings"]) for file in files) > 200
    quoting = {Path(file["path"]).name for file in files if find_quotes({**file, "path": ""})}
    assert quoting == set()


@pytest.mark.parametrize("question", ["worklist", "status", "deadletters list", "deposits", "kpi", "doctor", "ledger"])
def test_no_screen_quotes_one(taken_in: tuple[Path, Any], question: str) -> None:
    assert find_quotes(run(taken_in[0], *question.split())) <= set(SHOWN_BY_DESIGN)


@pytest.mark.parametrize("command", ["validate", "parse"])
def test_no_verdict_on_an_x12_file_quotes_one(taken_in: tuple[Path, Any], command: str) -> None:
    for file in sorted((taken_in[0].parent / "files").glob("*.x12")):
        result = CliRunner().invoke(app, ["x12", command, str(file), "--json"])
        if command == "validate" or result.exit_code:
            shown = (result.stdout + result.stderr).replace(str(file), "")
            assert WRONG.lower() not in shown.lower(), file.name
