"""Every command that takes --json names what it prints, and prints that: schemas, examples and page are the models'."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.stores.sqlite import SqliteStore
from schemas.base import phi_paths
from schemas.money import Sum
from streams.catalogue.commands import list_commands
from streams.catalogue.reports import (
    FOLDER,
    PAGE,
    REPORTS,
    list_reports,
    name_files,
    write_page,
)
from streams.catalogue.snapshots import write_example, write_schema
from streams.reports.base import Report
from streams.reports.claims import ClaimReport
from streams.reports.ledger import AccountBalance
from streams.reports.x12 import X12Contents
from tests.cli.test_people import run

MEND = "not what the model says: run `python -m streams.catalogue` and commit what it writes"
WHO = ("--who", "Kim Lee", "--why", "seen")


def test_every_command_that_takes_json_names_its_report() -> None:
    taking = [leaf for leaf in list_commands() if any("--json" in parameter.opts for parameter in leaf.command.params)]

    assert {leaf.name for leaf in taking} == set(REPORTS)


@pytest.mark.parametrize("report", list_reports(), ids=lambda report: report.__name__)
def test_schema_and_example_are_the_reports(report: type[Report]) -> None:
    schema, example = name_files(report)

    assert schema.read_text(encoding="utf-8") == write_schema(report, schema.name), f"{schema.name} is {MEND}"
    value = report.model_validate_json(example.read_bytes())
    assert example.read_text(encoding="utf-8") == write_example(value), f"{example.name} is {MEND}"


def test_the_catalogue_holds_every_report_and_nothing_else() -> None:
    assert set(FOLDER.iterdir()) == {path for report in list_reports() for path in name_files(report)}
    assert PAGE.read_text(encoding="utf-8") == write_page(), f"docs/{PAGE.name} is {MEND}"


@pytest.mark.parametrize("report", list_reports(), ids=lambda report: report.__name__)
def test_no_amount_is_a_floating_point_number(report: type[Report]) -> None:
    floats = find_floats(report.model_json_schema(mode="serialization"))

    assert floats <= {"seconds"}


def find_floats(schema: Any) -> set[str]:
    """The names of all properties, at any depth, that are JSON numbers with a fraction."""
    if isinstance(schema, list):
        return {name for part in schema for name in find_floats(part)}
    if not isinstance(schema, dict):
        return set()
    found = {name for part in schema.values() for name in find_floats(part)}
    named = schema.get("properties", {})
    return found | {name for name, value in named.items() if '"type": "number"' in json.dumps(value)}


def test_an_amount_that_is_one_is_found_and_refused() -> None:
    class Wrong(Report):
        parts: tuple[AccountBalance, ...]
        amount: float | Sum

    assert find_floats(Wrong.model_json_schema(mode="serialization")) == {"amount"}
    with pytest.raises(ValidationError, match="never a floating-point number"):
        AccountBalance.model_validate_json('{"account": "bank", "debit": 1.1, "credit": "0.00", "balance": "1.10"}')


def test_what_may_name_a_patient_is_marked() -> None:
    said = {"timeline[].summary", "timeline[].words[]", "timeline[].uncoded[].description"}

    assert phi_paths(ClaimReport) == said
    assert phi_paths(X12Contents) == {"transactions"}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports") / "demo"
    check("demo", "demo", "--encounters", 40, "--data", folder)
    return folder


def check(name: str, *command: object) -> None:
    """Whether a command prints one of the reports that it names, and no key more or less, in the model's order."""
    printed = run(*command, "--json").stdout
    for report in REPORTS[name]:
        try:
            read = report.model_validate_json(printed)
        except ValidationError:
            continue
        assert json.dumps(read.model_dump(mode="json")) == json.dumps(json.loads(printed))
        return
    pytest.fail(f"{name} prints something else: {printed[:300]}")


def find(data: Path, query: str) -> str:
    store = SqliteStore(data / "revcycle.db")
    (found,) = store.connection.execute(query).fetchone()
    store.close()
    return str(found)


def test_commands_print_what_they_name(data: Path) -> None:
    claim = find(data, "SELECT claim_id FROM claim WHERE denied = 1 ORDER BY claim_id")
    item = find(data, "SELECT item_id FROM work_item WHERE appeal_level > 0 AND state = 'open' ORDER BY item_id")
    paid = find(data, "SELECT claim_id FROM claim WHERE payer_name LIKE 'LAKE%' AND paid_cents > 0 ORDER BY claim_id")
    owed = find(data, "SELECT claim_id FROM patient_balance WHERE status = 'owed' ORDER BY claim_id")
    account = find(data, f"SELECT account_key FROM claim WHERE claim_id = '{owed}'")
    elsewhere = find(data, f"SELECT claim_id FROM claim WHERE account_key <> '{account}' ORDER BY claim_id")
    held = find(data, "SELECT encounter_id FROM encounter WHERE state = 'held' ORDER BY encounter_id")
    (sent, *_), (answer, *_) = sorted((data / "outbox").glob("*.837")), sorted((data / "received").glob("*.835"))
    broken = data / "broken.ndjson"
    broken.write_text("no encounter\n")
    coder = (*WHO[:2], "--role", "coder")
    commands: list[tuple[str, tuple[object, ...]]] = [
        *((name, ()) for name in ("status", "worklist", "kpi", "ledger", "ledger verify", "doctor", "deposits show")),
        *((name, ()) for name in ("codes list", "rules check", "aside list", "replay verify")),
        ("claim show", (claim,)),
        ("explain", (held,)),
        ("work show", (item,)),
        ("work take", (item, *WHO)),
        ("work appeal", (item, *WHO)),
        ("work note", (item, *WHO)),
        ("query ask", (held, "Which side?", *coder)),
        ("correct", (held, "--confirm", *WHO[2:], *coder)),
        ("override", (held, "charge_zero", *WHO, "--role", "compliance")),
        ("patient pay", (owed, "5.00", "--reference", "receipt 1")),
        ("patient returned", (owed, "5.00", *WHO)),
        ("patient pay", (account, "9000.00", "--reference", "receipt 2")),
        ("patient refund", (account, "10.00", *WHO)),
        ("patient move", (account, "10.00", elsewhere, *WHO)),
        ("claim void", (paid, *WHO)),
        ("statements", ()),
        ("tick", ("--date", "2026-12-01", "--force")),
        ("ingest", (answer, broken)),
        ("deadletters list", ()),
        ("deadletters retry", ("--all",)),
        ("codes load", (broken,)),
    ]
    for name, arguments in commands:
        check(name, *name.split(), *arguments, "--data", data)
    for file in (sent, answer, broken):
        check("x12 parse", "x12", "parse", file)
        check("x12 validate", "x12", "validate", file)
        check("x12 acknowledge", "x12", "acknowledge", file, "--control-number", 7, "--out", data / "answers")
