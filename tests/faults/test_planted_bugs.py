"""Three mistakes that such systems are known for, planted in a copy of the program: a named test must find each."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.dose import long_dose

ROOT = Path(__file__).parents[2]
PACKAGES = ("streams", "schemas", "processors", "connectors", "tests")
READ = '        reach("step.after_read")\n        failed: list[SetAside] = []\n'
EARLY = f"""        with self.store.transaction() as transaction:
            transaction.save_positions(self.name, move_to)
        read_at = move_to
{READ}"""
# What is planted: the file, the right lines, the wrong ones, and the test that must fail.
BUGS = {
    "repeats are not recognised": (
        "streams/engine/decider.py",
        "            if earlier is None:\n",
        "            if True:\n",
        "tests/streams/engine/test_step.py::test_an_event_that_comes_again_is_skipped_within_and_across_batches",
    ),
    "acknowledged before the commit": (
        "streams/engine/step_runner.py",
        READ,
        EARLY,
        "tests/streams/engine/test_kill_points.py::test_a_kill_loses_and_doubles_nothing[step.after_read-2]",
    ),
    "the sign of a payment is flipped": (
        "processors/posting/settlement.py",
        'sums["remittance_clearing", ""] += cash',
        'sums["remittance_clearing", ""] -= cash',
        "tests/processors/posting/test_payment_posting.py",
    ),
}


@long_dose
@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_found_by_a_named_test(bug: str, tmp_path: Path) -> None:
    file, right, wrong, test = BUGS[bug]
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)

    def run() -> int:
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", test]
        environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False).returncode

    assert run() == 0
    source = (tmp_path / file).read_text()
    assert source.count(right) == 1
    (tmp_path / file).write_text(source.replace(right, wrong))
    assert run() == 1
