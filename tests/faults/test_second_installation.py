"""A second installation on the brokers, the store or the folder of another: refused by name before it does anything."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from tests.faults.dose import SEED
from tests.faults.fleet import Cycle, Fleet
from tests.faults.test_acts import environment
from tests.services import with_database
from tests.streams.kafka.workers import Workers


def give(
    workers: Workers, *command: str, key: Mapping[str, str] = MappingProxyType({})
) -> subprocess.CompletedProcess[str]:
    """A command with its environment."""
    words = [*workers.arguments(*command)[:-4]]
    variables = {**environment(workers), **key}
    return subprocess.run(words, capture_output=True, text=True, timeout=90, check=False, env=variables)


def test_another_installation_is_refused_whatever_it_shares(workers: Workers, tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"of a stranger, in thirty-two bytes or more")
    key = {"REVCYCLE_WORKERS_KEY_FILE": str(tmp_path / "key")}
    with Fleet(workers, 1):
        Cycle(workers, 10, SEED).take_in()
        stranger = replace(workers, data=tmp_path / "stranger", processes=[])

        told = give(stranger, "status", "--json", key=key)
        assert (told.returncode, "belongs to the installation" in told.stderr) == (2, True), told.stderr

        beside = replace(stranger, store=with_database(workers.store, "postgres"))
        assert beside.start(key).wait(60) == 2
        assert f"another installation works on {workers.kafka}" in stranger.log.read_text()

    assert beside.start(key).wait(60) == 2  # nobody works there any more
    assert "hold events of another installation" in stranger.log.read_text()


def test_a_command_without_its_environment_begins_no_second_installation(workers: Workers) -> None:
    assert give(workers, "status", "--json").returncode == 0
    plain = {name: value for name, value in os.environ.items() if name not in ("REVCYCLE_KAFKA", "REVCYCLE_STORE")}
    for command in ("status", "tick"):
        words = workers.arguments(command)[:-4]
        told = subprocess.run(words, capture_output=True, text=True, timeout=90, check=False, env=plain)
        assert told.returncode == 2
        assert workers.kafka in told.stderr and "revcycle.db" in told.stderr
    assert not (workers.data / "revcycle.db").exists()


def test_an_embedded_installation_is_no_folder_for_one_on_kafka(workers: Workers) -> None:
    workers.data.mkdir()
    (workers.data / "revcycle.db").touch()
    told = give(workers, "status", "--json")
    assert (told.returncode, "is an installation without Kafka" in told.stderr) == (2, True), told.stderr
