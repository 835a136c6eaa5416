"""What an installation brings along: licences that may be passed on, a bill of materials, an audit that fails aloud."""

import json
import os
import re
import shlex
import subprocess
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.house.test_packaging import read_lock

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.txt").read_text()
# By SPDX expression, or the trove classifier of those that have none. Each may be passed on beside Apache-2.0.
ALLOWED = {
    *("MIT", "MIT License", "ISC License (ISCL)", "BSD-2-Clause", "BSD-3-Clause", "BSD License"),
    *("Apache-2.0", "Apache Software License", "PSF-2.0", "Python Software Foundation License"),
    "Repoze Public License",  # BSD with a clause on names
    "OFL-1.1",  # fonts, whole and unchanged
    "LGPL-3.0-only",  # psycopg: imported as it is, and replaceable
    "Mozilla Public License 2.0 (MPL 2.0)",  # pathspec: builds the wheel, imported as it is
}


def name_licences(package: Distribution) -> set[str]:
    """The licences that a package names: all of them, also where it leaves a choice."""
    told = package.metadata.json
    if expression := told.get("license_expression"):
        return {word.strip("() ") for word in re.split(r" (?:AND|OR) ", str(expression))}
    classifiers = [str(text) for text in told.get("classifier", ()) if str(text).startswith("License ::")]
    if named := {text.rpartition(" :: ")[2] for text in classifiers} - {"OSI Approved"}:
        return named
    return {str(told.get("license") or "none")}


def find_installed() -> dict[str, Distribution]:
    found = {}
    for line in re.findall(r"^([a-z0-9][^\\\n]*==[^\\\n]*?) *\\?$", LOCK, flags=re.MULTILINE):
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate():
            found[requirement.name] = distribution(requirement.name)
    return found


def test_every_package_that_comes_along_has_a_licence_that_we_may_pass_on() -> None:
    installed = find_installed()
    assert len(installed) > 40 and "psycopg" in installed

    named = {name: name_licences(found) for name, found in installed.items()}
    assert {name: licences for name, licences in named.items() if not licences <= ALLOWED} == {}


@pytest.mark.parametrize(
    ("lines", "licences"),
    [
        ("License-Expression: GPL-3.0-only", {"GPL-3.0-only"}),
        ("License-Expression: MIT OR AGPL-3.0-only", {"MIT", "AGPL-3.0-only"}),
        ("Classifier: License :: OSI Approved :: GNU General Public License v3 (GPLv3)", None),
        ("License: proprietary", {"proprietary"}),
        ("Keywords: nothing", {"none"}),
    ],
)
def test_another_licence_is_found(tmp_path: Path, lines: str, licences: set[str] | None) -> None:
    folder = tmp_path / "example-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.4\nName: example\nVersion: 1.0\n{lines}\n")
    found = name_licences(Distribution.at(folder))

    assert not found <= ALLOWED and (licences is None or found == licences)


def read_target(name: str) -> list[list[str]]:
    """The commands of a target of the Makefile."""
    text = (ROOT / "Makefile").read_text().replace("$(VENV)", ".venv").replace("\\\n\t\t", "")
    (body,) = re.findall(rf"^{name}:.*\n((?:\t.*\n)+)", text, flags=re.MULTILINE)
    return [shlex.split(line.strip().removeprefix("@")) for line in body.splitlines()]


def find_command(target: str, program: str) -> list[str]:
    return next(command for command in read_target(target) if command[0].endswith(program))


def test_the_audit_fails_when_it_reaches_nobody() -> None:
    """A look-up that answers "none found" because there was no answer would be worse than none."""
    command = find_command("audit", "pip-audit")
    assert "--strict" in command and "requirements-dev.txt" in command
    nowhere = {**os.environ, "HTTPS_PROXY": "http://127.0.0.1:9"}
    done = subprocess.run(command, cwd=ROOT, env=nowhere, capture_output=True, text=True, check=False)

    assert done.returncode != 0 and "No known vulnerabilities" not in done.stdout + done.stderr


def test_the_bill_of_materials_names_every_locked_package_with_its_hashes(tmp_path: Path) -> None:
    command = find_command("audit", "cyclonedx-py")
    command[command.index("--output-file") + 1] = str(tmp_path / "sbom.json")
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    document = json.loads((tmp_path / "sbom.json").read_text())

    assert document["bomFormat"] == "CycloneDX" and document["metadata"]["component"]["name"] == "revcycle"
    assert {each["name"] for each in document["components"]} == read_lock(LOCK).keys()
    assert all(each["externalReferences"][0]["hashes"] for each in document["components"])
