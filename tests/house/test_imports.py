"""Who may import whom: the contracts in pyproject.toml hold, and each one catches a violation planted in a copy."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("streams", "schemas", "processors", "connectors")

VIOLATIONS = [  # contract, package that breaks it, how, and what it must not import
    ("layers", "schemas", "import streams", "streams"),
    ("layers", "processors", "from connectors import *", "connectors"),
    ("layers", "connectors", "from processors import *", "processors"),
    ("layers", "connectors", "import streams", "streams"),
    ("stages", "processors.claims", "from processors.posting.standing import stand", "processors.posting.standing"),
    ("stages", "processors.payers", "import processors.denials.rights", "processors.denials.rights"),
    ("reports", "streams.reports", "from streams.actions.door import begin", "streams.actions.door"),
    ("practice-payer", "connectors.practice_payer", "import schemas.money", "schemas.money"),
    ("practice-payer", "connectors.practice_payer", "import connectors.archive", "connectors.archive"),
    ("engine", "connectors", "import faust", "faust"),
    ("engine", "processors", "def decide() -> None:\n    import aiokafka", "aiokafka"),
    ("pure", "processors", "import os.path", "os"),
    ("pure", "processors", "from random import random", "random"),
    ("pure", "schemas", "import sqlite3", "sqlite3"),
    ("pure", "schemas", "from time import time", "time"),
]


def lint_imports(checkout: Path, *options: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    command = [str(program), "--no-logo", "--no-cache", *options]
    wide = {**os.environ, "COLUMNS": "200"}
    return subprocess.run(command, cwd=checkout, env=wide, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def copy_of_checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("checkout")
    shutil.copy(ROOT / "pyproject.toml", copy)
    for package in PACKAGES:
        for module in (ROOT / package).rglob("*.py"):
            target = copy / module.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(module, target)
    return copy


def test_every_contract_holds() -> None:
    result = lint_imports(ROOT)

    assert result.returncode == 0, result.stdout + result.stderr


def test_every_contract_is_tried_below() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]

    assert {contract["id"] for contract in contracts} == {contract for contract, *_ in VIOLATIONS}


@pytest.mark.parametrize(("contract", "package", "violation", "imported"), VIOLATIONS)
def test_contract_catches_a_planted_violation(
    copy_of_checkout: Path, contract: str, package: str, violation: str, imported: str
) -> None:
    planted = copy_of_checkout / package.replace(".", "/") / "planted.py"
    planted.write_text(violation + "\n")
    result = lint_imports(copy_of_checkout, "--contract", contract)
    planted.unlink()

    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{package}.planted -> {imported}" in result.stdout
