"""Text that a terminal obeys, in names, codes, words and names of files: it is shown and never obeyed."""

import json
import os
from contextlib import closing
from typing import Any

import pytest

from connectors.demo import generate_encounters
from connectors.stores.sqlite import SqliteStore
from schemas.showing import show
from tests.sentinel.commands import find_ids, list_questions
from tests.sentinel.practice import Said, say
from tests.sentinel.wrong_values import BAI2, HL7

CONTROLS = {
    "escape": "\x1b[2J\x1b]0;all is paid\x07",
    "csi": "\x9b2J",
    "lines": "\r\nbalanced\n",
    "bidi": "\u202e\u2066",
    "zero_width": "\u200b\ufeff",
    "line_separator": "\u2028\u2029",
    "markup": "[red]ok[/red][/]",
}


def spoil(node: Any, text: str, depth: int = 0) -> list[Any]:
    """The document once for each text in it that is spoilt, the others as they were."""
    if isinstance(node, str):
        return [node + text]
    if isinstance(node, dict):
        return [{**node, name: bad} for name, child in node.items() for bad in spoil(child, text, depth + 1)]
    if isinstance(node, list):
        return [
            [*node[:place], bad, *node[place + 1 :]]
            for place in range(len(node[:2]))
            for bad in spoil(node[place], text)
        ]
    return []


@pytest.fixture(scope="module", params=CONTROLS)
def said(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Said]:
    """What the commands of a practice print that was sent such text wherever it is taken."""
    text = CONTROLS[request.param]
    folder = tmp_path_factory.mktemp("controls")
    data, files = folder / "data", folder / "files"
    files.mkdir()
    encounter = json.loads(next(generate_encounters(1, 7)).model_dump_json())
    lines = []
    for number, document in enumerate(spoil(encounter, text)):
        if encounter["source_id"] == document["source_id"]:
            document["source_id"] = f"V{number}"
        lines.append(json.dumps(document))
    (files / "spoilt.ndjson").write_text("\n".join(lines) + "\n")
    (files / "spoilt.hl7").write_text(
        HL7.replace("sugar", f"sugar{text}").replace("Lakeshore", f"Lake{text}"), newline=""
    )
    (files / "spoilt.bai").write_text(BAI2.replace("text more", f"more{text}"))
    name = f"spoilt{text}.ndjson".replace("/", "").encode() + b"\xff"
    (files / os.fsdecode(name)).write_text("nothing\n")
    found = [*say("ingest", str(files), "--data", str(data)), *say("ingest", str(files), "--data", str(data), "--json")]
    with closing(SqliteStore(data / "revcycle.db")) as store:
        ids = find_ids(store.connection)
        held = store.connection.execute("SELECT encounter_id FROM encounter WHERE state = 'held'").fetchall()
    for arguments in list_questions(ids, files):
        if arguments[:2] != ("deadletters", "show"):
            found += say(*arguments, *(() if arguments[0] == "x12" else ("--data", str(data))))
    for (encounter_id,) in held[:10]:
        found += [
            *say("claim", "show", encounter_id, "--data", str(data)),
            *say("explain", encounter_id, "--data", str(data)),
        ]
    return [*found, *say("claim", "show", f"nobody{text}"), *say("frob" + text), *say("x12", "parse", text)]


def test_nothing_printed_is_obeyed(said: list[Said]) -> None:
    assert len(said) > 50 and sum(len(each.text) for each in said) > 100_000
    for each in said:
        raw = {char for char in each.text if not char.isprintable() and char != "\n"}
        assert raw == set(), each.command


def test_no_line_is_forged(said: list[Said]) -> None:
    for each in said:
        assert "balanced" not in each.text.splitlines() or each.command[0] in ("ingest", "status", "ledger"), (
            each.command
        )


def test_no_command_ends_at_a_bug(said: list[Said]) -> None:
    assert {each.command for each in said if each.status not in (0, 1, 2)} == set()


def test_it_is_spelled_out(request: pytest.FixtureRequest, said: list[Said]) -> None:
    """Or nothing was tested: the name of a file and what a person asked for stand on a screen."""
    spelled = show(CONTROLS[request.node.callspec.params["said"]]).replace("/", "")
    assert [each for each in said if spelled in each.text.replace("/", "")]
