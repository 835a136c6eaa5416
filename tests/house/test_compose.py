"""docker-compose.yml: pinned images, named volumes, no default password, and only what the code has."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from connectors.kafka.dev_broker import IMAGE
from connectors.kafka.local_broker import POM
from connectors.settings import OTHER_NAMES, SETTING_NAMES
from streams.cli import app

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"
COMPOSE: dict[str, Any] = yaml.safe_load(FILE.read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}


def read_help(words: list[str]) -> str:
    result = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "200"})
    assert result.exit_code == 0, words
    return re.sub(r"\x1b\[[0-9;]*m", "", result.output)


def test_the_parts_are_all_there() -> None:
    core = {name for name, service in SERVICES.items() if "profiles" not in service}
    assert core == {"kafka", "postgres", "topics", "worker-1", "worker-2"}
    profiles = {name: service["profiles"] for name, service in SERVICES.items() if "profiles" in service}
    assert profiles == {
        "payer": ["dev"],
        "kafka-ui": ["ui"],
        "kminion": ["metrics"],
        "prometheus": ["metrics"],
        "grafana": ["metrics"],
    }


@pytest.mark.parametrize("name", OURS)
def test_every_command_exists_with_its_options(name: str) -> None:
    program, *words = OURS[name]["command"]
    assert program == "revcycle"
    options = [word for word in words if word.startswith("--")]
    said = read_help([word for word in words[:2] if not word.startswith("-")])
    assert all(option in said for option in options), said


@pytest.mark.parametrize("name", OURS)
def test_every_setting_is_one_that_the_code_reads(name: str) -> None:
    assert set(OURS[name]["environment"]) <= SETTING_NAMES | OTHER_NAMES


def test_images_are_pinned_and_the_broker_is_the_one_that_tests_run() -> None:
    for name, service in SERVICES.items():
        if name not in OURS:
            assert re.search(r":v?\d+\.\d+(\.\d+)?$", service["image"]), service["image"]
    assert SERVICES["kafka"]["image"] == IMAGE
    assert f"<version>{IMAGE.rpartition(':')[2]}</version>" in POM.read_text()


def test_long_running_parts_restart_and_say_whether_they_are_well() -> None:
    silent = {"topics", "payer", "kafka-ui", "kminion"}  # one that ends, and images without a shell's tools
    for name, service in SERVICES.items():
        assert service["restart"] == ("no" if name == "topics" else "unless-stopped")
        assert ("healthcheck" in service) == (name not in silent), name


def test_data_lies_in_named_volumes_and_ports_on_loopback() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", ()):
            source, target = volume.split(":")[:2]
            assert source in COMPOSE["volumes"] or (ROOT / source).is_file(), volume
            assert target.startswith("/")
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))


def test_no_password_has_a_default() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if "PASSWORD" in name or ("://" in str(value) and "@" in str(value)):
                assert "${REVCYCLE_STORE_PASSWORD:?" in value, name


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="docker-compose is not installed here")
def test_docker_compose_accepts_it_with_every_profile_and_refuses_it_without_a_password() -> None:
    profiles = [word for profile in ("dev", "ui", "metrics") for word in ("--profile", profile)]
    command = ["docker-compose", "-f", str(FILE), *profiles, "config", "--quiet"]
    with_password = {**os.environ, "REVCYCLE_STORE_PASSWORD": "for-this-test"}
    accepted = subprocess.run(command, env=with_password, capture_output=True, text=True, check=False)
    assert accepted.returncode == 0, accepted.stderr
    without = {name: value for name, value in os.environ.items() if name != "REVCYCLE_STORE_PASSWORD"}
    refused = subprocess.run(command, env=without, capture_output=True, text=True, check=False)
    assert refused.returncode != 0 and "make one" in refused.stderr
