"""A coder's day on the command line: correct, ask, answer, override; every step stands in the timeline."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from schemas.errors import RefusedError
from streams.actions.amendments import AmendmentError, read_added_line, read_diagnoses, read_line_change
from streams.cli import app
from tests.processors.builders import diagnosis, encounter, service

JANE = ("--who", "jane", "--role", "coder")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def run_json(*arguments: object, exit_code: int = 0) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == exit_code, result.output
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with one held encounter, `visit-1`: a diagnosis that is a header, and a line without a price."""
    folder = tmp_path_factory.mktemp("coding")
    free = service("97110", line_id="L2", charge_amount="0.00")
    visit = encounter(diagnoses=(diagnosis("E11"),), services=(service(), free))
    (folder / "visit.ndjson").write_text(visit.model_dump_json(exclude_defaults=True) + "\n")
    run("ingest", folder / "visit.ndjson", "--data", folder / "data")
    return folder / "data"


@pytest.fixture
def held(opened: Path, tmp_path: Path) -> Path:
    """The same installation afresh: its code sets take a second to build."""
    return Path(shutil.copytree(opened, tmp_path / "data"))


def test_a_held_encounter_is_asked_about_corrected_confirmed_and_coded(held: Path) -> None:
    at = ("--data", held)
    query = run_json("query", "ask", "visit-1", "With hyperglycaemia?", *JANE, *at)["action_id"]
    change = ("--diagnoses", "E11.65", "--line", "2 modifiers=gp units=2 pointers=1")
    corrected = run_json("correct", "visit-1", *change, "--why", "documented", *JANE, *at, exit_code=1)
    answered = run_json("query", "answer", "visit-1", query[:8], "Yes.", "--who", "roe", "--role", "provider", *at)
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
        "override", "visit-1", "charge_zero", "--why", "reports only", "--who", "lee", "--role", "compliance", *at
    )

    assert "the role coder may not override" in str(refused.exception)
    assert done["outcome"] == "overridden"


def test_a_released_hold_goes_on_to_its_claim_and_every_question_shows_it(held: Path) -> None:
    at, lead = ("--data", held), ("--who", "lee", "--role", "coding_lead")
    run_json("correct", "visit-1", "--diagnoses", "E11.65", "--why", "documented", *JANE, *at)
    twice = ("--add-line", "code=97110 units=1 charge=80.00", "--line", "2 charge=80.00")
    run_json("correct", "visit-1", *twice, "--why", "documented", *JANE, *at, exit_code=1)
    assert "a payer's policy: mend it, or release it" in run("explain", "visit-1", *at).output
    done = run_json(
        "override", "visit-1", "duplicate_line", "--why", "both knees", "--document", "note of the day", *lead, *at
    )
    explained, story = run_json("explain", "visit-1", *at), run_json("claim", "visit-1", *at)

    assert (done["outcome"], done["findings"]) == ("coded", [])
    assert [(item["who"], item["why"], item["document_name"]) for item in explained["overridden"]] == [
        ("lee", "both knees", "note of the day")
    ]
    assert "hold duplicate_line at line 3 97110 released by lee" in str(story["timeline"])
    assert run_json("worklist", *at)["items"] == []
    assert run_json("replay", "verify", "--decide", *at)["identical"]


def test_people_and_roles_come_from_the_settings(held: Path) -> None:
    (held / "revcycle.toml").write_text(
        'secret = "a test installation keeps no secret"\nis_test = true\n'
        '[people]\njane = "coder"\n[roles]\noverride = ["coder"]\n'
    )
    done = run_json("override", "visit-1", "charge_zero", "--why", "w", "--who", "jane", "--data", held)
    stranger = run("override", "visit-1", "charge_zero", "--why", "w", "--who", "mallory", "--data", held)

    assert done["outcome"] == "overridden"
    assert "not among [people]" in str(stranger.exception)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("visit-9", "--confirm"), "no encounter or claim has this id"),
        (("visit-1",), "say what to change"),
        (("visit-1", "--confirm", "--diagnoses", "I10"), "--confirm alone"),
        (("visit-1", "--line", "3 units=1"), "its lines are 1 to 2"),
        (("visit-1", "--line", "1 colour=red"), "is no change"),
    ],
)
def test_what_is_typed_wrong_publishes_nothing(held: Path, arguments: tuple[str, ...], why: str) -> None:
    before = run("export", "--data", held).stdout
    result = run("correct", *arguments, "--why", "w", *JANE, "--data", held)

    assert isinstance(result.exception, RefusedError) and why in str(result.exception)
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


def test_explain_shows_each_line_with_its_edits_and_the_rows_behind_them(held: Path) -> None:
    report = run_json("explain", "visit-1", "--data", held)
    subjects = {subject["where"]: subject for subject in report["subjects"]}
    outcomes = {
        (where, result["edit"]): result["outcome"]
        for where, subject in subjects.items()
        for result in subject["results"]
    }

    assert list(subjects) == ["line 1 99213", "line 2 97110", "diagnosis 1 E11", "encounter"]
    assert outcomes["diagnosis 1 E11", "icd10_not_billable"] == "failed"
    assert outcomes["line 2 97110", "charge_zero"] == "failed"
    assert outcomes["line 1 99213", "charge_zero"] == "passed"
    assert outcomes["line 1 99213", "mue_day"] == "not checked"
    assert subjects["diagnosis 1 E11"]["rows"] == ["ICD-10-CM FY2026 April: E11, header, 2026-04-01 to 2026-09-30"]
    assert "not checked: MUE practitioner not loaded" in report["not_loaded"]

    shown = run("explain", "visit-1", "--data", held).stdout
    assert "hold icd10_not_billable at diagnosis 1 E11" in shown
    assert "ICD-10-CM Official Guidelines I.B.2" in shown


def test_explain_tells_findings_of_payer_rules_and_lost_corrections(held: Path, tmp_path: Path) -> None:
    (held / "rules").mkdir()
    (held / "rules" / "lakeshore.toml").write_text(RULE)
    run("correct", "visit-1", "--diagnoses", "E11.9", "--why", "documented", *JANE, "--data", held)
    newer = tmp_path / "newer.ndjson"
    newer.write_text(encounter("2", diagnoses=(diagnosis("I10"),)).model_dump_json(exclude_defaults=True) + "\n")
    run("ingest", newer, "--data", held)

    beside = run_json("explain", "visit-1", "--data", held)["beside_edits"]
    assert {finding["code"] for finding in beside} == {"corrections_not_carried_over", "payer_rule:no-visits"}


RULE = """
[[rule]]
id = "no-visits"
action = "hold"
message = "This payer wants no visits."
remedy = "Ask them."
effective_from = 2020-01-01
[rule.when]
codes = ["99213"]
[[rule.matches]]
code = "99213"
[[rule.misses]]
code = "99214"
"""


def test_decisions_under_payer_rules_that_have_changed_since_are_taken_as_recorded(held: Path) -> None:
    """The pack is swapped between two decisions about one encounter; what the first left behind cannot be had again."""
    (held / "rules").mkdir()
    (held / "rules" / "lakeshore.toml").write_text(RULE)
    at = ("--data", held)
    ruled = run_json("correct", "visit-1", "--diagnoses", "E11.9", "--why", "w", *JANE, *at, exit_code=1)
    (held / "rules" / "lakeshore.toml").unlink()
    freed = run_json("correct", "visit-1", "--confirm", "--why", "the rule is gone", *JANE, *at)

    assert [finding["code"] for finding in ruled["findings"]] == ["payer_rule:no-visits", "charge_zero"]
    assert freed["outcome"] == "coded"
    events = [json.loads(line) for line in run("export", *at).stdout.splitlines()]
    packs = [
        json.loads(event["decided_by"])["payer_rules"] for event in events if event["type"] in ("rcm.held", "rcm.coded")
    ]
    assert len(set(packs)) == 2 and packs[-1] == "none"
    assert run_json("replay", "verify", "--decide", *at)["identical"]


def test_codes_list_shows_every_release_with_its_dates_rows_and_digest(held: Path) -> None:
    report = run_json("codes", "list", "--data", held)

    (release,) = (row for row in report["sets"] if row["set"] == "icd10cm")
    assert (release["version"], release["effective_from"], release["effective_to"]) == (
        "FY2026 April",
        "2026-04-01",
        "2026-09-30",
    )
    assert release["rows"] > 90_000 and len(release["sha256"]) == 64
    assert report["in_use"]["icd10cm"] == f"FY2026-April/{release['sha256'][:12]}"
    assert release["sha256"][:12] in run("codes", "list", "--data", held).stdout


def test_an_act_from_the_ehr_comes_in_the_same_file_as_encounters_and_may_come_twice(
    held: Path, tmp_path: Path
) -> None:
    correction = {
        "action_id": "e1", "source_system": "ehr", "source_id": "visit-1", "patient_id": "patient-1", "version": "1",
        "who": "ehr-user", "role": "provider", "why": "chart amended",
        "diagnoses": [{"system": "ICD-10-CM", "code": "E11.9"}],
    }  # fmt: skip
    for name in ("once", "twice"):
        file = tmp_path / f"{name}.ndjson"
        file.write_text(json.dumps({"corrected": correction}) + "\n" * len(name))
        run("ingest", file, "--data", held)

    report = run_json("claim", "visit-1", "--data", held)
    types = [event["type"] for event in report["timeline"]]
    assert types.count("rcm.encounter.corrected") == 1
    assert types.count("rcm.coded") == 1
    assert run_json("replay", "verify", "--decide", "--data", held)["identical"]
