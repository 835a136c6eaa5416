"""The practice payer beside an installation: each 837 file is answered once, whatever happens between."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from schemas.errors import RefusedError
from streams.cli import app
from streams.installation import open_installation
from streams.practice.demo import run_demo
from streams.practice.payer import ANSWERED, answer_outbox


def test_each_file_is_answered_once_with_the_same_bytes_after_a_crash(tmp_path: Path) -> None:
    run_demo(open_installation(tmp_path / "demo"), 12, 1)
    data = tmp_path / "data"
    (data / "inbox").mkdir(parents=True)
    shutil.copytree(tmp_path / "demo" / "outbox", data / "outbox")

    answers = answer_outbox(data, seed=1)
    assert {path.suffix for path in answers} == {".TA1", ".999", ".277CA", ".835"}
    assert all(path.parent == data / "inbox" for path in answers)
    assert answer_outbox(data, seed=1) == []

    first = {path.name: path.read_bytes() for path in answers}
    shutil.rmtree(data / ANSWERED)  # it died before it could note what it had answered
    assert {path.name: path.read_bytes() for path in answer_outbox(data, seed=1)} == first


@pytest.mark.parametrize("command", [["dev", "payer"], ["demo", "--kafka", "127.0.0.1:1"]])
def test_nothing_is_made_up_in_an_installation_that_is_no_test(command: list[str], tmp_path: Path) -> None:
    (tmp_path / "revcycle.toml").write_text('secret = "kept by nobody but this test"\n')
    result = CliRunner().invoke(app, [*command, "--data", str(tmp_path)])
    assert isinstance(result.exception, RefusedError)  # exit status 2
    assert "is no test installation" in str(result.exception)
    assert [path.name for path in tmp_path.iterdir()] == ["revcycle.toml"]


@pytest.mark.parametrize("command", ["create", "check"])
@pytest.mark.parametrize("option", ["--partitions", "--replicas"])
def test_a_number_of_partitions_or_replicas_that_cannot_be_is_refused(command: str, option: str) -> None:
    result = CliRunner().invoke(app, ["topics", command, "--kafka", "127.0.0.1:1", option, "0"])

    assert result.exit_code == 2
    assert "greater than or equal to 1" in result.output
