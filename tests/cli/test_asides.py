"""`revcycle aside`: what a step could not take is seen, given back once the program is mended, or dropped."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from connectors.demo import generate_encounters
from schemas.errors import NotTakenError
from schemas.event import Event
from schemas.processing import Outcome, States
from schemas.reference import Reference
from streams.cli import app
from streams.engine.step import Step
from streams.installation import open_installation
from streams.pipeline import STEPS

runner = CliRunner()


def fail_for(step: Step, family_name: str) -> Step:
    """The step with a fault that one patient's encounters meet."""

    def fail(states: States, event: Event, reference: Reference) -> Outcome:
        patient = getattr(event.body, "patient", None)
        if patient is not None and patient.family_name == family_name:
            raise ValueError(family_name)
        return step.function(states, event, reference)

    return replace(step, function=fail)


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """An installation to which ten encounters came while one patient's could not be judged."""
    encounters = list(generate_encounters(10, 1))
    source = tmp_path / "encounters.ndjson"
    source.write_text("".join(x.model_dump_json() + "\n" for x in encounters))
    names = Counter(x.patient.family_name for x in encounters)
    once = next(name for name, times in names.items() if times == 1)
    broken = tuple(fail_for(x, once) if x is STEPS[0] else x for x in STEPS)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("streams.engine.embedded.STEPS", broken)
        result = runner.invoke(app, ["ingest", str(source), "--data", str(tmp_path / "data")])
    assert "set aside: 1" in result.stdout
    yield tmp_path / "data"


def ask(data: Path, *command: str, status: int = 0) -> dict[str, Any]:
    result = runner.invoke(app, [*command, "--data", str(data), "--json"])
    assert result.exit_code == status, result.output
    return dict(json.loads(result.stdout))


def test_it_is_listed_with_its_place_in_the_program_and_without_its_content(data: Path) -> None:
    (row,) = ask(data, "aside", "list")["set_aside"]

    assert (row["step"], row["type"], row["behind"]) == ("coding_validation", "rcm.encounter", 0)
    assert row["reason"].startswith("ValueError at tests/cli/test_asides.py:")
    assert ask(data, "aside", "show", row["id"][:8])["event_id"] == row["event_id"]
    text = runner.invoke(app, ["aside", "list", "--data", str(data)]).stdout
    assert row["id"][:8] in text and "1 events set aside" in text


def test_it_is_work_for_operations_whose_remedy_works(data: Path) -> None:
    (item,) = (x for x in ask(data, "worklist")["items"] if x["reason"] == "event_set_aside")
    command = item["next_action"].partition("`revcycle ")[2].partition("`")[0].split()

    assert command[:2] == ["aside", "retry"]
    (done,) = ask(data, *command)["set_aside"]

    assert (done["taken"], done["waiting"]) == (1, 0)
    assert ask(data, "aside", "list") == {"set_aside": []}
    assert [x for x in ask(data, "worklist")["items"] if x["reason"] == "event_set_aside"] == []
    assert ask(data, "status")["encounters"]["total"] == 10


def test_a_program_that_is_not_mended_leaves_it_where_it_is(data: Path) -> None:
    def fail(states: States, event: Event, reference: Reference) -> Outcome:
        raise LookupError

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("streams.actions.asides.STEPS", tuple(replace(x, function=fail) for x in STEPS))
        (still,) = ask(data, "aside", "retry", "--all", status=1)["set_aside"]

    assert (still["taken"], still["waiting"]) == (0, 1)
    assert still["reason"].startswith("LookupError")
    assert len(ask(data, "aside", "list")["set_aside"]) == 1


def test_a_person_may_drop_it_with_name_and_reason(data: Path) -> None:
    (row,) = ask(data, "aside", "list")["set_aside"]

    refused = runner.invoke(app, ["aside", "drop", row["id"], "--data", str(data)])
    assert refused.exception is not None and "say who you are and why" in str(refused.exception)
    ask(data, "aside", "drop", row["id"], "--who", "Ada", "--why", "sent by mistake")

    assert ask(data, "status")["set_aside"] == 0
    closed = ask(data, "worklist", "--closed")["items"]
    assert [x["resolution"] for x in closed if x["reason"] == "event_set_aside"] == ["resolved by Ada"]
    assert ask(data, "replay", "verify", "--decide")["identical"]


def test_an_id_that_is_none_is_refused(data: Path) -> None:
    refused = runner.invoke(app, ["aside", "retry", "ffffffff", "--data", str(data)])

    assert "nothing that is set aside begins with the id ffffffff" in str(refused.exception)


def test_an_act_that_cannot_be_taken_is_told_so_and_counts_once_mended(data: Path) -> None:
    installation = open_installation(data)
    (account,) = installation.store.connection.execute("SELECT min(account_key) FROM claim").fetchone()
    installation.store.close()
    pay = ["patient", "pay", account, "5.00", "--reference", "R1", "--data", str(data)]

    def fail(states: States, event: Event, reference: Reference) -> Outcome:
        raise LookupError

    with pytest.MonkeyPatch.context() as patched:
        broken = tuple(replace(x, function=fail) if x.name == "patient_billing" else x for x in STEPS)
        patched.setattr("streams.engine.embedded.STEPS", broken)
        told = runner.invoke(app, pay)

    assert isinstance(told.exception, NotTakenError) and "patient_billing cannot take it now" in str(told.exception)
    ask(data, "aside", "retry", "--all")
    again = ask(data, *pay[:-2])
    assert (again["repeated"], again["unapplied_amount"]) == (True, "5.00")
