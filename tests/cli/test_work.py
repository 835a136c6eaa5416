"""What people do with the work list: filter it, take, note, resolve and reopen; each is an event with who and why."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from schemas.errors import RefusedError
from streams.cli import app
from streams.installation import open_installation
from streams.reports.worklist import WorkFilter, report_worklist


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def run_json(*arguments: object) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("work") / "data"
    run_json("demo", "--encounters", 80, "--seed", 7, "--data", folder)
    return folder


def list_items(data: Path, *filters: object) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = run_json("worklist", *filters, "--data", data)["items"]
    return items


@pytest.fixture
def item(data: Path) -> dict[str, Any]:
    """An open denial that nobody has taken."""
    return list_items(data, "--reason", "denied", "--untaken")[0]


def test_filters_narrow_the_list(data: Path, item: dict[str, Any]) -> None:
    everything = list_items(data)
    for option, name in (("--queue", "queue"), ("--owner", "owner"), ("--claim", "claim_id")):
        found = list_items(data, option, item[name])
        assert found == [other for other in everything if other[name] == item[name]]
    assert list_items(data, "--reason", "CO-") != []
    assert all("CO-" in found["reason"] for found in list_items(data, "--reason", "co-"))
    assert list_items(data, "--queue", "no such queue") == []


def test_overdue_is_what_had_its_deadline_before_the_day(data: Path) -> None:
    everything = list_items(data)
    days = sorted(item["deadline"] for item in everything if item["deadline"])
    middle = date.fromisoformat(days[len(days) // 2])
    found = report_worklist(open_installation(data), WorkFilter(overdue_on=middle)).items
    late = [item["id"] for item in everything if item["deadline"] and item["deadline"] < middle.isoformat()]
    assert [item.id for item in found] == late != []


def test_an_item_is_taken_noted_resolved_and_reopened_by_name(data: Path, item: dict[str, Any]) -> None:
    who = ("--who", "Kim Lee", "--data", data)
    assert run_json("work", "take", item["id"], *who)["assignee"] == "Kim Lee"
    assert [found["id"] for found in list_items(data, "--assignee", "Kim Lee")] == [item["id"]]
    run_json("work", "note", item["id"], "--why", "the approval is on file", *who)
    assert run_json("work", "resolve", item["id"], "--why", "appealed by phone", *who)["state"] == "closed"
    assert item["id"] not in [found["id"] for found in list_items(data)]
    assert item["id"] in [found["id"] for found in list_items(data, "--closed")]
    again = run_json("work", "reopen", item["id"], "--why", "they never heard of it", *who)
    assert (again["state"], again["assignee"]) == ("open", "Kim Lee")

    said = ["taken by Kim Lee", "noted by Kim Lee: the approval is on file"]
    said += ["resolved by Kim Lee: appealed by phone", "reopened by Kim Lee: they never heard of it"]
    history = [event["summary"] for event in run_json("work", "show", item["id"], "--data", data)["history"]]
    assert history[-4:] == said
    story = [event["summary"] for event in run_json("claim", item["claim_id"], "--data", data)["timeline"]]
    assert story[-4:] == said, "the claim's timeline tells the same"


def test_the_beginning_of_an_id_is_enough_when_it_is_the_only_one(data: Path, item: dict[str, Any]) -> None:
    assert run_json("work", "show", item["id"][:8], "--data", data)["id"] == item["id"]


def refuse(data: Path, action: str, item_id: str, *options: object) -> str:
    result = run("work", action, item_id, *options, "--data", data)
    assert isinstance(result.exception, RefusedError), result.output
    return str(result.exception)


def test_what_cannot_be_done_says_what_can(data: Path, item: dict[str, Any]) -> None:
    kim, lou = ("--who", "Kim Lee"), ("--who", "Lou Roy")
    assert "no work item has this id" in refuse(data, "take", "ffffffff-ffff", *kim)
    for wanted in ("%", "%%%%%%%%", "________", ""):
        assert "no work item has this id" in refuse(data, "take", wanted, *kim)
    assert "is open already" in refuse(data, "reopen", item["id"], *kim, "--why", "more to do")
    run_json("work", "take", item["id"], *kim, "--data", data)
    assert run_json("work", "take", item["id"], *kim, "--data", data)["assignee"] == "Kim Lee", "told twice"
    assert "is Kim Lee's already" in refuse(data, "take", item["id"], *kim, "--why", "mine")
    assert "to take it over, say why" in refuse(data, "take", item["id"], *lou)
    assert run_json("work", "take", item["id"], *lou, "--why", "Kim is away", "--data", data)["assignee"] == "Lou Roy"
    assert "say who you are and why" in refuse(data, "resolve", item["id"], *lou, "--why", " ")
    run_json("work", "resolve", item["id"], *lou, "--why", "paid", "--data", data)
    assert "is closed (resolved by Lou Roy): reopen it" in refuse(data, "take", item["id"], *kim)
    assert run("work", "take", item["id"], "--data", data).exit_code == 2, "nobody acts without a name"


def test_what_people_did_is_part_of_the_replay(data: Path) -> None:
    assert run_json("replay", "verify", "--data", data)["identical"]
