"""An installation's folder is its user's alone, and what is open all the same is named with the command that mends."""

import shlex
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectors.archive import write_durably
from connectors.permissions import find_exposed, find_exposed_secrets
from connectors.stores.sqlite import SqliteStore
from streams.cli import app
from streams.reports.doctor import Check, examine


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """An installation in which everything was done once, made under the umask of a careless shell."""
    folder = tmp_path / "practice of today"
    for command in (["demo", "--encounters", "10"], ["statements"], ["tick"], ["replay", "verify"]):
        assert CliRunner().invoke(app, [*command, "--data", str(folder)]).exit_code == 0
    return folder


def look(data: Path) -> Check:
    report = examine(data)
    (found,) = (check for check in report.checks if check.name == "closed to others")
    return found


def follow(remedy: str) -> None:
    subprocess.run(shlex.split(remedy), check=True)


def test_whatever_a_command_makes_is_its_users_alone(data: Path) -> None:
    made = [data, *data.rglob("*")]
    assert len(made) > 30
    assert {oct(path.stat().st_mode & 0o777) for path in made} == {"0o700", "0o600"}
    assert look(data).ok


def test_a_store_and_a_document_are_closed_also_without_a_command(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "new" / "revcycle.db")
    write_durably(tmp_path / "letters" / "letter.pdf", b"a letter")
    made = [*(tmp_path / "new").iterdir(), tmp_path / "letters" / "letter.pdf"]
    assert [path.name for path in made if path.stat().st_mode & 0o077] == []
    assert not (tmp_path / "letters").stat().st_mode & 0o077
    store.close()


@pytest.mark.parametrize("part", ["", "outbox", "revcycle.db", "archive", "statements", "revcycle.toml"])
def test_an_open_part_is_named_and_the_remedy_closes_it(data: Path, part: str) -> None:
    (data / "revcycle.toml").touch(0o600)
    (data / part).chmod(0o750 if (data / part).is_dir() else 0o604)
    problem = find_exposed(data)
    assert part in problem and "open to others" in problem
    follow(problem.split(": ")[-1])
    assert find_exposed(data) == ""


def test_an_outbox_on_another_disk_is_a_part_too(data: Path, tmp_path: Path) -> None:
    (data / "outbox").rename(tmp_path / "elsewhere")
    (data / "outbox").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").chmod(0o755)
    problem = look(data)
    assert not problem.ok and "elsewhere" in problem.detail
    follow(problem.detail.split(": ")[-1])
    assert look(data).ok


def test_what_waits_in_the_inbox_is_its_senders_still(data: Path) -> None:
    (data / "inbox" / "sent.835").touch(0o644)
    assert look(data).ok
    (data / "inbox").chmod(0o777)
    assert "inbox" in look(data).detail


def test_a_key_file_that_others_may_read_is_named(tmp_path: Path) -> None:
    key = tmp_path / "worker key.pem"
    key.touch(0o600)
    assert find_exposed_secrets([key]) == ""
    key.chmod(0o644)
    problem = find_exposed_secrets([key])
    follow(problem.split(": ")[-1])
    assert str(key) in problem and find_exposed_secrets([key]) == ""
    assert "cannot be looked at" in find_exposed_secrets([tmp_path / "gone.pem"])
