"""The table of commands says what each of them says, and a question loads what it needs and no more."""

import json
import subprocess
import sys
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from connectors.stores.sqlite import SqliteStore
from schemas.errors import ConfigurationError
from streams.cli import COMMANDS, app
from tests.cli.test_people import run

LISTING = """
import sys
from streams.cli import run_command
sys.argv = ["revcycle", *sys.argv[1:]]
status = run_command()
print(status, *sorted(sys.modules), sep="\\n", file=sys.stderr)
"""
PROGRAM = "import sys; sys.argv[0] = 'revcycle'; from streams.cli import main; main()"
# What a question waits for in vain: brokers, another database, the readers of files, metrics, documents.
PACKAGES = ("streams", "schemas", "connectors", "processors")
IDLE = ("kafka", "psycopg", "prometheus_client", "connectors.ehr", "connectors.readers", "typst", "faust", "aiokafka")
HELP_MODULES_MAX = 60  # of ours and of pydantic: the rest is Python's, typer's and rich's
STATUS_MODULES_MAX = 330


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("questions") / "demo"
    assert run("demo", "--encounters", 20, "--data", folder, "--json").exit_code == 0
    return folder


def list_modules(*arguments: str) -> list[str]:
    command = [sys.executable, "-c", LISTING, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    status, *modules = done.stderr.splitlines()
    assert status == "0"
    return modules


def is_of(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_for_what_it_says_itself(name: str) -> None:
    command = COMMANDS[name].load(name)

    assert COMMANDS[name].purpose == " ".join((command.help or "").split("\n\n")[0].split())


def test_help_names_every_command() -> None:
    shown = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "160"}).output

    assert [name for name in COMMANDS if f"│ {name} " not in shown] == []


def test_it_says_its_version() -> None:
    shown = CliRunner().invoke(app, ["--version"])

    assert (shown.exit_code, shown.output) == (0, f"revcycle {version('revcycle')}\n")


def test_help_loads_no_command() -> None:
    modules = list_modules("--help")

    ours = [
        module for module in modules if is_of(module, ("streams", "schemas", "connectors", "processors", "pydantic"))
    ]
    assert len(ours) <= HELP_MODULES_MAX, ours


def test_status_loads_what_it_needs(data: Path) -> None:
    modules = list_modules("status", "--data", str(data))

    assert [module for module in modules if is_of(module, IDLE)] == []
    ours = [module for module in modules if is_of(module, PACKAGES)]
    assert len(ours) <= STATUS_MODULES_MAX, len(ours)


def test_a_module_too_many_is_found() -> None:
    assert is_of("kafka.net", IDLE) and is_of("psycopg", IDLE)
    assert not is_of("kafkaesque", IDLE)


def break_rule(data: Path) -> None:
    (data / "rules").mkdir(exist_ok=True)
    (data / "rules" / "half.toml").write_text("[[rule]\n")


def break_table(data: Path) -> None:
    (data / "tables").mkdir(exist_ok=True)
    (data / "tables" / "payer_terms.csv").write_text("payer,nonsense\n1\n")


def break_codes(data: Path) -> None:
    (data / "codes" / "hcpcs.0123456789abcdef.set").write_bytes(b"no code set")


BREAKS = {"rule": break_rule, "table": break_table, "code set": break_codes}
QUESTIONS = [
    ("status",),
    ("worklist",),
    ("kpi",),
    ("export",),
    ("deposits",),
    ("ledger",),
    ("ledger", "verify"),
    ("deadletters", "list"),
    ("aside", "list"),
]


def ask(data: Path, *question: str) -> Any:
    result = run(*question, "--data", data, *(() if question == ("export",) else ("--json",)))
    assert result.exit_code == 0, (question, result.output, result.exception)
    return result.stdout if question == ("export",) else json.loads(result.stdout)


@pytest.mark.parametrize("broken", BREAKS)
def test_what_cannot_decide_answers_all_the_same(broken: str, tmp_path: Path) -> None:
    assert run("demo", "--encounters", 20, "--data", tmp_path / "demo", "--json").exit_code == 0
    data = tmp_path / "demo"
    before = [ask(data, *question) for question in QUESTIONS[1:]]
    with closing(SqliteStore(data / "revcycle.db")) as store:
        (claim,) = store.connection.execute("SELECT min(claim_id) FROM claim").fetchone()
    BREAKS[broken](data)

    assert [ask(data, *question) for question in QUESTIONS[1:]] == before
    warnings = ask(data, "status")["warnings"]
    assert any("nothing is decided" in warning for warning in warnings), warnings
    assert ask(data, "claim", claim)["timeline"]
    refused = run("ingest", tmp_path, "--data", data)
    assert isinstance(refused.exception, ConfigurationError)
    assert run("doctor", "--data", data).exit_code == 1


@pytest.mark.parametrize("command", ["export", "worklist", "status --json"])
def test_a_reader_that_leaves_is_no_finding(data: Path, command: str) -> None:
    line = f'{sys.executable} -c "{PROGRAM}" {command} --data {data} | head -c 1 >/dev/null; echo ${{PIPESTATUS[0]}}'
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True, timeout=120)

    assert done.stdout.strip() in ("141", "0"), "what fits into the pipe is done before that"
    assert done.stderr == ""


def test_a_long_answer_to_a_reader_that_leaves_ends_with_141(data: Path) -> None:
    line = f'{sys.executable} -c "{PROGRAM}" export --data {data} | true; echo ${{PIPESTATUS[0]}}'
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True, timeout=120)

    assert (done.stdout.strip(), done.stderr) == ("141", "")
