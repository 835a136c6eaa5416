"""What a mistaken configuration gets: exit status 2 and a sentence that names it; never a test installation instead."""

import io
import os
import socket
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from connectors.payer_rules import WatchedRules, load_payer_rules
from connectors.reference import load_tables
from connectors.workers_key import keep_key
from schemas.errors import ConfigurationError
from streams.cli import run_command
from streams.installation import read_settings

SECRET = 'secret = "sixteen characters"\n'
MARK = b"\xef\xbb\xbf"  # the byte order mark that editors write
HEADER = "system,code,billed_system,billed_code\n"


def bind(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one, pytest.MonkeyPatch.context() as patch:
        patch.chdir(path.parent)  # a socket's address has no room for a long path
        one.bind(path.name)


KINDS: dict[str, Callable[[Path], None]] = {
    "a link to nothing": lambda path: path.symlink_to("volume-that-is-not-mounted"),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a FIFO": os.mkfifo,
    "a folder": Path.mkdir,
    "a socket": bind,
}
PLACES = ("revcycle.toml", "tables/charge_master.csv", "rules/ours.toml")


def run(*arguments: str, data: Path) -> tuple[int, str]:
    """The exit status, and all that was said, in one line."""
    said = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(said), redirect_stderr(said):
        patch.setattr(sys, "argv", ["revcycle", *arguments, "--data", str(data)])
        status = run_command()
    return status, said.getvalue().replace("\n", " ")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_name_that_is_no_file_is_refused_by_name(kind: str, place: str, tmp_path: Path) -> None:
    (tmp_path / place).parent.mkdir(exist_ok=True)
    KINDS[kind](tmp_path / place)
    exit_code, said = run("ingest", "nowhere.835", data=tmp_path)
    assert exit_code == 2 and str(tmp_path / place) in said


@pytest.mark.parametrize("folder", ["tables", "rules", "outbox"])
@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {"a folder"}))
def test_a_name_that_is_no_folder_is_refused_by_name(kind: str, folder: str, tmp_path: Path) -> None:
    KINDS[kind](tmp_path / folder)
    exit_code, said = run("ingest", "nowhere.835", data=tmp_path)
    assert exit_code == 2 and str(tmp_path / folder) in said


def test_a_data_folder_whose_volume_is_not_mounted_is_refused(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.symlink_to("nowhere")
    exit_code, said = run("ingest", "nowhere.835", data=data)
    assert exit_code == 2 and str(data) in said


@pytest.mark.parametrize("kind", KINDS)
def test_a_workers_key_that_is_no_file_is_refused(kind: str, tmp_path: Path) -> None:
    KINDS[kind](tmp_path / "workers.key")
    with pytest.raises(ConfigurationError, match=r"workers\.key cannot be read"):
        keep_key(tmp_path)


def test_a_link_to_a_file_is_followed_as_containers_mount_configuration(tmp_path: Path) -> None:
    mounted = tmp_path / "mounted"
    mounted.mkdir()
    (mounted / "settings").write_text(SECRET)
    (mounted / "charge_master.csv").write_text(HEADER + "LOCAL,NEW,CPT,99213\n")
    (tmp_path / "revcycle.toml").symlink_to("mounted/settings")
    (tmp_path / "tables").symlink_to("mounted")
    assert not read_settings(tmp_path).is_test
    assert ("LOCAL", "NEW") in load_tables(tmp_path).charge_master


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("secret = 1\n", "`secret`"),
        (f"{SECRET}partners = {'[' * 5000}{']' * 5000}\n", "nested too deeply"),
        (f"{SECRET}deposit_days = {'9' * 5000}\n", "not TOML"),
        (SECRET + "# " + "x" * 1_000_000, "1,000,000 bytes"),
        (SECRET + 'small_balance_amount = "-5.00"\n', "small_balance_amount"),
        (SECRET + "deposit_days = -1\n", "deposit_days"),
        (SECRET + "deposit_days = 1000000\n", "deposit_days"),
        (SECRET + "deposit_days = 12345678901234567890\n", "deposit_days"),
        (SECRET + "[follow_up]\nrepeat_days = -1\n", "follow_up.repeat_days"),
        (SECRET + '[people]\njane = "boss"\n', "people.jane"),
    ],
)
def test_a_senseless_setting_is_refused_by_its_name(settings: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "revcycle.toml").write_text(settings)
    exit_code, output = run("ingest", "nowhere.835", data=tmp_path)
    assert exit_code == 2 and said in output
    exit_code, report = run("doctor", data=tmp_path)
    assert exit_code == 1 and "BAD  settings: " in report and "BAD  store" not in report


def test_a_role_of_ones_own_is_named_under_roles(tmp_path: Path) -> None:
    (tmp_path / "revcycle.toml").write_text(SECRET + '[people]\njane = "boss"\n[roles]\noverride = ["boss"]\n')
    assert read_settings(tmp_path).role_of("Jane") == "boss"


def test_a_byte_order_mark_and_hidden_names_are_left_alone(tmp_path: Path) -> None:
    for folder in ("tables", "rules"):
        (tmp_path / folder).mkdir()
    (tmp_path / "revcycle.toml").write_bytes(MARK + SECRET.encode())
    (tmp_path / "tables/charge_master.csv").write_bytes(MARK + HEADER.encode())
    (tmp_path / "rules/ours.toml").write_bytes(MARK + b"rule = []\n")
    for name in ("tables/._charge_master.csv", "tables/.x.csv", "rules/._ours.toml"):
        (tmp_path / name).write_bytes(b"\x00\x05\x16\x07")
    assert load_tables(tmp_path).digests == load_tables().digests
    assert load_payer_rules(tmp_path / "rules").rules == ()
    assert not read_settings(tmp_path).is_test


@pytest.mark.parametrize(("place", "check"), [("tables/charge_master.csv", "tables"), ("rules/ours.toml", "rules")])
def test_doctor_names_what_is_mistaken(place: str, check: str, tmp_path: Path) -> None:
    (tmp_path / place).parent.mkdir()
    (tmp_path / place).write_text("mistaken")
    exit_code, report = run("doctor", data=tmp_path)
    assert exit_code == 1 and f"BAD  {check}: " in report and "BAD  store" not in report


def test_rules_that_vanish_under_a_worker_are_told_once_and_taken_up_again(tmp_path: Path) -> None:
    rules = tmp_path / "ours.toml"
    rules.write_text("rule = []\n")
    watched = WatchedRules(tmp_path)
    rules.unlink()
    rules.symlink_to("nowhere")
    with pytest.raises(ConfigurationError, match=r"ours\.toml"):
        watched.read_change()
    assert watched.read_change() is None
    (tmp_path / "nowhere").write_text("rule = []\n")
    assert watched.read_change() == load_payer_rules(tmp_path)
