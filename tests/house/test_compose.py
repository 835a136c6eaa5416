"""docker-compose.yml: pinned images, closed containers, secrets as files, and only what the code has."""

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
PRODUCTION: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.production.yml").read_text())
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


@pytest.mark.parametrize("name", [*SERVICES, "kafka-rights"])
def test_every_container_is_closed(name: str) -> None:
    """A root that cannot be written, no capabilities, no way to more rights, and limits of its own."""
    service = SERVICES.get(name) or PRODUCTION["services"][name]
    assert service["read_only"] is True and service["cap_drop"] == ["ALL"] and "/tmp" in service["tmpfs"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["pids_limit"] <= 512 and re.fullmatch(r"\d+[mg]", service["mem_limit"])
    assert not {"privileged", "cap_add", "pid", "devices"} & service.keys()


def test_no_secret_stands_in_an_environment_or_has_a_default() -> None:
    for service in [*SERVICES.values(), *PRODUCTION["services"].values()]:
        for name, value in service.get("environment", {}).items():
            assert name.endswith("_FILE") or not re.search("PASSWORD|SECRET|KEY$", name), name
            assert "://" not in str(value) or "@" not in str(value), name
    for secret in {**COMPOSE["secrets"], **PRODUCTION["secrets"]}.values():
        assert secret["file"].startswith("./secrets/")
    assert "secrets/" in (ROOT / ".gitignore").read_text().splitlines()


def test_what_a_container_is_given_as_a_file_is_what_the_code_reads() -> None:
    names = {name for service in OURS.values() for name in service.get("secrets", ())}
    names |= {name for each in OURS for name in PRODUCTION["services"].get(each, {}).get("secrets", ())}
    assert {name.upper() for name in names} - {"CA.CRT"} <= SETTING_NAMES
    assert SERVICES["postgres"]["environment"]["POSTGRES_PASSWORD_FILE"] == "/run/secrets/store_password"


def test_in_production_the_broker_asks_everybody_from_outside_who_they_are() -> None:
    broker = PRODUCTION["services"]["kafka"]["environment"]
    protocols = dict(entry.split(":") for entry in broker["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"].split(","))
    for listener in broker["KAFKA_LISTENERS"].split(","):
        name, address = listener.split("://")
        assert protocols[name] == ("PLAINTEXT" if address.startswith("127.0.0.1:") else "SASL_SSL"), listener
    assert broker["KAFKA_ALLOW_EVERYONE_IF_NO_ACL_FOUND"] == "false" and "StandardAuthorizer" in str(broker)
    for name in OURS.keys() - {"payer"}:
        environment = PRODUCTION["services"][name]["environment"]
        assert environment["REVCYCLE_KAFKA_TLS"] == "true" and environment.keys() <= SETTING_NAMES


needs_compose = pytest.mark.skipif(
    shutil.which("docker-compose") is None, reason="docker-compose is not installed here"
)


@needs_compose
@pytest.mark.parametrize("files", [[FILE], [FILE, FILE.with_name("docker-compose.production.yml")]])
def test_docker_compose_accepts_it_with_every_profile(files: list[Path]) -> None:
    named = [word for file in files for word in ("-f", str(file))]
    profiles = [word for profile in ("dev", "ui", "metrics") for word in ("--profile", profile)]
    accepted = subprocess.run(
        ["docker-compose", *named, *profiles, "config"], capture_output=True, text=True, check=False
    )

    assert accepted.returncode == 0, accepted.stderr
    worker = yaml.safe_load(accepted.stdout)["services"]["worker-1"]
    assert "revcycle_store" in str(worker["secrets"]), "what the second file adds takes nothing away"
