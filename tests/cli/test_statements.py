"""Statements for everybody: whatever script a name is in, and whatever becomes of somebody else's statement."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from connectors.demo import generate_encounters
from streams.cli import app
from streams.practice.payer import answer_outbox

NAMES = ("张伟", "สมชาย ใจดี", "Ann 😀", "محمد", "प्रिया", "김민준", "\U00013000", "Zoë")
BEYOND_EVERY_FONT = "\U00013000"  # a hieroglyph


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def run_statements(data: Path, *options: str) -> tuple[int, Any]:
    result = run("statements", "--data", data, "--json", *options)
    return result.exit_code, json.loads(result.stdout)


def count_issued(data: Path) -> int:
    with sqlite3.connect(data / "revcycle.db") as connection:
        return int(connection.execute("SELECT count(*) FROM statement").fetchone()[0])


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty visits of patients whose names are of eight scripts, paid by the practice payer."""
    folder = tmp_path_factory.mktemp("statements")
    source = folder / "encounters.ndjson"
    lines = []
    for encounter in generate_encounters(60, 1):
        names = {"family_name": NAMES[sum(encounter.patient.id.encode()) % len(NAMES)]}
        patient = encounter.patient.model_copy(update=names)
        lines.append(encounter.model_copy(update={"patient": patient}).model_dump_json() + "\n")
    source.write_text("".join(lines))
    data = folder / "data"
    run("ingest", source, "--data", data)
    for _ in range(3):
        answers = answer_outbox(data, 1)
        if answers:
            run("ingest", *answers, "--data", data)
    return data


def test_everybody_gets_one_and_the_failing_one_is_not_issued(data: Path) -> None:
    _, would = run_statements(data, "--dry-run")
    first = would["statements"][0]
    Path(first["pdf"]).mkdir(parents=True)  # in the way of the file: a fault of one document alone

    status, report = run_statements(data)

    assert status == 1
    (finding,) = [finding for finding in report["findings"] if finding["code"] == "statement_not_made"]
    assert finding["where"] == first["account_key"] and "IsADirectoryError" in finding["what"]
    assert len(report["statements"]) == len(would["statements"]) - 1 == count_issued(data)
    assert all(Path(item["pdf"]).read_bytes().startswith(b"%PDF-") for item in report["statements"])

    Path(first["pdf"]).rmdir()
    _, again = run_statements(data)
    assert [item["account_key"] for item in again["statements"]] == [first["account_key"]], "the remedy, followed"
    assert count_issued(data) == len(would["statements"])

    pages = [path.read_text() for path in (data / "statements").glob("*.html")]
    for name in NAMES:
        assert any(f"{name}</span>" in page for page in pages), ascii(name)
    codes = [finding["code"] for finding in report["findings"] + again["findings"]]
    assert codes.count("character_without_font") == sum(BEYOND_EVERY_FONT in page for page in pages) > 0
    assert BEYOND_EVERY_FONT not in json.dumps([report, again], ensure_ascii=False)
    assert run_statements(data)[0] == 0, "nothing is due any more"
