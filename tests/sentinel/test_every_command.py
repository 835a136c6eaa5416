"""A word in every field of PHI goes through the whole cycle and every command, and stands where it may only."""

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from connectors.kafka.messages import write_message
from connectors.stores.common import RECORD_COLUMNS
from connectors.stores.sqlite import SqliteStore
from schemas.store import Record
from streams.kafka.topic_plan import plan_topics
from tests.sentinel.commands import find_ids, list_acts, list_commands, list_questions, list_refusals
from tests.sentinel.marking import MARKS, find_marks
from tests.sentinel.places import ACTS, COLUMNS, FOLDERS, SCREENS, UNTRIED
from tests.sentinel.practice import Said, open_practice, say


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Said]]:
    data, files, said = open_practice(tmp_path_factory.mktemp("sentinel"))
    with closing(SqliteStore(data / "revcycle.db")) as store:
        ids = find_ids(store.connection)
    for arguments in (*list_questions(ids, files), *list_acts(ids, files), *list_refusals(files)):
        own = () if arguments[0] == "x12" else ("--data", str(data))
        json = ("--json",) if arguments[0] != "export" and arguments[:2] != ("deadletters", "show") else ()
        said += [*say(*arguments, *own), *say(*arguments, *own, *json)]
    return data, said


def name_command(arguments: tuple[str, ...]) -> str:
    """The command as `list_commands` names it."""
    two = " ".join(arguments[:2])
    return two if two in list_commands() else arguments[0]


def test_every_command_is_tried(practice: tuple[Path, list[Said]]) -> None:
    tried = {name_command(said.command) for said in practice[1]}
    assert tried == list_commands() - set(UNTRIED)


def test_no_command_ends_at_a_bug(practice: tuple[Path, list[Said]]) -> None:
    assert [said for said in practice[1] if said.status not in (0, 1, 2)] == []


def test_screens_show_what_they_may(practice: tuple[Path, list[Said]]) -> None:
    leaks = {
        (name_command(said.command), path)
        for said in practice[1]
        for path in find_marks(said.text) - SCREENS.get(name_command(said.command), frozenset())
    }
    assert leaks == set()


def test_what_may_be_shown_is_shown(practice: tuple[Path, list[Said]]) -> None:
    """A place where a word may stand and never does is no place: the list is exact."""
    shown: dict[str, set[str]] = {}
    for said in practice[1]:
        if found := find_marks(said.text):
            shown.setdefault(name_command(said.command), set()).update(found)
    assert set(shown) == set(SCREENS)
    assert shown["export"] == set(MARKS) - ACTS, "people act after it"


def test_columns_hold_what_they_may(practice: tuple[Path, list[Said]]) -> None:
    found: dict[str, set[str]] = {}
    with closing(SqliteStore(practice[0] / "revcycle.db")) as store:
        tables = store.connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            rows = store.connection.execute(f"SELECT * FROM {table}")
            names = [column[0] for column in rows.description]
            for row in rows.fetchall():
                for name, value in zip(names, row, strict=True):
                    text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
                    if marks := find_marks(text):
                        found.setdefault(f"{table}.{name}", set()).update(marks)
    assert {
        (column, path) for column, paths in found.items() for path in paths - COLUMNS.get(column, frozenset())
    } == set()
    assert set(found) == set(COLUMNS)


def list_records(data: Path) -> Iterator[Record]:
    with closing(SqliteStore(data / "revcycle.db")) as store:
        for row in store.connection.execute(f"SELECT {RECORD_COLUMNS} FROM event"):
            yield Record(*row)


def test_kafka_would_see_words_in_the_values_of_messages_only(practice: tuple[Path, list[Said]]) -> None:
    count = 0
    for record in list_records(practice[0]):
        message = write_message(record)
        outside = (message.topic, message.key, message.headers)
        assert find_marks(repr(outside)) == set(), record.type
        count += 1
    assert count > 500
    assert find_marks(" ".join(plan.name for plan in plan_topics(1, 1))) == set()


def test_names_of_files_and_metrics_hold_none(practice: tuple[Path, list[Said]]) -> None:
    names = [str(path.relative_to(practice[0])) for path in practice[0].rglob("*")]
    assert len(names) > 50 and find_marks(" ".join(names)) == set()
    assert find_marks(generate_latest().decode()) == set()


def test_a_worker_logs_none(practice: tuple[Path, list[Said]], tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    for file in sorted((practice[0].parent / "files").iterdir()):
        if file.is_file():
            shutil.copyfile(file, tmp_path / "inbox" / file.name)
    program = [sys.executable, "-c", "from streams.cli import main; main()", "run", "--metrics", "off"]
    log = tmp_path / "log"
    with log.open("wb") as out, subprocess.Popen([*program, "--data", str(tmp_path)], stdout=out, stderr=out) as worker:
        deadline = time.monotonic() + 60
        while any(path.is_file() for path in (tmp_path / "inbox").iterdir()) and time.monotonic() < deadline:
            time.sleep(0.2)
        worker.send_signal(signal.SIGTERM)
    said = log.read_text()
    assert said.count(" events, ") >= 15 and "stopped: everything" in said
    assert find_marks(said) == set()


def test_folders_hold_what_they_may(practice: tuple[Path, list[Said]]) -> None:
    for path in practice[0].rglob("*"):
        if path.is_file() and not path.name.startswith("revcycle.db"):
            folder = path.relative_to(practice[0]).parts[0]
            found = find_marks(path.read_bytes().decode(errors="replace"))
            assert found <= FOLDERS.get(folder, frozenset()), path
