"""A coder's day on the command line: correct, ask, answer, override; every step stands in the timeline."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from streams.amendments import AmendmentError, read_added_line, read_diagnoses, read_line_change
from streams.cli import app
from tests.processors.builders import diagnosis, encounter, service

JANE = ("--by", "jane", "--role", "coder")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def run_json(*arguments: object, exit_code: int = 0) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == exit_code, result.output
    return json.loads(result.stdout)


@pytest.fixture
def held(tmp_path: Path) -> Path:
    """An installation with one held encounter, `visit-1`: a diagnosis that is a header, and a line without a price."""
    free = service("97110", line_id="L2", charge_amount="0.00")
    visit = encounter(diagnoses=(diagnosis("E11"),), services=(service(), free))
    file = tmp_path / "visit.ndjson"
    file.write_text(visit.model_dump_json(exclude_defaults=True) + "\n")
    run("ingest", file, "--data", tmp_path / "data")
    return tmp_path / "data"


def test_a_held_encounter_is_asked_about_corrected_confirmed_and_coded(held: Path) -> None:
    at = ("--data", held)
    query = run_json("query", "ask", "visit-1", "With hyperglycaemia?", *JANE, *at)["action_id"]
    change = ("--diagnoses", "E11.65", "--line", "2 modifiers=gp units=2 pointers=1")
    corrected = run_json("correct", "visit-1", *change, "--why", "documented", *JANE, *at, exit_code=1)
    answered = run_json("query", "answer", "visit-1", query[:8], "Yes.", "--by", "roe", "--role", "provider", *at)
    coded = run_json("correct", "visit-1", "--confirm", "--why", "read", *JANE, *at)

    assert [finding["code"] for finding in corrected["findings"]] == ["provider_query_open", "charge_zero"]
    assert answered["findings"][0]["code"] == "provider_query_answered"
    assert (coded["outcome"], coded["revision"]) == ("coded", 5)

    timeline = run_json("claim", "visit-1", *at)["timeline"]
    told = [(event["type"], event["words"]) for event in timeline if event["words"]]
    assert told == [
        ("rcm.encounter.queried", ["With hyperglycaemia?"]),
        ("rcm.encounter.corrected", ["documented"]),
        ("rcm.encounter.answered", ["Yes."]),
        ("rcm.encounter.corrected", ["read"]),
    ]
    assert "corrected by jane (coder): diagnoses E11.65; line L2 modifiers GP, units 2" in str(timeline)
    assert run_json("worklist", *at)["items"] == []
    assert run_json("replay", "verify", "--decide", *at)["identical"]


def test_an_override_is_for_those_who_may(held: Path) -> None:
    at = ("--data", held)
    refused = run("override", "visit-1", "charge_zero", "--why", "reports only", *JANE, *at)
    done = run_json(
        "override", "visit-1", "charge_zero", "--why", "reports only", "--by", "lee", "--role", "compliance", *at
    )

    assert refused.exit_code == 1
    assert "the role coder may not override" in refused.stderr
    assert done["outcome"] == "overridden"


def test_people_and_roles_come_from_the_settings(held: Path) -> None:
    (held / "revcycle.toml").write_text(
        'secret = "a test installation keeps no secret"\nis_test = true\n'
        '[people]\njane = "coder"\n[roles]\noverride = ["coder"]\n'
    )
    done = run_json("override", "visit-1", "charge_zero", "--why", "w", "--by", "jane", "--data", held)
    stranger = run("override", "visit-1", "charge_zero", "--why", "w", "--by", "mallory", "--data", held)

    assert done["outcome"] == "overridden"
    assert stranger.exit_code == 2 and "under [people]" in stranger.stderr


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("visit-9", "--confirm"), "no encounter has this id"),
        (("visit-1",), "say what to change"),
        (("visit-1", "--confirm", "--diagnoses", "I10"), "--confirm alone"),
        (("visit-1", "--line", "3 units=1"), "its lines are 1 to 2"),
        (("visit-1", "--line", "1 colour=red"), "is no change"),
    ],
)
def test_what_is_typed_wrong_publishes_nothing(held: Path, arguments: tuple[str, ...], why: str) -> None:
    before = run("export", "--data", held).stdout
    result = run("correct", *arguments, "--why", "w", *JANE, "--data", held)

    assert result.exit_code == 2 and why in result.stderr
    assert run("export", "--data", held).stdout == before


VISIT = encounter(diagnoses=(diagnosis("E11.9", description="sugar", present_on_admission="Y"),))


def test_what_a_coder_types_becomes_typed_changes() -> None:
    change = read_line_change("1 code=g0402 modifiers= charge=12.5 pointers=2,1", VISIT)
    added = read_added_line("code=97110 units=1.5 charge=80", VISIT, "new")
    kept, new = read_diagnoses("e11.9, I10:n", VISIT)

    assert (change.line_id, change.code, change.system, change.modifiers) == ("L1", "G0402", "HCPCS", ())
    assert (str(change.charge_amount), change.diagnosis_pointers) == ("12.50", (2, 1))
    assert (added.line_id, added.system, added.service_date_from) == ("new", "CPT", VISIT.start_date)
    assert (kept.description, kept.present_on_admission, new.present_on_admission) == ("sugar", "Y", "N")


@pytest.mark.parametrize("text", ["1", "1 units=two", "1 pointers=a", "1 charge=1.005", "1 modifiers=ABC", "x code=1"])
def test_what_is_no_change_is_refused(text: str) -> None:
    with pytest.raises(AmendmentError):
        read_line_change(text, VISIT)
