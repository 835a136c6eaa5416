"""The command line as its users run it: demo, ingest, and the questions about what came of it."""

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from connectors.demo import generate_encounters
from schemas.encounter import Diagnosis
from schemas.errors import RefusedError
from schemas.money import parse_money
from streams.cli import app


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def run_json(*arguments: object, exit_code: int = 0) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == exit_code, result.output
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    data = tmp_path_factory.mktemp("demo") / "data"
    return data, run_json("demo", "--encounters", 80, "--seed", 7, "--data", data)


def test_every_encounter_of_the_demo_is_in_exactly_one_state(demo: tuple[Path, Any]) -> None:
    encounters = demo[1]["encounters"]
    assert encounters["total"] == 80
    assert encounters["held"] + encounters["coded"] + encounters["withdrawn"] == 80
    assert encounters["held"] > 0


def test_the_demo_ends_quiet_and_balanced(demo: tuple[Path, Any]) -> None:
    status = demo[1]
    assert status["ledger"]["balanced"] and status["ledger"]["entries"] > 0
    assert all(topic["lag"] == 0 for topic in status["topics"])
    assert status["dead_letters"] == 0
    assert {"837", "TA1", "999", "277CA", "835"} <= status["files"].keys()
    assert all(Path(path).exists() for paths in status["files"].values() for path in paths)


def test_charges_are_paid_adjusted_the_patients_or_still_open(demo: tuple[Path, Any]) -> None:
    balances: Counter[str] = Counter()
    for account in demo[1]["ledger"]["accounts"]:
        balances[account["account"].partition(":")[0]] += parse_money(account["balance"])  # type: ignore[assignment]
    assert sum(balances.values()) == 0
    assert -balances["gross_charges"] > 0
    claims = run_json("ledger", "--data", demo[0])
    assert claims["balanced"]


def test_the_same_seed_gives_the_same_digest_and_another_seed_another(demo: tuple[Path, Any], tmp_path: Path) -> None:
    same = run_json("demo", "--encounters", 80, "--seed", 7, "--data", tmp_path / "same")
    other = run_json("demo", "--encounters", 80, "--seed", 8, "--data", tmp_path / "other")
    assert same["digest"] == demo[1]["digest"] != other["digest"]


def test_the_demo_never_runs_over_a_real_installation(tmp_path: Path) -> None:
    (tmp_path / "revcycle.db").write_text("somebody's books")
    result = run("demo", "--data", tmp_path)
    assert result.exit_code != 0
    assert (tmp_path / "revcycle.db").read_text() == "somebody's books"


def test_a_denied_claim_tells_its_whole_story(demo: tuple[Path, Any]) -> None:
    items = run_json("worklist", "--data", demo[0])["items"]
    denied = next(item for item in items if item["reason"].startswith("denied"))
    claim = run_json("claim", denied["claim_id"], "--data", demo[0])
    types = [event["type"] for event in claim["timeline"]]
    for wanted in ("rcm.encounter", "rcm.coded", "rcm.claim", "rcm.submitted", "rcm.acknowledged", "rcm.paid"):
        assert wanted in types, types
    assert types.index("rcm.claim") < types.index("rcm.submitted") < types.index("rcm.paid") < types.index("rcm.denied")
    paid = next(event for event in claim["timeline"] if event["type"] == "rcm.paid")
    assert paid["document"]["segment"] > 0
    parts = ("paid_amount", "adjusted_amount", "patient_amount", "open_amount")
    assert sum(parse_money(claim[part]) for part in parts) == parse_money(claim["charge_amount"])
    again = run_json("claim", claim["patient_control_number"], "--data", demo[0])
    assert again["id"] == claim["id"]


def test_a_held_encounter_says_what_is_wrong_and_how_to_mend_it(demo: tuple[Path, Any]) -> None:
    items = run_json("worklist", "--data", demo[0])["items"]
    held = next(item for item in items if item["queue"] == "coding" and item["encounter_id"] and not item["claim_id"])
    report = run_json("claim", held["encounter_id"], "--data", demo[0])
    findings = [finding for event in report["timeline"] for finding in event["findings"]]
    assert report["state"] == "held"
    assert all(finding["what"] and finding["remedy"] and finding["owner"] for finding in findings)


def test_what_no_table_maps_is_shown_to_the_coder_in_the_words_of_the_record(tmp_path: Path) -> None:
    unmapped = Diagnosis(system="SNOMED", code="999999999", description="Something seldom documented")
    encounter = next(generate_encounters(1, 1)).model_copy(update={"diagnoses": (unmapped,)})
    source = tmp_path / "one.ndjson"
    source.write_text(encounter.model_dump_json())
    assert run_json("ingest", source, "--data", tmp_path / "data")["status"]["encounters"]["held"] == 1
    report = run_json("claim", encounter.source_id, "--data", tmp_path / "data")
    (item,) = (item for event in report["timeline"] for item in event["uncoded"])
    assert item["description"] == "Something seldom documented"
    assert item["description"] in run("claim", encounter.source_id, "--data", tmp_path / "data").stdout


def test_a_payer_rule_of_the_biller_holds_what_it_matches(tmp_path: Path) -> None:
    encounter = next(e for e in generate_encounters(20, 1) if e.services and e.coverages)
    payer, code = encounter.coverages[0].payer_id, encounter.services[0].code
    rules = tmp_path / "data" / "rules"
    rules.mkdir(parents=True)
    (rules / "house.toml").write_text(
        f"""[[rule]]
id = "house.everything-by-hand"
action = "hold"
message = "this payer wants a phone call first"
remedy = "call, then override"
effective_from = 2020-01-01
when = {{ payers = ["{payer}"] }}
matches = [{{ payer = "{payer}", code = "{code}" }}]
misses = [{{ payer = "another", code = "{code}" }}]
"""
    )
    source = tmp_path / "one.ndjson"
    source.write_text(encounter.model_dump_json())
    status = run_json("ingest", source, "--data", tmp_path / "data")["status"]
    checked = run_json("rules", "check", "--data", tmp_path / "data")
    assert status["encounters"]["held"] == 1
    assert checked["rules"] == 1 and checked["findings"] == []
    (rules / "house.toml").write_text("[[rule]]\nid = 5\n")
    assert run("rules", "check", "--data", tmp_path / "data").exit_code != 0


def test_an_unknown_id_is_wrong_use(demo: tuple[Path, Any]) -> None:
    assert isinstance(run("claim", "NOBODY", "--data", demo[0]).exception, RefusedError)
    assert run("status", "--data", demo[0].parent / "nowhere").exit_code == 2


def test_export_writes_every_event_once(demo: tuple[Path, Any]) -> None:
    result = run("export", "--data", demo[0])
    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(events) == len({event["event_id"] for event in events}) == sum(t["events"] for t in demo[1]["topics"])
    assert {"topic", "type", "body", "causation_id"} <= events[0].keys()


def test_doctor_finds_nothing_wrong_with_the_demo(demo: tuple[Path, Any]) -> None:
    report = run_json("doctor", "--data", demo[0])
    assert all(check["ok"] for check in report["checks"])
    assert any("test installation" in warning for warning in report["warnings"])


def test_ingesting_the_same_files_again_changes_nothing(tmp_path: Path) -> None:
    source = tmp_path / "encounters.ndjson"
    source.write_text("".join(encounter.model_dump_json() + "\n" for encounter in generate_encounters(20, 3)))
    first = run_json("ingest", source, "--data", tmp_path / "data")
    renamed = tmp_path / "renamed.ndjson"
    source.rename(renamed)
    second = run_json("ingest", renamed, "--data", tmp_path / "data")
    assert first["files"][0]["outcome"] == "accepted"
    assert second["files"][0]["outcome"] == "duplicate"
    assert second["status"]["digest"] == first["status"]["digest"]
    assert second["status"]["topics"] == first["status"]["topics"]
    assert len(list((tmp_path / "data" / "outbox").glob("*.837"))) == 1


def test_the_same_version_with_other_content_is_held_for_a_person(tmp_path: Path) -> None:
    encounter = next(generate_encounters(1, 3))
    source = tmp_path / "encounters.ndjson"
    source.write_text(encounter.model_dump_json())
    first = run_json("ingest", source, "--data", tmp_path / "data")
    source.write_text(encounter.model_copy(update={"note": "changed without a new version"}).model_dump_json())
    second = run_json("ingest", source, "--data", tmp_path / "data", exit_code=1)
    assert second["files"][0]["outcome"] == "held"
    assert second["status"]["encounters"] == first["status"]["encounters"]
    items = run_json("worklist", "--data", tmp_path / "data")["items"]
    assert "event_conflict" in {item["reason"] for item in items}


def test_an_encounter_of_several_claims_shows_all_of_them(tmp_path: Path) -> None:
    encounter = next(e for e in generate_encounters(20, 1) if e.services and e.coverages)
    service, days = encounter.services[0], range(60)
    services = tuple(
        service.model_copy(
            update={"line_id": str(day), "service_date_from": encounter.start_date + timedelta(days=day)}
        )
        for day in days
    )
    long = {"services": services, "end_date": encounter.start_date + timedelta(days=60), "source_id": "LONG"}
    source = tmp_path / "one.ndjson"
    source.write_text(encounter.model_copy(update=long).model_dump_json())
    status = run_json("ingest", source, "--data", tmp_path / "data", exit_code=0)["status"]
    report = run_json("claim", "LONG", "--data", tmp_path / "data")
    assert status["claims"]["submitted"] == 2
    assert [event["type"] for event in report["timeline"]].count("rcm.submitted") == 2
    (gross,) = (row for row in status["ledger"]["accounts"] if row["account"] == "gross_charges")
    assert report["charge_amount"] == gross["credit"]
    assert report["open_amount"] == report["charge_amount"]


def test_no_claim_is_submitted_while_another_file_has_its_name(tmp_path: Path) -> None:
    source = tmp_path / "encounters.ndjson"
    source.write_text("".join(encounter.model_dump_json() + "\n" for encounter in generate_encounters(5, 3)))
    stranger = tmp_path / "data" / "outbox" / "CLEARINGHOUSE-000000001.837"
    stranger.parent.mkdir(parents=True)
    stranger.write_text("ISA of another installation")
    refused = run("ingest", source, "--data", tmp_path / "data")
    assert refused.exit_code == 1 and "revcycle aside list" in refused.stdout
    (row,) = run_json("aside", "list", "--data", tmp_path / "data")["set_aside"]
    assert "move that file away" in row["reason"]
    assert run_json("status", "--data", tmp_path / "data")["claims"]["submitted"] == 0
    assert stranger.read_text() == "ISA of another installation"
    stranger.rename(tmp_path / "moved.837")
    run("aside", "retry", "--all", "--data", tmp_path / "data")
    again = run_json("status", "--data", tmp_path / "data")
    assert again["claims"]["submitted"] > 0
    assert stranger.read_text().startswith("ISA*")
