"""An answer meant for somebody else moves no cent and says nothing of a claim, until a person says that it is ours."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from connectors.demo import generate_encounters
from connectors.practice_payer.simulator import answer_interchange
from streams.cli import app

SETTINGS = """
secret = "kept by nobody but this test"

[submitter]
usage_indicator = "P"
sender_id = "OURCLINIC"
"""
Change = Callable[[str], str]


def run(*arguments: object) -> tuple[int, Any]:
    result = CliRunner().invoke(app, [*map(str, arguments), "--json"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, json.loads(result.stdout)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A production installation whose claims stand in the outbox."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "revcycle.toml").write_text(SETTINGS)
    source = tmp_path / "encounters.ndjson"
    encounters = [x for x in generate_encounters(12, seed=4) if x.version == "1"]
    source.write_text("".join(f"{encounter.model_dump_json()}\n" for encounter in encounters))
    run("ingest", source, "--data", folder)
    assert list((folder / "outbox").glob("*.837"))
    return folder


def answer(data: Path, kind: str, change: Change = str) -> Path:
    """What the practice payer says to the first file of the outbox, changed."""
    (sent, *_) = sorted((data / "outbox").glob("*.837"))
    found = next(x for x in answer_interchange(sent.read_bytes(), 1) if x.name.endswith(f".{kind}"))
    before = found.data.decode()
    after = change(before)
    assert change is str or after != before
    path = data.parent / f"changed.{kind}"
    path.write_text(after)
    return path


def sentences(data: Path) -> dict[str, Any]:
    """What the payers' answers may change: the ledger, claims that were answered, and what is open."""
    _, status = run("status", "--data", data)
    return {name: status[name] for name in ("ledger", "claims")}


def read_element(text: str, segment: str, element: int) -> str:
    found = next(x.strip() for x in text.split("~") if x.strip().startswith(segment))
    return found.split("*")[element]


def with_receiver(text: str) -> str:
    return text.replace("OURCLINIC", "ELSEWHERE")


def as_test(text: str) -> str:
    elements = text.split("~", maxsplit=1)[0].split("*")
    return text.replace("*".join(elements), "*".join([*elements[:15], "T", *elements[16:]]), 1)


def with_payee(text: str) -> str:
    return re.sub(r"(N1\*PE\*[^~]*\*XX\*)\d{10}", r"\g<1>1999999984", text)


def with_tax_id(text: str) -> str:
    return re.sub(r"REF\*TJ\*\d+", "REF*TJ*123456789", text)


@pytest.mark.parametrize(
    ("change", "where"),
    [(with_receiver, "ISA08"), (as_test, "ISA15"), (with_payee, "N1*PE"), (with_tax_id, "REF*TJ")],
)
def test_an_835_of_somebody_else_is_held_until_a_person_says_that_it_is_ours(
    data: Path, change: Change, where: str
) -> None:
    before = sentences(data)
    exit_code, report = run("ingest", answer(data, "835", change), "--data", data)
    (file,) = report["files"]
    assert (exit_code, file["outcome"]) == (1, "held")
    assert {finding["where"] for finding in file["findings"] if finding["owner"] == "operations"} >= {where}
    assert sentences(data) == before

    _, work = run("worklist", "--reason", "remittance_not_for_us", "--data", data)
    items = work["items"]
    assert {item["queue"] for item in items} == {"operations"}
    assert all("revcycle ledger admit" in item["next_action"] for item in items)
    for item in items:
        word = ("--who", "R. Moss", "--why", "the payer has our old number")
        exit_code, after = run("ledger", "admit", item["id"], *word, "--data", data)
        assert (exit_code, after["state"]) == (0, "closed")
    assert sentences(data)["ledger"]["entries"] > before["ledger"]["entries"]
    assert run("ledger", "verify", "--data", data)[0] == 0


@pytest.mark.parametrize("kind", ["TA1", "999", "277CA"])
@pytest.mark.parametrize("change", [with_receiver, as_test])
def test_an_acknowledgement_of_somebody_elses_says_nothing_of_our_claims(data: Path, kind: str, change: Change) -> None:
    before = sentences(data)
    exit_code, report = run("ingest", answer(data, kind, change), "--data", data)
    (file,) = report["files"]
    assert (exit_code, file["outcome"], file["findings"][0]["code"]) == (2, "rejected", "answer_not_for_us")
    assert sentences(data) == before
    _, work = run("worklist", "--reason", "answer_not_for_us", "--data", data)
    (item,) = work["items"]
    assert (item["queue"], "known_as" in item["next_action"]) == ("operations", True)


@pytest.mark.parametrize("kind", ["TA1", "999", "277CA", "835"])
def test_our_own_answers_are_taken(data: Path, kind: str) -> None:
    exit_code, report = run("ingest", answer(data, kind), "--data", data)
    assert (exit_code, report["files"][0]["outcome"]) == (0, "accepted"), report["files"]


@pytest.mark.parametrize("kind", ["999", "835"])
def test_where_partners_are_named_a_stranger_is_not_heard_until_he_is_named_too(data: Path, kind: str) -> None:
    settings = data / "revcycle.toml"
    settings.write_text('partners = ["SOMEBODY"]\n' + SETTINGS)
    path = answer(data, kind)
    path.write_text(path.read_text().replace("*ZZ*" + read_element(path.read_text(), "ISA", 6), f"*ZZ*{'STRANGER':15}"))
    _, report = run("ingest", path, "--data", data)
    assert report["files"][0]["outcome"] == ("held" if kind == "835" else "rejected")
    assert report["files"][0]["findings"][0]["where"] == "ISA06"

    if kind == "999":  # the remedy of its item, followed
        settings.write_text('partners = ["SOMEBODY", "STRANGER"]\n' + SETTINGS)
        _, report = run("ingest", path, "--data", data)
        assert report["files"][0]["outcome"] == "accepted"


def test_another_name_of_ours_is_ours(data: Path) -> None:
    settings = data / "revcycle.toml"
    settings.write_text('known_as = ["ELSEWHERE", "1999999984"]\n' + SETTINGS)
    _, report = run("ingest", answer(data, "835", lambda text: with_payee(with_receiver(text))), "--data", data)
    assert report["files"][0]["outcome"] == "accepted"
