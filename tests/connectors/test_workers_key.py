"""The workers' key: one for an installation, its user's alone, and never made anew where one was."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from connectors.settings import Settings, load_settings
from connectors.workers_key import KEY_FILE, keep_key
from schemas.errors import ConfigurationError


def test_workers_that_start_together_have_one_key_that_nobody_else_reads(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(keep_key, [data] * 32))
    assert len(keys) == 1 and len(keys.pop()) == 64
    assert [path.name for path in data.iterdir()] == [KEY_FILE]
    assert stat.S_IMODE((data / KEY_FILE).stat().st_mode) == 0o600


def test_each_installation_has_a_key_of_its_own(tmp_path: Path) -> None:
    assert keep_key(tmp_path / "one") != keep_key(tmp_path / "two")


def test_a_key_that_is_broken_or_named_and_not_there_is_no_key(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).write_text("short\n")
    with pytest.raises(ConfigurationError, match="restore it"):
        keep_key(tmp_path)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        _ = Settings(workers_key_file=tmp_path / "elsewhere").workers_key


def test_the_key_is_the_file_that_is_named_else_the_data_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = tmp_path / "named"
    named.write_text(f"{'k' * 40}\n")
    monkeypatch.delenv("REVCYCLE_WORKERS_KEY_FILE")
    assert load_settings(tmp_path, workers_key_file=named).workers_key == b"k" * 40
    assert load_settings(tmp_path).workers_key == (tmp_path / KEY_FILE).read_bytes().strip()
    assert "k" * 40 not in repr(load_settings(tmp_path, workers_key_file=named))
